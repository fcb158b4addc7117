"""The ledger: one line for each of the patient's appointments that CallDoc showed.

Pure functions: which of the appointments in CallDoc's answers are this patient's of this day,
which of them are taken, and why the others are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sync_core.appointments import (
    CANCELLED,
    KNOWN_STATUSES,
    NO_SHOW,
    Appointment,
    UnreadableAppointment,
)
from sync_core.distinct_appointments import distinct_appointments
from sync_core.task_model import TaskWarning

SKIP_REASONS = (
    "cancelled",
    "no_show",
    "other_type",
    "same_examination",
    "unreadable",
    "not_written",
)
"""Why an appointment is skipped, besides the error codes of a failed task."""


@dataclass(frozen=True)
class LedgerLine:
    """What became of one appointment: ``outcome`` as in the status call, or ``skipped``."""

    appointment_id: int | None
    outcome: str
    reason: str | None = None
    untersuchung_id: int | None = None


@dataclass(frozen=True)
class Selection:
    """The patient's appointments of the day.

    ``taken`` are those to be synced, by time of day; ``skipped`` the lines of the others;
    ``others`` the readable ones among them; ``found`` how many of the asked type are neither
    cancelled nor a no-show.
    """

    taken: tuple[Appointment, ...]
    skipped: tuple[LedgerLine, ...]
    others: tuple[Appointment, ...]
    warnings: tuple[TaskWarning, ...]

    @property
    def found(self) -> int:
        """How many appointments of the asked type are neither cancelled nor a no-show."""
        return len(self.taken)

    def failed_lines(
        self, code: str, guilty: frozenset[int] | None = None
    ) -> tuple[LedgerLine, ...]:
        """The ledger while nothing is written: the ``guilty`` carry the code, the rest comes along.

        None means that the code (or ``not_written``) holds for all taken appointments alike.
        """
        taken = tuple(
            LedgerLine(
                item.appointment_id,
                "skipped",
                code if guilty is None or item.appointment_id in guilty else "not_written",
            )
            for item in self.taken
        )
        return taken + self.skipped


def select_appointments(
    piz: int,
    day: date,
    type_id: int,
    read: Sequence[Appointment | UnreadableAppointment],
) -> Selection:
    """Sort CallDoc's answers (whatever they hold) into what is taken and what is not."""
    mine = [item for item in read if item.piz == piz and item.day in (day, None)]
    distinct, contradictory = distinct_appointments(mine)
    taken: list[Appointment] = []
    others: list[Appointment] = []
    skipped: list[LedgerLine] = []
    warnings: list[TaskWarning] = []
    for item in distinct:
        if isinstance(item, UnreadableAppointment) or item.appointment_id in contradictory:
            skipped.append(LedgerLine(item.appointment_id, "skipped", "unreadable"))
            continue
        reason = _skip_reason(item, type_id)
        if reason is not None:
            skipped.append(LedgerLine(item.appointment_id, "skipped", reason))
            others.append(item)
            continue
        taken.append(item)
        if item.status not in KNOWN_STATUSES:
            warnings.append(
                TaskWarning(
                    "unknown_status",
                    f"Termin {item.appointment_id} hat einen unbekannten Status und wurde "
                    "übernommen.",
                )
            )
    if any(line.reason == "unreadable" for line in skipped):
        warnings.append(
            TaskWarning("unreadable_appointment", "Mindestens ein Termin war nicht lesbar.")
        )
    taken.sort(key=lambda item: (item.starts_at, item.appointment_id))
    others.sort(key=lambda item: (item.starts_at, item.appointment_id))
    return Selection(tuple(taken), tuple(skipped), tuple(others), tuple(warnings))


def what_there_is_instead(selection: Selection, type_id: int) -> str:
    """A German sentence for a patient without a fitting appointment that day."""
    if not selection.others:
        return f"An diesem Tag gibt es keinen Termin vom Typ {type_id}."
    words = [_in_words(item) for item in selection.others]
    return f"An diesem Tag gibt es keinen gültigen Termin vom Typ {type_id}, sondern: " + (
        "; ".join(words) + "."
    )


def _in_words(item: Appointment) -> str:
    words = f"Termin vom Typ {item.type_id} um {item.starts_at.hour}:{item.starts_at.minute:02d}"
    if item.status in CANCELLED:
        return f"{words} (abgesagt)"
    if item.status in NO_SHOW:
        return f"{words} (nicht erschienen)"
    return words


def _skip_reason(item: Appointment, type_id: int) -> str | None:
    if item.type_id != type_id:
        return "other_type"
    if item.status in CANCELLED:
        return "cancelled"
    if item.status in NO_SHOW:
        return "no_show"
    return None
