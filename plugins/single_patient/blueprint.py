"""The plugin's endpoint: ``POST /api/sync/patient``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from plugins.single_patient.kind import KIND
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.schemas import SyncRequestSchema

if TYPE_CHECKING:
    from flask_smorest import Blueprint

    from hookspecs import HostContext

_MESSAGE = "Single patient synchronization started"


def create_blueprint(context: HostContext) -> Blueprint:
    """The blueprint, closed over what it starts syncs with."""
    api = context.api
    blueprint = api.blueprint("single_patient", "Sync one patient of one day")

    @blueprint.route("/api/sync/patient", methods=["POST"])
    @blueprint.doc(operationId="sync_patient")
    @blueprint.arguments(SyncRequestSchema)
    @blueprint.starts_task
    def sync_patient(sync_request: SyncRequest) -> Response:
        """Sync one patient of one day.

        The answer comes at once, or as late as `Prefer: wait` allows; the outcome is found at
        `status_url`. Nothing of another patient is ever touched, and nothing is ever deleted.
        """
        return api.start_task(KIND, sync_request.as_json(), _MESSAGE)

    return blueprint
