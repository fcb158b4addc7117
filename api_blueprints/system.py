"""The program about itself: alive, ready, and which plugins it carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response, jsonify

from api_blueprints.base import ApiBaseImpl, StrictBlueprint
from api_blueprints.latest_in_a_crowd import LatestInACrowd
from api_blueprints.schemas import HealthSchema, PluginsSchema, ReadySchema
from api_blueprints.system_examples import (
    HEALTH_EXAMPLE,
    NOT_READY_EXAMPLE,
    PLUGINS_EXAMPLE,
    READY_EXAMPLE,
)
from hookspecs import TaskService
from sync_core.health_runner import CheckReport
from sync_core.plugin_report import PluginReport

_ASKERS = 8
"""Calls that may wait for health checks at the same time: a quarter of the server's threads."""


def create_blueprint(
    api: ApiBaseImpl,
    tasks: TaskService,
    *,
    version: str,
    plugin_report: Callable[[], Sequence[PluginReport]],
    check_health: Callable[[], Mapping[str, CheckReport]],
) -> StrictBlueprint:
    """The blueprint ``system``; ``check_health`` asks every check and takes a few seconds."""
    blueprint = api.blueprint("system", "The program itself: health and plugins")
    health_reports = LatestInACrowd(check_health, _ASKERS)

    @blueprint.route("/health")
    @blueprint.doc(operationId="get_health", security=[])
    @blueprint.response(200, HealthSchema, example=HEALTH_EXAMPLE)
    def health() -> Response:
        """Whether the program is alive; asks nothing foreign and never needs a key."""
        return jsonify(
            {
                "status": "healthy",
                "timestamp": datetime.now().astimezone().isoformat(timespec="milliseconds"),
                "active_syncs": len(tasks.active()),
                "version": version,
            }
        )

    @blueprint.route("/health/ready")
    @blueprint.doc(operationId="get_readiness")
    @blueprint.alt_response(
        503, schema=ReadySchema, description="Something is missing", example=NOT_READY_EXAMPLE
    )
    @blueprint.response(200, ReadySchema, example=READY_EXAMPLE)
    def ready() -> Response:
        """Whether everything the program needs answers."""
        reports = health_reports()
        is_ready = not any(report.stands_in_the_way for report in reports.values())
        response = jsonify(
            {
                "status": "ready" if is_ready else "not_ready",
                "checks": {
                    name: {"ok": report.ok, "message": report.message, "ms": report.ms}
                    for name, report in reports.items()
                },
            }
        )
        response.status_code = 200 if is_ready else 503
        return response

    @blueprint.route("/api/plugins")
    @blueprint.doc(operationId="list_plugins")
    @blueprint.response(200, PluginsSchema, example=PLUGINS_EXAMPLE)
    def plugins() -> Response:
        """Every plugin that was found, loaded or not, and why not."""
        found = [_plugin_body(report) for report in plugin_report()]
        return jsonify({"count": len(found), "plugins": found})

    return blueprint


def _plugin_body(report: PluginReport) -> dict[str, Any]:
    return {
        "name": report.name,
        "version": report.version,
        "state": report.state,
        "reason": report.reason,
        "panels": list(report.panels),
        "routes": list(report.routes),
        "contract": report.contract,
        "distribution": report.distribution,
        "set_aside": report.set_aside,
        "start_ms": report.start_ms,
    }
