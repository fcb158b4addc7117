"""What a picture of a day's sync tells, read out in one place. No Qt.

A picture may come from an earlier version's journal, so every field may be missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync_core.german import by_number, counted
from sync_core.task_model import NOTHING as NO_FIELDS
from sync_core.task_model import TaskStatus, TaskView
from sync_gui.day_panel.day_words import (
    LEFT_OUT,
    LEFT_OUT_REASONS,
    is_kept,
    is_remarkable,
    short_error,
)
from sync_gui.day_panel.form_rules import type_words

KIND = "day"
_RANK = {TaskStatus.PENDING: 0, TaskStatus.RUNNING: 1}
_ENDED_RANK = 2
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class CountRow:
    """One line of the table of counts; None where such a thing does not exist.

    ``is_left_over``: it counts examinations that have no appointment, or appointments that were
    not taken.
    """

    words: str
    picture: str
    patients: int | None
    examinations: int | None
    is_left_over: bool = False


@dataclass(frozen=True)
class Result:
    """A task's state as an icon's name and in few words; ``title`` are a few more."""

    picture: str
    words: str
    more: str = ""

    @property
    def title(self) -> str:
        """The words for a heading."""
        return self.more or self.words


@dataclass(frozen=True)
class Deletion:
    """A deletion that somebody must agree to first.

    ``count`` rows out of ``known`` of the day that are of the asked kinds; ``rows`` are
    (UntersuchungID, PIZ) of those, as far as the status lists them.
    """

    day: date
    count: int
    known: int
    rows: tuple[tuple[int, str], ...]


def iso_day(view: TaskView) -> str:
    """The asked day, ``YYYY-MM-DD``."""
    return str(view.request.get("date") or view.body.get("date") or "")


def short_source_of(view: TaskView) -> str:
    """The same without address or name."""
    return source_of(view).partition(" ")[0]


def types_of(view: TaskView) -> str:
    """The asked appointment types in words."""
    return type_words(view.request.get("appointment_type_id"))


def source_of(view: TaskView) -> str:
    """Who asked: the window, a plugin, or the API with the client's address."""
    if view.source.channel == "window":
        return "Fenster"
    if view.source.channel == "plugin":
        return f"Erweiterung {view.source.client}"
    return f"API {view.source.client}" if view.source.client else "API"


def patient_lines(view: TaskView) -> Sequence[Mapping[str, Any]]:
    """The lines of the patients."""
    return _lines(view, "patients")


def examination_lines(view: TaskView) -> Sequence[Mapping[str, Any]]:
    """The lines of appointments and of examinations without one."""
    return _lines(view, "untersuchungen")


def left_out_lines(view: TaskView) -> Sequence[Mapping[str, Any]]:
    """The lines of CallDoc's appointments that were not taken, in the form of the others."""
    return [
        {**line, "outcome": LEFT_OUT, "code": line.get("reason")}
        for line in _lines(view, "left_out")
    ]


def count_rows(view: TaskView) -> tuple[CountRow, ...]:
    """The counts in the order in which they are shown; the last line is their sum."""
    patients, examinations = _counts(view, "patients"), _counts(view, "untersuchungen")
    kept, left_out = sum(map(is_kept, examination_lines(view))), left_out_lines(view)
    rows = (
        CountRow("angelegt", "created", patients("inserted"), examinations("inserted")),
        CountRow("geändert", "updated", patients("updated"), examinations("updated")),
        CountRow("unverändert", "unchanged", patients("unchanged"), examinations("unchanged")),
        CountRow("gelöscht", "cancel", None, examinations("deleted"), is_left_over=True),
        CountRow("übersprungen", "warning", None, examinations("skipped")),
        CountRow("nicht übernommen", "idle", None, len(left_out), is_left_over=True),
        CountRow("bleibt stehen", "unknown", None, kept, is_left_over=True),
        CountRow("fehlgeschlagen", "error", patients("failed"), examinations("errors")),
    )
    whole = (
        sum(row.patients or 0 for row in rows),
        sum(row.examinations or 0 for row in rows),
    )
    return (*rows, CountRow("gesamt", "", *whole))


def appointments_of(view: TaskView) -> int:
    """How many appointments of CallDoc were taken."""
    return _number(_table(view.body, "result").get("appointments"))


def obsolete_of(view: TaskView) -> int:
    """How many examinations were found without an appointment."""
    return _number(_table(view.body, "result").get("obsolete"))


def summary_words(view: TaskView) -> str:
    """What became of the day's patients and examinations, in sentences; every number counts."""
    rows = count_rows(view)[:-1]
    deleted = _counts(view, "untersuchungen")("deleted")
    kept = sum(map(is_kept, examination_lines(view)))
    left_out = Counter(LEFT_OUT_REASONS.get(str(line["code"])) for line in left_out_lines(view))
    groups = (
        ("Nicht übernommen", [(number, words) for words, number in left_out.items()]),
        ("Untersuchungen", [(row.examinations, row.words) for row in rows if not row.is_left_over]),
        (
            "Ohne übernommenen Termin",
            [(deleted, "gelöscht"), (kept, by_number(kept, "bleibt", "bleiben"))],
        ),
        ("Patienten", [(row.patients, row.words) for row in rows]),
    )
    total = appointments_of(view) + left_out.total()
    sentences = [f"{counted(total, 'Termin', 'Termine')} in CallDoc"]
    for noun, numbers in groups:
        parts = [f"{number}{_NO_BREAK}{words}" for number, words in numbers if number]
        if parts:
            sentences.append(f"{noun}: {', '.join(parts)}")
    if not written_words(view):
        sentences.append("Es war nichts zu schreiben")
    return "".join(f"{sentence}. " for sentence in sentences).strip()


def written_words(view: TaskView) -> str:
    """What was written, in words; empty when nothing was."""
    patients, examinations = _counts(view, "patients"), _counts(view, "untersuchungen")
    parts = [
        *_named("Patient", "Patienten", patients("inserted"), "angelegt"),
        *_named("Patient", "Patienten", patients("updated"), "mit PIZ ergänzt"),
        *_named("Untersuchung", "Untersuchungen", examinations("inserted"), "angelegt"),
        *_named("Untersuchung", "Untersuchungen", examinations("updated"), "geändert"),
        *_named("Untersuchung", "Untersuchungen", examinations("deleted"), "gelöscht"),
    ]
    return ", ".join(parts)


def troubles_of(view: TaskView) -> int:
    """How many lines people should look at."""
    lines = (*patient_lines(view), *examination_lines(view), *left_out_lines(view))
    return sum(is_remarkable(line.get("outcome"), line.get("code")) for line in lines)


def deletion_to_confirm(view: TaskView) -> Deletion | None:
    """The deletion that is still to be agreed to, of an ended day that was asked to delete."""
    count = view.body.get("to_confirm")
    if not (view.status is TaskStatus.COMPLETED and isinstance(count, int) and count > 0):
        return None
    if not view.request.get("delete_obsolete"):
        return None
    try:
        day = date.fromisoformat(iso_day(view))
    except ValueError:
        return None
    lines = examination_lines(view)
    assigned = {
        line.get("untersuchung_id")
        for line in lines
        if line.get("outcome") in ("updated", "unchanged", "error") and line.get("appointment_id")
    }
    rows = [
        (int(line["untersuchung_id"]), str(line.get("piz") or ""))
        for line in lines
        if line.get("code") == "obsolete_not_confirmed" and line.get("untersuchung_id")
    ]
    known = max(obsolete_of(view) + len(assigned - {None}), count)
    return Deletion(day, count, known, tuple(rows))


def answer_to(view: TaskView, others: Iterable[TaskView]) -> TaskView | None:
    """The latest of the other syncs that takes up the deletion which ``view`` asks about.

    It is one of the same day and types, begun later, that was asked to delete, too: one that
    somebody agreed in, unless it ended without success, or one that has asked anew.
    """
    if deletion_to_confirm(view) is None:
        return None
    answers = [other for other in others if _takes_up(other, view)]
    return max(answers, key=lambda other: other.created_at, default=None)


def is_agreed(answer: TaskView) -> bool:
    """Whether somebody agreed to a deletion when this sync was begun."""
    return answer.request.get("confirm_delete") is not None


def _takes_up(other: TaskView, view: TaskView) -> bool:
    same = ("date", "appointment_type_id")
    if (
        other.task_id == view.task_id
        or other.created_at < view.created_at
        or any(other.request.get(name) != view.request.get(name) for name in same)
        or not other.request.get("delete_obsolete")
    ):
        return False
    if other.status is TaskStatus.COMPLETED:
        return True
    return is_agreed(other) and not other.status.ended


def result_of(view: TaskView, answer: TaskView | None = None) -> Result:
    """What came out, or that nothing has yet, in few words.

    ``answer`` is the later sync that took up this one's deletion, if there is one.
    """
    if view.status is TaskStatus.PENDING:
        return Result("clock", "wartet")
    if view.status is TaskStatus.RUNNING:
        return Result("running", f"läuft, {view.progress.percent} %")
    if view.status is TaskStatus.CANCELLED:
        return Result("stopped", "angehalten")
    if view.status is TaskStatus.FAILED:
        return Result("error", short_error(view.error_code or ""))
    if answer is not None and is_agreed(answer):
        return Result("ok", "Löschen bestätigt", "übertragen, Löschen bestätigt (neuer Abgleich)")
    if answer is not None:
        return Result("idle", "neu abgeglichen", "übertragen, danach neu abgeglichen")
    if deletion_to_confirm(view) is not None:
        return Result("warning", "Löschen offen", "übertragen, Löschen noch nicht bestätigt")
    troubles = troubles_of(view)
    if troubles:
        return Result("warning", f"{troubles} auffällig", f"übertragen, {troubles} auffällig")
    if appointments_of(view) == 0:
        none = "keiner übernommen" if left_out_lines(view) else "keine Termine"
        return Result("idle", none)
    return Result("ok", "übertragen" if written_words(view) else "nichts zu ändern")


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


def _rank(view: TaskView) -> int:
    return _RANK.get(view.status, _ENDED_RANK)


def _named(one: str, many: str, number: int, what: str) -> list[str]:
    return [f"{counted(number, one, many)} {what}"] if number else []


class _Counter:
    """The counts of one table of the result."""

    def __init__(self, counts: Mapping[str, Any]) -> None:
        self._counts = counts

    def __call__(self, name: str) -> int:
        return _number(self._counts.get(name))


def _counts(view: TaskView, name: str) -> _Counter:
    return _Counter(_table(_table(view.body, "result"), name))


def _lines(view: TaskView, name: str) -> Sequence[Mapping[str, Any]]:
    value = view.body.get(name)
    return value if isinstance(value, list | tuple) else ()


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _table(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, Mapping) else NO_FIELDS
