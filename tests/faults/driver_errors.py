"""The drivers' own exceptions, as they really raise them, for the faults that tests inject.

``sqlite3`` puts the result code into an attribute. ``pyodbc`` has two arguments: the SQLSTATE and
a text of the form ``[SQLSTATE] [vendor]…text (native number) (ODBC function)``; which class it
takes depends on the SQLSTATE (a deadlock victim's 40001 is a plain ``pyodbc.Error``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pyodbc

CANARY = "Kanarienvogel"
"""Stands in driver texts where the server would name a value; it must appear nowhere."""

MakeError = Callable[[], Exception]

_VENDOR = "[Microsoft][ODBC Driver 18 for SQL Server]"
_SERVER = f"{_VENDOR}[SQL Server]"


def sqlite_error(code: int, name: str, text: str) -> MakeError:
    """An ``sqlite3.OperationalError`` with its result code."""

    def make() -> Exception:
        error = sqlite3.OperationalError(text)
        error.sqlite_errorcode = code  # type: ignore[attr-defined]  # Python 3.11 and newer
        error.sqlite_errorname = name  # type: ignore[attr-defined]
        return error

    return make


def odbc_error(
    kind: type[pyodbc.Error],
    state: str,
    native: int,
    text: str,
    function: str = "SQLExecDirectW",
) -> MakeError:
    """A ``pyodbc`` exception; ``text`` begins with the vendor's brackets."""
    return lambda: kind(state, f"[{state}] {text} ({native}) ({function})")


IO_ERROR = sqlite_error(10, "SQLITE_IOERR", "disk I/O error")
CANNOT_OPEN = sqlite_error(14, "SQLITE_CANTOPEN", "unable to open database file")
BUSY = sqlite_error(5, "SQLITE_BUSY", "database is locked")
LOCKED = sqlite_error(6, "SQLITE_LOCKED", "database table is locked")
FULL = sqlite_error(13, "SQLITE_FULL", "database or disk is full")
CORRUPT = sqlite_error(11, "SQLITE_CORRUPT", "database disk image is malformed")
READ_ONLY = sqlite_error(8, "SQLITE_READONLY", "attempt to write a readonly database")
INTERRUPTED = sqlite_error(9, "SQLITE_INTERRUPT", "interrupted")

DEADLOCK_VICTIM = odbc_error(
    pyodbc.Error,
    "40001",
    1205,
    f"{_SERVER}Transaction (Process ID 52) was deadlocked on lock resources with another process "
    "and has been chosen as the deadlock victim. Rerun the transaction.",
)
LOCK_TIMEOUT = odbc_error(
    pyodbc.OperationalError, "HYT00", 1222, f"{_SERVER}Lock request time out period exceeded."
)
QUERY_TIMEOUT = odbc_error(pyodbc.OperationalError, "HYT00", 0, f"{_VENDOR}Query timeout expired")
LOGIN_TIMEOUT = odbc_error(
    pyodbc.OperationalError, "HYT00", 0, f"{_VENDOR}Login timeout expired", "SQLDriverConnect"
)
CONNECTION_TIMEOUT = odbc_error(
    pyodbc.OperationalError, "HYT01", 0, f"{_VENDOR}Connection timeout expired"
)
LINK_FAILURE = odbc_error(
    pyodbc.OperationalError, "08S01", 10054, f"{_VENDOR}TCP Provider: Error code 0x2746"
)
CANNOT_CONNECT = odbc_error(
    pyodbc.OperationalError,
    "08001",
    10061,
    f"{_VENDOR}TCP Provider: Error code 0x274D",
    "SQLDriverConnect",
)
LOGIN_FAILED = odbc_error(
    pyodbc.InterfaceError,
    "28000",
    18456,
    f"{_SERVER}Login failed for user 'sync_gui'.",
    "SQLDriverConnect",
)
NO_RIGHT = odbc_error(
    pyodbc.ProgrammingError,
    "42000",
    229,
    f"{_SERVER}The INSERT permission was denied on the object 'Untersuchung', database 'SQLHK', "
    "schema 'dbo'.",
)
NO_TABLE = odbc_error(
    pyodbc.ProgrammingError, "42S02", 208, f"{_SERVER}Invalid object name 'dbo.Untersuchung'."
)
DOUBLE_KEY = odbc_error(
    pyodbc.IntegrityError,
    "23000",
    2627,
    f"{_SERVER}Violation of UNIQUE KEY constraint 'U'. Cannot insert duplicate key in object "
    f"'dbo.Patient'. The duplicate key value is ({CANARY}).",
)
DOUBLE_INDEX = odbc_error(
    pyodbc.IntegrityError,
    "23000",
    2601,
    f"{_SERVER}Cannot insert duplicate key row in object 'dbo.Patient' with unique index 'I'. The "
    f"duplicate key value is ({CANARY}).",
)
LOG_FULL = odbc_error(
    pyodbc.ProgrammingError,
    "42000",
    9002,
    f"{_SERVER}The transaction log for database 'SQLHK' is full.",
    "SQLEndTran",
)
PROTOCOL_ERROR = odbc_error(
    pyodbc.Error, "HY000", 0, f"{_VENDOR}Protocol error in TDS stream", "SQLEndTran"
)
TRIGGER_RAISED = odbc_error(
    pyodbc.ProgrammingError, "42000", 50000, f"{_SERVER}raised by a trigger: {CANARY}"
)
