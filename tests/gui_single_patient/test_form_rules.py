from __future__ import annotations

from datetime import date

import pytest

from plugins.single_patient.panel.form_rules import (
    FormInput,
    Verdict,
    day_hint,
    judge_appointment_type,
    judge_birth_date,
    judge_day,
    judge_piz,
    type_label,
)

TODAY = date(2025, 10, 6)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234567", "1234567"),
        ("  123 4567\t", "1234567"),
        ("1\N{NO-BREAK SPACE}234\u2028", "1234"),
        ("000042", "42"),
        ("999999999", "999999999"),
    ],
)
def test_a_pasted_number_is_normalised(text: str, number: str) -> None:
    judged = judge_piz(text)
    assert (judged.verdict, judged.value) == (Verdict.GOOD, number)


@pytest.mark.parametrize(
    "text", ["12a", "-5", "1234567890", "000", "١٢٣", "1.5", "²", "1\n2", "1\t2"]
)
def test_a_wrong_number_has_a_reason(text: str) -> None:
    judged = judge_piz(text)
    assert judged.verdict is Verdict.WRONG
    assert judged.value is None
    assert judged.reason


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_number_is_only_unfinished(text: str) -> None:
    assert judge_piz(text).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    "text",
    ["31.01.1950", "31.1.1950", " 31. 01. 1950 ", "31.1.50", "31011950", "1950-01-31"],
)
def test_a_birth_date_is_read(text: str) -> None:
    assert judge_birth_date(text, TODAY).value == date(1950, 1, 31)


def test_the_day_is_needed() -> None:
    assert judge_day("6.10.25").value == TODAY
    assert judge_day("").verdict is Verdict.INCOMPLETE
    assert judge_day("31.02.2025").verdict is Verdict.WRONG


def test_the_weekday_in_words() -> None:
    assert day_hint(TODAY, TODAY) == "Montag, heute"
    assert day_hint(date(2025, 10, 5), TODAY) == "Sonntag, vergangen"
    assert day_hint(date(2025, 10, 7), TODAY) == "Dienstag, künftig"


def test_no_birth_date_is_good() -> None:
    judged = judge_birth_date(" ", TODAY)
    assert (judged.verdict, judged.value) == (Verdict.GOOD, None)


@pytest.mark.parametrize(
    "text", ["3", "31", "31.", "31.0", "31.01.", "31.01.1", "29.2.19", "310119"]
)
def test_a_begun_birth_date_is_unfinished(text: str) -> None:
    assert judge_birth_date(text, TODAY).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    "text", ["31.02.1950", "31 01 1950", "31/01/1950", "07.10.2025", "00.01.1950", "31.01.19500"]
)
def test_a_wrong_birth_date_is_wrong(text: str) -> None:
    judged = judge_birth_date(text, TODAY)
    assert judged.verdict is Verdict.WRONG
    assert judged.reason


@pytest.mark.parametrize(
    ("text", "number"),
    [("24 Herzkatheteruntersuchung", 24), ("25 ablation", 25), ("25", 25), (" 31 ", 31)],
)
def test_a_type_is_read(text: str, number: int) -> None:
    assert judge_appointment_type(text).value == number


@pytest.mark.parametrize("text", ["0", "24 Ablation", "-1", "x", "9" * 5000])
def test_a_wrong_type_is_wrong(text: str) -> None:
    assert judge_appointment_type(text).verdict is Verdict.WRONG


def test_the_request_has_json_types_and_the_check_only_when_given() -> None:
    plain = FormInput("42", TODAY, 24)
    assert plain.request() == {"piz": "42", "date": "2025-10-06", "appointment_type_id": 24}
    checked = FormInput("42", TODAY, 24, date(1950, 1, 31))
    assert checked.request()["expected_birth_date"] == "1950-01-31"


def test_an_unknown_type_is_only_a_number() -> None:
    assert type_label(25) == "25 Ablation"
    assert type_label(31) == "31"
