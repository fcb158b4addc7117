"""Invented days in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sync_core.dates import BERLIN
from sync_core.task_model import Progress, TaskSource, TaskStatus, TaskView

NOW = datetime(2025, 10, 6, 15, 0, 0, tzinfo=BERLIN)
TODAY = "2025-10-06"
TOMORROW = "2025-10-07"


def patient(piz: str | None, outcome: str, *appointments: int, **more: Any) -> dict[str, Any]:
    line = {
        "piz": piz,
        "appointment_ids": list(appointments),
        "outcome": outcome,
        "patient_id": 815 if outcome != "failed" else None,
        "code": None,
        "message": None,
    }
    return {**line, **more}


def examination(
    appointment: int | None, piz: str | None, outcome: str, key: int | None = None, **more: Any
) -> dict[str, Any]:
    line = {
        "appointment_id": appointment,
        "piz": piz,
        "outcome": outcome,
        "untersuchung_id": key,
        "code": None,
        "message": None,
    }
    return {**line, **more}


PATIENTS = [
    patient("1234567", "unchanged", 244092),
    patient("2345678", "inserted", 244093),
    patient("3456789", "updated", 244094, 244095),
    patient("4567890", "unchanged", 244096),
    patient("5678901", "failed", 244097, code="patient_mismatch", message=None),
    patient(
        None, "failed", 244098, code="no_number", message="Im Termin fehlt die Patientennummer."
    ),
]
EXAMINATIONS = [
    examination(244092, "1234567", "unchanged", 9001),
    examination(244093, "2345678", "inserted", 9101),
    examination(244094, "3456789", "inserted", 9102),
    examination(244095, "3456789", "skipped", code="same_examination"),
    examination(244096, "4567890", "updated", 9002),
    examination(244097, "5678901", "skipped", code="patient_mismatch"),
    examination(244098, None, "skipped", code="no_number"),
    examination(244099, "6789012", "error", 9003, code="sqlhk_unavailable"),
]


def counts(patients: list[dict[str, Any]], examinations: list[dict[str, Any]]) -> dict[str, Any]:
    def of(lines: list[dict[str, Any]], outcome: str) -> int:
        return sum(line["outcome"] == outcome for line in lines)

    failed = of(patients, "failed")
    kept = sum(str(line["code"]).startswith("obsolete_") for line in examinations)
    return {
        "appointments": sum(line["appointment_id"] is not None for line in examinations),
        "patients": {
            "total": len(patients),
            "success": len(patients) - failed,
            "failed": failed,
            **{name: of(patients, name) for name in ("inserted", "updated", "unchanged")},
        },
        "untersuchungen": {
            **{
                name: of(examinations, name)
                for name in ("inserted", "updated", "unchanged", "deleted")
            },
            "skipped": of(examinations, "skipped") - kept,
            "errors": of(examinations, "error"),
        },
        "obsolete": kept + of(examinations, "deleted"),
    }


def body(
    day: str = TODAY,
    patients: list[dict[str, Any]] | None = None,
    examinations: list[dict[str, Any]] | None = None,
    *,
    to_confirm: int | None = None,
) -> dict[str, Any]:
    people = PATIENTS if patients is None else patients
    lines = EXAMINATIONS if examinations is None else examinations
    return {
        "date": day,
        "result": counts(people, lines),
        "to_confirm": to_confirm,
        "patients": people,
        "untersuchungen": lines,
    }


def unconfirmed(day: str = TOMORROW) -> dict[str, Any]:
    """Three of five rows would go, and nobody has agreed to it yet."""
    kept = [
        examination(None, f"777000{n}", "skipped", 9200 + n, code="obsolete_not_confirmed")
        for n in range(3)
    ]
    lines = [
        examination(1, "1234567", "unchanged", 9001),
        examination(2, "4567890", "updated", 9002),
        *kept,
    ]
    return body(day, PATIENTS[:1], lines, to_confirm=3)


def request(day: str = TODAY, **more: Any) -> dict[str, Any]:
    return {
        "date": day,
        "appointment_type_id": [24, 25],
        "delete_obsolete": False,
        "confirm_delete": None,
        "smart_status_filter": True,
        **more,
    }


def pending(number: int = 1, *, created: datetime = NOW, **more: Any) -> TaskView:
    asked = more.pop("request", request())
    view = TaskView(
        task_id=f"sync_{asked['date']}_{number:014}",
        kind="day",
        status=TaskStatus.PENDING,
        progress=Progress("queued", 0, "In der Warteschlange"),
        created_at=created,
        deadline_at=created + timedelta(seconds=600),
        source=TaskSource("api", "127.0.0.1"),
        request_id=f"req-{number}",
        request=asked,
    )
    return replace(view, **more)


def running(view: TaskView, percent: int = 40, message: str = "Patient 3 von 6") -> TaskView:
    return replace(
        view,
        status=TaskStatus.RUNNING,
        progress=Progress("write", percent, message),
        started_at=view.created_at,
    )


def completed(view: TaskView, known: dict[str, Any] | None = None, **more: Any) -> TaskView:
    ended = replace(
        view,
        status=TaskStatus.COMPLETED,
        progress=Progress("done", 100, "Der Tag ist übertragen"),
        finished_at=view.created_at + timedelta(milliseconds=4200),
        execution_time_ms=4200,
        body=body(str(view.request["date"])) if known is None else known,
    )
    return replace(ended, **more)


def failed(view: TaskView, code: str = "calldoc_unavailable", **more: Any) -> TaskView:
    ended = replace(
        completed(view, body(str(view.request["date"]), [], [])),
        status=TaskStatus.FAILED,
        progress=Progress("calldoc", 5, "CallDoc ist nicht erreichbar."),
        error="CallDoc ist nicht erreichbar. Es wurde nichts geschrieben.",
        error_code=code,
        safe_to_retry=True,
    )
    return replace(ended, **more)


def cancelled(view: TaskView, known: dict[str, Any] | None = None) -> TaskView:
    message = "Abgebrochen. Was bis dahin geschrieben wurde, bleibt."
    return replace(
        completed(view, known), status=TaskStatus.CANCELLED, progress=Progress("write", 60, message)
    )
