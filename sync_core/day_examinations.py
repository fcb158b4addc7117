"""What becomes of one patient's appointments of one type: pure rules.

A patient's appointments of one type become examinations of one kind, and stand or fall together,
as in a single sync: an existing examination could be that of an appointment which cannot be
mapped, so none of the others may be matched with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sync_core.appointments import Appointment
from sync_core.day_result import ExaminationLine, outcome_of
from sync_core.errors import MappingMissingError, SqlhkError, TaskError
from sync_core.mapping import ExaminationValues, MappingTables, map_appointment, map_kind
from sync_core.matching import (
    ExaminationRow,
    ExaminationsNotAssignedError,
    Matching,
    Wanted,
    match_examinations,
)
from sync_core.settings import MappingSettings
from sync_core.task_model import TaskWarning

NOT_WRITTEN = "not_written"
"""Why an appointment was skipped whose sibling was refused; not a task's error code."""
SAME_EXAMINATION = "same_examination"
"""Why an appointment was skipped that is another one's examination; not an error code."""


@dataclass(frozen=True)
class Group:
    """One patient's appointments of one type, by time of day."""

    piz: int
    type_id: int
    appointments: tuple[Appointment, ...]


@dataclass(frozen=True)
class MatchedGroup:
    """What the group's appointments are in SQLHK, or will be, and what was noticed on the way."""

    matching: Matching
    warnings: tuple[TaskWarning, ...]


class GroupRefusedError(Exception):
    """A rule refuses the group: ``error`` says why, ``guilty`` are the appointments it is about."""

    def __init__(self, error: TaskError, guilty: frozenset[int]) -> None:
        super().__init__(error.code)
        self.error = error
        self.guilty = guilty


def groups_of(appointments: Sequence[Appointment]) -> tuple[Group, ...]:
    """The groups in the order of their first appointment; those without a number are in none."""
    found: dict[tuple[int, int], list[Appointment]] = {}
    for item in appointments:
        if item.piz is not None:
            found.setdefault((item.piz, item.type_id), []).append(item)
    return tuple(Group(piz, type_id, tuple(items)) for (piz, type_id), items in found.items())


def match_group(
    group: Group, tables: MappingTables, settings: MappingSettings, rows: Sequence[ExaminationRow]
) -> MatchedGroup:
    """Map the group's appointments and match them with the patient's ``rows``.

    Raises ``GroupRefusedError``.
    """
    wanted: list[Wanted] = []
    warnings: list[TaskWarning] = []
    errors: dict[int, MappingMissingError] = {}
    for item in group.appointments:
        try:
            values, told = map_appointment(item, tables, settings)
        except MappingMissingError as error:
            errors[item.appointment_id] = error
            continue
        wanted.append(Wanted(item.appointment_id, values))
        warnings += told
    if errors:
        raise GroupRefusedError(next(iter(errors.values())), frozenset(errors))
    try:
        return MatchedGroup(match_examinations(wanted, rows), tuple(warnings))
    except ExaminationsNotAssignedError as error:
        raise GroupRefusedError(error, error.guilty) from error


def refused_lines(group: Group, refusal: GroupRefusedError) -> list[ExaminationLine]:
    """The lines of a refused group: the guilty carry the code, the others come along."""
    return [
        failed_line(item, refusal.error)
        if item.appointment_id in refusal.guilty
        else ExaminationLine(item.appointment_id, item.piz, "skipped", code=NOT_WRITTEN)
        for item in group.appointments
    ]


def failed_line(item: Appointment, error: TaskError) -> ExaminationLine:
    """The line of an appointment that was not carried over."""
    return ExaminationLine(
        item.appointment_id,
        item.piz,
        outcome_of(error.code),
        code=error.code,
        message=error.message,
    )


def same_lines(
    same_as: Mapping[int, int], lines: Sequence[ExaminationLine]
) -> list[ExaminationLine]:
    """The lines of appointments that share another one's examination.

    ``lines`` are those of the others; what failed for them failed for these, too.
    """
    by_id = {line.appointment_id: line for line in lines}
    same = []
    for item, other in same_as.items():
        line = replace(by_id[other], appointment_id=item)
        if line.outcome not in ("skipped", "error"):
            line = replace(line, outcome="skipped", code=SAME_EXAMINATION)
        same.append(line)
    return same


def with_keys(
    lines: Sequence[ExaminationLine],
    created: Mapping[int, tuple[int, ExaminationValues]],
    rows: Sequence[ExaminationRow],
) -> list[ExaminationLine]:
    """The lines with the keys of new rows, learnt from reading the day again.

    ``created`` has patient and values of each new row by appointment. One that is not among
    ``rows`` is an error after all.
    """
    keys: dict[object, int] = {}
    for row in rows:
        key = (row.patient_id, row.kind_id, row.lab_id, row.doctor_id)
        keys[key] = min(row.untersuchung_id, keys.get(key, row.untersuchung_id))
    found = []
    for line in lines:
        new = created.get(line.appointment_id) if line.appointment_id is not None else None
        if new is None or line.untersuchung_id is not None:
            found.append(line)
            continue
        patient_id, values = new
        mine = keys.get((patient_id, values.kind_id, values.lab_id, values.doctor_id))
        if mine is None:
            error = SqlhkError("Die neue Untersuchung ist in SQLHK nicht zu finden.")
            line = replace(line, outcome="error", code=error.code, message=error.message)  # noqa: PLW2901
        found.append(replace(line, untersuchung_id=mine))
    return found


def kinds_of_types(types: Collection[int], tables: MappingTables) -> Mapping[int, int]:
    """The kinds of examination that these types become, each with its type."""
    kinds: dict[int, int] = {}
    for type_id in types:
        try:
            kinds[map_kind(type_id, tables.kinds)[0]] = type_id
        except MappingMissingError:
            continue  # its appointments are refused, and no row can be theirs
    return kinds
