"""An appointment that CallDoc lists twice counts once: a pure rule, the same for both syncs."""

from __future__ import annotations

from collections.abc import Sequence

from sync_core.appointments import Appointment, UnreadableAppointment


def distinct_appointments(
    listed: Sequence[Appointment | UnreadableAppointment],
) -> tuple[list[Appointment | UnreadableAppointment], set[int]]:
    """Each id once, and the ids that are listed with contradictory contents.

    The latter cannot be trusted: nobody knows which of the two is right. What has no id cannot be
    told apart and stays as often as it is listed.
    """
    by_id: dict[int, Appointment | UnreadableAppointment] = {}
    distinct: list[Appointment | UnreadableAppointment] = []
    contradictory: set[int] = set()
    for item in listed:
        if item.appointment_id is None:
            distinct.append(item)
        elif item.appointment_id not in by_id:
            by_id[item.appointment_id] = item
            distinct.append(item)
        elif _deciding(by_id[item.appointment_id]) != _deciding(item):
            contradictory.add(item.appointment_id)
    return distinct, contradictory


def _deciding(item: Appointment | UnreadableAppointment) -> object:
    """What decides about the examination and whose it is; an address, say, does not."""
    if isinstance(item, UnreadableAppointment):
        return item
    return (
        item.type_id,
        item.starts_at,
        item.status,
        item.employee_id,
        item.room_id,
        item.piz,
        item.person.birth_date,
    )
