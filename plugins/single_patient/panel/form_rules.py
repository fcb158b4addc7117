"""What may be typed into the form, as pure functions: text in, verdict with a German reason out.

The rules are those of the HTTP call, so that the form never accepts what the program refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

from sync_core.dates import german_weekday
from sync_core.typed_days import TypedDay, read_birth_date, read_sync_day

T = TypeVar("T")

KNOWN_TYPES: Mapping[int, str] = {24: "Herzkatheteruntersuchung", 25: "Ablation"}
SHORT_TYPES: Mapping[int, str] = {24: "Herzkatheter", 25: "Ablation"}
DEFAULT_TYPE = 24
_MOST_DIGITS = 9
_LARGEST_TYPE = 2**31 - 1
_NEXT_CELL = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
"""What stands between two numbers that are copied from lines or from cells of a table."""


class Verdict(Enum):
    """``INCOMPLETE`` may still become right by typing on; ``WRONG`` may not."""

    GOOD = "good"
    INCOMPLETE = "incomplete"
    WRONG = "wrong"


@dataclass(frozen=True)
class Judged(Generic[T]):
    """What became of a text: its value when good, else the German reason."""

    verdict: Verdict
    value: T | None = None
    reason: str = ""


@dataclass(frozen=True)
class FormInput:
    """A form filled in rightly. ``piz`` is normalised; ``birth_date`` is the optional check."""

    piz: str
    day: date
    appointment_type_id: int
    birth_date: date | None = None

    def request(self) -> dict[str, Any]:
        """The fields that every start of a task has in common, in JSON types."""
        fields: dict[str, Any] = {
            "piz": self.piz,
            "date": self.day.isoformat(),
            "appointment_type_id": self.appointment_type_id,
        }
        if self.birth_date is not None:
            fields["expected_birth_date"] = self.birth_date.isoformat()
        return fields


def judge_piz(text: str) -> Judged[str]:
    """The patient number: 1 to 9 digits, not all zero.

    Blanks anywhere (also those that come with pasting) are cut, and so are leading zeros. Two
    lines or cells are two numbers: joined they would be the number of somebody else.
    """
    if _NEXT_CELL.search(text.strip()):
        return Judged(Verdict.WRONG, reason="Nur eine Nummer.")
    digits = "".join(text.split())
    if not digits:
        return Judged(Verdict.INCOMPLETE, reason="Die PIZ fehlt.")
    if not (digits.isascii() and digits.isdigit()):
        return Judged(Verdict.WRONG, reason="Bitte nur Ziffern.")
    if len(digits) > _MOST_DIGITS:
        return Judged(Verdict.WRONG, reason=f"Höchstens {_MOST_DIGITS} Ziffern.")
    number = digits.lstrip("0")
    if not number:
        return Judged(Verdict.WRONG, reason="Nicht nur Nullen.")
    return Judged(Verdict.GOOD, number)


def judge_birth_date(text: str, today: date) -> Judged[date]:
    """The optional birth date, in the forms of a typed day; an empty field is good, with none."""
    return _as_judged(read_birth_date(text, today)) if text.strip() else Judged(Verdict.GOOD)


def judge_day(text: str) -> Judged[date]:
    """The day of the sync, in the forms of a typed day."""
    return _as_judged(read_sync_day(text))


def day_hint(day: date, today: date) -> str:
    """The weekday, and how the day lies to today, short."""
    when = "heute" if day == today else "vergangen" if day < today else "künftig"
    return f"{german_weekday(day)}, {when}"


def _as_judged(typed: TypedDay) -> Judged[date]:
    if typed.day is not None:
        return Judged(Verdict.GOOD, typed.day)
    return Judged(Verdict.INCOMPLETE if typed.unfinished else Verdict.WRONG, reason=typed.reason)


def judge_appointment_type(text: str) -> Judged[int]:
    """The appointment type: one from the list, or a number from 1 on."""
    typed = " ".join(text.split())
    if not typed:
        return Judged(Verdict.INCOMPLETE, reason="Bitte eine Terminart wählen.")
    for number in KNOWN_TYPES:
        if typed.casefold() == type_label(number).casefold():
            return Judged(Verdict.GOOD, number)
    if not (typed.isascii() and typed.isdigit()):
        return Judged(Verdict.WRONG, reason="Bitte wählen oder eine Nummer eingeben.")
    if not 1 <= int(typed[:20]) <= _LARGEST_TYPE:
        return Judged(Verdict.WRONG, reason="Diese Nummer kann keine Terminart sein.")
    return Judged(Verdict.GOOD, int(typed))


def type_label(appointment_type_id: int) -> str:
    """Number and, where known, name of an appointment type."""
    name = KNOWN_TYPES.get(appointment_type_id)
    return f"{appointment_type_id} {name}" if name else str(appointment_type_id)
