"""Whether SQLHK answers: one harmless question, through the same guard as everything else."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from hookspecs import HealthResult
from plugins.single_patient.sqlhk_errors import Meaning, meaning_of, native_number
from plugins.single_patient.unit_of_work import Sqlhk


def check_sqlhk(sqlhk: Sqlhk, seconds: float) -> HealthResult:
    """Read the rooms' mapping; ``seconds`` is not needed, the engine has its own time-outs."""
    del seconds
    try:
        with sqlhk.engine.connect() as connection:
            connection.execute(sqlhk.dialect.statements["rooms"].clause).fetchall()
    except SQLAlchemyError as error:
        number = native_number(error)
        suffix = f" (error {number})" if number is not None else ""
        if meaning_of(error) is Meaning.REFUSED:
            return HealthResult(False, f"answers, but refuses to read its tables{suffix}")
        return HealthResult(False, f"cannot be reached{suffix}")
    return HealthResult(True, "reachable")
