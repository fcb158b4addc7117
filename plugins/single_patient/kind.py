"""The task kind ``single_patient``: how a request becomes a task, and how its status looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookspecs import TaskKind
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.result import SyncResult
from plugins.single_patient.schemas import SinglePatientStatusSchema, SyncRequestSchema
from plugins.single_patient.single_patient_sync import SinglePatientSynchronizer
from sync_core.errors import Refusal
from sync_core.task_model import DayLock, TaskContext, TaskOrder, TaskOutcome, TaskSource

KIND = "single_patient"

EXAMPLE: Mapping[str, Any] = {
    "task_id": "patient_sync_1234567_2025-10-06_20251004150000",
    "kind": KIND,
    "status": "completed",
    "progress": {"stage": "done", "percent": 100, "message": "Untersuchung angelegt"},
    "created_at": "2025-10-04T15:00:00.123+02:00",
    "started_at": "2025-10-04T15:00:00.124+02:00",
    "finished_at": "2025-10-04T15:00:02.473+02:00",
    "deadline_at": "2025-10-04T15:01:00.123+02:00",
    "execution_time_ms": 2350,
    "timing_ms": {"queue": 1, "calldoc": 2101, "sqlhk": 240, "other": 8},
    "dry_run": False,
    "plan_token": None,
    "patient": {
        "piz": "1234567",
        "found": True,
        "name": "Mustermann",
        "vorname": "Max",
        "birth_date": "1950-01-31",
    },
    "appointments": {
        "found": 1,
        "processed": 1,
        "items": [
            {
                "appointment_id": 244092,
                "outcome": "created",
                "untersuchung_id": 12345,
                "reason": None,
            }
        ],
    },
    "sqlhk_sync": {
        "action": "created",
        "untersuchung_id": 12345,
        "patient_action": "found",
        "patient_id": 815,
        "rows_outside_scope": 0,
        "changes": [
            {
                "table": "Untersuchung",
                "key": 12345,
                "column": "HerzkatheterID",
                "before": None,
                "before_name": None,
                "after": 3,
                "after_name": "Labor 3",
            }
        ],
    },
    "warnings": [],
    "error": None,
    "error_code": None,
    "safe_to_retry": None,
    "resolution": None,
    "resolved_at": None,
}


def create_kind(synchronizer: SinglePatientSynchronizer | None, missing: str) -> TaskKind:
    """The kind, closed over the synchronizer; without one every start is ``not_configured``.

    ``missing`` names the settings that are missing then.
    """

    def prepare(request: Mapping[str, Any], source: TaskSource, request_id: str) -> TaskOrder:
        sync_request: SyncRequest = SyncRequestSchema().load(request)
        if synchronizer is None:
            raise Refusal("not_configured", f"Not configured: {missing}")
        return _order(synchronizer, sync_request, source, request_id)

    return TaskKind(
        name=KIND,
        label_de="Einzelner Patient",
        status_schema=SinglePatientStatusSchema,
        example=EXAMPLE,
        prepare=prepare,
        resolve=None if synchronizer is None else synchronizer.resolve,
    )


def _order(
    synchronizer: SinglePatientSynchronizer,
    request: SyncRequest,
    source: TaskSource,
    request_id: str,
) -> TaskOrder:
    def run(context: TaskContext) -> TaskOutcome:
        result = synchronizer.sync(
            request.piz,
            request.day,
            request.appointment_type_id,
            dry_run=request.dry_run,
            plan_token=request.plan_token,
            expected_birth_date=request.expected_birth_date,
            control=context.control,
            progress=context.progress,
            keep=lambda known: context.keep(_outcome(known)),
            # Receipts are kept for years: examiners' names do not belong in them.
            intend=lambda intent, known: context.intend(
                intent.as_json(), _outcome(known, with_names=False)
            ),
        )
        return _outcome(result)

    return TaskOrder(
        kind=KIND,
        id_stem=request.id_stem,
        run=run,
        source=source,
        request_id=request_id,
        exclusion=request.exclusion,
        day_lock=DayLock(request.day.isoformat(), exclusive=False),
        body=SyncResult(request).body(),
        request=request.as_json(),
        busy_detail="A sync of this patient for this day is running",
    )


def _outcome(result: SyncResult, *, with_names: bool = True) -> TaskOutcome:
    return TaskOutcome(
        message=result.message,
        body=result.body(with_names=with_names),
        warnings=result.warnings,
        timing_ms=result.timing_ms,
    )
