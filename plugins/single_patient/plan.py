"""The plan: what a sync will write, as a value made by pure functions from what was read.

Carrying it out is another module's job, so a dry run takes exactly the same way up to here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from plugins.single_patient.ledger import LedgerLine, Selection
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.result import Change
from sync_core.appointments import Appointment, Person
from sync_core.dates import german_day
from sync_core.errors import MappingMissingError
from sync_core.german import by_number, counted
from sync_core.identity import NewPatient, PatientAction, PatientDecision, new_patient
from sync_core.mapping import ExaminationValues, MappingTables, map_appointment
from sync_core.matching import ExaminationRow, Pair, Wanted, match_examinations
from sync_core.settings import MappingSettings
from sync_core.task_model import TaskWarning


@dataclass(frozen=True)
class Mapped:
    """The taken appointments as the examinations that they become."""

    wanted: tuple[Wanted, ...]
    warnings: tuple[TaskWarning, ...]


class AppointmentsNotMappedError(MappingMissingError):
    """Some appointments have no counterpart; ``guilty`` are their ids."""

    def __init__(self, message: str, guilty: frozenset[int]) -> None:
        super().__init__(message)
        self.guilty = guilty


@dataclass(frozen=True)
class Plan:
    """What is to be written for one patient and one day.

    ``new_patient`` is set exactly when the patient has to be created. ``same_as`` maps an
    appointment to the one whose examination it shares.
    """

    request: SyncRequest
    patient: PatientDecision
    new_patient: NewPatient | None
    pairs: tuple[Pair, ...]
    new: tuple[Wanted, ...]
    same_as: Mapping[int, int]
    warnings: tuple[TaskWarning, ...]
    token: str

    @property
    def patient_id(self) -> int | None:
        """The patient's key; None when the row has yet to be created."""
        return None if self.patient.row is None else self.patient.row.patient_id

    @property
    def writes(self) -> bool:
        """Whether carrying it out changes anything."""
        return (
            self.patient.action is not PatientAction.FOUND
            or bool(self.new)
            or any(pair.differs for pair in self.pairs)
        )

    def changes(self) -> tuple[Change, ...]:
        """Every column that will be written; keys of rows to be created are None."""
        found = [*patient_changes(self, self.patient_id)]
        for pair in self.pairs:
            found += update_changes(pair)
        for wanted in self.new:
            found += insert_changes(wanted.values, None, self.patient_id)
        return tuple(found)

    def lines(self, outcomes: Mapping[int, tuple[str, int | None]]) -> tuple[LedgerLine, ...]:
        """The ledger of the taken appointments.

        ``outcomes`` has outcome and key by appointment id for each that has a row of its own.
        """
        lines = [LedgerLine(item, outcome, None, key) for item, (outcome, key) in outcomes.items()]
        lines += [
            LedgerLine(item, "skipped", "same_examination", outcomes[other][1])
            for item, other in self.same_as.items()
        ]
        return tuple(lines)


def map_taken(
    taken: Sequence[Appointment], tables: MappingTables, settings: MappingSettings
) -> Mapped:
    """Map every taken appointment. Raises ``AppointmentsNotMappedError`` if one has no counterpart.

    All or nothing: the error's message is the first one's, ``guilty`` names all of them.
    """
    wanted: list[Wanted] = []
    warnings: list[TaskWarning] = []
    errors: dict[int, str] = {}
    for item in taken:
        try:
            values, told = map_appointment(item, tables, settings)
        except MappingMissingError as error:
            errors[item.appointment_id] = error.message
            continue
        wanted.append(Wanted(item.appointment_id, values))
        warnings += [warning for warning in told if warning not in warnings]
    if errors:
        raise AppointmentsNotMappedError(next(iter(errors.values())), frozenset(errors))
    return Mapped(tuple(wanted), tuple(warnings))


def make_plan(
    request: SyncRequest,
    *,
    person: Person,
    decision: PatientDecision,
    mapped: Mapped,
    rows: Sequence[ExaminationRow],
    mapping: MappingSettings,
    selection: Selection,
) -> Plan:
    """The plan for a patient that was decided on and appointments that were mapped.

    ``rows`` are all of the patient's examinations. Raises ``PatientIncompleteError`` or
    ``AmbiguousExaminationError``.
    """
    created = new_patient(request.piz, person) if decision.action is PatientAction.CREATE else None
    matching = match_examinations(mapped.wanted, rows)
    warnings = [*decision.warnings, *mapped.warnings]
    unreadable = [row.untersuchung_id for row in rows if row.day is None]
    if unreadable:
        warnings.append(
            TaskWarning(
                "date_unreadable",
                f"{counted(len(unreadable), 'Untersuchung', 'Untersuchungen')} des Patienten "
                f"{by_number(len(unreadable), 'hat', 'haben')} kein lesbares Datum "
                f"(UntersuchungID {_listed(unreadable)}).",
            )
        )
    if matching.left_over:
        left = [row.untersuchung_id for row in matching.left_over]
        warnings.append(
            TaskWarning(
                "examination_without_appointment",
                f"{counted(len(left), 'Untersuchung', 'Untersuchungen')} ohne passenden Termin "
                f"{by_number(len(left), 'bleibt, wie sie ist', 'bleiben, wie sie sind')} "
                f"(UntersuchungID {_listed(left)}).",
            )
        )
    plan = Plan(
        request=request,
        patient=decision,
        new_patient=created,
        pairs=matching.pairs,
        new=matching.new,
        same_as=matching.same_as,
        warnings=tuple(warnings),
        token="",
    )
    read = {
        "patient": None if decision.row is None else asdict(decision.row),
        "doubts": [warning.code for warning in decision.warnings],
        "examinations": [  # a database hands rows out in any order
            asdict(row)
            for row in sorted(rows, key=lambda row: row.untersuchung_id)
            if row.day in (request.day, None)
        ],
        # Contact data decide nothing; a new patient's stand among the changes.
        "calldoc": [person.surname, person.given_name, person.birth_date],
        "appointments": [_deciding(item) for item in selection.taken],
        "mapped": [asdict(wanted) for wanted in mapped.wanted],
    }
    return _with_token(plan, read, mapping)


def patient_changes(plan: Plan, key: int | None) -> tuple[Change, ...]:
    """The columns of the patient's row that are written; ``key`` None: not created yet."""
    if plan.new_patient is not None:
        columns = asdict(plan.new_patient)
        return tuple(Change("Patient", key, name, None, value) for name, value in columns.items())
    if plan.patient.action is PatientAction.LINK and plan.patient.row is not None:
        before = plan.patient.row.number
        return (Change("Patient", key, "M1Ziffer", before, plan.request.piz),)
    return ()


def update_changes(pair: Pair) -> list[Change]:
    """The columns of an existing examination that are changed."""
    values, row = pair.wanted.values, pair.row
    columns = (
        ("HerzkatheterID", row.lab_id, values.lab_id),
        ("UntersucherAbrechnungID", row.doctor_id, values.doctor_id),
    )
    return [
        Change("Untersuchung", row.untersuchung_id, name, before, after)
        for name, before, after in columns
        if before != after
    ]


def insert_changes(
    values: ExaminationValues, key: int | None, patient_id: int | None
) -> list[Change]:
    """The columns of a new examination."""
    return [
        Change("Untersuchung", key, name, None, value)
        for name, value in values.columns(patient_id).items()
    ]


def _with_token(plan: Plan, read: Mapping[str, Any], mapping: MappingSettings) -> Plan:
    deciding = {
        "request": plan.request.deciding(),
        "read": read,
        "mapping": {**vars(mapping), "rules": {k: vars(v) for k, v in mapping.rules.items()}},
        "patient_action": plan.patient.action.value,
        "same_as": sorted(plan.same_as.items()),
        "changes": [asdict(change) for change in plan.changes()],
    }
    text = json.dumps(deciding, sort_keys=True, default=str, ensure_ascii=True)
    token = hashlib.sha256(text.encode("ascii")).hexdigest()
    return Plan(**{**vars(plan), "token": token})


def _deciding(item: Appointment) -> dict[str, Any]:
    return {
        "id": item.appointment_id,
        "type": item.type_id,
        "starts_at": item.starts_at.isoformat(),
        "status": item.status,
        "employee": item.employee_id,
        "room": item.room_id,
        "birth_date": german_day(item.person.birth_date) if item.person.birth_date else None,
    }


def _listed(keys: Sequence[int]) -> str:
    shown = ", ".join(str(key) for key in keys[:5])
    return f"{shown}, …" if len(keys) > 5 else shown
