"""Following tasks of any kind: status, what is active, cancelling."""

from __future__ import annotations

from flask import Response, jsonify

from api_blueprints.base import ApiBaseImpl, StrictBlueprint
from api_blueprints.documented_api import ACTIVE_RESPONSE, STATUS_RESPONSE
from hookspecs import ACCEPTED_RESPONSE, TaskService
from sync_core.errors import Refusal
from sync_core.task_model import TaskView
from sync_core.task_status import status_body


def create_blueprint(api: ApiBaseImpl, tasks: TaskService) -> StrictBlueprint:
    """The blueprint ``tasks``, closed over the task service."""
    blueprint = api.blueprint("tasks", "Following and cancelling tasks of any kind")

    @blueprint.route("/api/sync/status/<task_id>")
    @blueprint.doc(operationId="get_task_status")
    @blueprint.alt_response(404, "NOT_FOUND")
    @blueprint.alt_response(200, STATUS_RESPONSE)
    def status(task_id: str) -> Response:
        """A task's status, running or ended."""
        return status_response(_known(tasks, task_id))

    @blueprint.route("/api/sync/active")
    @blueprint.doc(operationId="list_active_tasks")
    @blueprint.alt_response(200, ACTIVE_RESPONSE)
    def active() -> Response:
        """Pending and running tasks, oldest first."""
        bodies = [status_body(view) for view in tasks.active()]
        return jsonify({"count": len(bodies), "tasks": bodies})

    @blueprint.route("/api/sync/cancel/<task_id>", methods=["POST"])
    @blueprint.doc(operationId="cancel_task")
    @blueprint.alt_response(409, "CONFLICT")
    @blueprint.alt_response(404, "NOT_FOUND")
    @blueprint.alt_response(202, ACCEPTED_RESPONSE)
    def cancel(task_id: str) -> Response:
        """Ask a task to stop; what was not committed is rolled back."""
        view = _known(tasks, task_id)
        if not tasks.cancel(task_id):
            raise Refusal("not_running", "The task has ended")
        return api.accepted(view, "Cancellation requested")

    return blueprint


def status_response(view: TaskView) -> Response:
    """The answer of the status call; while the task runs it says when to ask again."""
    response = jsonify(status_body(view))
    if not view.status.ended:
        response.headers["Retry-After"] = "1"
    return response


def _known(tasks: TaskService, task_id: str) -> TaskView:
    view = tasks.get(task_id)
    if view is None:
        raise Refusal("task_not_found", "No task has this id")
    return view
