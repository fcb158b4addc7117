"""A stand-in for SQL Server in the place of ``pyodbc.connect``, as far as the plugin can tell.

It understands exactly the T-SQL texts of the plugin's list (and SQLAlchemy's first questions), and
carries them out on an SQLite file. What is like SQL Server: a transaction begins with the first
statement; READ COMMITTED (another writer may come between our question and our write, until our
first write locks); application locks that belong to the transaction and answer by return code.
No T-SQL is parsed here: whether a real server takes the texts is not proven by it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyodbc
from sqlalchemy import Engine, event
from sqlalchemy.dialects.mssql import pyodbc as mssql_pyodbc
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Dialect

from plugins.single_patient.sqlhk_sqlite import SqliteDialect
from plugins.single_patient.sqlhk_sqlserver import SqlServerDialect
from tests.faults.driver_errors import CANNOT_CONNECT, LINK_FAILURE, TRIGGER_RAISED
from tests.faults.injection import Injection

URL = "mssql+pyodbc://sync_gui@server/SQLHK?driver=ODBC+Driver+18+for+SQL+Server"

_T_SQL: Dialect = mssql_pyodbc.dialect(paramstyle="qmark")  # type: ignore[no-untyped-call]
_STATEMENTS = SqlServerDialect(_T_SQL).statements
_SQLITE: Dialect = pysqlite.dialect()
_SQLITE_STATEMENTS = SqliteDialect(_SQLITE).statements

# What SQLAlchemy asks a new server and connection by itself, and the answers.
_OTHER: dict[str, list[tuple[Any, ...]]] = {
    "SELECT CAST(SERVERPROPERTY('ProductVersion') AS VARCHAR)": [("15.0.4355.3",)],
    "SELECT schema_name()": [("dbo",)],
    "SELECT CAST('test max support' AS NVARCHAR(max))": [("test max support",)],
    "SELECT 1 FROM fn_listextendedproperty"
    "(default, default, default, default, default, default, default)": [],
    "SELECT 1": [(1,)],
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED": [],
}


class ApplicationLocks:
    """``sp_getapplock`` with exclusive locks that belong to a transaction."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._owners: dict[str, object] = {}

    def take(self, name: str, owner: object, wait_ms: int) -> int:
        """0: at once, 1: after waiting, -1: not within the time."""
        with self._changed:
            waited = self._owners.get(name, owner) is not owner
            if not self._changed.wait_for(
                lambda: self._owners.get(name, owner) is owner, wait_ms / 1000
            ):
                return -1
            self._owners[name] = owner
            return 1 if waited else 0

    def release(self, owner: object) -> None:
        """The owner's transaction has ended."""
        with self._changed:
            self._owners = {k: v for k, v in self._owners.items() if v is not owner}
            self._changed.notify_all()


class SqlServer:
    """The server: one database, its locks, and what it was sent.

    ``lock_answers`` are return codes of the next calls of ``sp_getapplock`` (no lock is taken for
    them); ``down`` refuses connections. ``sizes`` keeps the last ``setinputsizes`` of each
    statement, ``sent`` its last parameters.
    """

    def __init__(self, path: Path, injection: Injection) -> None:
        self.path = path
        self.injection = injection
        self.locks = ApplicationLocks()
        self.lock_answers: list[int] = []
        self.lock_waits: list[int] = []
        self.down = False
        self.sizes: dict[str, Any] = {}
        self.sent: dict[str, Sequence[Any]] = {}
        self.connections: list[Connection] = []

    @staticmethod
    def parameter_names(call: str) -> Sequence[str]:
        """The names of the parameters that a statement is carried out with."""
        clause = _SQLITE_STATEMENTS[call].clause
        return clause.compile(dialect=_SQLITE).positiontup or ()  # type: ignore[attr-defined]

    def connect(self, *arguments: Any, **options: Any) -> Connection:
        """What ``pyodbc.connect`` does, with the same arguments."""
        self.injection.passing("connect", "before", None)
        if self.down:
            raise CANNOT_CONNECT()
        connection = Connection(self, arguments, options)
        self.connections.append(connection)
        return connection


def connect_to(engine: Engine, server: SqlServer) -> None:
    """From now on the engine's connections are the stand-in's; everything else is the engine's."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, options: Any) -> Connection:
        return server.connect(*arguments, **options)


class Connection:
    """A connection with its transaction; ``close`` is also what a dying connection does."""

    def __init__(self, server: SqlServer, arguments: Any, options: Any) -> None:
        self.server = server
        self.arguments = arguments
        self.options = options
        self.autocommit = False
        self.timeout = 0
        self.closed = False
        self._file = sqlite3.connect(
            server.path, timeout=10, isolation_level=None, check_same_thread=False
        )

    def add_output_converter(self, sql_type: int, convert: Any) -> None:
        del sql_type, convert

    def cursor(self) -> Cursor:
        self._alive()
        return Cursor(self)

    def commit(self) -> None:
        self._through("commit", self._file.commit)

    def rollback(self) -> None:
        self._through("rollback", self._file.rollback)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._file.rollback()
            self._file.close()
            self.server.locks.release(self)

    def roll_back_by_server(self) -> None:
        """The server has ended the transaction by itself, as it does with a deadlock victim."""
        self._file.rollback()
        self.server.locks.release(self)

    def run(self, name: str, parameters: Sequence[Any]) -> tuple[Any, list[tuple[Any, ...]]]:
        """Carry out one of the plugin's statements; returns description and rows."""
        self._alive()
        self.server.injection.passing(name, "before", self)
        self._alive()
        self.server.sent[name] = tuple(parameters)
        if name == "lock":
            description, rows = self._lock(*parameters)
        elif name == "rights":
            description, rows = _described("x"), [(1, 1, 1, 1, 1)]
        else:
            description, rows = self._in_sqlite(name, parameters)
        self.server.injection.passing(name, "after", self)
        return description, rows

    def _lock(self, lock_name: str, wait_ms: int) -> tuple[Any, list[tuple[Any, ...]]]:
        self.server.lock_waits.append(wait_ms)
        if self.server.lock_answers:
            answer = self.server.lock_answers.pop(0)
        else:
            answer = self.server.locks.take(lock_name, self, wait_ms)
        return _described(""), [(answer,)]

    def _in_sqlite(self, name: str, parameters: Sequence[Any]) -> tuple[Any, list[tuple[Any, ...]]]:
        theirs, ours = _STATEMENTS[name], _SQLITE_STATEMENTS[name]
        names = theirs.clause.compile(dialect=_T_SQL).positiontup or ()  # type: ignore[attr-defined]
        compiled = ours.clause.compile(dialect=_SQLITE)  # type: ignore[attr-defined]
        values = {**compiled.params, **dict(zip(names, parameters, strict=True))}
        if ours.writes and not self._file.in_transaction:
            self._file.execute("BEGIN IMMEDIATE")
        bound = [_bindable(values[key]) for key in compiled.positiontup or ()]
        text, values_sent = self.server.injection.text_for(name, ours.text, bound)
        try:
            cursor = self._file.execute(text, values_sent)
            return cursor.description, cursor.fetchall()
        except sqlite3.IntegrityError as error:
            raise TRIGGER_RAISED() from error

    def _through(self, call: str, carry_out: Any) -> None:
        self._alive()
        self.server.injection.passing(call, "before", self)
        carry_out()
        self.server.locks.release(self)
        self.server.injection.passing(call, "after", self)

    def _alive(self) -> None:
        if self.closed:
            raise LINK_FAILURE()


class Cursor:
    """What SQLAlchemy needs of a ``pyodbc`` cursor."""

    rowcount = -1  # as with NOCOUNT

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sizes: Any = None
        self._rows: list[tuple[Any, ...]] = []
        self.description: Any = None

    def setinputsizes(self, sizes: Any) -> None:
        self._sizes = sizes

    def execute(self, text: str, parameters: Sequence[Any] = ()) -> Cursor:
        statement = _STATEMENTS.with_text(text)
        if statement is not None:
            self._connection.server.sizes[statement.name] = self._sizes
            self.description, self._rows = self._connection.run(statement.name, parameters)
        elif text in _OTHER:
            self._connection._alive()
            self._rows = list(_OTHER[text])
            self.description = _described("") if text.startswith("SELECT") else None
        else:
            raise pyodbc.ProgrammingError("42000", f"[42000] not understood: {text} (102) (SQL")
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows, []
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def close(self) -> None:
        self._rows = []


def _described(name: str) -> Any:
    return ((name, int, None, None, None, None, None),)


def _bindable(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
