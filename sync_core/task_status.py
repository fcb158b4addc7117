"""A task's picture in the form that the API shows and the journal keeps: plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync_core.task_model import (
    Progress,
    TaskSource,
    TaskStatus,
    TaskView,
    TaskWarning,
    Writing,
)

COMMON_FIELDS = (
    "task_id",
    "kind",
    "status",
    "progress",
    "created_at",
    "started_at",
    "finished_at",
    "deadline_at",
    "execution_time_ms",
    "timing_ms",
    "warnings",
    "error",
    "error_code",
    "safe_to_retry",
    "resolution",
    "resolved_at",
)
"""The fields of every kind; a kind's own fields may not use these names."""


def status_body(view: TaskView) -> dict[str, Any]:
    """The body of the status call: the common fields and those of the task's kind."""
    return {
        "task_id": view.task_id,
        "kind": view.kind,
        "status": view.status.value,
        "progress": {
            "stage": view.progress.stage,
            "percent": view.progress.percent,
            "message": view.progress.message,
        },
        "created_at": _text(view.created_at),
        "started_at": _text(view.started_at),
        "finished_at": _text(view.finished_at),
        "deadline_at": _text(view.deadline_at),
        "execution_time_ms": view.execution_time_ms,
        "timing_ms": dict(view.timing_ms),
        **view.body,
        "warnings": [{"code": item.code, "message": item.message} for item in view.warnings],
        "error": view.error,
        "error_code": view.error_code,
        "safe_to_retry": view.safe_to_retry,
        "resolution": view.resolution,
        "resolved_at": _text(view.resolved_at),
    }


def stored_task(view: TaskView) -> dict[str, Any]:
    """The picture as the journal keeps it: the status body, who asked, and for what."""
    return {
        "status_body": status_body(view),
        "source": {"channel": view.source.channel, "client": view.source.client},
        "request_id": view.request_id,
        "request": dict(view.request),
        "writing": view.writing.value,
    }


def restored_task(stored: Mapping[str, Any]) -> TaskView:
    """The reverse of :func:`stored_task`; ``KeyError`` or ``ValueError`` for anything else."""
    body = stored["status_body"]
    progress = body["progress"]
    return TaskView(
        task_id=body["task_id"],
        kind=body["kind"],
        status=TaskStatus(body["status"]),
        progress=Progress(progress["stage"], progress["percent"], progress["message"]),
        created_at=datetime.fromisoformat(body["created_at"]),
        deadline_at=datetime.fromisoformat(body["deadline_at"]),
        source=TaskSource(stored["source"]["channel"], stored["source"]["client"]),
        request_id=stored["request_id"],
        request=stored["request"],
        # Journals of earlier versions know tasks with a transaction only.
        writing=Writing(stored.get("writing", Writing.AT_ONCE)),
        started_at=_moment(body["started_at"]),
        finished_at=_moment(body["finished_at"]),
        execution_time_ms=body["execution_time_ms"],
        timing_ms=body["timing_ms"],
        warnings=tuple(TaskWarning(item["code"], item["message"]) for item in body["warnings"]),
        error=body["error"],
        error_code=body["error_code"],
        safe_to_retry=body["safe_to_retry"],
        resolution=body["resolution"],
        resolved_at=_moment(body["resolved_at"]),
        body={name: value for name, value in body.items() if name not in COMMON_FIELDS},
    )


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
