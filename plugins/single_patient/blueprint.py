"""The plugin's endpoint: ``POST /api/sync/patient``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response

from hookspecs import ACCEPTED_RESPONSE
from plugins.single_patient.kind import KIND
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.schemas import SyncRequestSchema

if TYPE_CHECKING:
    from flask_smorest import Blueprint

    from hookspecs import HostContext

_MESSAGE = "Single patient synchronization started"


def create_blueprint(context: HostContext) -> Blueprint:
    """The blueprint, closed over the task service that it starts syncs with."""
    api, tasks = context.api, context.tasks
    blueprint = api.blueprint("single_patient", "Sync one patient of one day")

    @blueprint.route("/api/sync/patient", methods=["POST"])
    @blueprint.doc(operationId="sync_patient")
    @blueprint.arguments(SyncRequestSchema)
    @blueprint.alt_response(409, "CONFLICT")
    @blueprint.alt_response(429, "TOO_MANY_REQUESTS")
    @blueprint.alt_response(503, "SERVICE_UNAVAILABLE")
    @blueprint.alt_response(202, ACCEPTED_RESPONSE)
    def sync_patient(sync_request: SyncRequest) -> Response:
        """Sync one patient of one day.

        The answer comes at once; the outcome is found at `status_url`. Nothing of another
        patient is ever touched, and nothing is ever deleted.
        """
        view = tasks.start(KIND, sync_request.as_json(), api.client(), api.request_id())
        return api.accepted(view, _MESSAGE)

    return blueprint
