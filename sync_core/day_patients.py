"""Whom a day's appointments are about, and which SQLHK patient that is: pure rules.

The decision itself is :mod:`sync_core.identity`'s, the same as in a single sync. What is added
here: a day's appointments say everything that is known (nobody is looked up in CallDoc one by
one), so an appointment without number, name or birth date is not carried over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sync_core.appointments import Appointment, Person
from sync_core.errors import PatientIncompleteError
from sync_core.identity import (
    NewPatient,
    PatientDecision,
    RegistryPatient,
    check_birth_date,
    check_calldoc_birth_dates,
    decide_patient,
    merge_person,
)

NO_NUMBER = "no_number"
"""Why an appointment without a patient number is not carried over; not a task's error code."""


@dataclass(frozen=True)
class DayPatient:
    """One patient of the day with all appointments that name the number, by time of day."""

    piz: int
    appointments: tuple[Appointment, ...]

    @property
    def person(self) -> Person:
        """What the appointments tell, the first one's word first."""
        return merge_person(self.piz, None, [item.person for item in self.appointments])

    @property
    def birth_date(self) -> date | None:
        """The birth date, if any of the appointments tells one."""
        return self.person.birth_date


def patients_of_day(
    appointments: Sequence[Appointment],
) -> tuple[tuple[DayPatient, ...], tuple[Appointment, ...]]:
    """The patients in the order of their first appointment, and appointments without a number."""
    by_number: dict[int, list[Appointment]] = {}
    nobody: list[Appointment] = []
    for item in appointments:
        if item.piz is None:
            nobody.append(item)
        else:
            by_number.setdefault(item.piz, []).append(item)
    patients = tuple(DayPatient(piz, tuple(items)) for piz, items in by_number.items())
    return patients, tuple(nobody)


@dataclass
class KnownPatients:
    """SQLHK's patients as they were read, kept up with what this run wrote."""

    rows: list[RegistryPatient] = field(default_factory=list)

    def with_number(self, piz: int) -> list[RegistryPatient]:
        """The rows that carry the number."""
        return [row for row in self.rows if row.number == piz]

    def linked(self, patient_id: int, piz: int) -> None:
        """A row got its number."""
        self.rows = [
            replace(row, number=piz) if row.patient_id == patient_id else row for row in self.rows
        ]

    def created(self, row: NewPatient) -> None:
        """A row was created; its key is not known yet."""
        self.rows.append(
            RegistryPatient(0, row.M1Ziffer, row.Nachname, row.Vorname, row.Geburtsdatum)
        )


def decide_day_patient(patient: DayPatient, known: KnownPatients) -> PatientDecision:
    """Which row the patient is, under the rules of a single sync; warnings included.

    ``known`` must hold every row with the number and, where there is none, every row with the
    birth date. Raises ``PatientMismatchError`` and ``AmbiguousPatientError``.
    """
    told = check_calldoc_birth_dates(None, [item.person for item in patient.appointments], None)
    person = patient.person
    with_number = known.with_number(patient.piz)
    decision = decide_patient(patient.piz, person, with_number, [] if with_number else known.rows)
    told += check_birth_date(person.birth_date, decision.row, None)
    return replace(decision, warnings=(*told, *decision.warnings))


def check_complete(patient: DayPatient) -> None:
    """Refuse a patient whose appointments lack a name or the birth date.

    Raises ``PatientIncompleteError``.
    """
    person = patient.person
    missing = [
        word
        for word, value in (
            ("Nachname", person.surname),
            ("Vorname", person.given_name),
            ("Geburtsdatum", person.birth_date),
        )
        if not value
    ]
    if missing:
        raise PatientIncompleteError("Im Termin fehlt: " + ", ".join(missing) + ".")
