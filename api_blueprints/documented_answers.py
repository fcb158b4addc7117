"""The documented answers and headers that the calls about tasks share, each under its name.

A view refers to an answer by name with flask-smorest's ``alt_response``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from apispec.core import Components

from api_blueprints.documented_headers import ANSWER_HEADERS, RETRY_AFTER
from api_blueprints.schemas import AcceptedSchema
from api_blueprints.start_headers import KEY_PATTERN, LONGEST_WAIT

STATUS_RESPONSE = "TaskStatusAnswer"
"""200: a task's status."""
ENDED_RESPONSE = "TaskEndedAnswer"
"""200 of a call that starts a task and waited for its end."""
STARTED_RESPONSE = "TaskStartedAnswer"
"""202 of a call that starts a task."""
ACCEPTED_RESPONSE = "TaskAcceptedAnswer"
"""202 of any other call about a task."""
ACTIVE_RESPONSE = "ActiveTasksAnswer"
"""200: pending and running tasks."""
HISTORY_RESPONSE = "EndedTasksAnswer"
"""200: a page of ended tasks."""

KEY_PARAMETER = "IdempotencyKey"
PREFER_PARAMETER = "Prefer"

_STATUS_SCHEMA = {"$ref": "#/components/schemas/TaskStatus"}
_APPLIED = {
    "schema": {"type": "string"},
    "description": "There if the answer waited as `Prefer` wished.",
    "example": "wait=10",
}
_WHILE_RUNNING = {**RETRY_AFTER, "description": "Seconds until asking again, while it runs."}
_ACCEPTED_HEADERS = {
    **ANSWER_HEADERS,
    "Location": {
        "schema": {"type": "string"},
        "description": "The status call.",
        "example": "/api/sync/status/patient_sync_1234567_2025-10-06_20251004150000",
        "required": True,
    },
    "Retry-After": {**RETRY_AFTER, "required": True},
}
_TASK_ID = {"task_id": "$response.body#/task_id"}
_LINKS = {
    "status": {
        "operationId": "get_task_status",
        "parameters": _TASK_ID,
        "description": "Follow the task.",
    },
    "cancel": {
        "operationId": "cancel_task",
        "parameters": _TASK_ID,
        "description": "Ask the task to stop.",
    },
}
PAGINATION_EXAMPLE = {
    "total": 120,
    "total_pages": 3,
    "first_page": 1,
    "last_page": 3,
    "page": 1,
    "next_page": 2,
}
"""What the header ``X-Pagination`` says, for the documentation."""
_ACCEPTED_EXAMPLE = {
    "message": "Synchronization started",
    "task_id": "patient_sync_1234567_2025-10-06_20251004150000",
    "status_url": "/api/sync/status/patient_sync_1234567_2025-10-06_20251004150000",
    "deadline_at": "2025-10-04T15:01:00.123+02:00",
}


def document_parameters(components: Components) -> None:
    """Add the headers of a call that starts a task."""
    components.parameter(
        KEY_PARAMETER,
        "header",
        {
            "name": "Idempotency-Key",
            "description": "A name of the client's choice for this request. Sent again within 24 "
            "hours with the same meaning, the answer names the same task and nothing is started; "
            "with another meaning it is 422. Only an accepted task uses up a key.",
            "schema": {"type": "string", "pattern": KEY_PATTERN, "minLength": 1, "maxLength": 128},
            "example": "7d1f0c1e-1c55-4c55-9d53-2f3a53a7d0aa",
        },
    )
    components.parameter(
        PREFER_PARAMETER,
        "header",
        {
            "name": "Prefer",
            "description": "RFC 7240. With `wait` the answer waits so many seconds (at most "
            f"{LONGEST_WAIT}) for the task's end. What cannot be understood is passed over.",
            "schema": {"type": "string"},
            "example": "wait=10",
        },
    )


def document_answers(components: Components, examples: Mapping[str, Any]) -> None:
    """Add the answers; ``examples`` are one status of each kind."""
    status: dict[str, Any] = {"schema": _STATUS_SCHEMA}
    if examples:
        status["examples"] = dict(examples)
    components.response(
        STATUS_RESPONSE,
        _answer("The task's status", status, {"Retry-After": _WHILE_RUNNING}),
    )
    components.response(
        ENDED_RESPONSE,
        _answer(
            "The task ended while the answer waited for it; its status",
            status,
            {"Preference-Applied": _APPLIED},
        ),
    )
    accepted = {"schema": AcceptedSchema, "example": _ACCEPTED_EXAMPLE}
    cancelled = {**_ACCEPTED_EXAMPLE, "message": "Cancellation requested"}
    components.response(
        STARTED_RESPONSE,
        _answer(
            "Accepted, or sent again under its key; `Location` is the status call",
            accepted,
            {**_ACCEPTED_HEADERS, "Preference-Applied": _APPLIED},
            _LINKS,
        ),
    )
    components.response(
        ACCEPTED_RESPONSE,
        _answer(
            "Accepted; `Location` is the status call",
            {"schema": AcceptedSchema, "example": cancelled},
            _ACCEPTED_HEADERS,
        ),
    )
    components.response(
        ACTIVE_RESPONSE,
        _answer(
            "Pending and running tasks, oldest first",
            {"schema": _list("of all of them"), "example": {"count": 0, "tasks": []}},
        ),
    )
    components.response(
        HISTORY_RESPONSE,
        _answer(
            "A page of ended tasks, newest first",
            {"schema": _list("of those on this page"), "example": _listed(examples)},
            {"X-Pagination": "PAGINATION"},
        ),
    )


def _answer(
    description: str,
    content: Mapping[str, Any],
    headers: Mapping[str, Any] = MappingProxyType({}),
    links: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": description,
        "headers": {**ANSWER_HEADERS, **headers},
        "content": {"application/json": dict(content)},
    }
    if links:
        answer["links"] = dict(links)
    return answer


def _listed(examples: Mapping[str, Any]) -> dict[str, Any]:
    tasks = [example["value"] for example in examples.values()]
    return {"count": len(tasks), "tasks": tasks}


def _list(counted: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["count", "tasks"],
        "properties": {
            "count": {"type": "integer", "description": f"The number {counted}."},
            "tasks": {"type": "array", "items": _STATUS_SCHEMA},
        },
    }
