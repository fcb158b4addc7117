"""What the simulated CallDoc holds while it runs, and the edits that tests and presenters make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from threading import Lock
from typing import Any

from demo.calldoc_json import appointment_json, patient_json, with_old_field_names
from demo.calldoc_search import (
    AppointmentQuery,
    Options,
    search_appointments,
    search_patients,
)
from demo.day_plan import Appointment, demo_days
from demo.people import IN_PATIENT_SEARCH, Person


class CallDocState:
    """Appointments by day and patients, in CallDoc's JSON forms; safe for many threads.

    Entries are any JSON values, so that nonsense can be listed too. They are never changed in
    place: an edit puts a new value where the old one was, and answers handed out stay as they were.
    """

    def __init__(self, days: Mapping[date, Sequence[Any]], patients: Iterable[Any]) -> None:
        self._lock = Lock()
        self._days = {day: tuple(entries) for day, entries in days.items()}
        self._patients = tuple(patients)
        self._options = Options()

    @property
    def options(self) -> Options:
        """How the searches behave at present."""
        with self._lock:
            return self._options

    @options.setter
    def options(self, options: Options) -> None:
        with self._lock:
            self._options = options

    def search_appointments(self, query: AppointmentQuery) -> list[Any]:
        """The ``data`` of an appointment search."""
        with self._lock:
            options, days = self._options, dict(self._days)
        entries = search_appointments(days, query, options)
        if options.field_names == "old":
            return [with_old_field_names(entry) for entry in entries]
        return entries

    def search_patients(self, number: str) -> list[Any]:
        """The ``patients`` of a patient search; empty when nobody has the number."""
        with self._lock:
            options, patients = self._options, self._patients
        return search_patients(patients, number, options)

    def appointments_listed_on(self, day: date) -> tuple[Any, ...]:
        """All entries listed under ``day``, in their order."""
        with self._lock:
            return self._days.get(day, ())

    def count_appointments(self) -> int:
        """How many entries there are on all days."""
        with self._lock:
            return sum(map(len, self._days.values()))

    def add_appointment(self, day: date, entry: Any) -> None:
        """List ``entry`` (any JSON value) as the last one of ``day``."""
        with self._lock:
            self._days[day] = (*self._days.get(day, ()), entry)

    def change_appointment(self, appointment_id: int, changes: Mapping[str, Any]) -> int:
        """Overwrite fields of all entries with this id; returns how many there are.

        An entry stays listed under its day, whatever time it is given.
        """
        return self._edit_days("id", appointment_id, lambda entry: ({**entry, **changes},))

    def remove_appointment(self, appointment_id: int) -> int:
        """Take all entries with this id off their days; returns how many there were."""
        return self._edit_days("id", appointment_id, lambda _: ())

    def replace_day(self, day: date, entries: Iterable[Any]) -> None:
        """List exactly ``entries`` under ``day``."""
        with self._lock:
            self._days[day] = tuple(entries)

    def replace_day_by_plan(self, appointments: Sequence[Appointment], day: date) -> None:
        """List ``appointments`` under ``day``; the patient search learns their people."""
        with self._lock:
            self._days[day] = tuple(map(appointment_json, appointments))
            known = {_field(patient, "id") for patient in self._patients}
            newcomers: dict[int, Person] = {
                item.person.calldoc_id: item.person
                for item in appointments
                if item.person.calldoc_id not in known
            }
            self._patients = (*self._patients, *map(patient_json, newcomers.values()))

    def add_patient(self, patient: Any) -> None:
        """Let the patient search know ``patient`` (any JSON value), as the last one."""
        with self._lock:
            self._patients = (*self._patients, patient)

    def change_patient(self, piz: str, changes: Mapping[str, Any]) -> int:
        """Overwrite fields of all patients with this number; returns how many there are."""
        return self._edit_patients(piz, lambda patient: ({**patient, **changes},))

    def remove_patient(self, piz: str) -> int:
        """Let the patient search forget this number; returns how many patients had it."""
        return self._edit_patients(piz, lambda _: ())

    def _edit_days(
        self, field: str, value: Any, edit: Callable[[dict[str, Any]], Sequence[Any]]
    ) -> int:
        with self._lock:
            touched = 0
            for day, entries in self._days.items():
                self._days[day], count = _edited(entries, field, value, edit)
                touched += count
            return touched

    def _edit_patients(self, piz: str, edit: Callable[[dict[str, Any]], Sequence[Any]]) -> int:
        with self._lock:
            self._patients, touched = _edited(self._patients, "piz", piz, edit)
            return touched


def ordinary_state(today: date) -> CallDocState:
    """The state that the demo begins with."""
    return CallDocState(
        {day: tuple(map(appointment_json, plan)) for day, plan in demo_days(today).items()},
        map(patient_json, IN_PATIENT_SEARCH),
    )


def _edited(
    entries: Sequence[Any],
    field: str,
    value: Any,
    edit: Callable[[dict[str, Any]], Sequence[Any]],
) -> tuple[tuple[Any, ...], int]:
    result: list[Any] = []
    touched = 0
    for entry in entries:
        if isinstance(entry, dict) and entry.get(field) == value:
            result.extend(edit(entry))
            touched += 1
        else:
            result.append(entry)
    return tuple(result), touched


def _field(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None
