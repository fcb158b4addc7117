"""Days as people type them into a form: text in, the day or a German reason out.

The whole text is read at once, so that no half of it is ever taken for a day. What a text means
must be plain: everything else is refused with a reason, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2099, 12, 31)
"""Days of syncs that a form takes: the API reads any year, but a typed one would be a slip."""

NOT_A_DAY = "Bitte als TT.MM.JJJJ."
NO_SUCH_DAY = "Diesen Tag gibt es nicht."
NO_DAY = "Bitte das Datum eingeben."
OUT_OF_RANGE = f"Nur Jahre {FIRST_DAY.year} bis {LAST_DAY.year}."

_FIRST_BIRTH_YEAR = 1900
_BLANKS = r"[ \t\u00a0\u2007\u202f]*"
_DOT = rf"{_BLANKS}\.{_BLANKS}"
_WITH_DOTS = re.compile(rf"(\d{{1,2}}){_DOT}(\d{{1,2}}){_DOT}(\d{{4}}|\d{{2}})", re.ASCII)
_WITHOUT_DOTS = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_BEGUN = re.compile(
    rf"\d{{1,7}}|\d{{1,2}}{_DOT}(\d{{1,2}}{_BLANKS}|\d{{1,2}}{_DOT}\d{{0,3}})?"
    r"|\d{4}-(\d{1,2}|\d{2}-\d?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class TypedDay:
    """The ``day`` that a text says, or the German ``reason`` why it says none.

    ``unfinished``: typing on may still make a day of it, so that nobody is scolded yet.
    """

    day: date | None = None
    reason: str = ""
    unfinished: bool = False


def read_sync_day(text: str) -> TypedDay:
    """The day of a sync; a year of two digits is one of this century."""
    typed = _read(text, lambda _day, _month, year: 2000 + year)
    if typed.day is not None and not FIRST_DAY <= typed.day <= LAST_DAY:
        return TypedDay(reason=OUT_OF_RANGE)
    return typed


def read_birth_date(text: str, today: date) -> TypedDay:
    """A birth date; a year of two digits makes it the latest such day that is not to come."""

    def whole(day: int, month: int, year: int) -> int:
        latest = today.year - (today.year - year) % 100
        is_to_come = (latest, month, day) > (today.year, today.month, today.day)
        return latest - 100 if is_to_come else latest

    typed = _read(text, whole)
    if typed.day is None:
        return typed
    if typed.day > today:
        return TypedDay(reason="Liegt in der Zukunft.")
    if typed.day.year < _FIRST_BIRTH_YEAR:
        return TypedDay(reason="Bitte das Jahr prüfen.")
    return typed


def _read(text: str, whole_year: Callable[[int, int, int], int]) -> TypedDay:
    """``whole_year`` makes four digits of two; it gets day, month and year as they are typed."""
    typed = text.strip()
    if not typed:
        return TypedDay(reason=NO_DAY, unfinished=True)
    may_go_on = False
    if found := _ISO.fullmatch(typed):
        year, month, day = (int(part) for part in found.groups())
    elif found := _WITH_DOTS.fullmatch(typed) or _WITHOUT_DOTS.fullmatch(typed):
        day, month, year = (int(part) for part in found.groups())
        if len(found[3]) == 2:
            may_go_on = (day, month) == (29, 2)  # 29.2.19 is none, but begins 29.2.1952
            year = whole_year(day, month, year)
    else:
        return TypedDay(reason=NOT_A_DAY, unfinished=_BEGUN.fullmatch(typed) is not None)
    try:
        return TypedDay(date(year, month, day))
    except ValueError:
        return TypedDay(reason=NO_SUCH_DAY, unfinished=may_go_on)
