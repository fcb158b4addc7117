"""CallDoc's JSON forms of appointments and patients, as pure functions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

from demo.day_plan import Appointment
from demo.people import EMPLOYEES, Person

BERLIN = ZoneInfo("Europe/Berlin")

JsonObject = dict[str, Any]

_OLD_NAMES = {
    "appointment_type": "appointment_type_id",
    "employee": "employee_id",
    "room": "room_id",
}


def appointment_json(appointment: Appointment) -> JsonObject:
    """One entry of an appointment search's ``data``, in the newer field names."""
    person = appointment.person
    doctor = EMPLOYEES[appointment.employee]
    return {
        "id": appointment.id,
        "piz": appointment.listed_piz,
        "appointment_type": appointment.appointment_type,
        "employee": appointment.employee,
        "employee_title": doctor.title,
        "employee_first_name": doctor.first_name,
        "employee_last_name": doctor.last_name,
        "room": appointment.room,
        "status": appointment.status,
        "scheduled_for_datetime": _written_time(appointment),
        "surname": person.surname,
        "name": person.name,
        "date_of_birth": _birth_date(person),
        "patient": person.calldoc_id,
        "patient_insurance_number": person.insurance_number,
        **_address(person),
        "gender": person.gender,
        **_contacts(person),
    }


def patient_json(person: Person) -> JsonObject:
    """One entry of a patient search's ``patients``."""
    born = _birth_date(person)
    return {
        "id": person.calldoc_id,
        "piz": person.piz,
        "surname": person.surname,
        "name": person.name,
        "date_of_birth": f"{born}T00:00:00" if born and person.birth_date_has_time else born,
        "gender": person.gender,
        "insurance_number": person.insurance_number,
        "insurance_provider": "Musterkasse" if person.insurance_number else None,
        "address": None,
        **_address(person),
        **_contacts(person),
    }


def with_old_field_names(entry: Any) -> Any:
    """The same appointment as older versions of CallDoc name three of its fields."""
    if not isinstance(entry, dict):
        return entry
    return {_OLD_NAMES.get(name, name): value for name, value in entry.items()}


def _written_time(appointment: Appointment) -> str:
    local = datetime.combine(appointment.day, appointment.at, BERLIN)
    if appointment.written_in == "utc":
        return local.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if appointment.written_in == "local":
        return local.replace(tzinfo=None).isoformat()
    return local.isoformat()


def _birth_date(person: Person) -> str | None:
    return person.born.isoformat() if person.born else None


def _address(person: Person) -> JsonObject:
    return {
        "city_code": person.city_code,
        "city": person.city,
        "street": person.street,
        "house_number": person.house_number,
    }


def _contacts(person: Person) -> JsonObject:
    phones = (("Landline", person.landline), ("Mobile", person.mobile))
    return {
        "emails": [{"email": person.email}] if person.email else [],
        "phones": [
            {"phone_type": kind, "phone_number": number} for kind, number in phones if number
        ],
    }
