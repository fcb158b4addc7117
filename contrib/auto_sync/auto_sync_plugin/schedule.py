"""When something is due: pure rules over a clock that is handed in.

The clock may do anything: jump after a sleep, go back when somebody corrects it, or tell an hour
twice or not at all when summer time changes. Moments are aware datetimes; days are German ones.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

GERMANY = ZoneInfo("Europe/Berlin")
MOST_WAIT = timedelta(minutes=60)
"""No wait after failures is longer, unless the interval itself is."""


def german_day(moment: datetime) -> date:
    """The calendar day in Germany."""
    return moment.astimezone(GERMANY).date()


def moment_of(day: date, at: time) -> datetime:
    """When the clocks in Germany show ``at`` on ``day``, in UTC.

    A time that is shown twice means the first; one that is left out comes an hour later.
    """
    return datetime.combine(day, at, GERMANY).astimezone(timezone.utc)


def on_since(now: datetime, before: datetime | None) -> datetime:
    """Since when the automation is on, as remembered; a moment to come was a wrong clock's."""
    return now if before is None or before > now else before


def daily_due(now: datetime, at: time, done: Container[date], since: datetime) -> date | None:
    """The day whose daily run must begin now, or None.

    ``done`` are the days that had theirs, ``since`` is when the automation was switched on: what
    was due before is not made up for. What was missed while the program slept or did not run is,
    once, as long as it is still the same day.
    """
    today = german_day(now)
    due = moment_of(today, at)
    return today if today not in done and since <= due <= now else None


def next_daily(now: datetime, at: time, done: Container[date], since: datetime) -> datetime:
    """When the next daily run begins: now or later."""
    day = german_day(now)
    if daily_due(now, at, done, since) is not None:
        return now
    while day in done or moment_of(day, at) < max(now, since):
        day += timedelta(days=1)
    return moment_of(day, at)


def wait_after(failures: int, interval: timedelta) -> timedelta:
    """How long to wait when the last ``failures`` attempts failed in a row; 0: the interval."""
    doubled: timedelta = interval * 2 ** min(max(0, failures - 1), 10)
    return min(doubled, max(interval, MOST_WAIT))


def sooner(now: datetime, planned: datetime, wait: timedelta) -> datetime:
    """``planned``, but not later than ``wait`` from now: it lies there after a clock went back."""
    return min(planned, now + wait)
