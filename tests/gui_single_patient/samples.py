"""Invented tasks in every state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sync_core.task_model import Progress, TaskSource, TaskStatus, TaskView, TaskWarning

NOW = datetime(2025, 10, 6, 15, 0, 0).astimezone()
TOKEN = "plan-0123456789abcdef"

NEW_EXAMINATION = [
    {"table": "Untersuchung", "key": None, "column": column, "before": None, "after": after}
    for column, after in (
        ("Datum", "06.10.2025"),
        ("PatientID", 815),
        ("HerzkatheterID", 3),
        ("UntersucherAbrechnungID", 2),
        ("ZuweiserID", 2),
        ("UntersuchungartID", 1),
        ("Roentgen", 1),
        ("Herzteam", 1),
        ("Materialpreis", 0.0),
        ("DRGID", 1),
    )
]
MOVED_EXAMINATION = [
    {
        "table": "Untersuchung",
        "key": 12345,
        "column": "HerzkatheterID",
        "before": 1,
        "after": 3,
    },
]
NEW_PATIENT = [
    {"table": "Patient", "key": None, "column": column, "before": None, "after": after}
    for column, after in (
        ("Nachname", "Mustermann"),
        ("Vorname", "Max"),
        ("Geburtsdatum", "31.01.1950"),
        ("Geschlecht", 1),
        ("M1Ziffer", 1234567),
    )
]


def body(
    action: str | None = "created",
    *,
    piz: str = "1234567",
    name: str | None = "Mustermann",
    vorname: str | None = "Max",
    dry_run: bool = False,
    changes: list[dict[str, Any]] | None = None,
    items: list[dict[str, Any]] | None = None,
    patient_action: str | None = "found",
    **more: Any,
) -> dict[str, Any]:
    written = {"created": NEW_EXAMINATION, "would_create": NEW_EXAMINATION}
    return {
        "dry_run": dry_run,
        "plan_token": TOKEN if dry_run and action else None,
        "patient": {"piz": piz, "found": name is not None, "name": name, "vorname": vorname},
        "appointments": {
            "found": 1,
            "processed": 1,
            "items": items
            if items is not None
            else [
                {
                    "appointment_id": 244092,
                    "outcome": action or "skipped",
                    "untersuchung_id": 12345,
                    "reason": None,
                },
                {
                    "appointment_id": 244101,
                    "outcome": "skipped",
                    "untersuchung_id": None,
                    "reason": "cancelled",
                },
            ],
        },
        "sqlhk_sync": {
            "action": action,
            "untersuchung_id": 12345,
            "patient_action": patient_action,
            "patient_id": 815,
            "rows_outside_scope": 0,
            "changes": changes if changes is not None else written.get(action or "", []),
        },
        **more,
    }


def request(piz: str = "1234567", **more: Any) -> dict[str, Any]:
    return {
        "piz": piz,
        "date": "2025-10-06",
        "appointment_type_id": 24,
        "dry_run": False,
        **more,
    }


def pending(number: int = 1, *, created: datetime = NOW, **more: Any) -> TaskView:
    asked = more.pop("request", request(str(1000000 + number)))
    view = TaskView(
        task_id=f"patient_sync_{asked['piz']}_2025-10-06_{number:06}",
        kind="single_patient",
        status=TaskStatus.PENDING,
        progress=Progress("queued", 0, "In der Warteschlange"),
        created_at=created,
        deadline_at=created + timedelta(seconds=60),
        source=TaskSource("api", "127.0.0.1"),
        request_id=f"req-{number}",
        request=asked,
    )
    return replace(view, **more)


def running(view: TaskView, stage: str = "calldoc", percent: int = 30) -> TaskView:
    return replace(
        view,
        status=TaskStatus.RUNNING,
        progress=Progress(stage, percent, "läuft"),
        started_at=view.created_at,
    )


def completed(view: TaskView, action: str = "created", **more: Any) -> TaskView:
    ended = replace(
        view,
        status=TaskStatus.COMPLETED,
        progress=Progress("done", 100, "Fertig"),
        finished_at=view.created_at + timedelta(milliseconds=2350),
        execution_time_ms=2350,
        timing_ms={"queue": 1, "calldoc": 2101, "sqlhk": 240, "other": 8},
        body=body(action, piz=str(view.request["piz"])),
    )
    return replace(ended, **more)


def failed(view: TaskView, code: str = "calldoc_unavailable", **more: Any) -> TaskView:
    ended = replace(
        view,
        status=TaskStatus.FAILED,
        progress=Progress("calldoc", 30, "läuft"),
        finished_at=view.created_at + timedelta(milliseconds=900),
        execution_time_ms=900,
        error="CallDoc ist nicht erreichbar.",
        error_code=code,
        safe_to_retry=True,
        body=body(None, piz=str(view.request["piz"]), name=None, vorname=None, items=[]),
    )
    return replace(ended, **more)


def mismatched(view: TaskView) -> TaskView:
    return failed(
        view,
        "patient_mismatch",
        error="Die Geburtsdaten stimmen nicht überein; es wurde nichts geschrieben.",
        safe_to_retry=False,
        body=body(
            None,
            piz=str(view.request["piz"]),
            items=[
                {
                    "appointment_id": 244092,
                    "outcome": "skipped",
                    "untersuchung_id": None,
                    "reason": "patient_mismatch",
                }
            ],
            mismatch={
                "birth_date": {
                    "appointment": "1950-01-31",
                    "calldoc": "1950-01-31",
                    "sqlhk": "1951-01-31",
                    "expected": None,
                }
            },
        ),
    )


def warned(view: TaskView) -> TaskView:
    note = TaskWarning("default_used", "Für den Raum wurde der Vorgabewert eingesetzt.")
    return completed(view, "unchanged", warnings=(note,))
