"""Which of CallDoc's appointments a day sync takes: pure rules.

CallDoc's own filters are not reliable, so its answer is filtered again: by type, by local day, by
status. What is left out keeps its reason, because the rules for deleting need it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sync_core.appointments import (
    CANCELLED,
    KNOWN_STATUSES,
    NO_SHOW,
    TOOK_PLACE,
    Appointment,
    Person,
    UnreadableAppointment,
)
from sync_core.distinct_appointments import distinct_appointments
from sync_core.task_model import TaskWarning


class StatusFilter(Enum):
    """Whether a past day takes only what took place."""

    SMART = "smart"
    PLAIN = "plain"


@dataclass(frozen=True)
class DayScope:
    """What a day sync is about: the day, the CallDoc types, and which day it is now."""

    day: date
    types: frozenset[int]
    today: date


@dataclass(frozen=True)
class LeftOut:
    """An appointment that is not taken.

    ``reason`` is ``cancelled``, ``no_show``, ``did_not_take_place`` or ``unreadable``.
    ``type_id`` and ``person`` are None where they cannot be trusted or read.
    """

    appointment_id: int | None
    piz: int | None
    type_id: int | None
    person: Person | None
    reason: str


@dataclass(frozen=True)
class DaySelection:
    """A day's appointments: what is taken, by time of day, and what is left out."""

    taken: tuple[Appointment, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[TaskWarning, ...]


def select_day(
    scope: DayScope,
    read: Sequence[Appointment | UnreadableAppointment],
    status_filter: StatusFilter = StatusFilter.SMART,
) -> DaySelection:
    """Sort CallDoc's answer, whatever it holds; other days and other types are not spoken of.

    Cancelled appointments and no-shows are never taken. On a past day, with the smart filter,
    only what took place is taken of a type of which at least one appointment did; where none
    did, the day's statuses were not kept up. An appointment listed twice counts once; listed twice
    with different contents it counts as unreadable.
    """
    of_the_day = [item for item in read if item.day in (scope.day, None)]
    # Before the types: an appointment that is listed with two of them is of neither for certain.
    all_types, contradictory = distinct_appointments(of_the_day)
    asked_ids = {item.appointment_id for item in of_the_day if _is_asked(item, scope)}
    distinct = [item for item in all_types if item.appointment_id in asked_ids]
    is_past = scope.day < scope.today
    closed = _closed_types(distinct) if is_past and status_filter is StatusFilter.SMART else ()
    taken: list[Appointment] = []
    left_out: list[LeftOut] = []
    warnings: list[TaskWarning] = []
    for item in distinct:
        if item.appointment_id in contradictory:
            # Either listing may be the wrong one, so neither number nor type is to be trusted.
            left_out.append(LeftOut(item.appointment_id, None, None, None, "unreadable"))
            continue
        if isinstance(item, UnreadableAppointment):
            left_out.append(LeftOut(item.appointment_id, item.piz, None, None, "unreadable"))
            continue
        reason = _reason(item, closed)
        if reason is not None:
            left_out.append(
                LeftOut(item.appointment_id, item.piz, item.type_id, item.person, reason)
            )
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
    if any(item.reason == "unreadable" for item in left_out):
        warnings.append(
            TaskWarning("unreadable_appointment", "Mindestens ein Termin war nicht lesbar.")
        )
    taken.sort(key=lambda item: (item.starts_at, item.appointment_id))
    return DaySelection(tuple(taken), tuple(left_out), tuple(warnings))


def _is_asked(item: Appointment | UnreadableAppointment, scope: DayScope) -> bool:
    return isinstance(item, UnreadableAppointment) or item.type_id in scope.types


def _closed_types(items: Sequence[Appointment | UnreadableAppointment]) -> frozenset[int]:
    return frozenset(
        item.type_id
        for item in items
        if isinstance(item, Appointment) and item.status in TOOK_PLACE
    )


def _reason(item: Appointment, closed: Collection[int]) -> str | None:
    if item.status in CANCELLED:
        return "cancelled"
    if item.status in NO_SHOW:
        return "no_show"
    if item.type_id in closed and item.status not in TOOK_PLACE:
        return "did_not_take_place"
    return None
