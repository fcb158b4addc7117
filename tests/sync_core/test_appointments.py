"""CallDoc's answers as typed values: two versions, odd types, nulls anywhere."""

from __future__ import annotations

import string
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_core.appointments import (
    Appointment,
    UnreadableAppointment,
    read_appointment,
    read_person,
    read_piz,
)
from tests.sync_core.calldoc_samples import BORN, DAY, PIZ, appointment, entry

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["24", " 7 ", "2025-10-06T08:00:00", "1950-01-31", 2**31, 2**63, 1e300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = [*entry(), "appointment_type_id", "employee_id", "room_id", "insurance_number"]


def test_an_ordinary_entry() -> None:
    read = appointment()
    assert (read.appointment_id, read.type_id, read.employee_id, read.room_id) == (
        244092,
        24,
        27,
        54,
    )
    assert (read.piz, read.day, read.status) == (PIZ, DAY, "created")
    assert f"{read.starts_at:%H:%M}" == "08:00"
    who = read.person
    assert (who.surname, who.given_name, who.birth_date) == ("Beispiel", "Erna", BORN)
    assert (who.calldoc_id, who.insurance_number, who.gender) == (4711, "A123456789", 2)
    assert (who.city_code, who.city, who.street, who.house_number) == (
        90402,
        "Nürnberg",
        "Hauptstr.",
        "1",
    )
    assert (who.email, who.mobile) == ("erna@example.org", "0170 0000001")


def test_field_names_of_older_versions() -> None:
    old = appointment(
        appointment_type=...,
        employee=...,
        room=...,
        appointment_type_id=24,
        employee_id=27,
        room_id=54,
    )
    assert old == appointment()


def test_newer_field_names_are_preferred() -> None:
    assert appointment(appointment_type_id=25, employee_id=1, room_id=2) == appointment()


def test_a_newer_field_that_is_null_does_not_hide_the_older_one() -> None:
    assert appointment(room=None, room_id=54).room_id == 54


def test_numbers_may_come_as_text() -> None:
    as_text = appointment(id="244092", appointment_type="24", employee="27", room=" 54 ")
    assert as_text == appointment()


@pytest.mark.parametrize(
    "value", ["1234567", 1234567, " 1234567 ", "0001234567", "\t01234567\n", 1234567.0]
)
def test_one_number_in_many_forms(value: object) -> None:
    assert read_piz(value) == PIZ


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " ",
        "0",
        "000",
        0,
        -5,
        "-5",
        "+5",
        "12a",
        "1 2",
        "1.5",
        1.5,
        True,
        False,
        [],
        {},
        "١٢٣",
        "²",
        str(2**31),
        2**31,
        "9" * 30,
        float("nan"),
        float("inf"),
    ],
)
def test_what_is_no_number(value: object) -> None:
    assert read_piz(value) is None


@given(
    st.integers(1, 999_999_999),
    st.integers(0, 5),
    st.text(alphabet=" \t\n", max_size=3),
    st.text(alphabet=" \t\n", max_size=3),
)
def test_blanks_and_leading_zeros_mean_nothing(
    number: int, zeros: int, before: str, behind: str
) -> None:
    assert read_piz(number) == number
    assert read_piz(f"{before}{'0' * zeros}{number}{behind}") == number


@given(st.text(alphabet=string.printable + "äöü²٣", max_size=12))
def test_a_number_is_read_only_from_digits(text: str) -> None:
    number = read_piz(text)
    core = text.strip()
    if core.isascii() and core.isdigit() and 1 <= int(core) < 2**31:
        assert number == int(core)
    else:
        assert number is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"id": None}, "id"),
        ({"id": ...}, "id"),
        ({"id": "keine"}, "id"),
        ({"scheduled_for_datetime": None}, "scheduled_for_datetime"),
        ({"scheduled_for_datetime": "bald"}, "scheduled_for_datetime"),
        ({"appointment_type": None}, "appointment_type"),
        ({"appointment_type": True}, "appointment_type"),
    ],
)
def test_what_cannot_be_placed_is_told_with_a_reason(changes: dict[str, Any], problem: str) -> None:
    read = read_appointment(entry(**changes))
    assert isinstance(read, UnreadableAppointment)
    assert read.problem == problem
    assert read.piz == PIZ
    assert read.day == (None if problem == "scheduled_for_datetime" else DAY)
    assert read.appointment_id == (None if problem == "id" else 244092)


@pytest.mark.parametrize(
    "field",
    [name for name in entry() if name not in ("id", "scheduled_for_datetime", "appointment_type")],
)
@pytest.mark.parametrize("value", [None, ..., [], {}, True])
def test_any_other_field_may_be_missing_or_odd(field: str, value: object) -> None:
    assert isinstance(read_appointment(entry(**{field: value})), Appointment)


@pytest.mark.parametrize("raw", [None, [], "text", 5, True, {}])
def test_an_entry_that_is_no_entry(raw: object) -> None:
    read = read_appointment(raw)
    assert isinstance(read, UnreadableAppointment)
    assert read.piz is None


@given(JSON)
def test_nothing_breaks_the_reader(raw: object) -> None:
    read_appointment(raw)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
@example({"id": 1e300})
@example({"room": 1e300, "piz": 1e300, "city_code": 1e300})
def test_no_field_of_a_wrong_type_breaks_the_reader(changes: dict[str, Any]) -> None:
    read = read_appointment(entry(**changes))
    assert read.appointment_id is None or abs(read.appointment_id) < 2**63
    if isinstance(read, Appointment):
        assert read.starts_at.utcoffset() is not None
        numbers = (read.type_id, read.room_id, read.employee_id, read.person.calldoc_id)
        assert all(number is None or abs(number) < 2**63 for number in numbers)
        assert read.person.gender in (0, 1, 2)
        assert read.person.piz is None or 1 <= read.person.piz < 2**31
        assert read.person.city_code is None or 0 <= read.person.city_code < 2**31


@pytest.mark.parametrize("status", ["cancelled", "Canceled", " NO_SHOW ", "finished_final"])
def test_status_is_compared_without_case_and_blanks(status: str) -> None:
    assert appointment(status=status).status == status.strip().lower()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("90402", 90402),
        (" 01067 ", 1067),
        (90402, 90402),
        ("D-90402", None),
        ("", None),
        (None, None),
        ("CH 8000", None),
        (True, None),
        (2**31, None),
    ],
)
def test_city_code_only_when_it_is_a_number(value: object, code: int | None) -> None:
    assert appointment(city_code=value).person.city_code == code


@pytest.mark.parametrize(
    ("phones", "mobile"),
    [
        ([{"phone_type": "Home", "phone_number": "0911 1"}], None),
        (
            [
                {"phone_type": "Home", "phone_number": "0911 1"},
                {"phone_type": "Mobile", "phone_number": "0170 2"},
                {"phone_type": "Mobile", "phone_number": "0170 3"},
            ],
            "0170 2",
        ),
        (
            [None, {"phone_type": None}, {"phone_type": "Mobile", "phone_number": "0170 2"}],
            "0170 2",
        ),
        (None, None),
        ("0170 2", None),
    ],
)
def test_first_mobile_phone(phones: object, mobile: str | None) -> None:
    assert appointment(phones=phones).person.mobile == mobile


@pytest.mark.parametrize(
    ("word", "code"),
    [("male", 1), ("female", 2), ("Male", 1), ("diverse", 0), ("", 0), (None, 0), (1, 0)],
)
def test_gender(word: object, code: int) -> None:
    assert appointment(gender=word).person.gender == code


def test_an_entry_of_the_patient_search() -> None:
    raw = entry(id=4711, patient=..., patient_insurance_number=..., insurance_number="B987654321")
    raw["date_of_birth"] = "1950-01-31T00:00:00"
    read = read_person(raw, calldoc_id=raw["id"])
    assert (read.calldoc_id, read.insurance_number) == (4711, "B987654321")
    assert read.birth_date == date(1950, 1, 31)
    assert read.piz == PIZ


@pytest.mark.parametrize("name", ["O'Brien", "Müller-Lüdenscheidt", "d’Été", "Ñandú"])
def test_names_stay_as_they_are(name: str) -> None:
    assert appointment(surname=f"  {name} ").person.surname == name
