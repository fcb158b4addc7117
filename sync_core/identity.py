"""Which SQLHK patient is meant: pure rules, the same for both kinds of sync.

The number decides. Where SQLHK has no row with it, a row *without* a number and with the same
names and birth date is the same person and is linked. The birth date is the second identifier:
wherever it is known it must agree, because a mistyped number would otherwise put an examination
into somebody else's record.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sync_core.appointments import Person
from sync_core.dates import german_day, read_day
from sync_core.errors import (
    AmbiguousPatientError,
    PatientIncompleteError,
    PatientMismatchError,
)
from sync_core.task_model import TaskWarning

LONGEST_TEXT = 255  # every text column of SQLHK's Patient is nvarchar(255)


@dataclass(frozen=True)
class RegistryPatient:
    """One row of SQLHK's table Patient; ``birth_text`` as it stands there."""

    patient_id: int
    number: int | None
    surname: str | None
    given_name: str | None
    birth_text: str | None

    @property
    def birth_date(self) -> date | None:
        """The birth date, or None when it is missing or cannot be read."""
        return read_day(self.birth_text)

    @property
    def has_number(self) -> bool:
        """Whether the row carries an M1Ziffer; 0 stands for none."""
        return bool(self.number)


class PatientAction(Enum):
    """What has to happen with the patient before the examinations."""

    FOUND = "found"
    LINK = "linked"
    CREATE = "created"


@dataclass(frozen=True)
class PatientDecision:
    """The patient that is meant. ``row`` is None exactly when one has to be created."""

    action: PatientAction
    row: RegistryPatient | None
    warnings: tuple[TaskWarning, ...] = ()


@dataclass(frozen=True)
class NewPatient:
    """The columns of a patient row to be created, under SQLHK's own names."""

    Nachname: str
    Vorname: str
    Geburtsdatum: str
    M1Ziffer: int
    PLZ: int | None
    Stadt: str | None
    Strasse: str | None
    Geschlecht: int
    email: str | None
    handy: str | None
    heydokid: int | None
    Versichertennr: str | None


def comparable_name(name: str | None) -> str:
    """A name as it is compared: composed, trimmed, single blanks, no case; accents count."""
    return " ".join(unicodedata.normalize("NFC", name or "").split()).casefold()


def decide_patient(
    piz: int,
    person: Person,
    with_number: Sequence[RegistryPatient],
    born_alike: Sequence[RegistryPatient],
) -> PatientDecision:
    """Find the patient among the rows read.

    ``with_number`` are the rows whose M1Ziffer is ``piz``; ``born_alike`` are further rows that
    may share the birth date (only looked at when the first list is empty).
    Raises ``AmbiguousPatientError``.
    """
    if len(with_number) > 1:
        raise AmbiguousPatientError(
            f"Die Nummer steht in SQLHK bei {len(with_number)} Patienten; "
            "es wurde nichts geschrieben."
        )
    if with_number:
        row = with_number[0]
        return PatientDecision(PatientAction.FOUND, row, _name_warnings(person, row))
    same = [row for row in born_alike if _same_person(person, row)]
    unnumbered = [row for row in same if not row.has_number]
    if len(unnumbered) > 1:
        raise AmbiguousPatientError(
            f"{len(unnumbered)} Patienten ohne Nummer haben in SQLHK denselben Namen und "
            "dasselbe Geburtsdatum; es wurde nichts geschrieben."
        )
    if unnumbered:
        return PatientDecision(PatientAction.LINK, unnumbered[0])
    doubles = [row for row in same if row.number != piz]
    warnings: tuple[TaskWarning, ...] = ()
    if doubles:
        warnings = (
            TaskWarning(
                "possible_double",
                "In SQLHK gibt es schon einen Patienten mit demselben Namen und Geburtsdatum "
                "unter einer anderen Nummer.",
            ),
        )
    return PatientDecision(PatientAction.CREATE, None, warnings)


def check_calldoc_birth_dates(
    searched: Person | None, appointments: Sequence[Person], expected: date | None
) -> tuple[TaskWarning, ...]:
    """Refuse what CallDoc alone reveals, before SQLHK is touched.

    ``searched`` is the patient search's entry. Raises ``PatientMismatchError``.
    """
    known = _known([searched, *appointments])
    if len(known) > 1:
        raise PatientMismatchError(
            "CallDoc nennt für diese Nummer verschiedene Geburtsdaten; es wurde nichts geschrieben."
        )
    if expected is not None and known and expected not in known:
        raise PatientMismatchError(
            "Das erwartete Geburtsdatum ist nicht das in CallDoc; es wurde nichts geschrieben."
        )
    if known:
        return ()
    return (TaskWarning("birth_date_missing_calldoc", "In CallDoc fehlt das Geburtsdatum."),)


def check_birth_date(
    calldoc: date | None, row: RegistryPatient | None, expected: date | None
) -> tuple[TaskWarning, ...]:
    """Hold SQLHK's birth date against CallDoc's and the expected one.

    ``row`` is None for a patient to be created. Raises ``PatientMismatchError``.
    """
    registry = row.birth_date if row else None
    if registry is not None:
        if calldoc is not None and calldoc != registry:
            raise PatientMismatchError(
                "Das Geburtsdatum in SQLHK ist ein anderes als in CallDoc; "
                "es wurde nichts geschrieben."
            )
        if expected is not None and expected != registry:
            raise PatientMismatchError(
                "Das erwartete Geburtsdatum ist nicht das in SQLHK; es wurde nichts geschrieben."
            )
    if expected is not None and registry is None and calldoc is None:
        raise PatientMismatchError(
            "Das erwartete Geburtsdatum ließ sich nicht prüfen, weil keines bekannt ist; "
            "es wurde nichts geschrieben."
        )
    if row is not None and registry is None:
        return (
            TaskWarning(
                "birth_date_missing_sqlhk",
                "In SQLHK fehlt das Geburtsdatum oder ist nicht lesbar.",
            ),
        )
    return ()


def merge_person(piz: int, searched: Person | None, appointments: Sequence[Person]) -> Person:
    """One person from the patient search and the appointments; the search's data come first."""
    sources = [person for person in (searched, *appointments) if person is not None]

    def first(name: str) -> object:
        return next((v for v in (getattr(p, name) for p in sources) if v is not None), None)

    values = {name: first(name) for name in Person.__dataclass_fields__}
    values["piz"] = piz
    values["gender"] = next((p.gender for p in sources if p.gender), 0)
    return Person(**values)  # type: ignore[arg-type]  # the values are the fields' own


def new_patient(piz: int, person: Person) -> NewPatient:
    """The row of a patient to be created. Raises ``PatientIncompleteError``."""
    missing = [
        word
        for word, value in (
            ("Nachname", person.surname),
            ("Vorname", person.given_name),
            ("Geburtsdatum", person.birth_date),
        )
        if not value
    ]
    if missing or not person.surname or not person.given_name or not person.birth_date:
        raise PatientIncompleteError(
            "Der Patient fehlt in SQLHK, und in CallDoc fehlt: " + ", ".join(missing) + "."
        )
    too_long = [
        word
        for word, value in (("Nachname", person.surname), ("Vorname", person.given_name))
        if len(value) > LONGEST_TEXT
    ]
    if too_long:
        raise PatientIncompleteError(
            "Der Patient fehlt in SQLHK, und in CallDoc ist zu lang: " + ", ".join(too_long) + "."
        )
    street = " ".join(part for part in (person.street, person.house_number) if part)
    return NewPatient(
        Nachname=person.surname,
        Vorname=person.given_name,
        Geburtsdatum=german_day(person.birth_date),
        M1Ziffer=piz,
        PLZ=person.city_code,
        Stadt=_fitting(person.city),
        Strasse=_fitting(street or None),
        Geschlecht=person.gender,
        email=_fitting(person.email),
        handy=_fitting(person.mobile),
        heydokid=_database_int(person.calldoc_id),
        Versichertennr=_fitting(person.insurance_number),
    )


def _same_person(person: Person, row: RegistryPatient) -> bool:
    return (
        person.birth_date is not None
        and row.birth_date == person.birth_date
        and bool(comparable_name(person.surname))
        and comparable_name(row.surname) == comparable_name(person.surname)
        and bool(comparable_name(person.given_name))  # twins share all but this
        and comparable_name(row.given_name) == comparable_name(person.given_name)
    )


def _name_warnings(person: Person, row: RegistryPatient) -> tuple[TaskWarning, ...]:
    ours, theirs = comparable_name(person.surname), comparable_name(row.surname)
    if not ours or not theirs or ours == theirs:
        return ()
    return (
        TaskWarning(
            "surname_differs",
            "Der Familienname in SQLHK ist ein anderer als in CallDoc; "
            "die Stammdaten bleiben, wie sie sind.",
        ),
    )


def _known(people: Sequence[Person | None]) -> set[date]:
    return {person.birth_date for person in people if person and person.birth_date}


def _fitting(text: str | None) -> str | None:
    # Contact data that do not fit are left out rather than cut: half an address misleads.
    return text if text is None or len(text) <= LONGEST_TEXT else None


def _database_int(number: int | None) -> int | None:
    return number if number is not None and abs(number) < 2**31 else None
