"""What a database error means, decided by its native number, never by its text alone.

Driver texts can hold values ("duplicate key value is (…)"), so they are neither shown nor
logged; the number and the class are.
"""

from __future__ import annotations

import re
import sqlite3
from enum import Enum

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sync_core.errors import SqlhkError, SqlhkUnavailableError, TaskError


class Meaning(Enum):
    """What to do about a database error."""

    BUSY = "somebody else holds a lock"
    VICTIM = "the server chose this transaction to break a deadlock"
    LOST = "the connection is gone or never came about"
    REFUSED = "the server refused the statement"


_SQLITE = {
    5: Meaning.BUSY,  # SQLITE_BUSY
    6: Meaning.BUSY,  # SQLITE_LOCKED
    10: Meaning.LOST,  # SQLITE_IOERR
    14: Meaning.LOST,  # SQLITE_CANTOPEN
}
_SQL_SERVER = {
    1205: Meaning.VICTIM,
    1222: Meaning.BUSY,
}
_SQLSTATE = {
    "40001": Meaning.VICTIM,
    "HYT00": Meaning.LOST,  # a query or login time-out; a lock's has the number above
    "HYT01": Meaning.LOST,
    "08": Meaning.LOST,
}
_PHRASES = {
    "Serialization failure": Meaning.VICTIM,
    "Timeout expired": Meaning.BUSY,
    "Connection timeout expired": Meaning.LOST,
    "Client unable to establish connection": Meaning.LOST,
    "Connection not open": Meaning.LOST,
    "Server rejected the connection": Meaning.LOST,
    "Connection failure during transaction": Meaning.LOST,
    "Communication link failure": Meaning.LOST,
    "Disconnect error": Meaning.LOST,
}


def meaning_of(error: SQLAlchemyError) -> Meaning:
    """What the error means."""
    if isinstance(error, PoolTimeoutError):
        return Meaning.BUSY
    if not isinstance(error, DBAPIError) or error.orig is None:
        return Meaning.REFUSED
    if isinstance(error.orig, sqlite3.Error):
        return _meaning_of_sqlite(error.orig)
    if hasattr(error.orig, "driver_error"):
        return _meaning_of_mssql_python(error.orig)
    number = native_number(error)
    if number in _SQL_SERVER:
        return _SQL_SERVER[number]
    state = str(error.orig.args[0]) if error.orig.args else ""
    for prefix, meaning in _SQLSTATE.items():
        if state.startswith(prefix):
            return meaning
    return Meaning.LOST if error.connection_invalidated else Meaning.REFUSED


def native_number(error: SQLAlchemyError) -> int | None:
    """The database's own number of the error, or None."""
    original = error.orig if isinstance(error, DBAPIError) else None
    if original is None:
        return None
    if isinstance(original, sqlite3.Error):
        return _sqlite_code(original)
    # pyodbc: ('42000', "[42000] [Microsoft][…] text (229) (SQLExecDirectW)")
    text = str(original.args[1]) if len(original.args) > 1 else ""
    match = re.search(r"\((\d+)\) \(SQL", text)
    return int(match.group(1)) if match else None


def lacks_driver(error: SQLAlchemyError) -> bool:
    """Whether the computer has no ODBC driver of the name in the address."""
    original = error.orig if isinstance(error, DBAPIError) else None
    state, text = (*map(str, original.args), "", "")[:2] if original is not None else ("", "")
    # Windows says IM002 or IM003, unixODBC 01000 and which file it looked for.
    return state in ("IM002", "IM003") or (state == "01000" and "Can't open lib" in text)


def as_task_error(error: SQLAlchemyError) -> TaskError:
    """What is told to people about an error that ended the sync."""
    number = native_number(error)
    suffix = f" (Fehler {number})" if number is not None else ""
    if meaning_of(error) is Meaning.REFUSED:
        return SqlhkError(
            "Die Datenbank SQLHK hat eine Anweisung abgelehnt; "
            f"es wurde nichts geschrieben{suffix}."
        )
    return SqlhkUnavailableError(f"Die Datenbank SQLHK ist nicht erreichbar{suffix}.")


def _meaning_of_mssql_python(error: BaseException) -> Meaning:
    """mssql-python tells neither number nor SQLSTATE; it has one fixed phrase for each state."""
    return _PHRASES.get(str(getattr(error, "driver_error", "")), Meaning.REFUSED)


def _meaning_of_sqlite(error: sqlite3.Error) -> Meaning:
    code = _sqlite_code(error)
    if code is not None:
        return _SQLITE.get(code, Meaning.REFUSED)
    return Meaning.REFUSED


def _sqlite_code(error: sqlite3.Error) -> int | None:
    code: int | None = getattr(error, "sqlite_errorcode", None)  # Python 3.11 and newer
    if code is not None:
        return code & 0xFF  # the primary code; the rest is detail
    text = str(error)
    if "locked" in text:
        return 5
    if "unable to open" in text:
        return 14
    return 10 if "disk I/O" in text else None
