"""Days and moments as the two foreign systems write them.

SQLHK keeps dates as German text that people also type; CallDoc sends ISO texts with an offset,
with ``Z`` or with none at all, which means local time. A day is always a day in Germany.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

_GERMAN = re.compile(r"(\d{1,2})\s*\.\s*(\d{1,2})\s*\.\s*(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_TIME_PART = re.compile(r"[T ]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")


def read_day(value: object) -> date | None:
    """The calendar day in a text of either system, or None when there is none to be read.

    Takes ``6.10.2025``, ``06.10.2025``, ``2025-10-06``, blanks around them and a time part behind
    them (which is cut: a birth date has none). Years have four digits: ``50`` could be 1950 or
    2050, so it is not read.
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    match = _GERMAN.match(text)
    if match:
        day, month, year = (int(part) for part in match.groups())
    else:
        match = _ISO.match(text)
        if not match:
            return None
        year, month, day = (int(part) for part in match.groups())
    rest = text[match.end() :]
    if rest and not _TIME_PART.fullmatch(rest):
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def german_day(day: date) -> str:
    """The day as SQLHK keeps it: ``dd.mm.yyyy``."""
    return f"{day.day:02d}.{day.month:02d}.{day.year:04d}"


def german_weekday(day: date) -> str:
    """The German name of the day's weekday."""
    return _WEEKDAYS[day.weekday()]


def read_moment(value: object) -> datetime | None:
    """CallDoc's moment in German local time, or None when it cannot be read.

    A text without an offset is local time already.
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text.endswith(("Z", "z")):  # datetime.fromisoformat knows it from Python 3.11 on only
        text = text[:-1] + "+00:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if "T" not in text and " " not in text:
        return None  # a bare day says nothing about when
    if moment.tzinfo is None:
        return moment.replace(tzinfo=BERLIN)
    try:
        return moment.astimezone(BERLIN)
    except OverflowError:
        return None
