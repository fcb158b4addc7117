"""What a day looks like in CallDoc, as hashes that tell no more than that something changed.

The unit is what a single sync is about: one patient and one appointment type on one day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookspecs import Appointment, ListedAppointments

NOT_TO_SYNC = frozenset({"canceled", "cancelled", "no_show"})


@dataclass(frozen=True)
class Unit:
    """One patient's appointments of one type.

    ``key`` stands for patient and type without telling them, ``seen`` for everything compared.
    """

    key: str
    seen: str
    piz: int = field(repr=False)
    type_id: int


@dataclass(frozen=True)
class Picture:
    """Today's units by key, and what is left out.

    ``cancelled`` counts units without any appointment that would be synced: a single sync has
    nothing to do there, and deleting is a person's decision. ``without_number`` and ``unreadable``
    count appointments.
    """

    units: Mapping[str, Unit]
    cancelled: int
    without_number: int
    unreadable: int


def take_picture(listed: ListedAppointments, types: Collection[int], salt: bytes) -> Picture:
    """The picture of what CallDoc lists for one day; ``salt`` (16 bytes) makes its hashes own."""
    wanted = [item for item in listed.readable if item.type_id in types]
    of_unit: dict[tuple[int, int], list[Appointment]] = {}
    for item in wanted:
        if item.piz is not None:
            of_unit.setdefault((item.piz, item.type_id), []).append(item)
    units = {
        unit.key: unit
        for (piz, type_id), items in of_unit.items()
        if any(item.status not in NOT_TO_SYNC for item in items)
        for unit in [_unit(piz, type_id, items, salt)]
    }
    return Picture(
        units,
        cancelled=len(of_unit) - len(units),
        without_number=sum(item.piz is None for item in wanted),
        unreadable=listed.unreadable,
    )


def changed_units(picture: Picture, known: Mapping[str, str]) -> list[Unit]:
    """The units that are new or look different from what is known, in CallDoc's order."""
    return [unit for unit in picture.units.values() if known.get(unit.key) != unit.seen]


def _unit(piz: int, type_id: int, items: list[Appointment], salt: bytes) -> Unit:
    lines = sorted(
        "/".join(
            str(part)
            for part in (
                item.appointment_id,
                item.status,
                item.person.calldoc_id,
                item.room_id,
                item.employee_id,
                item.starts_at.isoformat(),
            )
        )
        for item in items
    )
    return Unit(
        key=_hash(f"{piz}/{type_id}", salt),
        seen=_hash("\n".join(lines), salt),
        piz=piz,
        type_id=type_id,
    )


def _hash(text: str, salt: bytes) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16, key=salt).hexdigest()
