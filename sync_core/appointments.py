"""CallDoc's answers as typed values.

Experience with CallDoc: fields change their names between versions (``appointment_type_id``
became ``appointment_type``), numbers come as text, anything can be null. One appointment that
cannot be read becomes an :class:`UnreadableAppointment` and spoils no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync_core.dates import read_day, read_moment

CANCELLED = frozenset({"canceled", "cancelled"})
NO_SHOW = frozenset({"no_show"})
TOOK_PLACE = frozenset({"completed", "finished_final"})
KNOWN_STATUSES = CANCELLED | NO_SHOW | TOOK_PLACE | {"created", "confirmed"}

_DIGITS = re.compile(r"[0-9]{1,18}")
_UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
_LARGEST_INT = 2**31 - 1  # SQL Server's int, the type of every key and number in SQLHK


@dataclass(frozen=True)
class Person:
    """What CallDoc tells about a patient, from an appointment or from the patient search.

    ``piz`` is the number as an int. ``gender`` is SQLHK's code: 0 unknown, 1 male, 2 female.
    """

    piz: int | None
    surname: str | None
    given_name: str | None
    birth_date: date | None
    calldoc_id: int | None = None
    insurance_number: str | None = None
    city_code: int | None = None
    city: str | None = None
    street: str | None = None
    house_number: str | None = None
    gender: int = 0
    email: str | None = None
    mobile: str | None = None


@dataclass(frozen=True)
class Appointment:
    """One readable appointment. ``status`` is in lower case, ``starts_at`` in German time."""

    appointment_id: int
    type_id: int
    starts_at: datetime
    status: str
    employee_id: int | None
    room_id: int | None
    person: Person

    @property
    def piz(self) -> int | None:
        """The patient's number."""
        return self.person.piz

    @property
    def day(self) -> date:
        """The local calendar day."""
        return self.starts_at.date()


@dataclass(frozen=True)
class UnreadableAppointment:
    """An appointment that lacks what is needed to place it.

    ``piz`` and ``day`` are kept where they could be read, so that the patient's ledger can show
    it. ``problem`` names the field, in English, without its value.
    """

    appointment_id: int | None
    piz: int | None
    day: date | None
    problem: str


def read_piz(value: object) -> int | None:
    """A patient's number from text or number: blanks and leading zeros mean nothing.

    None for everything that is no number from 1 to 2,147,483,647 (SQLHK's column is an int).
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip() if isinstance(value, (int, str)) else ""
    if not _DIGITS.fullmatch(text):
        return None
    number = int(text)
    return number if 1 <= number <= _LARGEST_INT else None


def read_appointment(raw: object) -> Appointment | UnreadableAppointment:
    """One entry of CallDoc's ``data`` list, whatever it is."""
    if not isinstance(raw, Mapping):
        return UnreadableAppointment(None, None, None, "not an object")
    appointment_id = _whole(raw.get("id"))
    person = read_person(raw, calldoc_id=raw.get("patient"))
    starts_at = read_moment(raw.get("scheduled_for_datetime"))
    type_id = _whole(_newer(raw, "appointment_type", "appointment_type_id"))
    day = starts_at.date() if starts_at else None
    if appointment_id is None:
        return UnreadableAppointment(None, person.piz, day, "id")
    if starts_at is None:
        return UnreadableAppointment(appointment_id, person.piz, None, "scheduled_for_datetime")
    if type_id is None:
        return UnreadableAppointment(appointment_id, person.piz, day, "appointment_type")
    status = _text(raw.get("status"))
    return Appointment(
        appointment_id=appointment_id,
        type_id=type_id,
        starts_at=starts_at,
        status=(status or "").lower(),
        employee_id=_whole(_newer(raw, "employee", "employee_id")),
        room_id=_whole(_newer(raw, "room", "room_id")),
        person=person,
    )


def read_person(raw: Mapping[str, Any], *, calldoc_id: object) -> Person:
    """The patient's data in an appointment or in an entry of the patient search."""
    insurance = _newer(raw, "patient_insurance_number", "insurance_number")
    return Person(
        piz=read_piz(raw.get("piz")),
        surname=_text(raw.get("surname")),
        given_name=_text(raw.get("name")),
        birth_date=read_day(raw.get("date_of_birth")),
        calldoc_id=_whole(calldoc_id),
        insurance_number=_text(insurance),
        city_code=_city_code(raw.get("city_code")),
        city=_text(raw.get("city")),
        street=_text(raw.get("street")),
        house_number=_text(raw.get("house_number")),
        gender={"male": 1, "female": 2}.get((_text(raw.get("gender")) or "").lower(), 0),
        email=_first(raw.get("emails"), "email"),
        mobile=_first(raw.get("phones"), "phone_number", phone_type="mobile"),
    )


def _newer(raw: Mapping[str, Any], new: str, old: str) -> object:
    value = raw.get(new)
    return raw.get(old) if value is None else value


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else None
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    return None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        # A lone half of a character, or NUL, cannot be stored: as good as missing.
        return None if _UNSTORABLE.search(value) else value.strip() or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # house numbers and insurance numbers come as numbers, too
    return None


def _city_code(value: object) -> int | None:
    number = _whole(value)
    return number if number is not None and 0 <= number <= _LARGEST_INT else None


def _first(entries: object, field: str, *, phone_type: str | None = None) -> str | None:
    if not isinstance(entries, list):
        return None
    for entry in entries:
        if not isinstance(entry, Mapping):
            continue
        if phone_type and (_text(entry.get("phone_type")) or "").lower() != phone_type:
            continue
        text = _text(entry.get(field))
        if text:
            return text
    return None
