"""What CallDoc's searches answer, as pure functions over the entries that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

FIELD_NAMES = ("new", "old")
FILTERS = ("unreliable", "ignored", "honoured")
UNKNOWN_PATIENT = ("empty", "null", "404")

_FILTER_FIELDS = {
    "appointment_type_id": "appointment_type",
    "employee_id": "employee",
    "room_id": "room",
    "patient": "patient",
    "status": "status",
    "doctors_office_location": "doctors_office_location",
}
_STRANGERS_OF_EACH_SORT = 3


class OptionError(ValueError):
    """An option with an unknown name or value; the text says which."""


@dataclass(frozen=True)
class Options:
    """How this CallDoc behaves when nothing is wrong with it.

    - ``field_names``: ``new`` or ``old`` names of type, employee and room.
    - ``filters``: ``unreliable`` honours day and type but adds a few entries of other types and
      another day, and ignores the other filters; ``ignored`` answers everything there is;
      ``honoured`` is exact. The patient search lists numbers that merely begin like the one asked
      for unless the filters are ``honoured``.
    - ``unknown_patient``: what the patient search says to a number nobody has: an ``empty`` list, a
      ``null`` list or ``404``.
    """

    field_names: str = "new"
    filters: str = "unreliable"
    unknown_patient: str = "empty"


def parse_options(document: object) -> Options:
    """Read options (decoded JSON); what is left out has its default. Raises ``OptionError``."""
    if not isinstance(document, dict):
        raise OptionError("options: an object is expected")
    allowed = {
        "field_names": FIELD_NAMES,
        "filters": FILTERS,
        "unknown_patient": UNKNOWN_PATIENT,
    }
    for name, value in document.items():
        if name not in allowed:
            raise OptionError(f"options: unknown name {name!r}; known are {', '.join(allowed)}")
        if value not in allowed[name]:
            known = ", ".join(allowed[name])
            raise OptionError(f"{name}: unknown value {value!r}; known are {known}")
    return Options(**document)


@dataclass(frozen=True)
class AppointmentQuery:
    """An appointment search: the days, both included, and the other filters as they came."""

    from_date: date
    to_date: date
    filters: Mapping[str, str]


def read_query(parameters: Mapping[str, str]) -> AppointmentQuery:
    """The query of a search's URL. Raises ``ValueError`` when a date is missing or unreadable."""
    for name in ("from_date", "to_date"):
        if name not in parameters:
            raise ValueError(f"{name} is missing")
    return AppointmentQuery(
        date.fromisoformat(parameters["from_date"]),
        date.fromisoformat(parameters["to_date"]),
        {name: value for name, value in parameters.items() if name in _FILTER_FIELDS},
    )


def search_appointments(
    days: Mapping[date, Sequence[Any]], query: AppointmentQuery, options: Options
) -> list[Any]:
    """The entries of the answer, in the newer field names.

    ``days`` maps a day to the entries listed under it. An entry that is no object passes every
    filter.
    """
    if options.filters == "ignored":
        return [entry for day in sorted(days) for entry in days[day]]
    asked = [
        entry
        for day in sorted(days)
        if query.from_date <= day <= query.to_date
        for entry in days[day]
    ]
    if options.filters == "honoured":
        return [entry for entry in asked if _passes(entry, query.filters)]
    type_filter = {k: v for k, v in query.filters.items() if k == "appointment_type_id"}
    wanted = [entry for entry in asked if _passes(entry, type_filter)]
    other_types = [entry for entry in asked if not _passes(entry, type_filter)]
    return [
        *wanted,
        *other_types[:_STRANGERS_OF_EACH_SORT],
        *_neighbours(days, query)[:_STRANGERS_OF_EACH_SORT],
    ]


def search_patients(patients: Iterable[Any], number: str, options: Options) -> list[Any]:
    """The patients with this number, and those whose number begins with it, in stored order."""
    if not number:
        return []
    if options.filters == "honoured":
        return [patient for patient in patients if _number(patient) == number]
    return [patient for patient in patients if _number(patient).startswith(number)]


def options_json(options: Options) -> dict[str, str]:
    """The document that ``parse_options`` reads back to the same value."""
    return {item.name: getattr(options, item.name) for item in fields(options)}


def _neighbours(days: Mapping[date, Sequence[Any]], query: AppointmentQuery) -> Sequence[Any]:
    others = [day for day in days if not query.from_date <= day <= query.to_date and days[day]]
    if not others:
        return ()
    return days[min(others, key=lambda day: (abs(day - query.to_date), day))]


def _passes(entry: Any, filters: Mapping[str, str]) -> bool:
    if not isinstance(entry, dict):
        return True
    return all(str(entry.get(_FILTER_FIELDS[name])) == value for name, value in filters.items())


def _number(patient: Any) -> str:
    return str(patient.get("piz", "")).strip() if isinstance(patient, dict) else ""
