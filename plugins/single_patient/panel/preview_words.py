"""What a completed order means for the person who gave it. No Qt."""

from __future__ import annotations

from plugins.single_patient.panel.result_texts import PATIENT_ACTIONS, ledger_summary
from plugins.single_patient.panel.task_facts import (
    changes_of,
    is_dry_run,
    ledger_of,
    patient_action_of,
    result_of,
)
from sync_core.task_model import TaskStatus, TaskView

NOT_WRITTEN = "Nicht übertragen"


def would_write(view: TaskView) -> bool:
    """Whether a completed dry run has a plan that writes something."""
    return (
        view.status is TaskStatus.COMPLETED
        and is_dry_run(view)
        and bool(changes_of(view))
        and bool(view.body.get("plan_token"))
    )


def written_title(view: TaskView | None) -> str:
    """The heading of an order to write: under way, done, or not done. None: nobody has taken it."""
    if view is None or not view.status.ended:
        return "Wird übertragen …"
    if view.status is TaskStatus.COMPLETED or view.resolution == "written":
        return "Übertragen"
    if view.error_code == "outcome_unknown" and view.resolution is None:
        return "Ausgang noch offen"
    return NOT_WRITTEN


def outcome_words(view: TaskView) -> str:
    """What a completed task did to patient and appointments, or would do."""
    patient = PATIENT_ACTIONS.get(patient_action_of(view) or "", "")
    appointments = ledger_summary(ledger_of(view))
    if not is_dry_run(view):
        words = result_of(view).words
        return f"{words[:1].upper()}{words[1:]}. {patient} {appointments}"
    if not changes_of(view):
        return f"Alles ist bereits eingetragen. {appointments}"
    return f"{patient} {appointments}"
