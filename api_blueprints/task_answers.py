"""The answers about one task: accepted, its status, and whichever a call that starts one gives."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, jsonify, request

from api_blueprints.start_headers import wanted_wait
from api_blueprints.waiting_room import wait_for_end
from hookspecs import TaskService
from sync_core.task_model import TaskView
from sync_core.task_status import status_body


def status_url_of(task_id: str) -> str:
    """The path of a task's status call."""
    return f"/api/sync/status/{quote(task_id, safe='')}"


def accepted_response(view: TaskView, message: str) -> Response:
    """202: where the task's status is, and when it has ended at the latest."""
    status_url = status_url_of(view.task_id)
    response = jsonify(
        {
            "message": message,
            "task_id": view.task_id,
            "status_url": status_url,
            "deadline_at": view.deadline_at.isoformat(timespec="milliseconds"),
        }
    )
    response.status_code = 202
    response.headers["Location"] = status_url
    response.headers["Retry-After"] = "1"
    return response


def status_response(view: TaskView) -> Response:
    """200: the task's status; while it runs, also when to ask again."""
    response = jsonify(status_body(view))
    if not view.status.ended:
        response.headers["Retry-After"] = "1"
    return response


def started_response(tasks: TaskService, view: TaskView, message: str) -> Response:
    """The answer to a call that started the task, or sent it again.

    At once 202; with ``Prefer: wait`` 200 and the status if the task ends meanwhile.
    ``Preference-Applied`` tells that it was waited as wished.
    """
    seconds = wanted_wait(request.headers.get("Prefer"))
    if seconds is None or not wait_for_end(tasks, view.task_id, seconds):
        return accepted_response(view, message)
    now = tasks.get(view.task_id) or view
    response = status_response(now) if now.status.ended else accepted_response(now, message)
    response.headers["Preference-Applied"] = f"wait={seconds}"
    return response
