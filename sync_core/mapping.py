"""From CallDoc's type, room and doctor to SQLHK's keys: pure rules without guesses.

There is no built-in default for a room or a doctor: a wrong examination in a medical registry is
worse than none. A default exists only where somebody configured one, and is named in a warning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sync_core.appointments import Appointment
from sync_core.dates import german_day
from sync_core.errors import MappingMissingError
from sync_core.settings import MappingSettings, TypeRule
from sync_core.task_model import TaskWarning


@dataclass(frozen=True)
class MappingRow:
    """One row of a mapping table: SQLHK's key and the CallDoc value as it stands there.

    ``name`` is what people call it, where it was asked for. It decides nothing and is printed
    nowhere: rows with different names are equal.
    """

    key: int
    calldoc: object
    name: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class MappingTables:
    """The rows of Untersuchungart, Herzkatheter and Untersucherabrechnung."""

    kinds: Sequence[MappingRow]
    rooms: Sequence[MappingRow]
    doctors: Sequence[MappingRow]


@dataclass(frozen=True)
class ExaminationValues:
    """What an appointment says about its examination row."""

    day: date
    kind_id: int
    lab_id: int
    doctor_id: int
    zuweiser_id: int
    roentgen: int
    herzteam: int
    materialpreis: float
    drgid: int

    def columns(self, patient_id: int | None) -> dict[str, Any]:
        """The new row under SQLHK's own column names."""
        return {
            "Datum": german_day(self.day),
            "PatientID": patient_id,
            "UntersuchungartID": self.kind_id,
            "HerzkatheterID": self.lab_id,
            "UntersucherAbrechnungID": self.doctor_id,
            "ZuweiserID": self.zuweiser_id,
            "Roentgen": self.roentgen,
            "Herzteam": self.herzteam,
            "Materialpreis": self.materialpreis,
            "DRGID": self.drgid,
        }


def map_kind(type_id: int, kinds: Sequence[MappingRow]) -> tuple[int, tuple[TaskWarning, ...]]:
    """The UntersuchungartID of an appointment type, and warnings about unreadable rows.

    Raises ``MappingMissingError`` when no row or more than one maps the type.
    """
    found: list[int] = []
    unreadable: list[int] = []
    for row in kinds:
        try:
            mapped = _type_in_json(row.calldoc)
        except ValueError:
            unreadable.append(row.key)
            continue
        if mapped == type_id:
            found.append(row.key)
    warnings = tuple(
        TaskWarning(
            "mapping_unreadable",
            f"Untersuchungart {key}: appointment_type ist nicht lesbar und wurde übergangen.",
        )
        for key in unreadable
    )
    return _only(found, f"Terminart {type_id}", "Untersuchungart"), warnings


def mapped_types(kinds: Sequence[MappingRow]) -> frozenset[int]:
    """Every CallDoc type that some kind of examination maps."""
    types: set[int] = set()
    for row in kinds:
        try:
            mapped = _type_in_json(row.calldoc)
        except ValueError:
            continue
        if mapped is not None:
            types.add(mapped)
    return frozenset(types)


def map_appointment(
    appointment: Appointment, tables: MappingTables, settings: MappingSettings
) -> tuple[ExaminationValues, tuple[TaskWarning, ...]]:
    """The examination that the appointment becomes, and warnings about defaults used.

    Raises ``MappingMissingError`` naming what has no counterpart, or more than one.
    """
    kind_id, warnings = map_kind(appointment.type_id, tables.kinds)
    rule = settings.rules.get(appointment.type_id, TypeRule())
    if rule.herzkatheter_id is not None:
        lab_id = rule.herzkatheter_id
    else:
        lab_id, used = _map_or_default(
            appointment.room_id, tables.rooms, settings.default_herzkatheter_id, "Raum"
        )
        warnings += used
    doctor_id, used = _map_or_default(
        appointment.employee_id, tables.doctors, settings.default_untersucher_id, "Arzt"
    )
    warnings += used
    values = ExaminationValues(
        day=appointment.day,
        kind_id=kind_id,
        lab_id=lab_id,
        doctor_id=doctor_id,
        zuweiser_id=zuweiser_for(appointment.type_id, settings),
        roentgen=settings.roentgen,
        herzteam=settings.herzteam,
        materialpreis=settings.materialpreis,
        drgid=settings.drgid,
    )
    return values, warnings


def zuweiser_for(type_id: int, settings: MappingSettings) -> int:
    """The ZuweiserID of a new examination of this CallDoc type."""
    prescribed = settings.rules.get(type_id, TypeRule()).zuweiser_id
    return settings.zuweiser_id if prescribed is None else prescribed


_TARGETS = {"Raum": "Herzkatheter", "Arzt": "Untersucherabrechnung"}


def _map_or_default(
    calldoc: int | None, rows: Sequence[MappingRow], default: int | None, word: str
) -> tuple[int, tuple[TaskWarning, ...]]:
    found = [row.key for row in rows if calldoc is not None and row.calldoc == calldoc]
    if found or default is None:
        name = f"{word} {calldoc}" if calldoc is not None else f"{word} (im Termin leer)"
        return _only(found, name, _TARGETS[word]), ()
    name = "leer" if calldoc is None else str(calldoc)
    warning = TaskWarning(
        "default_used",
        f"{word} {name} ist nicht zugeordnet; eingetragen wird der eingestellte Ersatz "
        f"{_TARGETS[word]} {default}.",
    )
    return default, (warning,)


def _only(found: Sequence[int], name: str, table: str) -> int:
    if not found:
        raise MappingMissingError(
            f"{name} hat in SQLHK ({table}) keine Entsprechung; es wurde nichts geschrieben."
        )
    if len(found) > 1:
        raise MappingMissingError(
            f"{name} ist in SQLHK ({table}) mehrfach zugeordnet; es wurde nichts geschrieben."
        )
    return found[0]


class _UnreadableTypeError(ValueError):
    """The column holds JSON that names no type, or something else."""


def _type_in_json(text: object) -> int | None:
    """The CallDoc type in ``{"1": 24}`` or ``{"1": "24"}``; ``ValueError`` if unreadable."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    try:
        parsed = json.loads(text) if isinstance(text, str) else None
    except RecursionError as error:
        raise _UnreadableTypeError from error
    if not isinstance(parsed, Mapping):
        raise _UnreadableTypeError
    value = parsed.get("1")
    if value is None:
        return None
    number = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", number):
        raise _UnreadableTypeError
    return int(number)
