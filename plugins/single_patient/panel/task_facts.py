"""What a picture of a single-patient sync tells, read out in one place. No Qt.

A picture may come from an earlier version's journal, so every field of the kind may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from plugins.single_patient.panel.form_rules import SHORT_TYPES, type_label
from plugins.single_patient.panel.result_texts import (
    MASK,
    NOTHING,
    OUTCOMES,
    STAGES,
    day_words,
    reason_words,
)
from sync_core.german import counted
from sync_core.task_model import NOTHING as NO_FIELDS
from sync_core.task_model import TaskStatus, TaskView

KIND = "single_patient"
_RANK = {TaskStatus.PENDING: 0, TaskStatus.RUNNING: 1}
_ENDED_RANK = 2


class Mark(Enum):
    """The shape that stands beside a result; each state has its own, whatever its colour."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SAME = "same"
    LOOKED = "looked"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STOPPED = "stopped"


class StateFilter(Enum):
    """The choices of the table's state filter, with their German words."""

    ALL = "Alle"
    ACTIVE = "Laufende"
    COMPLETED = "Erledigte"
    FAILED = "Fehlgeschlagene"
    CANCELLED = "Abgebrochene"


@dataclass(frozen=True)
class Result:
    """A task's state in words and as a shape."""

    mark: Mark
    words: str


def piz_of(view: TaskView) -> str:
    """The patient number, empty when the picture has none."""
    return str(view.request.get("piz") or _table(view, "patient").get("piz") or "")


def day_of(view: TaskView) -> str:
    """The asked day in German form."""
    return day_words(view.request.get("date"))


def type_of(view: TaskView) -> str:
    """The asked appointment type, number and name."""
    number = view.request.get("appointment_type_id")
    return type_label(number) if isinstance(number, int) else NOTHING


def short_type_of(view: TaskView) -> str:
    """The asked appointment type in one word."""
    number = view.request.get("appointment_type_id")
    return SHORT_TYPES.get(number, type_of(view)) if isinstance(number, int) else NOTHING


def source_of(view: TaskView) -> str:
    """Who asked: the window, a plugin, or the API with the client's address."""
    if view.source.channel == "window":
        return "Fenster"
    if view.source.channel == "plugin":
        return f"Erweiterung {view.source.client}"
    return f"API {view.source.client}" if view.source.client else "API"


def patient_of(view: TaskView, *, names_hidden: bool) -> str:
    """Family name and given name, masked when they must not be shown; empty when unknown."""
    patient = _table(view, "patient")
    parts = [str(patient[field]) for field in ("name", "vorname") if patient.get(field)]
    if parts and names_hidden:
        return MASK
    return ", ".join(parts)


def birth_date_of(view: TaskView) -> str | None:
    """The patient's birth date (``YYYY-MM-DD``) as far as the picture tells it.

    A completed task's ``expected_birth_date`` counts: it was compared with both systems.
    """
    told = _table(view, "patient").get("birth_date") or _table(view, "preview").get("birth_date")
    expected = view.request.get("expected_birth_date")
    agreed = expected if view.status is TaskStatus.COMPLETED else None
    return told or agreed


def is_dry_run(view: TaskView) -> bool:
    """Whether the task only looks."""
    return bool(view.body.get("dry_run") or view.request.get("dry_run"))


def changes_of(view: TaskView) -> Sequence[Mapping[str, Any]]:
    """The columns written or to be written."""
    return _table(view, "sqlhk_sync").get("changes") or ()


def ledger_of(view: TaskView) -> Sequence[Mapping[str, Any]]:
    """The lines of the appointments' ledger."""
    return _table(view, "appointments").get("items") or ()


def patient_action_of(view: TaskView) -> str | None:
    """What became of the patient's row."""
    return _table(view, "sqlhk_sync").get("patient_action")


def mismatch_of(view: TaskView) -> Mapping[str, Any] | None:
    """The birth dates that differ, of a ``patient_mismatch``."""
    return _table(view, "mismatch") or None


def stage_words(view: TaskView) -> str:
    """The stage in words; of a task that did not get to the end, how far it came."""
    stage = STAGES.get(view.progress.stage, view.progress.stage)
    if not view.status.ended:
        return stage
    return STAGES["done"] if view.status is TaskStatus.COMPLETED else f"bis: {stage}"


def progress_words(view: TaskView) -> str:
    """The stage in words, with percent while the task lives."""
    words = stage_words(view)
    return words if view.status.ended else f"{words} · {view.progress.percent} %"


def result_of(view: TaskView) -> Result:
    """What came out, or that nothing has yet."""
    if view.status is TaskStatus.PENDING:
        return Result(Mark.WAITING, "wartet")
    if view.status is TaskStatus.RUNNING:
        return Result(Mark.RUNNING, "läuft")
    if view.status is TaskStatus.CANCELLED:
        return Result(Mark.STOPPED, "abgebrochen")
    if view.status is TaskStatus.FAILED:
        return _failure(view)
    action = _table(view, "sqlhk_sync").get("action")
    words = OUTCOMES.get(action or "", "erledigt")
    if view.warnings:
        words += f", {counted(len(view.warnings), 'Hinweis', 'Hinweise')}"
    if is_dry_run(view):
        return Result(Mark.LOOKED, f"Vorschau: {words}")
    return Result(Mark.SAME if action == "unchanged" else Mark.DONE, words)


def brief_result_of(view: TaskView) -> str:
    """The words for a cell with the mark beside them, which says already that something failed."""
    if view.status is TaskStatus.FAILED and view.resolution is None:
        return reason_words(view.error_code or "")
    return result_of(view).words


def search_words(view: TaskView) -> str:
    """What the table's text filter looks at besides the patient's name, in small letters."""
    parts = (
        piz_of(view),
        day_of(view),
        type_of(view),
        result_of(view).words,
        source_of(view),
        view.error_code or "",
        view.task_id,
    )
    return " ".join(parts).casefold()


def supersedes(new: TaskView, old: TaskView) -> bool:
    """Whether ``new`` shows the task at a later point than ``old``, or at the same one.

    Pictures reach the window on two ways (events, and answers of calls), so an old one may come
    late. An end is never taken back, and neither is a resolution.
    """
    new_rank, old_rank = _rank(new), _rank(old)
    if new_rank != old_rank:
        return new_rank > old_rank
    if old_rank == _ENDED_RANK:
        return old.resolution is None or new.resolution is not None
    return new.progress.percent >= old.progress.percent


def in_state(view: TaskView, wanted: StateFilter) -> bool:
    """Whether the state filter lets the task through."""
    if wanted is StateFilter.ALL:
        return True
    if wanted is StateFilter.ACTIVE:
        return not view.status.ended
    return view.status is _STATUS_OF[wanted]


_STATUS_OF = {
    StateFilter.COMPLETED: TaskStatus.COMPLETED,
    StateFilter.FAILED: TaskStatus.FAILED,
    StateFilter.CANCELLED: TaskStatus.CANCELLED,
}


def _failure(view: TaskView) -> Result:
    code = view.error_code or ""
    if view.resolution == "written":
        return Result(Mark.DONE, "Ausgang geklärt: geschrieben")
    if view.resolution == "not_written":
        return Result(Mark.FAILED, "Ausgang geklärt: nicht geschrieben")
    mark = Mark.UNKNOWN if code == "outcome_unknown" else Mark.FAILED
    return Result(mark, f"Fehler: {reason_words(code)}")


def _rank(view: TaskView) -> int:
    return _RANK.get(view.status, _ENDED_RANK)


def _table(view: TaskView, name: str) -> Mapping[str, Any]:
    value = view.body.get(name)
    return value if isinstance(value, Mapping) else NO_FIELDS
