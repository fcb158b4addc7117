"""Entries as CallDoc answers them, about an invented person; each test changes what it is about."""

from __future__ import annotations

from datetime import date
from typing import Any

from sync_core.appointments import Appointment, Person, read_appointment

DAY = date(2025, 10, 6)
PIZ = 1234567
BORN = date(1950, 1, 31)


def entry(**changes: Any) -> dict[str, Any]:
    """One entry of ``data``; a changed field may be None, and ``...`` takes it away."""
    raw: dict[str, Any] = {
        "id": 244092,
        "piz": "1234567",
        "appointment_type": 24,
        "employee": 27,
        "employee_title": "Dr.",
        "room": 54,
        "status": "created",
        "scheduled_for_datetime": "2025-10-06T08:00:00+02:00",
        "surname": "Beispiel",
        "name": "Erna",
        "date_of_birth": "1950-01-31",
        "patient": 4711,
        "patient_insurance_number": "A123456789",
        "city_code": "90402",
        "city": "Nürnberg",
        "street": "Hauptstr.",
        "house_number": "1",
        "gender": "female",
        "emails": [{"email": "erna@example.org"}],
        "phones": [{"phone_type": "Mobile", "phone_number": "0170 0000001"}],
    }
    raw.update(changes)
    return {name: value for name, value in raw.items() if value is not ...}


def appointment(**changes: Any) -> Appointment:
    """The same, read; it has to be readable."""
    read = read_appointment(entry(**changes))
    assert isinstance(read, Appointment)
    return read


def person(**changes: Any) -> Person:
    """A person as the rules get it."""
    values: dict[str, Any] = {
        "piz": PIZ,
        "surname": "Beispiel",
        "given_name": "Erna",
        "birth_date": BORN,
    }
    return Person(**(values | changes))
