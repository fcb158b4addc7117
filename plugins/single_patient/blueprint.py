"""The plugin's endpoint: ``POST /api/sync/patient``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response

from plugins.single_patient.kind import KIND
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.schemas import SyncRequestSchema

if TYPE_CHECKING:
    from flask_smorest import Blueprint

    from hookspecs import HostContext

_MESSAGE = "Single patient synchronization started"

_WHO: Mapping[str, Any] = {"piz": "1234567", "date": "2025-10-06"}
_EXAMPLES: Mapping[str, Any] = {
    "plain": {"summary": "Sync", "value": _WHO},
    "dry_run": {
        "summary": "Look first, write nothing",
        "value": {**_WHO, "appointment_type_id": 24, "dry_run": True},
    },
    "plan": {
        "summary": "Carry out exactly what the dry run showed",
        "value": {**_WHO, "plan_token": "0123456789abcdef" * 4},
    },
    "guarded": {
        "summary": "Refuse a mistyped number",
        "value": {**_WHO, "expected_birth_date": "1950-01-31"},
    },
}


def create_blueprint(context: HostContext) -> Blueprint:
    """The blueprint, closed over what it starts syncs with."""
    api = context.api
    blueprint = api.blueprint("single_patient", "Sync one patient of one day")

    @blueprint.route("/api/sync/patient", methods=["POST"])
    @blueprint.doc(operationId="sync_patient")
    @blueprint.arguments(SyncRequestSchema, examples=_EXAMPLES)
    @blueprint.starts_task
    def sync_patient(sync_request: SyncRequest) -> Response:
        """Sync one patient of one day.

        The answer comes at once, or as late as `Prefer: wait` allows; the outcome is found at
        `status_url`. Nothing of another patient is ever touched, and nothing is ever deleted.
        """
        return api.start_task(KIND, sync_request.as_json(), _MESSAGE)

    return blueprint
