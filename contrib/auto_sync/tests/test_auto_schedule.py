"""When something is due, whatever the clock does."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auto_sync_plugin.schedule import (
    GERMANY,
    MOST_WAIT,
    daily_due,
    german_day,
    moment_of,
    next_daily,
    on_since,
    sooner,
    wait_after,
)

TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
DAYS = st.one_of(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]),
)
LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        (date(2026, 1, 5), time(6, 30), utc(2026, 1, 5, 5, 30)),
        (date(2026, 7, 5), time(6, 30), utc(2026, 7, 5, 4, 30)),
        (date(2026, 3, 29), time(2, 30), utc(2026, 3, 29, 1, 30)),  # missing: shown as 03:30
        (date(2026, 10, 25), time(2, 30), utc(2026, 10, 25, 0, 30)),  # shown twice: the first
    ],
)
def test_the_moment_of_a_time_of_day(day: date, at: time, moment: datetime) -> None:
    assert moment_of(day, at) == moment


@given(DAYS, TIMES, st.integers(1, 180), st.integers(0, 10**6))
def test_a_day_has_one_run_whatever_the_clock_does(day, at, step, seed) -> None:
    """Three days with a clock that stands still, jumps on, and is set back."""
    dice = Random(seed)
    now = datetime.combine(day, time(0), GERMANY).astimezone(timezone.utc) - timedelta(hours=3)
    end = now + timedelta(days=3)
    done: list[date] = []
    while now < end:
        due = daily_due(now, at, done, LONG_AGO)
        if due is not None:
            assert due == german_day(now)
            assert now >= moment_of(due, at)
            done.append(due)
            assert next_daily(now, at, done, LONG_AGO) > now
        now += timedelta(minutes=dice.choice([step, step, 0, 600, -45]))
    assert len(done) == len(set(done))


@given(DAYS, TIMES.filter(lambda at: at < time(23, 50)))
def test_an_even_clock_runs_each_day_within_its_step(day, at) -> None:
    step = timedelta(minutes=7)
    start = datetime.combine(day, time(0), GERMANY).astimezone(timezone.utc)
    done: dict[date, datetime] = {}
    now = start
    while now < start + timedelta(days=3):
        due = daily_due(now, at, done, LONG_AGO)
        if due is not None:
            done[due] = now
        now += step
    for run_day, begun in done.items():
        late = begun - moment_of(run_day, at)
        assert timedelta(0) <= late < step or run_day == german_day(start)
    assert {day, day + timedelta(days=1)} <= set(done)


@given(DAYS, TIMES, st.integers(0, 3 * 1440), st.integers(0, 2))
def test_the_next_run_is_the_first_moment_that_is_due(day, at, minutes, already) -> None:
    start = datetime.combine(day, time(0), GERMANY).astimezone(timezone.utc)
    now = start + timedelta(minutes=minutes)
    done = [german_day(now) - timedelta(days=1), german_day(now)][:already]
    upcoming = next_daily(now, at, done, LONG_AGO)
    assert upcoming >= now
    assert daily_due(upcoming, at, done, LONG_AGO) == german_day(upcoming)
    just_before = upcoming - timedelta(minutes=1)
    if just_before >= now:
        assert daily_due(just_before, at, done, LONG_AGO) is None


def test_what_was_due_before_it_was_switched_on_is_not_made_up_for() -> None:
    since = utc(2026, 1, 5, 9)
    assert daily_due(utc(2026, 1, 5, 12), time(6, 30), [], since) is None
    assert next_daily(utc(2026, 1, 5, 12), time(6, 30), [], since) == utc(2026, 1, 6, 5, 30)
    assert daily_due(utc(2026, 1, 6, 23, 30), time(6, 30), [], since) is None  # a new day there
    assert daily_due(utc(2026, 1, 6, 22, 30), time(6, 30), [], since) == date(2026, 1, 6)


def test_a_wrong_clock_of_long_ago_holds_nothing_up() -> None:
    now = utc(2026, 1, 5, 12)
    assert on_since(now, None) == now
    assert on_since(now, utc(2030, 1, 1)) == now
    assert on_since(now, utc(2026, 1, 1)) == utc(2026, 1, 1)
    assert daily_due(now, time(6, 30), [date(2030, 1, 1)], LONG_AGO) == date(2026, 1, 5)
    assert sooner(now, utc(2030, 1, 1), timedelta(minutes=5)) == now + timedelta(minutes=5)


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_waits_grow_and_are_bounded(failures: int, minutes: int) -> None:
    interval = timedelta(minutes=minutes)
    wait = wait_after(failures, interval)
    assert interval <= wait <= max(interval, MOST_WAIT)
    assert wait <= wait_after(failures + 1, interval)
    assert wait_after(0, interval) == wait_after(1, interval) == interval
