"""Whether SQLHK answers and lets us do what we need; through the same guard as everything else."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from hookspecs import HealthResult
from plugins.single_patient.sqlhk_errors import Meaning, lacks_driver, meaning_of, native_number
from plugins.single_patient.unit_of_work import Sqlhk

_NOBODY = {"number": 0, "year": "0000", "patient_id": 0, "key": 0}
"""Parameters with which every question is answered by no row."""
_ANSWERS_DE = "Die Datenbank SQLHK antwortet."
_NOT_NOW_DE = "Einzelne Patienten lassen sich zurzeit nicht abgleichen."
_UNREACHABLE_DE = (
    f"Die Datenbank SQLHK ist nicht erreichbar. {_NOT_NOW_DE} Kurz warten; bleibt es so, die IT "
    "verständigen."
)
_REFUSED_DE = (
    f"Die Datenbank SQLHK verweigert den Zugriff. {_NOT_NOW_DE} Bitte die IT verständigen (Rechte, "
    "Tabellen)."
)
_NO_DRIVER_DE = (
    f"Auf diesem Computer fehlt der Treiber für die Datenbank SQLHK. {_NOT_NOW_DE} Bitte die IT "
    "verständigen."
)


def check_sqlhk(sqlhk: Sqlhk, seconds: float) -> HealthResult:
    """One harmless question; ``seconds`` is not needed, the engine has time-outs of its own."""
    del seconds
    try:
        with sqlhk.engine.connect() as connection:
            connection.execute(sqlhk.dialect.statements["rooms"].clause).fetchall()
    except SQLAlchemyError as error:
        return _failure(error, "answers, but refuses to read its tables")
    return HealthResult(True, "reachable", _ANSWERS_DE)


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
        return HealthResult(False, "the login lacks: " + ", ".join(missing), _REFUSED_DE)
    return HealthResult(True, "reachable, all tables and rights are there", _ANSWERS_DE)


def _failure(error: SQLAlchemyError, refused: str) -> HealthResult:
    if lacks_driver(error):
        told = "the ODBC driver that sqlhk.url names is not installed"
        return HealthResult(False, told, _NO_DRIVER_DE)
    number = native_number(error)
    suffix = f" (error {number})" if number is not None else ""
    if meaning_of(error) is Meaning.REFUSED:
        return HealthResult(False, f"{refused}{suffix}", _REFUSED_DE)
    return HealthResult(False, f"cannot be reached{suffix}", _UNREACHABLE_DE)
