"""Calls to the HTTP SQL gateway whose outcome is known when they return.

Questions may be repeated, writes not: one whose answer leaves its outcome open is followed by the
question whether its effect is there, and only then, if at all, sent a second time. A write that
was begun is not broken off by a stop request, only by the deadline; but after a stop request
nothing is sent a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from sync_core.errors import (
    ConflictError,
    DeadlineExceededError,
    OutcomeUnknownError,
    SqlhkError,
    SqlhkUnavailableError,
    TaskError,
)
from sync_core.gateway_answers import Row, UpsertAnswer, read_sql_answer, read_upsert_answer
from sync_core.http_calls import Answer, AnswerTooLargeError, HttpCalls
from sync_core.registry_sql import Query, Write, upsert_by_hand
from sync_core.run_control import RunControl

CALL_SECONDS = 60.0
"""How long one call may take when nobody gave a deadline."""
WRITE_SECONDS = 30.0
"""How long one write may take, finding out its outcome included."""
WRITE_RESERVE_SECONDS = 1.0
"""What must be left of the time when a write is begun."""

_log = logging.getLogger("sync_gui.gateway")


class _OpenOutcomeError(Exception):
    """A write was sent and its answer does not tell what became of it; ``__cause__`` does.

    ``finished``: the server is done with it or the connection is gone, so that after a look it
    may be sent again.
    """

    def __init__(self, *, finished: bool) -> None:
        super().__init__()
        self.finished = finished


class GatewayCalls:
    """The two calls of the gateway at ``base_url``, under one deadline and stop request.

    Every method raises ``SqlhkUnavailableError``, ``SqlhkError`` or what ``control.check`` raises.
    """

    def __init__(self, base_url: str, calls: HttpCalls, control: RunControl | None) -> None:
        self._base_url = base_url.rstrip("/")
        self._calls = calls
        self._control = control

    def read(self, query: Query, database: str = "SQLHK") -> tuple[Row, ...]:
        """The rows of a question."""
        control = self._control or RunControl(CALL_SECONDS)
        body = _sql_body(query, database)
        with _as_task_errors():
            answer = self._calls.call("POST", self._url("execute_sql"), control, json=body)
        rows = read_sql_answer(answer.status, answer.body).rows
        if rows is None:  # an empty list would say that nothing is there
            raise SqlhkError("Das SQL-Gateway hat auf eine Frage keine Zeilen geantwortet.")
        return rows

    def execute(self, query: Query, database: str = "SQLHK") -> tuple[Row, ...]:
        """Send a statement of which nothing is known; its rows, if it returns any.

        Raises ``OutcomeUnknownError`` when the answer leaves open whether it was carried out.
        """
        with self._for_writing() as with_time:
            try:
                return with_time._send(query, with_time._control, database)
            except _OpenOutcomeError as error:
                raise _unknown() from error

    def write(self, write: Write) -> None:
        """Change one row; it is changed when this returns.

        Raises ``ConflictError`` when no row met the conditions, ``OutcomeUnknownError`` when SQLHK
        could not be asked any more, or does not show a write that the gateway may still be at.
        """
        with self._for_writing() as with_time:
            for last_try in (False, True):
                try:
                    with_time._send(write.query, with_time._control)
                except _OpenOutcomeError as error:
                    _log.warning("a write to %s: %s; SQLHK is asked", write.table, _reason(error))
                    if with_time._shows(write):
                        return
                    if last_try or not error.finished or self._is_stopped():
                        raise _failed(error) from error
                else:
                    if write.may_miss and not with_time._shows(write):
                        raise ConflictError
                    return

    def upsert(
        self,
        table: str,
        search: Mapping[str, Any],
        update: Mapping[str, Any],
        keys: Sequence[str],
        database: str = "SQLHK",
    ) -> UpsertAnswer:
        """Change the row with the ``search`` values, or add one.

        Where the gateway does not answer properly, a question decides between UPDATE and INSERT.
        Raises ``ValueError`` for names that are none, ``OutcomeUnknownError`` as :meth:`execute`.
        """
        question, insert, change = upsert_by_hand(table, search, update, keys)
        body = {
            "table": table,
            "database": database,
            "search_fields": dict(search),
            "update_fields": dict(update),
            "key_fields": list(keys),
        }
        with self._for_writing() as with_time:
            try:
                answer = with_time._post("upsert_data", body, with_time._control)
                return read_upsert_answer(answer.status, answer.body)
            except (_OpenOutcomeError, SqlhkError) as error:
                _log.warning("an upsert of %s: %s; SQLHK is asked", table, _reason(error))
            found = with_time.read(question, database)
            if len(found) > 1:
                raise SqlhkError("In SQLHK kommen mehrere Zeilen in Frage; keine wurde geändert.")
            if self._is_stopped():
                raise _unknown()
            try:
                with_time._send(change if found else insert, with_time._control, database)
            except _OpenOutcomeError as error:
                raise _unknown() from error
            rows = found or with_time.read(question, database)
            return UpsertAnswer(1 if found else 2, rows[0].get(keys[0]) if rows else None)

    @contextmanager
    def _for_writing(self) -> Iterator[GatewayCalls]:
        """The same, under a control that keeps the deadline and hears no stop request.

        While the block runs the task's own control knows that a write is under way.
        """
        with ExitStack() as stack:
            seconds = WRITE_SECONDS
            if self._control is not None:
                stack.enter_context(self._control.step(WRITE_RESERVE_SECONDS))
                seconds = min(seconds, self._control.remaining())
            yield GatewayCalls(self._base_url, self._calls, RunControl(seconds))

    def _is_stopped(self) -> bool:
        return self._control is not None and self._control.stop_reason is not None

    def _shows(self, write: Write) -> bool:
        """Whether SQLHK shows the write's effect."""
        try:
            return write.shows(self.read(write.proof))
        except TaskError as error:
            raise _unknown() from error

    def _send(
        self, query: Query, control: RunControl | None, database: str = "SQLHK"
    ) -> tuple[Row, ...]:
        answer = self._post("execute_sql", _sql_body(query, database), control)
        try:
            return read_sql_answer(answer.status, answer.body).rows or ()
        except TaskError as error:
            raise _OpenOutcomeError(finished=True) from error

    def _post(self, path: str, body: Mapping[str, Any], control: RunControl | None) -> Answer:
        control = control or RunControl(CALL_SECONDS)
        try:
            with _as_task_errors():
                return self._calls.call_once("POST", self._url(path), control, json=body)
        except DeadlineExceededError as error:
            raise _OpenOutcomeError(finished=False) from error
        except (SqlhkError, SqlhkUnavailableError) as error:
            if _was_never_sent(error.__cause__):
                raise
            finished = not isinstance(error.__cause__, requests.Timeout)
            raise _OpenOutcomeError(finished=finished) from error

    def _url(self, path: str) -> str:
        return f"{self._base_url}/api/{path}"


@contextmanager
def _as_task_errors() -> Iterator[None]:
    try:
        yield
    except requests.ConnectTimeout as error:
        raise SqlhkUnavailableError(
            "Das SQL-Gateway ist nicht erreichbar (keine Verbindung)."
        ) from error
    except requests.Timeout as error:
        raise SqlhkUnavailableError("Das SQL-Gateway hat nicht rechtzeitig geantwortet.") from error
    except requests.ConnectionError as error:
        raise SqlhkUnavailableError("Das SQL-Gateway ist nicht erreichbar.") from error
    except requests.RequestException as error:
        raise SqlhkError("Das SQL-Gateway hat unvollständig geantwortet.") from error
    except AnswerTooLargeError as error:
        raise SqlhkError("Die Antwort des SQL-Gateways ist zu groß.") from error


def _was_never_sent(error: BaseException | None) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _failed(error: _OpenOutcomeError) -> TaskError:
    """What to tell about a write that SQLHK does not show."""
    cause = error.__cause__
    if not error.finished:
        return OutcomeUnknownError(
            "Das SQL-Gateway hat nicht rechtzeitig geantwortet, und SQLHK zeigt die Änderung "
            "nicht; ob sie noch ankommt, ist offen."
        )
    return cause if isinstance(cause, TaskError) else _unknown()


def _reason(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, _OpenOutcomeError) else error
    return f"no clear answer ({type(cause).__name__})"


def _unknown() -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "Das SQL-Gateway hat nicht verständlich geantwortet und ließ sich danach nicht fragen; "
        "ob geschrieben wurde, ist offen."
    )


def _sql_body(query: Query, database: str) -> dict[str, Any]:
    return {"query": query.text, "database": database, "params": dict(query.params)}
