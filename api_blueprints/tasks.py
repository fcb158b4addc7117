"""Following tasks of any kind: status, what is active, what has ended, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify

from api_blueprints.base import ApiBaseImpl, StrictBlueprint
from api_blueprints.documented_answers import (
    ACCEPTED_RESPONSE,
    ACTIVE_RESPONSE,
    HISTORY_RESPONSE,
    STATUS_RESPONSE,
)
from api_blueprints.queries import HistoryQuerySchema, StatusQuerySchema
from api_blueprints.task_answers import accepted_response, status_response
from api_blueprints.waiting_room import wait_for_end
from hookspecs import TaskService
from sync_core.errors import Refusal
from sync_core.task_model import TaskStatus, TaskView
from sync_core.task_status import status_body


def create_blueprint(api: ApiBaseImpl, tasks: TaskService) -> StrictBlueprint:
    """The blueprint ``tasks``, closed over the task service."""
    blueprint = api.blueprint("tasks", "Following and cancelling tasks of any kind")

    @blueprint.route("/api/sync/status/<task_id>")
    @blueprint.doc(operationId="get_task_status")
    @blueprint.arguments(StatusQuerySchema, location="query")
    @blueprint.refuses("task_not_found", "journal_unavailable")
    @blueprint.alt_response(200, STATUS_RESPONSE)
    def status(asked: dict[str, Any], task_id: str) -> Response:
        """A task's status, running or ended.

        With `wait` the answer comes when the task ends or that time is over; at once when too
        many calls wait already.
        """
        view = _known(tasks, task_id)
        if asked["wait"]:
            wait_for_end(tasks, task_id, asked["wait"])
            view = _known(tasks, task_id)
        return status_response(view)

    @blueprint.route("/api/sync/active")
    @blueprint.doc(operationId="list_active_tasks")
    @blueprint.alt_response(200, ACTIVE_RESPONSE)
    def active() -> Response:
        """Pending and running tasks, oldest first."""
        return jsonify(_listed(tasks.active()))

    @blueprint.route("/api/sync/history")
    @blueprint.doc(operationId="list_ended_tasks")
    @blueprint.arguments(HistoryQuerySchema, location="query")
    @blueprint.refuses("journal_unavailable")
    @blueprint.alt_response(200, HISTORY_RESPONSE)
    def history(asked: dict[str, Any]) -> Response:
        """Ended tasks, newest first, page by page.

        `X-Pagination` tells how many there are in all and which pages come before and after.
        """
        number, size = asked["page"], asked["page_size"]
        page = tasks.history(
            kind=asked.get("kind"),
            status=TaskStatus(asked["status"]) if "status" in asked else None,
            offset=(number - 1) * size,
            limit=size,
        )
        response = jsonify(_listed(page.tasks))
        response.headers.extend(blueprint.pagination_headers(number, size, page.total))
        return response

    @blueprint.route("/api/sync/cancel/<task_id>", methods=["POST"])
    @blueprint.doc(operationId="cancel_task")
    @blueprint.refuses("task_not_found", "not_running", "journal_unavailable")
    @blueprint.alt_response(202, ACCEPTED_RESPONSE)
    def cancel(task_id: str) -> Response:
        """Ask a task to stop.

        What was not committed is rolled back, and the task ends as `cancelled`. A commit that
        was sent already is not undone: such a task ends as if nobody had asked. A whole day stops
        between two steps and keeps what it has written; its status tells that. The answer does
        not wait for the end; the status call tells it. A task that has ended: 409 `not_running`.
        """
        view = _known(tasks, task_id)
        if not tasks.cancel(task_id):
            raise Refusal("not_running", "The task has ended")
        return accepted_response(view, "Cancellation requested")

    return blueprint


def _listed(views: Sequence[TaskView]) -> dict[str, Any]:
    bodies = [status_body(view) for view in views]
    return {"count": len(bodies), "tasks": bodies}


def _known(tasks: TaskService, task_id: str) -> TaskView:
    view = tasks.get(task_id)
    if view is None:
        raise Refusal("task_not_found", "No task has this id")
    return view
