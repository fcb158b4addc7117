"""What the HTTP SQL gateway answers, read once and for all: its quirks end here.

Pure functions. Known quirks: a statement that returns no rows is answered as a failure although
it was carried out; older versions put the answer as a text into another document. The gateway's
own error texts can hold people's data, so they are never passed on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sync_core.errors import SqlhkError, SqlhkUnavailableError

_CARRIED_OUT = re.compile(
    r"does not return rows\.?(\s*It has been closed automatically\.?)?\s*\)?\s*$", re.IGNORECASE
)
_UNAVAILABLE = (502, 503, 504)

Row = dict[str, Any]


@dataclass(frozen=True)
class SqlAnswer:
    """A statement that was carried out. ``rows`` is None when it does not return any."""

    rows: tuple[Row, ...] | None


@dataclass(frozen=True)
class UpsertAnswer:
    """An upsert that was carried out: ``operation_code`` 1 changed a row, 2 added one."""

    operation_code: int
    key: object


def read_sql_answer(status: int, body: bytes) -> SqlAnswer:
    """The answer to ``execute_sql``.

    Raises ``SqlhkError`` when it is a refusal or cannot be understood, ``SqlhkUnavailableError``
    when something before the gateway says that it is away.
    """
    document = _document(status, body)
    if document.get("success") is True:
        return SqlAnswer(_rows(document.get("rows")))
    if document.get("success") is False:
        error = document.get("error")
        if isinstance(error, str) and _CARRIED_OUT.search(error):
            return SqlAnswer(None)
        raise SqlhkError("Die Datenbank SQLHK hat eine Anweisung des SQL-Gateways abgelehnt.")
    raise _nonsense()


def read_upsert_answer(status: int, body: bytes) -> UpsertAnswer:
    """The answer to ``upsert_data``; raises as :func:`read_sql_answer` does."""
    document = _document(status, body)
    if document.get("success") is False:
        raise SqlhkError("Die Datenbank SQLHK hat eine Anweisung des SQL-Gateways abgelehnt.")
    code = document.get("operation_code")
    if document.get("success") is not True or code not in (1, 2) or isinstance(code, bool):
        raise _nonsense()
    return UpsertAnswer(int(code), document.get("id"))


def _document(status: int, body: bytes) -> dict[str, Any]:
    if status in _UNAVAILABLE:
        raise SqlhkUnavailableError(f"Das SQL-Gateway ist nicht erreichbar (HTTP {status}).")
    if status != 200:
        raise SqlhkError(f"Das SQL-Gateway hat mit einem Fehler geantwortet (HTTP {status}).")
    document = _parsed(body)
    content = document.get("content")
    if "success" in document or content is None:
        return document
    match content:
        case [{"text": str(text)}, *_]:
            return _parsed(text.encode())
    raise _nonsense()


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SqlhkError("Das SQL-Gateway hat kein lesbares JSON geantwortet.") from error
    if not isinstance(parsed, dict):
        raise _nonsense()
    return parsed


def _rows(rows: object) -> tuple[Row, ...] | None:
    if rows is None:
        return None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _nonsense()
    return tuple(rows)


def _nonsense() -> SqlhkError:
    return SqlhkError("Die Antwort des SQL-Gateways hat nicht die erwartete Form.")
