"""The day sync's hook implementations: a builtin plugin like the program's others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from day_sync import DaySynchronizer
from day_task.blueprint import create_blueprint
from day_task.health import check_gateway, check_gateway_tables
from day_task.kind import create_kind
from hookspecs import CONTRACT_VERSION, HealthCheck, HostContext, TaskKind, hookimpl
from mssql_api_client import MsSqlApiClient
from sync_core.dates import BERLIN

if TYPE_CHECKING:
    from flask_smorest import Blueprint


class DayPlugin:
    """The builtin plugin ``host_day``, one object for each run of the program."""

    sync_gui_contract = CONTRACT_VERSION
    sync_gui_summary_de = (
        "Der Tagesabgleich: überträgt alle Termine eines Tages aus CallDoc über das Gateway nach "
        "SQLHK."
    )

    def __init__(self) -> None:
        self._client: MsSqlApiClient | None = None
        self._synchronizer: DaySynchronizer | None = None

    @hookimpl
    def sync_gui_start(self, context: HostContext) -> None:
        """Make the gateway's client, and the synchronizer on it."""
        url = context.settings.gateway.url
        if url:
            self._client = MsSqlApiClient(url)
        if self._client is not None and not missing_settings(context):
            self._synchronizer = DaySynchronizer(
                context.calldoc, self._client, context.settings.mapping, today_in_germany
            )

    @hookimpl
    def sync_gui_stop(self) -> None:
        """Close the gateway's connections."""
        if self._client is not None:
            self._client.close()
        self._client = None
        self._synchronizer = None

    @hookimpl
    def sync_gui_task_kinds(self, context: HostContext) -> Sequence[TaskKind]:
        """The kind ``day``."""
        return [create_kind(self._synchronizer, missing_settings(context))]

    @hookimpl
    def sync_gui_blueprints(self, context: HostContext) -> Sequence[Blueprint]:
        """``POST /api/sync``."""
        return [create_blueprint(context)]

    @hookimpl
    def sync_gui_health_checks(self) -> Sequence[HealthCheck]:
        """The gateway, when it is configured."""
        client = self._client
        if client is None:
            return []
        return [
            HealthCheck(
                "gateway",
                "Gateway",
                run=lambda seconds: check_gateway(client, seconds),
                thorough=lambda seconds: check_gateway_tables(client, seconds),
            )
        ]


def missing_settings(context: HostContext) -> str:
    """The settings without which no day can be synced, as a list for people; empty if none."""
    settings = context.settings
    names = {
        "calldoc.base_url": settings.calldoc.base_url,
        "gateway.url": settings.gateway.url,
    }
    return ", ".join(name for name, value in names.items() if not value)


def today_in_germany() -> date:
    """The calendar day in Germany, wherever the program runs."""
    return datetime.now(BERLIN).date()
