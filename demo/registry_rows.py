"""What the demo's SQLHK holds of the invented people, and how it maps kinds, labs and doctors.

The rows agree with CallDoc or differ from it on purpose; ``demo.people`` says what each case is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from demo import people
from demo.people import Person

PATIENT_ID_OFFSET = 3896
"""CallDoc's patient id minus this is the PatientID; so ``MAX`` is 815."""

CATHETER_KIND = 1
ABLATION_KIND = 8


@dataclass(frozen=True)
class PatientRow:
    """A row of ``Patient``; attributes are the columns."""

    PatientID: int
    Nachname: str | None
    Vorname: str | None
    Geburtsdatum: str | None
    M1Ziffer: int | None
    PLZ: int | None = None
    Stadt: str | None = None
    Strasse: str | None = None
    Geschlecht: int | None = 0
    email: str | None = None
    handy: str | None = None
    heydokid: int | None = None
    Versichertennr: str | None = None


@dataclass(frozen=True)
class ExaminationRow:
    """A row of ``Untersuchung`` before SQLHK gave it its ``UntersuchungID``.

    ``Datum`` is text, mostly ``dd.mm.yyyy``; the defaults are what a program enters into a new row
    and people change afterwards.
    """

    Datum: str | None
    PatientID: int
    HerzkatheterID: int
    UntersucherAbrechnungID: int
    UntersuchungartID: int = CATHETER_KIND
    ZuweiserID: int = 2
    Roentgen: int = 1
    Herzteam: int = 1
    Materialpreis: float = 0
    DRGID: int = 1
    Untersuchungtype: int | None = None


KINDS: tuple[tuple[int, str, str | None], ...] = (
    (1, "Herzkatheteruntersuchung", '{"1": 24}'),
    (2, "PCI", None),
    (3, "Rechtsherzkatheter", None),
    (4, "Schrittmacher", None),
    (5, "Defibrillator", '{"2": 24}'),
    (6, "Kardioversion", ""),
    (8, "Ablation", '{"1": "25"}'),
    (9, "TEE", '{"1": 13}'),
    (10, "TEE mit Kontrast", '{"1": 13}'),
)
"""``Untersuchungart``. Unreadable JSON, another key, an empty text and a type mapped twice (13)
stand beside the two kinds that matter; type 25 is written in quotes."""

LABS: tuple[tuple[int, str, int | None], ...] = (
    (1, "Labor 1", 18),
    (2, "Labor 2", 19),
    (3, "Labor 3", 54),
    (4, "Labor 4 (stillgelegt)", None),
    (6, "Hybrid-OP", 61),
)
"""``Herzkatheter``."""

DOCTORS: tuple[tuple[int, str, str, str | None, int | None], ...] = (
    (1, "Sommerfeld", "Annegret", "Dr.", 18),
    (2, "Weißhaupt", "Jörg", "Prof. Dr.", 27),
    (3, "Altmeister", "Gottlieb", "Dr.", None),
    (12, "Szőke-Brandt", "Mária", "Dr.", 50),
)
"""``Untersucherabrechnung``."""


def german_date(day: date) -> str:
    """``dd.mm.yyyy``, the form that programs write."""
    return day.strftime("%d.%m.%Y")


def patient_id(person: Person) -> int:
    """The PatientID under which SQLHK knows this person, if it does."""
    return person.calldoc_id - PATIENT_ID_OFFSET


def patient_row(person: Person) -> PatientRow:
    """The row that agrees with CallDoc in everything that identifies the person."""
    code = person.city_code
    return PatientRow(
        PatientID=patient_id(person),
        Nachname=person.surname,
        Vorname=person.name,
        Geburtsdatum=german_date(person.born) if person.born else None,
        M1Ziffer=int(person.piz) if person.piz else None,
        PLZ=int(code) if code and code.isdigit() else None,
        Stadt=person.city,
        Strasse=f"{person.street or ''} {person.house_number or ''}".strip() or None,
        Geschlecht={"male": 1, "female": 2}.get(person.gender or "", 0),
        email=person.email,
        handy=person.mobile,
        heydokid=person.calldoc_id,
        Versichertennr=person.insurance_number,
    )


def _differing_rows() -> Iterator[PatientRow]:
    linkable = patient_row(people.LINKABLE)
    yield replace(
        linkable,
        Nachname=unicodedata.normalize("NFD", linkable.Nachname or ""),
        M1Ziffer=None,
        heydokid=None,
    )
    yield replace(
        patient_row(people.LINKABLE_ZERO),
        Nachname="STRAUSS",
        Vorname=" Ute  ",
        M1Ziffer=0,
        heydokid=None,
    )
    yield replace(patient_row(people.OTHER_BIRTH_DATE), Geburtsdatum="31.01.1952")
    twice = patient_row(people.NUMBER_TWICE)
    yield twice
    yield replace(twice, PatientID=904, Strasse="Nebenstr. 2", heydokid=None)
    yield replace(patient_row(people.MARRIED), Nachname="Seidel")
    yield replace(patient_row(people.NAMESAKE), M1Ziffer=1_399_019, heydokid=None)
    yield replace(patient_row(people.TYPED_DATE_ISO), Geburtsdatum="1953-05-03")
    yield replace(patient_row(people.TYPED_DATE_SHORT), Geburtsdatum=" 4.3.1943")


NOT_IN_SQLHK: tuple[Person, ...] = (
    people.UNKNOWN_TO_SQLHK,
    people.NOT_IN_PATIENT_SEARCH,
    people.INCOMPLETE,
    people.FOREIGN_ADDRESS,
    people.STRANGER,
    people.NO_NUMBER,
)
"""Whom SQLHK does not know under any number or name."""


def invented_patients() -> tuple[PatientRow, ...]:
    """All rows of ``Patient`` that belong to the people of ``demo.people``."""
    differing = tuple(_differing_rows())
    taken = {row.PatientID for row in differing}
    agreeing = (
        patient_row(person)
        for person in people.EVERYBODY
        if person not in NOT_IN_SQLHK and patient_id(person) not in taken
    )
    return tuple(sorted((*agreeing, *differing), key=lambda row: row.PatientID))


def earlier_examinations() -> tuple[ExaminationRow, ...]:
    """Examinations of former years."""
    max_id = patient_id(people.MAX)
    return (
        ExaminationRow("12.03.2019", max_id, 2, 3, Roentgen=4, Materialpreis=87.5, DRGID=9),
        ExaminationRow("5.4.2023", max_id, 3, 2, ABLATION_KIND, ZuweiserID=7),
        ExaminationRow("1.2.2024", patient_id(people.ONLY_ABLATION), 1, 1),
        ExaminationRow(None, patient_id(people.NO_APPOINTMENT), 1, 1),
    )


def examinations_of(day: date) -> tuple[ExaminationRow, ...]:
    """What SQLHK already holds of an ordinary day before anybody synchronises it."""
    text = german_date(day)
    short = f"{day.day}.{day.month}.{day.year}"
    by_people = ExaminationRow(text, patient_id(people.OTHER_DOCTOR), 2, 2, ZuweiserID=41)
    ambiguous = patient_id(people.AMBIGUOUS_EXAMINATION)
    return (
        ExaminationRow(text, patient_id(people.UNCHANGED), 1, 1, Roentgen=5, DRGID=12),
        replace(by_people, Roentgen=3, Herzteam=2, Materialpreis=1234.56, DRGID=17),
        ExaminationRow(text, patient_id(people.CANCELLED_WITH_ROW), 1, 1),
        ExaminationRow(short, patient_id(people.TYPED_DATE_SHORT), 2, 12, Materialpreis=310.2),
        ExaminationRow(f" {text} ", patient_id(people.TYPED_DATE_BLANKS), 1, 1),
        ExaminationRow(day.isoformat(), patient_id(people.TYPED_DATE_ISO), 3, 2, Herzteam=4),
        ExaminationRow("Anfang der Woche", patient_id(people.TYPED_DATE_UNREADABLE), 6, 12),
        ExaminationRow(text, ambiguous, 1, 1),
        ExaminationRow(text, ambiguous, 2, 12),
        ExaminationRow(
            text, patient_id(people.ORDINARY[4]), 2, 12, ABLATION_KIND, ZuweiserID=7, DRGID=3
        ),
    )
