"""What may be filled into the form, as pure functions: input in, values or a German reason out.

The rules are those of the task kind, so that the form never accepts what the program refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sync_core.dates import german_weekday

KNOWN_TYPES: Mapping[int, str] = {24: "Herzkatheter", 25: "Ablation"}
DEFAULT_TYPES = (24, 25)
ALL_TYPES: Literal["all"] = "all"
NO_TYPES = "Bitte mindestens eine Terminart wählen."
_LARGEST_TYPE = 2**31 - 1
_MOST_TYPES = 98  # with the known ones no more than a request may hold
_BETWEEN = re.compile(r"[,;\s]+")


@dataclass(frozen=True)
class Numbers:
    """What became of typed numbers: the ``values`` in their order, or the German ``reason``."""

    values: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class FormInput:
    """A form filled in rightly. ``types`` are ascending numbers, or all that SQLHK maps."""

    day: date
    types: tuple[int, ...] | Literal["all"]
    delete_obsolete: bool = False
    smart_status_filter: bool = True

    def request(self) -> dict[str, Any]:
        """The kind's request in JSON types; one type is sent as a number, several as a list."""
        types: Any = self.types
        if self.types != ALL_TYPES:
            types = self.types[0] if len(self.types) == 1 else list(self.types)
        return {
            "date": self.day.isoformat(),
            "appointment_type_id": types,
            "delete_obsolete": self.delete_obsolete,
            "smart_status_filter": self.smart_status_filter,
        }


def read_numbers(text: str) -> Numbers:
    """Appointment types typed as numbers, with commas, semicolons or blanks between them."""
    values: list[int] = []
    for word in filter(None, _BETWEEN.split(text)):
        if not (word.isascii() and word.isdigit()):
            return Numbers(reason="Nur Nummern, mit Komma dazwischen.")
        if not 1 <= int(word[:20]) <= _LARGEST_TYPE:
            return Numbers(reason=f"{word[:12]} kann keine Terminart sein.")
        if int(word) not in values:
            values.append(int(word))
    if len(values) > _MOST_TYPES:
        return Numbers(reason=f"Höchstens {_MOST_TYPES} Terminarten.")
    return Numbers(tuple(values))


def why_no_deletion(day: date | None, today: date) -> str:
    """Why nothing can be deleted on ``day``, None for no day; empty when it can."""
    return "" if day is not None and day > today else "Nur für künftige Tage möglich."


def day_hint(day: date, today: date) -> str:
    """The weekday, and how the day lies to today."""
    when = "heute" if day == today else "vergangener Tag" if day < today else "künftiger Tag"
    return f"{german_weekday(day)}, {when}"


def long_day(iso: object) -> str:
    """``2025-10-06`` as ``Montag, 06.10.2025``; what is no day stays as it is."""
    try:
        day = date.fromisoformat(str(iso))
    except ValueError:
        return str(iso or "–")
    return f"{german_weekday(day)}, {day:%d.%m.%Y}"


def short_day(iso: object) -> str:
    """``2025-10-06`` as ``06.10.2025``; what is no day stays as it is."""
    return long_day(iso).rpartition(", ")[2]


def shortest_day(iso: object) -> str:
    """``2025-10-06`` as ``06.10.25``; what is no day stays as it is."""
    day = short_day(iso)
    return day if day == str(iso) else f"{day[:6]}{day[-2:]}"


def type_words(asked: object) -> str:
    """The asked appointment types of a request for people."""
    if asked == ALL_TYPES:
        return "alle zugeordneten Terminarten"
    numbers: list[Any] = list(asked) if isinstance(asked, list | tuple) else [asked]
    return ", ".join(f"{number} {KNOWN_TYPES.get(number, '')}".rstrip() for number in numbers)
