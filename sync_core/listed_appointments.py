"""A list of CallDoc's, read as a whole: a pure rule for whoever only wants to look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sync_core.appointments import Appointment, read_appointment
from sync_core.distinct_appointments import distinct_appointments


@dataclass(frozen=True)
class ListedAppointments:
    """``readable`` appointments, each id once, and the number of those that cannot be trusted.

    ``unreadable`` counts what lacks something needed to place it, and ids that are listed with
    contradictory contents.
    """

    readable: tuple[Appointment, ...]
    unreadable: int


def read_list(entries: Iterable[object], first_day: str, last_day: str) -> ListedAppointments:
    """CallDoc's entries, whatever they are, on local days (``YYYY-MM-DD``, both included).

    Other days come back from CallDoc, too, and are not spoken of; what has no readable day might
    be one of these and is counted.
    """
    first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    read = [read_appointment(entry) for entry in entries]
    here = [item for item in read if item.day is None or first <= item.day <= last]
    distinct, contradictory = distinct_appointments(here)
    readable = tuple(
        item
        for item in distinct
        if isinstance(item, Appointment) and item.appointment_id not in contradictory
    )
    return ListedAppointments(readable, len(distinct) - len(readable))
