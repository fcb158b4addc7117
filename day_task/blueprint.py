"""The endpoint ``POST /api/sync``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response

from day_task.kind import KIND
from day_task.request import DayRequest
from day_task.schemas import DaySyncSchema

if TYPE_CHECKING:
    from flask_smorest import Blueprint

    from hookspecs import HostContext

_MESSAGE = "Day synchronization started"

_EXAMPLES: Mapping[str, Any] = {
    "plain": {"summary": "Sync", "value": {"date": "2025-10-06"}},
    "one_type": {
        "summary": "One type of appointment",
        "value": {"date": "2025-10-06", "appointment_type_id": 24},
    },
    "deleting": {
        "summary": "Delete the twelve examinations that have no appointment any more",
        "value": {
            "date": "2025-10-07",
            "appointment_type_id": [24, 25],
            "delete_obsolete": True,
            "confirm_delete": 12,
        },
    },
}


def create_blueprint(context: HostContext) -> Blueprint:
    """The blueprint, closed over what it starts syncs with."""
    api = context.api
    blueprint = api.blueprint("day", "Sync a whole day")

    @blueprint.route("/api/sync", methods=["POST"])
    @blueprint.doc(operationId="sync_day")
    @blueprint.arguments(DaySyncSchema, examples=_EXAMPLES)
    @blueprint.starts_task
    def sync_day(day_request: DayRequest) -> Response:
        """Sync a whole day.

        The answer comes at once, or as late as `Prefer: wait` allows; the outcome is found at
        `status_url`. There is no transaction around a day: what was written before it failed or
        was cancelled stays, and the status tells it. Repeating is always safe. It waits for single
        syncs of the same day that are running, and later ones wait for it.
        """
        return api.start_task(KIND, day_request.as_json(), _MESSAGE)

    return blueprint
