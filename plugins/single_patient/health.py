"""Whether SQLHK answers and lets us do what we need; through the same guard as everything else."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from hookspecs import HealthResult
from plugins.single_patient.sqlhk_errors import Meaning, lacks_driver, meaning_of, native_number
from plugins.single_patient.unit_of_work import Sqlhk

_NOBODY = {"number": 0, "year": "0000", "patient_id": 0, "key": 0}
"""Parameters with which every question is answered by no row."""


def check_sqlhk(sqlhk: Sqlhk, seconds: float) -> HealthResult:
    """One harmless question; ``seconds`` is not needed, the engine has time-outs of its own."""
    del seconds
    try:
        with sqlhk.engine.connect() as connection:
            connection.execute(sqlhk.dialect.statements["rooms"].clause).fetchall()
    except SQLAlchemyError as error:
        return _failure(error, "answers, but refuses to read its tables")
    return HealthResult(True, "reachable")


def check_sqlhk_rights(sqlhk: Sqlhk, seconds: float) -> HealthResult:
    """Ask every question of the plugin, and what the login may write; nothing is changed."""
    del seconds
    asked = ""
    try:
        with sqlhk.engine.connect() as connection:
            for statement in sqlhk.dialect.statements:
                if statement.name in ("lock", "rights") or statement.writes:
                    continue
                asked = statement.table
                connection.execute(statement.clause, _NOBODY).fetchall()
            missing = sqlhk.dialect.missing_rights(connection)
    except SQLAlchemyError as error:
        return _failure(error, f"SELECT on {asked} is refused, or a column is missing")
    if missing:
        return HealthResult(False, "the login lacks: " + ", ".join(missing))
    return HealthResult(True, "reachable, all tables and rights are there")


def _failure(error: SQLAlchemyError, refused: str) -> HealthResult:
    if lacks_driver(error):
        return HealthResult(False, "the ODBC driver that sqlhk.url names is not installed")
    number = native_number(error)
    suffix = f" (error {number})" if number is not None else ""
    text = refused if meaning_of(error) is Meaning.REFUSED else "cannot be reached"
    return HealthResult(False, f"{text}{suffix}")
