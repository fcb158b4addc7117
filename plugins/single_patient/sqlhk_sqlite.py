"""SQLHK on SQLite: the demo's and the tests' database.

``BEGIN IMMEDIATE`` is the lock: one writer at a time for the whole file, so for the patient too.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from typing import cast

from sqlalchemy import Connection, text
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from plugins.single_patient.sqlhk_errors import Meaning, meaning_of
from plugins.single_patient.statement_guard import allow_writing
from plugins.single_patient.statements import (
    Statement,
    StatementList,
    reading_statements,
    returning_statements,
)
from plugins.single_patient.tables import build_tables
from sync_core.run_control import RunControl

_NO_ROW = {"key": -1, "new_M1Ziffer": 0}
_LOCK = "BEGIN IMMEDIATE"
_TRIGGERS = (
    "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
    " AND tbl_name IN ('Patient', 'Untersuchung')"
)


class SqliteDialect:
    """See :class:`plugins.single_patient.sqlhk_dialect.SqlhkDialect`."""

    def __init__(self, dialect: Dialect) -> None:
        tables = build_tables(None)
        self.statements = StatementList(
            [
                Statement("lock", "", False, text(_LOCK), _LOCK),
                Statement("triggers", "sqlite_master", False, text(_TRIGGERS), _TRIGGERS),
                *reading_statements(tables, dialect),
                *returning_statements(tables, dialect),
            ]
        )

    def lock(self, connection: Connection, lock_name: str, control: RunControl) -> None:
        """Begin; the file's own waiting time is short, so a stop request is noticed soon."""
        del lock_name  # the whole file is locked
        while True:
            control.check()
            try:
                connection.exec_driver_sql(self.statements["lock"].text)
            except OperationalError as error:
                if meaning_of(error) is not Meaning.BUSY:
                    raise
            else:
                return

    def begin_watch(self, connection: Connection) -> object:
        """The connection's count of changed rows.

        None where the practice has triggers on the tables: SQLite counts their changes too, and
        what they do is outside our proof.
        """
        triggers = connection.execute(self.statements["triggers"].clause).scalar_one()
        return None if triggers else _driver(connection).total_changes

    def rows_changed(self, connection: Connection, watch: object) -> int | None:
        """What SQLite counted since, whatever the statements returned."""
        if watch is None:
            return None
        return _driver(connection).total_changes - cast("int", watch)

    def commit(self, connection: Connection, control: RunControl, reserve: float) -> None:
        """Commit. A refusal (a reader is in the way, the disk is full) is an answer: nothing was
        written. After an I/O error the pages may be in the file or not.
        """
        control.begin_commit(reserve)
        try:
            connection.commit()
        except SQLAlchemyError as error:
            if meaning_of(error) is not Meaning.LOST:
                control.commit_refused()
            raise
        control.commit_done()

    def interrupter(self, connection: Connection) -> Callable[[], None]:
        """Stop the running statement."""
        driver = _driver(connection)

        def interrupt() -> None:
            with contextlib.suppress(sqlite3.ProgrammingError):  # closed: nothing runs any more
                driver.interrupt()

        return interrupt

    def missing_rights(self, connection: Connection) -> list[str]:
        """SQLite knows no rights but those of the file: a write that meets no row shows them."""
        allow_writing(connection)
        try:
            connection.execute(self.statements["link_patient"].clause, _NO_ROW)
        except OperationalError as error:
            if meaning_of(error) is not Meaning.REFUSED:
                raise
            return ["writing to the file"]
        connection.rollback()
        return []


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)
