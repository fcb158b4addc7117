"""SQLHK on SQL Server.

The patient's lock is an application lock owned by the transaction and taken first, in READ
COMMITTED. Writing statements return their keys through ``OUTPUT … INTO``: without ``INTO``, SQL
Server refuses ``OUTPUT`` on tables that have triggers. ``SET`` stays on a pooled connection, so
each batch takes back what it set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    Numeric,
    TextClause,
    Unicode,
    bindparam,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeEngine

from plugins.single_patient.sqlhk_errors import Meaning, meaning_of, native_number
from plugins.single_patient.statements import (
    Statement,
    StatementList,
    compiled,
    reading_statements,
)
from plugins.single_patient.tables import EXAMINATION_COLUMNS, PATIENT_COLUMNS, build_tables
from sync_core.errors import SqlhkError
from sync_core.run_control import RunControl

_LOCK_SLICE_MS = 1000
_LOCK_TIMEOUT = -1
_LOCK_VICTIM = -3

_LOCK = text(
    "SET NOCOUNT ON; SET LOCK_TIMEOUT 5000; DECLARE @r int; "
    "EXEC @r = sp_getapplock @Resource = :lock_name, @LockMode = 'Exclusive', "
    "@LockOwner = 'Transaction', @LockTimeout = :wait_ms; SELECT @r; SET NOCOUNT OFF"
).bindparams(bindparam("lock_name", type_=Unicode(255)), bindparam("wait_ms", type_=Integer))

_RIGHTS = (
    ("INSERT on Patient", "'dbo.Patient', 'OBJECT', 'INSERT'"),
    ("INSERT on Untersuchung", "'dbo.Untersuchung', 'OBJECT', 'INSERT'"),
    ("UPDATE on Patient(M1Ziffer)", "'dbo.Patient', 'OBJECT', 'UPDATE', 'M1Ziffer', 'COLUMN'"),
    (
        "UPDATE on Untersuchung(HerzkatheterID)",
        "'dbo.Untersuchung', 'OBJECT', 'UPDATE', 'HerzkatheterID', 'COLUMN'",
    ),
    (
        "UPDATE on Untersuchung(UntersucherAbrechnungID)",
        "'dbo.Untersuchung', 'OBJECT', 'UPDATE', 'UntersucherAbrechnungID', 'COLUMN'",
    ),
)
_RIGHTS_QUESTION = text(
    "SELECT " + ", ".join(f"HAS_PERMS_BY_NAME({arguments})" for _, arguments in _RIGHTS)
)

_TYPES: dict[str, TypeEngine[Any]] = {
    **dict.fromkeys(PATIENT_COLUMNS, Unicode(255)),
    **dict.fromkeys(EXAMINATION_COLUMNS, Integer()),
    "M1Ziffer": Integer(),
    "PLZ": Integer(),
    "Geschlecht": Integer(),
    "heydokid": Integer(),
    "Datum": Unicode(255),
    "Materialpreis": Numeric(19, 4),
}


class SqlServerDialect:
    """See :class:`plugins.single_patient.sqlhk_dialect.SqlhkDialect`."""

    def __init__(self, dialect: Dialect) -> None:
        tables = build_tables("dbo")
        self.statements = StatementList(
            [
                compiled("lock", "", _LOCK, dialect, writes=False),
                compiled("rights", "", _RIGHTS_QUESTION, dialect, writes=False),
                *reading_statements(tables, dialect),
                *_writing_statements(dialect),
            ]
        )

    def lock(self, connection: Connection, lock_name: str, control: RunControl) -> None:
        """Take the application lock in short waits, so that a stop request is noticed soon."""
        while True:
            control.check()
            wait_ms = min(_LOCK_SLICE_MS, int(control.remaining() * 1000))
            result = connection.execute(
                self.statements["lock"].clause, {"lock_name": lock_name, "wait_ms": wait_ms}
            ).scalar_one()
            if result >= 0:
                return
            if result not in (_LOCK_TIMEOUT, _LOCK_VICTIM):
                raise SqlhkError(
                    f"Die Sperre für den Patienten wurde abgelehnt (sp_getapplock {result})."
                )

    def begin_watch(self, connection: Connection) -> object:
        """SQL Server keeps no count over a transaction; the returned keys are the proof."""
        del connection
        return None

    def rows_changed(self, connection: Connection, watch: object) -> int | None:
        """Not known here."""
        del connection, watch
        return None

    def commit(self, connection: Connection, control: RunControl, reserve: float) -> None:
        """Commit. A refusal by the server is an answer and has its number; the driver's own
        complaints, a lost connection among them, are none.
        """
        control.begin_commit(reserve)
        try:
            connection.commit()
        except SQLAlchemyError as error:
            if native_number(error) and meaning_of(error) in (Meaning.VICTIM, Meaning.REFUSED):
                control.commit_refused()
            raise
        control.commit_done()

    def interrupter(self, connection: Connection) -> Callable[[], None]:
        """Nothing: cancelling needs the running cursor, which SQLAlchemy keeps to itself.

        The query time-out ends the statement; the task does not wait for that, its thread is
        given up at the deadline.
        """
        del connection
        return _nothing

    def missing_rights(self, connection: Connection) -> list[str]:
        """Ask the server what the login may do on the two tables that are written."""
        row = connection.execute(self.statements["rights"].clause).one()
        return [name for (name, _), granted in zip(_RIGHTS, row, strict=True) if not granted]


def _nothing() -> None:
    return None


def _writing_statements(dialect: Dialect) -> list[Statement]:
    return [
        _statement("insert_patient", "Patient", _insert("Patient", PATIENT_COLUMNS), dialect),
        _statement(
            "link_patient",
            "Patient",
            _update(
                "Patient",
                ("M1Ziffer",),
                "PatientID = :key AND (M1Ziffer IS NULL OR M1Ziffer = 0)",
            ),
            dialect,
        ),
        _statement(
            "insert_examination",
            "Untersuchung",
            _insert("Untersuchung", EXAMINATION_COLUMNS),
            dialect,
        ),
        _statement(
            "update_examination",
            "Untersuchung",
            _update(
                "Untersuchung",
                ("HerzkatheterID", "UntersucherAbrechnungID"),
                "UntersuchungID = :key AND PatientID = :patient_id AND Datum = :old_Datum "
                "AND UntersuchungartID = :old_UntersuchungartID "
                f"AND {_same('HerzkatheterID')} AND {_same('UntersucherAbrechnungID')}",
            ),
            dialect,
        ),
    ]


def _statement(name: str, table: str, clause: TextClause, dialect: Dialect) -> Statement:
    parameters: list[BindParameter[Any]] = []
    for parameter in clause._bindparams:
        prefix, _, column = parameter.partition("_")
        known = prefix in ("new", "old") and column in _TYPES
        parameters.append(bindparam(parameter, type_=_TYPES[column] if known else Integer()))
    return compiled(name, table, clause.bindparams(*parameters), dialect, writes=True)


def _insert(table: str, columns: tuple[str, ...]) -> TextClause:
    key = f"{table}ID"
    names = ", ".join(columns)
    values = ", ".join(f":new_{name}" for name in columns)
    return text(
        f"SET NOCOUNT ON; DECLARE @touched TABLE (id int); "  # noqa: S608 - fixed names only
        f"INSERT INTO dbo.{table} ({names}) OUTPUT inserted.{key} INTO @touched "
        f"VALUES ({values}); SELECT id FROM @touched; SET NOCOUNT OFF"
    )


def _update(table: str, columns: tuple[str, ...], where: str) -> TextClause:
    key = f"{table}ID"
    changes = ", ".join(f"{name} = :new_{name}" for name in columns)
    return text(
        f"SET NOCOUNT ON; DECLARE @touched TABLE (id int); "  # noqa: S608 - fixed names only
        f"UPDATE dbo.{table} SET {changes} OUTPUT inserted.{key} INTO @touched "
        f"WHERE {where}; SELECT id FROM @touched; SET NOCOUNT OFF"
    )


def _same(column: str) -> str:
    """A comparison that also holds for NULL on both sides; the cast gives a NULL its type."""
    value = f"CAST(:old_{column} AS int)"
    return f"({column} = {value} OR ({column} IS NULL AND {value} IS NULL))"
