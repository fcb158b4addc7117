"""What a completed order means for the person who gave it. No Qt."""

from __future__ import annotations

from plugins.single_patient.panel.result_texts import PATIENT_ACTIONS, ledger_summary
from plugins.single_patient.panel.task_facts import (
    Mark,
    Result,
    changes_of,
    is_dry_run,
    ledger_of,
    patient_action_of,
    result_of,
)
from sync_core.task_model import TaskStatus, TaskView

PREVIEW = "Vorschau"
WRITTEN = "Übertragen"
NOT_WRITTEN = "Nicht übertragen"


def would_write(view: TaskView) -> bool:
    """Whether a completed dry run has a plan that writes something."""
    return (
        view.status is TaskStatus.COMPLETED
        and is_dry_run(view)
        and bool(changes_of(view))
        and bool(view.body.get("plan_token"))
    )


def looked_heading(view: TaskView | None) -> Result:
    """The heading of a preview. None: nobody has taken the order."""
    if view is None or not view.status.ended:
        return Result(Mark.RUNNING, PREVIEW)
    result = result_of(view)
    if view.status is TaskStatus.COMPLETED and not changes_of(view):
        return result
    return Result(result.mark, PREVIEW)


def written_heading(view: TaskView | None) -> Result:
    """The heading of an order to write: under way, what was done, or not done. None: as above."""
    if view is None or not view.status.ended:
        return Result(Mark.RUNNING, "Wird übertragen …")
    result = result_of(view)
    if view.status is TaskStatus.COMPLETED:
        return Result(result.mark, result.words[:1].upper() + result.words[1:])
    if view.resolution == "written":
        return Result(result.mark, WRITTEN)
    if view.error_code == "outcome_unknown" and view.resolution is None:
        return Result(result.mark, "Ausgang noch offen")
    return Result(result.mark, NOT_WRITTEN)


def outcome_words(view: TaskView) -> str:
    """What a completed task did to patient and appointments, or would do."""
    appointments = ledger_summary(ledger_of(view))
    if is_dry_run(view) and not changes_of(view):
        return f"Alles ist bereits eingetragen. {appointments}"
    patient = PATIENT_ACTIONS.get(patient_action_of(view) or "", "")
    return f"{patient} {appointments}".strip()
