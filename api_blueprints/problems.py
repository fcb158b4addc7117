"""Every error answer of the API as a problem document (RFC 9457), made from the catalogue.

``error`` repeats ``detail`` for clients that read only that member. A fault of our own is told as
``internal_error`` and nothing else; the log has it under the request id.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from sync_core.error_catalogue import http_error
from sync_core.errors import JournalError, Refusal

PROBLEM_CONTENT_TYPE = "application/problem+json"
ERROR_PAGE = "/api/docs/errors"
REQUEST_ID_KEY = "sync_gui.request_id"
"""Where the request guard leaves the request id in the WSGI environment."""

PROBLEM_CODE_KEY = "sync_gui.problem_code"
"""Where the code of an error answer is left for the log line."""

_CODE_OF_STATUS = {
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "json_required",
    422: "invalid_request",  # what validation libraries answer; ours says 400
}


@dataclass(frozen=True)
class Problem:
    """An error answer before it is written: its catalogue ``code``, English ``detail``, HTTP
    ``status``, further ``members`` of the document and further ``headers``."""

    code: str
    detail: str
    status: int
    members: Mapping[str, Any]
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def status_line(self) -> str:
        """Number and phrase, as WSGI and HTTP want them."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem document as JSON types."""
        standard = {
            "type": f"{ERROR_PAGE}#{self.code}",
            "title": http_error(self.code).title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "error": self.detail,
            "request_id": request_id,
        }
        return {**standard, **{k: v for k, v in self.members.items() if k not in standard}}

    def body(self, request_id: str) -> bytes:
        """The problem document as it goes over the wire."""
        return json.dumps(self.document(request_id), ensure_ascii=False).encode()


def problem(
    code: str,
    detail: str | None = None,
    *,
    status: int | None = None,
    headers: Iterable[tuple[str, str]] = (),
    members: Mapping[str, Any] | None = None,
) -> Problem:
    """The problem of a catalogue ``code``; ``KeyError`` for a code that the catalogue lacks.

    Without ``detail`` the catalogue's sentence is used, without ``status`` its status.
    """
    entry = http_error(code)
    return Problem(
        code,
        detail or entry.meaning.replace("`", ""),
        status or entry.status,
        dict(members or {}),
        tuple(headers),
    )


def invalid_request(errors: Mapping[str, Any]) -> Problem:
    """A body or query that is not as documented.

    ``errors`` has one entry per place and field: ``{"json": {"date": ["Not a valid date."]}}``.
    """
    return problem(
        "invalid_request", "The request is not as documented", members={"errors": errors}
    )


def problem_of_refusal(refusal: Refusal) -> Problem:
    """A refusal as its problem, with ``Retry-After`` where it knows one."""
    headers = [("Retry-After", str(refusal.retry_after))] if refusal.retry_after else []
    return problem(refusal.code, refusal.detail, headers=headers, members=refusal.members)


def problem_of_http_exception(error: HTTPException) -> Problem:
    """What Flask, werkzeug, webargs or a plugin's ``abort`` raised, as a problem.

    The exception's own text is not shown: libraries put parts of the request into it. Its headers
    (``Allow``, ``Retry-After``, ``WWW-Authenticate``) are kept.
    """
    status = error.code or 500
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    errors = data.get("errors") or data.get("messages")
    headers = [
        *((name, value) for name, value in error.get_headers() if name != "Content-Type"),
        *dict(data.get("headers") or {}).items(),
    ]
    if status >= 500:
        return problem("internal_error", status=status, headers=headers)
    if status in (400, 422) and errors:
        return invalid_request(errors)
    code = _CODE_OF_STATUS.get(status)
    if code is None:
        return problem(
            "invalid_request", "The request is not possible", status=status, headers=headers
        )
    return problem(code, headers=headers)


def problem_response(answer: Problem) -> Response:
    """The problem as a Flask answer; needs a request being answered."""
    request_id = request.environ.get(REQUEST_ID_KEY, "-")
    request.environ[PROBLEM_CODE_KEY] = answer.code
    response = Response(
        answer.body(request_id), status=answer.status, content_type=PROBLEM_CONTENT_TYPE
    )
    response.headers.extend(answer.headers)
    return response


def register_problem_handlers(
    app: Flask,
    logger: logging.Logger,
    on_fault: Callable[[str, BaseException], None] = lambda _blueprint, _error: None,
) -> None:
    """Let ``app`` answer every error with a problem document.

    ``on_fault`` gets the name of the blueprint whose view failed through a fault, and the fault.
    """

    def refused(error: Refusal) -> Response:
        return problem_response(problem_of_refusal(error))

    def not_valid(error: ValidationError) -> Response:
        errors = error.normalized_messages()  # type: ignore[no-untyped-call]  # marshmallow's
        return problem_response(invalid_request({"json": errors}))

    def no_journal(error: JournalError) -> Response:
        logger.error("the journal could not be used for an answer", exc_info=error)
        return problem_response(problem("journal_unavailable", "The journal could not be used"))

    def http(error: HTTPException) -> Response:
        if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
            on_fault(request.blueprint or "", error)
        return problem_response(problem_of_http_exception(error))

    def unexpected(error: Exception) -> Response:
        logger.error("a request failed through a fault of the program", exc_info=error)
        on_fault(request.blueprint or "", error)
        return problem_response(problem("internal_error"))

    app.register_error_handler(Refusal, refused)
    app.register_error_handler(ValidationError, not_valid)
    app.register_error_handler(JournalError, no_journal)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, unexpected)
