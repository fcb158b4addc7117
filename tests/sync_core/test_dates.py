"""Days and moments of both systems, in every form that people and versions produce."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_core.dates import german_day, read_day, read_moment

DAYS = st.dates(min_value=date(1000, 1, 1))
BLANKS = st.sampled_from(["", " ", "  ", "\t", "\n", "\u00a0"])


@pytest.mark.parametrize(
    "text",
    [
        "06.10.2025",
        "6.10.2025",
        " 6.10.2025 ",
        "06. 10. 2025",
        "2025-10-06",
        " 2025-10-06\n",
        "2025-10-06T00:00:00",
        "2025-10-06T08:30:00+02:00",
        "2025-10-06T00:00:00Z",
        "2025-10-06T00:00:00.000Z",
        "2025-10-06 00:00:00",
        "06.10.2025 00:00",
    ],
)
def test_one_day_in_many_forms(text: str) -> None:
    assert read_day(text) == date(2025, 10, 6)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "   ",
        "Anfang der Woche",
        "31.02.2025",
        "00.10.2025",
        "6.13.2025",
        "29.02.2023",
        "6.10.25",
        "6.10.",
        "06.10.20255",
        "2025-13-01",
        "2025-02-30",
        "0000-01-01",
        "06.10.2025 vielleicht",
        "2025-10-06x",
        "10/06/2025",
        20251006,
        True,
        date(2025, 10, 6),
        ["06.10.2025"],
    ],
)
def test_what_is_no_day_counts_as_missing(value: object) -> None:
    assert read_day(value) is None


@given(DAYS, BLANKS, BLANKS)
def test_a_day_survives_our_own_writing(day: date, before: str, behind: str) -> None:
    text = german_day(day)
    assert len(text) == len("dd.mm.yyyy")
    assert datetime.strptime(text, "%d.%m.%Y").date() == day
    assert read_day(before + text + behind) == day


@given(DAYS, BLANKS)
def test_a_day_survives_the_ways_people_type_it(day: date, blank: str) -> None:
    assert read_day(f"{day.day}.{blank}{day.month}.{blank}{day.year}") == day
    assert read_day(f"{blank}{day.isoformat()}{blank}") == day


@given(st.one_of(st.text(), st.from_regex(r"[0-9 .\-T:Z+]{0,30}", fullmatch=True)))
def test_no_text_breaks_the_readers(text: str) -> None:
    day = read_day(text)
    assert day is None or isinstance(day, date)
    moment = read_moment(text)
    assert moment is None or moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2025-10-06T08:00:00+02:00", "2025-10-06 08:00"),
        ("2025-10-06T08:00:00", "2025-10-06 08:00"),  # none at all: local time
        ("2025-10-06T06:00:00Z", "2025-10-06 08:00"),
        ("2025-10-06T06:00:00.000Z", "2025-10-06 08:00"),
        ("2025-10-06T06:00:00z", "2025-10-06 08:00"),
        (" 2025-10-06T06:00:00Z ", "2025-10-06 08:00"),
        ("2025-10-06 08:00:00+02:00", "2025-10-06 08:00"),
        ("2025-12-01T08:00:00Z", "2025-12-01 09:00"),
        ("2025-10-06T01:00:00-05:00", "2025-10-06 08:00"),
        # midnight, from both sides
        ("2025-10-06T00:00:00", "2025-10-06 00:00"),
        ("2025-10-05T22:00:00Z", "2025-10-06 00:00"),
        ("2025-10-05T21:59:59Z", "2025-10-05 23:59"),
        ("2025-10-06T21:59:59Z", "2025-10-06 23:59"),
        ("2025-10-06T22:00:00Z", "2025-10-07 00:00"),
        ("2025-12-31T23:00:00Z", "2026-01-01 00:00"),
        # the night in which the clocks go forward
        ("2025-03-29T23:00:00Z", "2025-03-30 00:00"),
        ("2025-03-30T00:59:59Z", "2025-03-30 01:59"),
        ("2025-03-30T01:00:00Z", "2025-03-30 03:00"),
        ("2025-03-30T22:00:00Z", "2025-03-31 00:00"),
        ("2025-03-30T12:00:00", "2025-03-30 12:00"),
        # the night in which they go back
        ("2025-10-25T22:00:00Z", "2025-10-26 00:00"),
        ("2025-10-26T00:30:00Z", "2025-10-26 02:30"),
        ("2025-10-26T01:30:00Z", "2025-10-26 02:30"),
        ("2025-10-26T22:59:59Z", "2025-10-26 23:59"),
        ("2025-10-26T23:00:00Z", "2025-10-27 00:00"),
    ],
)
def test_moment_in_german_time(text: str, local: str) -> None:
    moment = read_moment(text)
    assert moment is not None
    assert f"{moment:%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    "value", [None, "", "bald", "2025-10-06", 0, 1759730400, "2025-13-06T08:00:00", []]
)
def test_what_is_no_moment(value: object) -> None:
    assert read_moment(value) is None


def german_offset(moment: datetime) -> timedelta:
    """The European rule by itself: summer time between the last Sundays, from 01:00 UTC on."""

    def last_sunday(month: int) -> datetime:
        last = datetime(moment.year, month, 31, 1, tzinfo=timezone.utc)
        return last - timedelta(days=(last.weekday() + 1) % 7)

    summer = last_sunday(3) <= moment < last_sunday(10)
    return timedelta(hours=2 if summer else 1)


MOMENTS = st.datetimes(
    min_value=datetime(1997, 1, 2),
    max_value=datetime(2037, 12, 30),
    timezones=st.just(timezone.utc),
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, OFFSETS)
@example(datetime(2025, 3, 30, 0, 59, 59, tzinfo=timezone.utc), timezone.utc)
@example(datetime(2025, 3, 30, 1, tzinfo=timezone.utc), timezone.utc)
@example(datetime(2025, 10, 26, 0, 59, 59, tzinfo=timezone.utc), timezone.utc)
@example(datetime(2025, 10, 26, 1, tzinfo=timezone.utc), timezone.utc)
def test_any_offset_names_the_same_moment_and_day(moment: datetime, offset: timezone) -> None:
    read = read_moment(moment.astimezone(offset).isoformat())
    assert read is not None
    assert read.astimezone(timezone.utc) == moment
    assert read.replace(tzinfo=None) == (moment + german_offset(moment)).replace(tzinfo=None)
    assert read_moment(moment.replace(tzinfo=None).isoformat() + "Z") == read


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)))
def test_without_an_offset_the_clock_on_the_wall_is_meant(wall: datetime) -> None:
    read = read_moment(wall.isoformat())
    assert read is not None
    assert read.replace(tzinfo=None) == wall
    assert read.tzinfo == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_the_ends_of_time_are_no_fault(text: str) -> None:
    assert read_moment(text) is None
