"""Which examinations are obsolete, and which of those may be deleted: pure rules.

A row is obsolete when CallDoc shows no appointment for it any more. Deleting is the only thing in
this program that cannot be taken back, so each guard stands by itself and every doubt keeps the
row: a wrong row that stays costs a glance, a right row that goes costs somebody's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from sync_core.appointments import Person
from sync_core.german import by_number, counted
from sync_core.identity import RegistryPatient, comparable_name
from sync_core.mapping import zuweiser_for
from sync_core.registry_rows import RegistryExamination
from sync_core.settings import MappingSettings
from sync_core.task_model import TaskWarning

RecordDeletion = Callable[[Mapping[str, Any]], None]
RecordKept = Callable[[Mapping[str, Any], str], None]


@dataclass(frozen=True)
class DeletionPolicy:
    """Obsolete examinations shall be deleted.

    ``record`` is given each row, whole, before it is deleted; if it raises, the row stays.
    ``record_kept`` is given a recorded row whose deletion did not succeed, with the error's code
    (``outcome_unknown``: perhaps it did). ``confirmed_count`` is the number that a person has
    agreed to, needed only where more than half of the day's rows would go; ``confirmed_keys`` are
    the rows that the person saw, where that is known.
    """

    record: RecordDeletion
    confirmed_count: int | None = None
    record_kept: RecordKept = lambda row, code: None
    confirmed_keys: AbstractSet[int] | None = None

    def agrees_to(self, keys: AbstractSet[int], *, more_than_half: bool) -> bool:
        """Whether these rows may go: never more or others than those that were agreed to."""
        seen = self.confirmed_keys
        if more_than_half:
            return self.confirmed_count == len(keys) and seen in (None, keys)
        return (self.confirmed_count is None or len(keys) <= self.confirmed_count) and (
            seen is None or keys <= seen
        )


class Kept(str, Enum):
    """Why an obsolete examination stays."""

    NOT_ASKED = "not_asked"
    NOT_TAKEN = "not_taken"
    NOT_FUTURE = "not_future"
    KIND_NOT_ASKED = "kind_not_asked"
    ANSWER_EMPTY = "answer_empty"
    PATIENT_FAILED = "patient_failed"
    WORKED_ON = "worked_on"
    NEW = "new"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True)
class Evidence:
    """What is known about the day, as far as deleting depends on it.

    ``kinds`` maps each kind of examination that was asked for to its CallDoc type;
    ``answered_types`` are the types of which CallDoc's answer held something that was taken.
    ``failing`` are people with an appointment that was not carried over, for whatever reason but
    a cancellation; ``failing_unknown``: there is such an appointment and nobody knows whose.
    ``taken`` are the people of all appointments that were taken. ``not_taken`` are CallDoc types
    and people of those that were not, because the patient did not come or the appointment is not
    completed; ``refused`` those of which nothing became for any other reason (type None: not
    readable). ``rows_before`` are the rows as they were before CallDoc was asked, None where nobody
    looked.
    """

    day: date
    today: date
    kinds: Mapping[int, int]
    answered_types: AbstractSet[int]
    failing: Sequence[Person]
    failing_unknown: bool
    taken: Sequence[Person] = ()
    not_taken: Sequence[tuple[int | None, Person]] = ()
    refused: Sequence[tuple[int | None, Person]] = ()
    rows_before: AbstractSet[RegistryExamination] | None = None


@dataclass(frozen=True)
class Obsolete:
    """The obsolete rows: those to delete, and those that stay with the reason why.

    ``to_confirm`` is the number that a person would have to agree to, or None. ``numbers`` are the
    patients' numbers by PatientID, as far as they are known.
    """

    to_delete: tuple[RegistryExamination, ...] = ()
    kept: tuple[tuple[RegistryExamination, Kept], ...] = ()
    to_confirm: int | None = None
    numbers: Mapping[int, int | None] = field(default_factory=dict, compare=False)

    @property
    def unconfirmed(self) -> int | None:
        """The number without whose confirmation rows stay that would go otherwise, or None."""
        missing = any(reason is Kept.NOT_CONFIRMED for _, reason in self.kept)
        return self.to_confirm if missing else None

    def begun(self, decided: AbstractSet[int | None]) -> Obsolete:
        """The same when the day began before more than the keys ``decided`` had their turn."""
        in_time = tuple(row for row in self.to_delete if row.row.untersuchung_id in decided)
        late = tuple(row for row in self.to_delete if row.row.untersuchung_id not in decided)
        return replace(
            self,
            to_delete=in_time,
            kept=(*self.kept, *((row, Kept.NOT_FUTURE) for row in late)),
        )


def judge_obsolete(
    rows: Sequence[RegistryExamination],
    evidence: Evidence,
    settings: MappingSettings,
    *,
    assigned: AbstractSet[int],
    patients: Mapping[int, RegistryPatient],
    policy: DeletionPolicy | None,
) -> Obsolete:
    """Judge every row of the day and of the asked kinds that no appointment was assigned to.

    ``rows`` are the day's examinations as they were before anything was written (other days and
    kinds among them are left alone), ``assigned`` the keys of those with an appointment,
    ``patients`` the rows' patients by key. Without a ``policy`` everything stays.
    """
    of_the_day = [row for row in rows if row.row.day == evidence.day]
    asked = [row for row in of_the_day if row.row.kind_id in evidence.kinds]
    obsolete = [row for row in asked if row.row.untersuchung_id not in assigned]
    to_delete: list[RegistryExamination] = []
    kept: list[tuple[RegistryExamination, Kept]] = []
    waiting = list(evidence.not_taken)
    for row in obsolete:
        patient = patients.get(row.row.patient_id)
        reason = why_kept(row, patient, evidence, settings)
        if reason is Kept.NOT_FUTURE and patient is not None:
            # It stays in any case; but people delete by hand what they are told is without one.
            reason = _appointment_of(row, patient, evidence, waiting) or reason
        if reason is None:
            to_delete.append(row)
        else:
            kept.append((row, reason))
    more_than_half = len(to_delete) * 2 > len(asked)
    to_confirm = len(to_delete) if more_than_half else None
    keys = {row.row.untersuchung_id for row in to_delete}
    if policy is None:
        stay: Kept | None = Kept.NOT_ASKED
    elif not policy.agrees_to(keys, more_than_half=more_than_half):
        stay, to_confirm = Kept.NOT_CONFIRMED, len(to_delete)
    else:
        stay = None
    if stay is not None:
        kept += [(row, stay) for row in to_delete]
        to_delete = []
    numbers = {patient_id: patient.number for patient_id, patient in patients.items()}
    return Obsolete(tuple(to_delete), tuple(kept), to_confirm, numbers)


def why_kept(
    row: RegistryExamination,
    patient: RegistryPatient | None,
    evidence: Evidence,
    settings: MappingSettings,
) -> Kept | None:
    """The first guard that keeps this row, or None. ``patient`` None: nobody knows whose it is."""
    if row.row.day != evidence.day or evidence.day <= evidence.today:
        return Kept.NOT_FUTURE
    type_id = _type_of(row, evidence)
    if type_id is None:
        return Kept.KIND_NOT_ASKED
    if type_id not in evidence.answered_types:
        return Kept.ANSWER_EMPTY
    if evidence.failing_unknown or patient is None:
        return Kept.PATIENT_FAILED
    if any(_may_be(person, patient) for person in evidence.failing):
        return Kept.PATIENT_FAILED
    if any(_is_numbered_elsewhere(person, patient) for person in evidence.taken):
        return Kept.PATIENT_FAILED
    if evidence.rows_before is not None and row not in evidence.rows_before:
        return Kept.NEW
    if not is_untouched(row, type_id, settings):
        return Kept.WORKED_ON
    return None


def is_untouched(row: RegistryExamination, type_id: int, settings: MappingSettings) -> bool:
    """Whether the columns that people fill in still hold what a new row begins with."""
    return (
        row.zuweiser_id == zuweiser_for(type_id, settings)
        and row.roentgen == settings.roentgen
        and row.herzteam == settings.herzteam
        and row.materialpreis is not None
        and row.materialpreis == Decimal(str(settings.materialpreis))
        and row.drgid == settings.drgid
    )


def _type_of(row: RegistryExamination, evidence: Evidence) -> int | None:
    return None if row.row.kind_id is None else evidence.kinds.get(row.row.kind_id)


def _appointment_of(
    row: RegistryExamination,
    patient: RegistryPatient,
    evidence: Evidence,
    waiting: list[tuple[int | None, Person]],
) -> Kept | None:
    """What is known of an appointment for a row that stays in any case.

    One of ``waiting`` explains one row only, and is taken out: a second one is one too many.
    """
    type_id = _type_of(row, evidence)
    for number, (asked, person) in enumerate(waiting):
        if asked == type_id and _is(person, patient):
            del waiting[number]
            return Kept.NOT_TAKEN
    if any(
        asked in (None, type_id) and _may_be(person, patient) for asked, person in evidence.refused
    ):
        return Kept.PATIENT_FAILED
    return None


def _is(person: Person, patient: RegistryPatient) -> bool:
    """Whether that is certain enough to say so: by number, and without one by all the rest."""
    if person.piz is not None and patient.has_number:
        return person.piz == patient.number
    return _has_names_and_birth_date(person, patient)


def _may_be(person: Person, patient: RegistryPatient) -> bool:
    """Whether the row could be this person's. Either half of the evidence is enough to keep it."""
    if person.piz is not None and person.piz == patient.number:
        return True
    if person.birth_date is not None and person.birth_date == patient.birth_date:
        return True
    surname, given = comparable_name(person.surname), comparable_name(person.given_name)
    given_there = comparable_name(patient.given_name)
    return (
        bool(surname)
        and surname == comparable_name(patient.surname)
        and (not given or not given_there or given == given_there)
    )


def _is_numbered_elsewhere(person: Person, patient: RegistryPatient) -> bool:
    """Whether a patient without a number is somebody with an appointment: SQLHK has both rows."""
    return not patient.has_number and _has_names_and_birth_date(person, patient)


def _has_names_and_birth_date(person: Person, patient: RegistryPatient) -> bool:
    return (
        person.birth_date is not None
        and person.birth_date == patient.birth_date
        and bool(comparable_name(person.surname))
        and comparable_name(person.surname) == comparable_name(patient.surname)
        and comparable_name(person.given_name) == comparable_name(patient.given_name)
    )


_KEPT_WORDS = {
    Kept.NOT_ASKED: "das Löschen war nicht verlangt",
    Kept.NOT_TAKEN: "der Termin ist nicht abgeschlossen, oder der Patient ist nicht erschienen",
    Kept.NOT_FUTURE: "der Tag liegt nicht in der Zukunft",
    Kept.KIND_NOT_ASKED: "die Untersuchungsart war nicht verlangt",
    Kept.ANSWER_EMPTY: "CallDoc nennt von dieser Art keinen gültigen Termin",
    Kept.PATIENT_FAILED: "ein Termin des Patienten ließ sich nicht übertragen oder zuordnen",
    Kept.WORKED_ON: "von Hand bearbeitet",
    Kept.NEW: "neuer als die Antwort von CallDoc",
}


_WITH_APPOINTMENT = (Kept.NOT_TAKEN, Kept.PATIENT_FAILED)
"""There is one, or may be one; only nothing became of it."""


def obsolete_warnings(obsolete: Obsolete) -> tuple[TaskWarning, ...]:
    """What people should know about the rows that stay: one warning for each reason."""
    warnings: list[TaskWarning] = []
    for reason in Kept:
        keys = [row.row.untersuchung_id for row, why in obsolete.kept if why is reason]
        if not keys:
            continue
        if reason is Kept.NOT_CONFIRMED:
            count = obsolete.to_confirm or 0
            text = (
                f"{counted(count, 'Untersuchung wäre', 'Untersuchungen wären')} zu löschen: mehr "
                "als die Hälfte des Tages, oder mehr oder andere als bestätigt. Ohne Bestätigung "
                "dieser Zahl wurde keine gelöscht."
            )
        else:
            shown = ", ".join(map(str, keys[:5])) + (", …" if len(keys) > 5 else "")
            lack = "ohne übernommenen Termin" if reason in _WITH_APPOINTMENT else "ohne Termin"
            text = (
                f"{counted(len(keys), 'Untersuchung', 'Untersuchungen')} {lack} "
                f"{by_number(len(keys), 'bleibt', 'bleiben')}: {_KEPT_WORDS[reason]} "
                f"(UntersuchungID {shown})."
            )
        warnings.append(TaskWarning(f"obsolete_{reason.value}", text))
    return tuple(warnings)
