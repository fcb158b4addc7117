"""Whether the SQL gateway answers and shows the tables that a day sync needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hookspecs import HealthResult
from mssql_api_client import MsSqlApiClient
from sync_core.errors import DeadlineExceededError, SqlhkError, SqlhkUnavailableError
from sync_core.run_control import RunControl

_NOBODY = -1
"""A number and a key that no row has."""
_ANSWERS_DE = "Das SQL-Gateway antwortet."
# Whether single patients can be synced, CallDoc's and SQLHK's own checks tell.
_NOT_NOW_DE = "Tagesabgleiche sind zurzeit nicht möglich."
_WAIT_DE = f"{_NOT_NOW_DE} Kurz warten; bleibt es so, die IT verständigen."
_UNREACHABLE_DE = f"Das SQL-Gateway ist nicht erreichbar. {_WAIT_DE}"
_SILENT_DE = f"Das SQL-Gateway antwortet nicht rechtzeitig. {_WAIT_DE}"
_STRANGE_DE = (
    f"Das SQL-Gateway antwortet anders als erwartet. {_NOT_NOW_DE} Bitte die IT verständigen."
)


def check_gateway(client: MsSqlApiClient, seconds: float) -> HealthResult:
    """One harmless question."""
    asking = client.with_control(RunControl(seconds))
    return _told(lambda: asking.execute_sql("SELECT 1 AS answer"), "reachable")


def check_gateway_tables(client: MsSqlApiClient, seconds: float) -> HealthResult:
    """The questions of a day sync to every table; nothing is changed."""
    asking = client.with_control(RunControl(seconds))

    def ask() -> None:
        asking.get_mapping_tables()
        asking.get_patients_by_piz([_NOBODY])
        asking.get_patients_by_id([_NOBODY])
        asking.get_untersuchungen_by_date(date.min)

    return _told(ask, "reachable, all tables can be read")


def _told(ask: Callable[[], object], good: str) -> HealthResult:
    try:
        ask()
    except SqlhkUnavailableError:
        return HealthResult(False, "not reachable", _UNREACHABLE_DE)
    except DeadlineExceededError:
        return HealthResult(False, "no answer in time", _SILENT_DE)
    except SqlhkError:
        return HealthResult(False, "answers, but not as a gateway to SQLHK should", _STRANGE_DE)
    return HealthResult(True, good, _ANSWERS_DE)
