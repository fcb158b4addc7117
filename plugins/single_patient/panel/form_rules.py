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

T = TypeVar("T")

KNOWN_TYPES: Mapping[int, str] = {24: "Herzkatheteruntersuchung", 25: "Ablation"}
SHORT_TYPES: Mapping[int, str] = {24: "Herzkatheter", 25: "Ablation"}
DEFAULT_TYPE = 24
_MOST_DIGITS = 9
_LARGEST_TYPE = 2**31 - 1
_GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_BEGUN_GERMAN_DAY = re.compile(r"\d{1,2}(\.(\d{1,2}(\.\d{0,3})?)?)?", re.ASCII)


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

    Blanks anywhere (also those that come with pasting) are cut, and so are leading zeros.
    """
    digits = "".join(text.split())
    if not digits:
        return Judged(Verdict.INCOMPLETE, reason="Bitte die PIZ eingeben.")
    if not (digits.isascii() and digits.isdigit()):
        return Judged(Verdict.WRONG, reason="Nur Ziffern, bitte.")
    if len(digits) > _MOST_DIGITS:
        return Judged(Verdict.WRONG, reason=f"Höchstens {_MOST_DIGITS} Ziffern.")
    number = digits.lstrip("0")
    if not number:
        return Judged(Verdict.WRONG, reason="Nicht nur Nullen.")
    return Judged(Verdict.GOOD, number)


def judge_birth_date(text: str, today: date) -> Judged[date]:
    """The optional birth date, ``TT.MM.JJJJ``; an empty field is good and has no value."""
    typed = "".join(text.split())
    if not typed:
        return Judged(Verdict.GOOD)
    found = _GERMAN_DAY.fullmatch(typed)
    if found is None:
        verdict = Verdict.INCOMPLETE if _BEGUN_GERMAN_DAY.fullmatch(typed) else Verdict.WRONG
        return Judged(verdict, reason="Bitte als TT.MM.JJJJ eingeben, z. B. 31.01.1950.")
    day, month, year = (int(part) for part in found.groups())
    try:
        value = date(year, month, day)
    except ValueError:
        return Judged(Verdict.WRONG, reason="Diesen Tag gibt es nicht.")
    if value > today:
        return Judged(Verdict.WRONG, reason="Das Geburtsdatum liegt in der Zukunft.")
    return Judged(Verdict.GOOD, value)


def judge_appointment_type(text: str) -> Judged[int]:
    """The appointment type: one from the list, or a number from 1 on."""
    typed = " ".join(text.split())
    if not typed:
        return Judged(Verdict.INCOMPLETE, reason="Bitte eine Terminart wählen.")
    for number in KNOWN_TYPES:
        if typed.casefold() == type_label(number).casefold():
            return Judged(Verdict.GOOD, number)
    if not (typed.isascii() and typed.isdigit()):
        return Judged(Verdict.WRONG, reason="Terminart aus der Liste oder eine Nummer.")
    if not 1 <= int(typed[:20]) <= _LARGEST_TYPE:
        return Judged(Verdict.WRONG, reason="Diese Nummer kann keine Terminart sein.")
    return Judged(Verdict.GOOD, int(typed))


def type_label(appointment_type_id: int) -> str:
    """Number and, where known, name of an appointment type."""
    name = KNOWN_TYPES.get(appointment_type_id)
    return f"{appointment_type_id} {name}" if name else str(appointment_type_id)
