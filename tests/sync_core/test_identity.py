"""Who is meant: the number first, then names and birth date, and never a guess."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_core.appointments import Person, read_person
from sync_core.errors import (
    AmbiguousPatientError,
    PatientIncompleteError,
    PatientMismatchError,
    TaskError,
)
from sync_core.identity import (
    NewPatient,
    PatientAction,
    RegistryPatient,
    check_birth_date,
    check_calldoc_birth_dates,
    comparable_name,
    decide_patient,
    merge_person,
    new_patient,
)
from sync_core.task_model import TaskWarning
from tests.sync_core.calldoc_samples import BORN, PIZ, entry, person

TWIN_BORN = date(1951, 1, 31)


def row(
    patient_id: int = 815,
    number: int | None = PIZ,
    surname: str | None = "Beispiel",
    given_name: str | None = "Erna",
    birth_text: str | None = "31.01.1950",
) -> RegistryPatient:
    return RegistryPatient(patient_id, number, surname, given_name, birth_text)


def codes(warnings: tuple[TaskWarning, ...]) -> list[str]:
    return [warning.code for warning in warnings]


# Names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "MÜLLER"),
        ("Müller", unicodedata.normalize("NFD", "Müller")),
        (" Müller  Lüdenscheidt ", "Müller Lüdenscheidt"),
        ("Müller\u00a0Lüdenscheidt", "müller lüdenscheidt"),
        ("Weiß", "WEISS"),
        ("O'Brien", "o'brien"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert comparable_name(one) == comparable_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Muller"),
        ("Müller", "Mueller"),
        ("René", "Rene"),
        ("Müller-Lüdenscheidt", "Müller Lüdenscheidt"),
        ("Mayer", "Maier"),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert comparable_name(one) != comparable_name(other)


GERMAN = st.text(alphabet="abcxyzäöüßéèABCÄÖÜ'- ", max_size=20)


@given(GERMAN)
def test_how_a_name_is_stored_does_not_matter(name: str) -> None:
    same = comparable_name(name)
    assert comparable_name(same) == same
    assert comparable_name(f"  {name.replace(' ', '   ')}\t") == same
    assert comparable_name(unicodedata.normalize("NFD", name)) == same
    assert comparable_name(name.upper()) == same


# Which row


def test_the_number_decides_alone() -> None:
    married = row(surname="Ehefrau")
    decision = decide_patient(PIZ, person(), [married], [])
    assert (decision.action, decision.row) == (PatientAction.FOUND, married)
    assert len(decision.warnings) == 1  # people marry: a word about it, no refusal


def test_found_with_the_same_name_is_worth_no_word() -> None:
    assert decide_patient(PIZ, person(), [row(surname=" BEISPIEL ")], []).warnings == ()


def test_the_number_twice_is_ambiguous() -> None:
    with pytest.raises(AmbiguousPatientError):
        decide_patient(PIZ, person(), [row(1), row(2)], [])


@pytest.mark.parametrize("number", [None, 0])
@pytest.mark.parametrize("birth_text", ["31.01.1950", "31.1.1950", " 1950-01-31 "])
def test_a_row_without_number_is_linked(number: int | None, birth_text: str) -> None:
    unnumbered = row(number=number, surname="BEISPIEL", birth_text=birth_text)
    decision = decide_patient(PIZ, person(), [], [row(1, 99, surname="Andere"), unnumbered])
    assert (decision.action, decision.row) == (PatientAction.LINK, unnumbered)


def test_two_rows_without_number_are_ambiguous() -> None:
    with pytest.raises(AmbiguousPatientError):
        decide_patient(PIZ, person(), [], [row(1, None), row(2, 0)])


@pytest.mark.parametrize(
    "other",
    [
        row(number=None, given_name="Berta"),
        row(number=None, given_name=None),
        row(number=None, surname="Beispielin"),
        row(number=None, surname=None),
        row(number=None, birth_text="31.01.1951"),
        row(number=None, birth_text=None),
        row(number=None, birth_text="Januar 1950"),
    ],
)
def test_somebody_else_is_never_linked(other: RegistryPatient) -> None:
    decision = decide_patient(PIZ, person(), [], [other])
    assert (decision.action, decision.row) == (PatientAction.CREATE, None)
    assert decision.warnings == ()


@pytest.mark.parametrize("missing", ["surname", "given_name", "birth_date"])
def test_what_is_missing_on_both_sides_is_no_agreement(missing: str) -> None:
    known = {"surname": "Beispiel", "given_name": "Erna", "birth_text": "31.01.1950"}
    known[missing.replace("birth_date", "birth_text")] = ""
    unnumbered = RegistryPatient(
        815, None, known["surname"], known["given_name"], known["birth_text"]
    )
    decision = decide_patient(PIZ, person(**{missing: None}), [], [unnumbered])
    assert decision.action is PatientAction.CREATE


def test_the_same_person_under_another_number_is_created_with_a_warning() -> None:
    decision = decide_patient(PIZ, person(), [], [row(number=99)])
    assert (decision.action, decision.row) == (PatientAction.CREATE, None)
    assert codes(decision.warnings) == ["possible_double"]


ROWS = st.builds(
    row,
    patient_id=st.integers(1, 10**6),
    number=st.sampled_from([None, 0, 99, 100]),
    surname=st.sampled_from(["Beispiel", "BEISPIEL ", "Muster", "", None]),
    given_name=st.sampled_from(["Erna", " erna", "Berta", "", None]),
    birth_text=st.sampled_from(["31.01.1950", "31.1.1950", "1950-01-31", "31.01.1951", "?", None]),
)
PEOPLE = st.builds(
    person,
    surname=st.sampled_from(["Beispiel", "Muster", None]),
    given_name=st.sampled_from(["Erna", "Berta", None]),
    birth_date=st.sampled_from([BORN, TWIN_BORN, None]),
)


@given(
    PEOPLE,
    st.lists(ROWS, max_size=5, unique_by=lambda item: item.patient_id),
    st.randoms(use_true_random=False),
)
def test_whatever_stands_there_nobody_is_guessed(
    who: Person, others: list[RegistryPatient], random: object
) -> None:
    complete = who.surname and who.given_name and who.birth_date
    alike = [
        item
        for item in others
        if complete
        and (item.surname or "").strip().lower() == (who.surname or "").lower()
        and (item.given_name or "").strip().lower() == (who.given_name or "").lower()
        and item.birth_date == who.birth_date
    ]
    without_number = [item for item in alike if not item.number]
    shuffled = list(others)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    if len(without_number) > 1:
        with pytest.raises(AmbiguousPatientError):
            decide_patient(PIZ, who, [], shuffled)
        return
    decision = decide_patient(PIZ, who, [], shuffled)
    if without_number:
        assert (decision.action, decision.row) == (PatientAction.LINK, without_number[0])
    else:
        assert (decision.action, decision.row) == (PatientAction.CREATE, None)
        assert codes(decision.warnings) == (["possible_double"] if alike else [])


# The second identifier

KNOWN_OR_NOT = [None, BORN, TWIN_BORN]


@pytest.mark.parametrize(
    ("searched", "listed", "registry", "expected"), list(itertools.product(KNOWN_OR_NOT, repeat=4))
)
def test_every_known_birth_date_must_agree(
    searched: date | None, listed: date | None, registry: date | None, expected: date | None
) -> None:
    entry_found = person(birth_date=searched)
    in_calldoc = [person(birth_date=listed)]
    stored = row(birth_text=registry.strftime("%d.%m.%Y") if registry else None)
    calldoc_known = {searched, listed} - {None}
    known = calldoc_known | ({registry} - {None})
    asked_in_vain = expected is not None and not known
    calldoc_alone_differs = (
        len(calldoc_known | ({expected} - {None} if calldoc_known else set())) > 1
    )

    def check() -> tuple[TaskWarning, ...]:
        first = check_calldoc_birth_dates(entry_found, in_calldoc, expected)
        assert not calldoc_alone_differs, "this shows before SQLHK is touched"
        merged = merge_person(PIZ, entry_found, in_calldoc)
        return first + check_birth_date(merged.birth_date, stored, expected)

    if len(known | ({expected} - {None})) > 1 or asked_in_vain:
        with pytest.raises(PatientMismatchError):
            check()
    else:
        warnings = check()
        assert len(warnings) == (not calldoc_known) + (registry is None)


def test_each_taken_appointment_counts() -> None:
    people = [person(birth_date=BORN), person(birth_date=None), person(birth_date=TWIN_BORN)]
    with pytest.raises(PatientMismatchError):
        check_calldoc_birth_dates(None, people, None)


def test_an_expected_date_that_nobody_can_confirm_for_a_new_patient_is_a_mismatch() -> None:
    with pytest.raises(PatientMismatchError):
        check_birth_date(None, None, BORN)


def test_an_unreadable_birth_date_in_sqlhk_counts_as_missing() -> None:
    assert len(check_birth_date(BORN, row(birth_text="Januar"), None)) == 1


# A new row


def test_new_patient_from_calldoc() -> None:
    raw = entry(date_of_birth="1950-01-31T00:00:00", house_number="1a")
    created = new_patient(PIZ, read_person(raw, calldoc_id=raw["patient"]))
    assert created == NewPatient(
        Nachname="Beispiel",
        Vorname="Erna",
        Geburtsdatum="31.01.1950",
        M1Ziffer=PIZ,
        PLZ=90402,
        Stadt="Nürnberg",
        Strasse="Hauptstr. 1a",
        Geschlecht=2,
        email="erna@example.org",
        handy="0170 0000001",
        heydokid=4711,
        Versichertennr="A123456789",
    )


@pytest.mark.parametrize("missing", ["surname", "given_name", "birth_date"])
def test_an_incomplete_patient_is_not_created(missing: str) -> None:
    with pytest.raises(PatientIncompleteError):
        new_patient(PIZ, person(**{missing: None}))


def test_name_and_birth_date_suffice() -> None:
    created = new_patient(PIZ, person())
    optional = {field.name for field in fields(NewPatient)} - {
        "Nachname",
        "Vorname",
        "Geburtsdatum",
        "M1Ziffer",
        "Geschlecht",
    }
    assert created.Geschlecht == 0
    assert all(getattr(created, name) is None for name in optional)


def test_street_without_number_and_number_without_street() -> None:
    assert new_patient(PIZ, person(street="Hauptstr.")).Strasse == "Hauptstr."
    assert new_patient(PIZ, person(street="Am Ring", house_number="7")).Strasse == "Am Ring 7"


def test_the_patient_search_comes_first_and_the_appointment_fills_gaps() -> None:
    searched = person(surname="Neu", city=None, gender=0)
    listed = person(surname="Alt", city="Fürth", gender=2)
    merged = merge_person(PIZ, searched, [listed])
    assert (merged.surname, merged.city, merged.gender) == ("Neu", "Fürth", 2)
    assert merge_person(PIZ, None, [listed]).surname == "Alt"


# Nothing of it may name a person


def test_neither_errors_nor_warnings_name_anybody() -> None:
    told: list[str] = []
    for failing in (
        lambda: decide_patient(PIZ, person(), [row(1), row(2)], []),
        lambda: decide_patient(PIZ, person(), [], [row(1, None), row(2, None)]),
        lambda: check_birth_date(TWIN_BORN, row(), None),
        lambda: check_birth_date(None, None, BORN),
        lambda: check_calldoc_birth_dates(person(birth_date=TWIN_BORN), [person()], None),
        lambda: check_calldoc_birth_dates(person(), [], TWIN_BORN),
        lambda: new_patient(PIZ, person(birth_date=None)),
        lambda: new_patient(PIZ, person(surname="Beispiel" * 40)),
    ):
        with pytest.raises(TaskError) as caught:
            failing()
        told.append(caught.value.message)
    told += [
        item.message for item in decide_patient(PIZ, person(), [row(surname="Neu")], []).warnings
    ]
    told += [item.message for item in decide_patient(PIZ, person(), [], [row(number=99)]).warnings]
    assert len(told) == 10
    for message in told:
        assert not [word for word in ("Beispiel", "Erna", "Neu", "1950", "1951") if word in message]
