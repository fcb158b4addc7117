"""What every blueprint is made of: strict arguments, documented errors, the shared answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import marshmallow as ma
from flask import Request, Response, request
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from webargs.flaskparser import FlaskParser

from api_blueprints.documented_answers import (
    ENDED_RESPONSE,
    KEY_PARAMETER,
    PREFER_PARAMETER,
    STARTED_RESPONSE,
)
from api_blueprints.documented_headers import ANSWER_HEADERS
from api_blueprints.documented_refusals import (
    REFUSALS,
    START_REFUSALS,
    by_status,
    codes_of_call,
)
from api_blueprints.json_body import InvalidBodyError, is_json_in_utf8, read_json_object
from api_blueprints.problems import REQUEST_ID_KEY
from api_blueprints.start_headers import is_idempotency_key
from api_blueprints.task_answers import started_response
from hookspecs import TaskService
from sync_core.errors import Refusal
from sync_core.task_model import TaskSource

View = TypeVar("View", bound=Callable[..., Any])

_BAD_REQUEST = "The request is not as documented"


class StrictParser(FlaskParser):
    """Reads arguments: unknown JSON fields are refused whatever the schema says, errors are 400."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the base class has an instance's type here
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "json": ma.RAISE,
    }

    def load_json(self, req: Request, schema: ma.Schema) -> dict[str, Any]:
        """The body as a JSON object; refused when it is none."""
        try:
            return read_json_object(req.get_data(cache=True))
        except InvalidBodyError as error:
            raise _invalid({"json": {"_schema": [str(error)]}}) from error

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Refuse the request and name each field."""
        raise _invalid(error.messages) from error


@dataclass(frozen=True)
class _Declared:
    """What one operation was declared to take."""

    query_names: frozenset[str] = field(default_factory=frozenset)
    takes_json: bool = False


class StrictBlueprint(Blueprint):  # type: ignore[misc]  # the library has no types
    """A flask-smorest blueprint whose operations take what they declare and nothing else.

    Before a view runs: a query name that is not declared or comes twice is refused (400), a body
    that is not declared as JSON in UTF-8 is refused (415), and so is a body with fields where
    none is declared (400).
    Every operation gets a stable operation id, and every refusal it may answer is documented.
    """

    if TYPE_CHECKING:
        # The library has no types; these keep decorated views typed.
        # ruff: disable[D102]
        def route(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]: ...
        def response(self, status: int, *args: Any, **options: Any) -> Callable[[View], View]: ...
        def alt_response(self, status: int, *a: Any, **options: Any) -> Callable[[View], View]: ...
        @staticmethod
        def doc(**options: Any) -> Callable[[View], View]: ...

        # ruff: enable[D102]

    ARGUMENTS_PARSER = StrictParser()
    PAGINATION_ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, description=description)
        self._declared: dict[tuple[str, str], _Declared] = {}
        self._prepare_doc_cbks.append(_complete_answers)
        self.before_request(self._refuse_undeclared)

    def add_url_rule(self, *args: Any, **kwargs: Any) -> None:
        """Register a route as flask-smorest does, and note what it takes."""
        super().add_url_rule(*args, **kwargs)
        endpoint = self._endpoints[-1]
        for method, docs in self._docs[endpoint].items():
            if method == "parameters":  # shared path parameters, not a method
                continue
            self._declared[endpoint, method] = _declared(docs)
            manual = docs.setdefault("manual_doc", {})
            manual.setdefault("operationId", f"{self.name}_{endpoint}_{method}")

    def starts_task(self, view: View) -> View:
        """Document what every call has in common that starts a task.

        For views that answer with :meth:`ApiBaseImpl.start_task` and take no query.
        """
        view = self.doc(parameters=[KEY_PARAMETER, PREFER_PARAMETER])(view)
        view = self.alt_response(200, ENDED_RESPONSE)(view)
        view = self.alt_response(202, STARTED_RESPONSE)(view)
        return self.refuses(*START_REFUSALS)(view)

    def refuses(self, *codes: str) -> Callable[[View], View]:
        """Document the refusals that are a view's own, by their codes in the catalogue.

        What can refuse any call (a query that is not documented, a missing key …) is documented
        without that. Raises ``KeyError`` for a code that the catalogue lacks.
        """
        by_status(codes)

        def decorate(view: View) -> View:
            view = self.doc()(view)
            known: dict[str, Any] = view._apidoc  # type: ignore[attr-defined]  # the library's
            known[REFUSALS] = (*known.get(REFUSALS, ()), *codes)
            return view

        return decorate

    def pagination_headers(self, page: int, page_size: int, total: int) -> dict[str, str]:
        """The library's header ``X-Pagination`` for one page of ``total`` items."""
        parameters = PaginationParameters(page, page_size)
        parameters.item_count = total
        headers: dict[str, str] = self._set_pagination_metadata(parameters, None, None)[1]
        return headers

    def _refuse_undeclared(self) -> None:
        method = "get" if request.method == "HEAD" else request.method.lower()
        endpoint = (request.endpoint or "").rpartition(".")[2]
        declared = self._declared.get((endpoint, method), _Declared())
        errors = {
            name: ["Unknown field." if name not in declared.query_names else "Given twice."]
            for name, values in request.args.lists()
            if name not in declared.query_names or len(values) > 1
        }
        has_body = bool(request.content_length)
        if declared.takes_json or (has_body and method not in ("get", "options")):
            _require_json(request)
        if errors:
            raise _invalid({"query": errors})
        if has_body and not declared.takes_json and method not in ("get", "options"):
            _require_no_fields(request)


class ApiBaseImpl:
    """What plugins get as ``context.api`` (see :class:`hookspecs.ApiBase`).

    ``tasks`` is the service that :meth:`start_task` starts tasks with.
    """

    def __init__(self, tasks: TaskService) -> None:
        self._tasks = tasks

    def blueprint(self, name: str, description: str) -> StrictBlueprint:
        """A blueprint with the program's strictness and error answers."""
        return StrictBlueprint(name, description)

    def refusal(self, code: str, detail: str, **members: Any) -> Refusal:
        """The exception for ``code``; ``KeyError`` when the catalogue lacks it.

        The member ``retry_after`` (seconds) becomes the header of that name.
        """
        retry_after = members.pop("retry_after", None)
        return Refusal(code, detail, members=members, retry_after=retry_after)

    def request_id(self) -> str:
        """The id of the request being answered."""
        request_id: str = request.environ[REQUEST_ID_KEY]
        return request_id

    def client(self) -> TaskSource:
        """Who sends the request being answered, by address."""
        return TaskSource("api", request.remote_addr)

    def start_task(self, kind: str, body: Mapping[str, Any], message: str) -> Response:
        """Start a task for the request being answered, and make the answer: 202, or 200 with the
        status when the task ended within what ``Prefer: wait`` allows.

        Raises what the task service raises, and ``invalid_request`` for an ``Idempotency-Key``
        that is none.
        """
        view = self._tasks.start(
            kind, body, self.client(), self.request_id(), idempotency_key=_sent_key()
        )
        return started_response(self._tasks, view, message)


def _complete_answers(
    doc: dict[str, Any], doc_info: Mapping[str, Any], *, api: Any, method: str, **_: Any
) -> dict[str, Any]:
    """Called by the library for each operation: add refusals, and the headers of all answers."""
    responses = doc["responses"]
    is_open = doc_info.get("manual_doc", {}).get("security") == []
    codes = codes_of_call(doc_info.get(REFUSALS, ()), method=method, is_open=is_open)
    for status, group in by_status(codes).items():
        responses[status] = api.refusals.named(group)
    for answer in responses.values():
        if isinstance(answer, dict):
            answer["headers"] = {**ANSWER_HEADERS, **answer.get("headers", {})}
    doc["responses"] = dict(sorted(responses.items(), key=lambda item: str(item[0])))
    return doc


def _sent_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not is_idempotency_key(key):
        message = "Must be 1 to 128 visible ASCII characters."
        raise _invalid({"headers": {"Idempotency-Key": [message]}})
    return key


def _invalid(errors: Any) -> Refusal:
    return Refusal("invalid_request", _BAD_REQUEST, members={"errors": errors})


def _require_json(sent: Request) -> None:
    if not is_json_in_utf8(sent.headers.get("Content-Type"), sent.headers.get("Content-Encoding")):
        raise Refusal("json_required", "The body must be declared as application/json in UTF-8")


def _require_no_fields(sent: Request) -> None:
    try:
        fields = read_json_object(sent.get_data(cache=True))
    except InvalidBodyError as error:
        raise _invalid({"json": {"_schema": [str(error)]}}) from error
    if fields:
        raise _invalid({"json": {name: ["Unknown field."] for name in fields}})


def _declared(docs: Mapping[str, Any]) -> _Declared:
    names: set[str] = set()
    takes_json = False
    for source in ("arguments", "pagination"):
        parameters = docs.get(source, {}).get("parameters", [])
        for parameter in parameters if isinstance(parameters, list) else (parameters,):
            if parameter["in"] in ("query", "querystring"):
                names.update(_field_names(parameter["schema"]))
            takes_json = takes_json or parameter["in"] == "json"
    return _Declared(frozenset(names), takes_json)


def _field_names(schema: Any) -> set[str]:
    fields = schema if isinstance(schema, Mapping) else schema._declared_fields
    return {item.data_key or name for name, item in fields.items()}
