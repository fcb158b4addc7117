"""Days as people type them: read as a whole, or refused with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_core.dates import german_day, german_weekday
from sync_core.typed_days import (
    FIRST_DAY,
    LAST_DAY,
    NO_DAY,
    NO_SUCH_DAY,
    NOT_A_DAY,
    OUT_OF_RANGE,
    TypedDay,
    read_birth_date,
    read_sync_day,
)

TODAY = date(2025, 10, 9)
BLANKS = st.sampled_from(["", " ", "  ", "\t", "\u00a0"])
SYNC_DAYS = st.dates(FIRST_DAY, LAST_DAY)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3.12.2026", date(2026, 12, 3)),
        ("03.12.2026", date(2026, 12, 3)),
        ("9.10.25", date(2025, 10, 9)),
        ("1.1.00", date(2000, 1, 1)),
        ("31.12.99", date(2099, 12, 31)),
        ("03122026", date(2026, 12, 3)),
        ("2026-12-03", date(2026, 12, 3)),
        (" 3 . 12 .\u00a02026\n", date(2026, 12, 3)),
        ("29.2.2024", date(2024, 2, 29)),
    ],
)
def test_a_day_of_a_sync_is_read(text: str, day: date) -> None:
    assert read_sync_day(text) == TypedDay(day)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("31.02.2026", NO_SUCH_DAY),
        ("31.2.26", NO_SUCH_DAY),
        ("29.02.2023", NO_SUCH_DAY),
        ("00.01.2025", NO_SUCH_DAY),
        ("1.13.2025", NO_SUCH_DAY),
        ("32132025", NO_SUCH_DAY),
        ("2025-02-30", NO_SUCH_DAY),
        ("1.1.0000", NO_SUCH_DAY),
        ("01.01.1900", OUT_OF_RANGE),
        ("31.12.1999", OUT_OF_RANGE),
        ("01.01.2100", OUT_OF_RANGE),
        ("1.1.0202", OUT_OF_RANGE),
        ("x", NOT_A_DAY),
        ("morgen", NOT_A_DAY),
        ("3.12.20266", NOT_A_DAY),
        ("031220266", NOT_A_DAY),
        ("1 1.12.2025", NOT_A_DAY),
        ("1.12.20 25", NOT_A_DAY),
        ("3/12/2025", NOT_A_DAY),
        ("3.12.2025 08:00", NOT_A_DAY),
        ("3.12.20251.1.2026", NOT_A_DAY),
        ("1.1.2025\n2.1.2025", NOT_A_DAY),
        ("٣.١٢.٢٠٢٥", NOT_A_DAY),
        ("9" * 5000, NOT_A_DAY),
    ],
)
def test_what_is_no_day_of_a_sync_has_its_reason(text: str, reason: str) -> None:
    assert read_sync_day(text) == TypedDay(reason=reason)


@pytest.mark.parametrize(
    "text",
    [
        *("3", "31", "31.", "31.0", "31. ", "3.12.", "3.12 ", "3.12.2", "3.12.202"),
        *("031", "0312202", "2025", "2025-", "2025-1", "2025-12-", "2025-12-0"),
    ],
)
def test_what_may_still_become_a_day_is_only_unfinished(text: str) -> None:
    assert read_sync_day(text) == TypedDay(reason=NOT_A_DAY, unfinished=True)


@pytest.mark.parametrize("text", ["", "  ", "\t"])
def test_nothing_typed_is_unfinished(text: str) -> None:
    assert read_sync_day(text) == TypedDay(reason=NO_DAY, unfinished=True)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31011950", date(1950, 1, 31)),
        ("1.1.50", date(1950, 1, 1)),
        ("1.1.25", date(2025, 1, 1)),
        ("9.10.25", TODAY),
        ("10.10.25", date(1925, 10, 10)),
        ("1.1.26", date(1926, 1, 1)),
        ("29.2.00", date(2000, 2, 29)),
        ("1950-01-31", date(1950, 1, 31)),
        ("1.1.1900", date(1900, 1, 1)),
    ],
)
def test_a_birth_date_is_read_and_never_in_the_future(text: str, day: date) -> None:
    assert read_birth_date(text, TODAY) == TypedDay(day)


@pytest.mark.parametrize("text", ["10.10.2025", "01.01.2050", "31.12.1899", "1.1.0195"])
def test_a_birth_date_of_no_living_person_is_wrong(text: str) -> None:
    typed = read_birth_date(text, TODAY)
    assert typed.day is None
    assert typed.reason
    assert not typed.unfinished


def test_a_leap_day_whose_year_is_being_typed_is_not_scolded() -> None:
    assert read_birth_date("29.2.19", TODAY) == TypedDay(reason=NO_SUCH_DAY, unfinished=True)
    assert read_birth_date("29.2.1952", TODAY).day == date(1952, 2, 29)


@given(SYNC_DAYS, BLANKS, BLANKS)
def test_every_form_of_a_day_is_that_day(day: date, before: str, after: str) -> None:
    forms = (
        german_day(day),
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day}.{day.month}.{day.year % 100:02d}",
        f"{day:%d%m%Y}",
        day.isoformat(),
        f"{day.day}{before}.{after}{day.month:02d}{after}.{before}{day.year}",
    )
    for form in forms:
        assert read_sync_day(f"{before}{form}{after}") == TypedDay(day)


@given(SYNC_DAYS)
def test_no_day_is_scolded_while_it_is_typed(day: date) -> None:
    for text in (german_day(day), f"{day:%d%m%Y}", day.isoformat()):
        for length in range(len(text)):
            typed = read_sync_day(text[:length])
            assert typed.unfinished or typed.day is not None


@given(st.text(alphabet="0123456789. -x\n\u00a0", max_size=14))
def test_a_text_says_a_day_or_a_reason_and_never_both(text: str) -> None:
    for typed in (read_sync_day(text), read_birth_date(text, TODAY)):
        assert (typed.day is None) is bool(typed.reason)
        if typed.day is not None:
            digits = "".join(filter(str.isdigit, text))
            assert f"{typed.day.year % 100:02d}" in digits
            assert not typed.unfinished


@given(st.integers(1, 28), st.integers(1, 12), st.integers(0, 99), st.dates(date(1990, 1, 1)))
def test_two_digits_are_a_birth_year_of_the_last_hundred(day, month, year, today) -> None:
    born = read_birth_date(f"{day}.{month}.{year:02d}", today).day
    if born is not None:
        assert born <= today
        assert (today.year - born.year) <= 100
        assert born.year % 100 == year


def test_weekdays_in_german() -> None:
    assert german_weekday(date(2025, 10, 6)) == "Montag"
    assert german_weekday(date(2025, 10, 12)) == "Sonntag"
