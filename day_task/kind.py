"""The task kind ``day``: how a request becomes a task, and how its status looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from day_sync import DaySynchronizer
from day_task.request import DayRequest
from day_task.run import DayRun
from day_task.schemas import DayRequestSchema
from day_task.status import StatusFields
from day_task.status_schemas import DayStatusSchema
from hookspecs import TaskKind
from sync_core.day_result import DayResult
from sync_core.errors import Refusal
from sync_core.task_model import (
    DayLock,
    TaskContext,
    TaskOrder,
    TaskOutcome,
    TaskSource,
    Writing,
)

KIND = "day"

EXAMPLE: Mapping[str, Any] = {
    "task_id": "sync_2025-10-06_20251004150000",
    "kind": KIND,
    "status": "completed",
    "progress": {
        "stage": "done",
        "percent": 100,
        "message": "Der Tag ist übertragen: 1 angelegt, 1 übergangen",
    },
    "created_at": "2025-10-04T15:00:00.123+02:00",
    "started_at": "2025-10-04T15:00:00.124+02:00",
    "finished_at": "2025-10-04T15:00:01.323+02:00",
    "deadline_at": "2025-10-04T15:01:00.123+02:00",
    "execution_time_ms": 1200,
    "timing_ms": {"queue": 1, "calldoc": 350, "sqlhk": 840, "other": 9},
    "date": "2025-10-06",
    "result": {
        "appointments": 2,
        "patients": {
            "total": 2,
            "success": 1,
            "failed": 1,
            "inserted": 1,
            "updated": 0,
            "unchanged": 0,
        },
        "untersuchungen": {
            "inserted": 1,
            "updated": 0,
            "unchanged": 0,
            "deleted": 0,
            "skipped": 1,
            "errors": 0,
        },
        "obsolete": 0,
    },
    "to_confirm": None,
    "patients": [
        {
            "piz": "1234567",
            "appointment_ids": [244092],
            "outcome": "inserted",
            "patient_id": 815,
            "code": None,
            "message": None,
        },
        {
            "piz": None,
            "appointment_ids": [244093],
            "outcome": "failed",
            "patient_id": None,
            "code": "no_number",
            "message": "Im Termin fehlt die Patientennummer.",
        },
    ],
    "untersuchungen": [
        {
            "appointment_id": 244093,
            "piz": None,
            "outcome": "skipped",
            "untersuchung_id": None,
            "code": "no_number",
            "message": None,
        },
        {
            "appointment_id": 244092,
            "piz": "1234567",
            "outcome": "inserted",
            "untersuchung_id": 12345,
            "code": None,
            "message": None,
        },
    ],
    "left_out": [{"appointment_id": 244094, "piz": "1300002", "reason": "cancelled"}],
    "warnings": [],
    "error": None,
    "error_code": None,
    "safe_to_retry": None,
    "resolution": None,
    "resolved_at": None,
}


def create_kind(synchronizer: DaySynchronizer | None, missing: str) -> TaskKind:
    """The kind, closed over the synchronizer; without one every start is ``not_configured``.

    ``missing`` names the settings that are missing then.
    """

    def prepare(request: Mapping[str, Any], source: TaskSource, request_id: str) -> TaskOrder:
        day_request: DayRequest = DayRequestSchema().load(request)
        if synchronizer is None:
            raise Refusal("not_configured", f"Not configured: {missing}")
        return _order(synchronizer, day_request, source, request_id)

    return TaskKind(
        name=KIND,
        label_de="Tag",
        status_schema=DayStatusSchema,
        example=EXAMPLE,
        prepare=prepare,
    )


def _order(
    synchronizer: DaySynchronizer, request: DayRequest, source: TaskSource, request_id: str
) -> TaskOrder:
    def run(context: TaskContext) -> TaskOutcome:
        return DayRun(synchronizer, request, context).run()

    return TaskOrder(
        kind=KIND,
        id_stem=request.id_stem,
        run=run,
        source=source,
        request_id=request_id,
        exclusion=request.exclusion,
        day_lock=DayLock(request.day.isoformat(), exclusive=True),
        body=StatusFields().of(DayResult(request.day, ())),
        request=request.as_json(),
        writing=Writing.STEP_BY_STEP,
        busy_detail="A sync of this day is pending or running",
    )
