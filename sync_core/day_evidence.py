"""What a day's appointments and their fate prove about rows that might be deleted: a pure rule."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sync_core.appointments import Appointment, Person
from sync_core.day_examinations import SAME_EXAMINATION, kinds_of_types
from sync_core.day_result import ExaminationLine
from sync_core.day_selection import DayScope, LeftOut
from sync_core.mapping import MappingTables
from sync_core.obsolete import Evidence
from sync_core.registry_rows import RegistryExamination

CANCELLED = "cancelled"
"""The one reason for leaving an appointment out that makes its examination obsolete."""
_NOT_TAKEN = frozenset({"did_not_take_place", "no_show"})
_Appointment = tuple[int | None, Person | None]
"""CallDoc's type and whose it is, as far as either is known."""


def evidence_of(
    scope: DayScope,
    tables: MappingTables,
    taken: Sequence[Appointment],
    lines: Sequence[ExaminationLine],
    left_out: Sequence[LeftOut],
    *,
    rows_before: AbstractSet[RegistryExamination] | None = None,
) -> Evidence:
    """The evidence of a day whose ``taken`` appointments ended as ``lines`` say.

    Whoever has an appointment that is neither carried over nor cancelled is failing.
    """
    carried_over = {
        line.appointment_id
        for line in lines
        if line.outcome in ("inserted", "updated", "unchanged") or line.code == SAME_EXAMINATION
    }
    refused: list[_Appointment] = [
        (item.type_id, item.person) for item in taken if item.appointment_id not in carried_over
    ]
    not_taken: list[_Appointment] = []
    for item in left_out:
        if item.reason != CANCELLED:
            group = not_taken if item.reason in _NOT_TAKEN else refused
            group.append((item.type_id, item.person or _with_number(item.piz)))
    known = _told_apart(refused + not_taken)
    return Evidence(
        day=scope.day,
        today=scope.today,
        kinds=kinds_of_types(scope.types, tables),
        answered_types=frozenset(item.type_id for item in taken),
        failing=[person for _, person in known],
        failing_unknown=len(known) < len(refused + not_taken),
        taken=[item.person for item in taken],
        not_taken=_told_apart(not_taken),
        refused=_told_apart(refused),
        rows_before=rows_before,
    )


def _with_number(piz: int | None) -> Person | None:
    return None if piz is None else Person(piz, None, None, None)


def _told_apart(appointments: Sequence[_Appointment]) -> list[tuple[int | None, Person]]:
    return [
        (type_id, person)
        for type_id, person in appointments
        if person is not None and _can_be_told(person)
    ]


def _can_be_told(person: Person) -> bool:
    """Whether the person's row would be recognised among others."""
    return person.piz is not None or person.birth_date is not None or person.surname is not None
