"""Where the two databases differ: one object each, behind one interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from sqlalchemy import Connection, Engine

from plugins.single_patient.statements import StatementList
from sync_core.run_control import RunControl


class SqlhkDialect(Protocol):
    """What the plugin needs to know about a kind of database."""

    statements: StatementList

    def lock(self, connection: Connection, lock_name: str, control: RunControl) -> None:
        """Begin the transaction and take the patient's lock; waits until the deadline.

        Raises what ``control.check`` raises, or an SQLAlchemy error.
        """

    def begin_watch(self, connection: Connection) -> object:
        """Before the first write: what :meth:`rows_changed` compares with."""

    def rows_changed(self, connection: Connection, watch: object) -> int | None:
        """How many rows were changed since; None where the database cannot tell."""

    def commit(self, connection: Connection, control: RunControl, reserve: float) -> None:
        """Pass the commit gate and commit.

        Raises what ``control.begin_commit`` raises, or an SQLAlchemy error: then the gate's state
        tells whether the outcome is known.
        """

    def interrupter(self, connection: Connection) -> Callable[[], None]:
        """What breaks off the connection's work from another thread, as far as possible.

        It may be called when the connection is closed already, and never raises.
        """

    def missing_rights(self, connection: Connection) -> list[str]:
        """What the login may not do although the plugin needs it; changes nothing.

        Each is an English phrase like ``UPDATE on Patient(M1Ziffer)``.
        """


def dialect_for(engine: Engine) -> SqlhkDialect:
    """The dialect of an engine made by :mod:`plugins.single_patient.sqlhk_engine`."""
    if engine.dialect.name == "sqlite":
        from plugins.single_patient.sqlhk_sqlite import SqliteDialect  # noqa: PLC0415

        return SqliteDialect(engine.dialect)
    from plugins.single_patient.sqlhk_sqlserver import SqlServerDialect  # noqa: PLC0415

    return SqlServerDialect(engine.dialect)
