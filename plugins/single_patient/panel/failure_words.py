"""What a failed sync says and advises, where its picture knows more than its error code. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugins.single_patient.panel.result_texts import advice_for
from plugins.single_patient.panel.task_facts import is_dry_run, mismatch_of
from sync_core.task_model import TaskStatus, TaskView

_CHECK_INPUT = "Die Eingabe prüfen, Geburtsdatum und PIZ. Danach eine neue Vorschau machen."
_ONLY_ENDED_BADLY = "Nur für Abgleiche, die fehlgeschlagen sind oder abgebrochen wurden"
_LOOKS_FIRST = "Zeigt links zuerst eine neue Vorschau; geschrieben wird noch nichts"
_MEND_FIRST = "Hilft erst, wenn berichtigt ist, was unter „Was tun“ steht. " + _LOOKS_FIRST
_NEW_PREVIEW_HELPS = "plan_changed"


def error_of(view: TaskView) -> str:
    """What went wrong, for people; empty when nothing did."""
    systems = _systems_against_input(mismatch_of(view) or {})
    if not systems:
        return view.error or ""
    whose = "Ihr eingegebenes" if view.source.channel == "window" else "Das angegebene"
    return f"{whose} Geburtsdatum passt nicht zu {systems}; es wurde nichts geschrieben."


def advice_of(view: TaskView) -> str:
    """What to do about a failed task; empty when it did not fail."""
    if view.error_code is None:
        return ""
    if _systems_against_input(mismatch_of(view) or {}):
        return _CHECK_INPUT
    return advice_for(view.error_code)


def can_be_retried(view: TaskView | None) -> bool:
    """Whether there is something to do again: the task failed or was cancelled."""
    return view is not None and (view.error_code is not None or view.status is TaskStatus.CANCELLED)


def must_be_mended_first(view: TaskView | None) -> bool:
    """Whether the same would fail the same way until somebody has corrected something."""
    return (
        view is not None
        and view.error_code not in (None, _NEW_PREVIEW_HELPS)
        and view.safe_to_retry is False
    )


def retry_hint(view: TaskView | None) -> str:
    """What *Erneut versuchen* does for this task, or why it does nothing."""
    if view is None or not can_be_retried(view):
        return _ONLY_ENDED_BADLY
    if must_be_mended_first(view):
        return _MEND_FIRST
    if is_dry_run(view) or view.safe_to_retry is False:
        return _LOOKS_FIRST
    return "Überträgt diesen Patienten sofort noch einmal"


def _systems_against_input(mismatch: Mapping[str, Any]) -> str:
    """The systems that agree on another birth date than the one given with the order.

    Empty when none was given, when it is not the odd one out, or when the systems differ
    themselves. SQLHK is not asked any more once CallDoc says otherwise.
    """
    dates = mismatch.get("birth_date") or {}
    given = dates.get("expected")
    told = {dates[place] for place in ("appointment", "calldoc", "sqlhk") if dates.get(place)}
    if given is None or len(told) != 1 or given in told:
        return ""
    in_calldoc = bool(dates.get("appointment") or dates.get("calldoc"))
    return " und ".join(
        name for name, has in (("CallDoc", in_calldoc), ("SQLHK", dates.get("sqlhk"))) if has
    )
