"""SQLHK's rows as typed values, from the texts and numbers that arrive through the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sync_core.dates import read_day
from sync_core.errors import SqlhkError
from sync_core.identity import RegistryPatient
from sync_core.mapping import MappingRow
from sync_core.matching import ExaminationRow


@dataclass(frozen=True)
class RegistryExamination:
    """A row of Untersuchung with the columns that people fill in after the examination.

    ``row`` is what decides about matching; ``untersuchungtype`` is never written by us.
    """

    row: ExaminationRow
    zuweiser_id: int | None
    roentgen: int | None
    herzteam: int | None
    materialpreis: Decimal | None
    drgid: int | None
    untersuchungtype: int | None = None

    def columns(self) -> dict[str, Any]:
        """The whole row under SQLHK's own names, in JSON types (money as text)."""
        return {
            "UntersuchungID": self.row.untersuchung_id,
            "Datum": self.row.day_text,
            "PatientID": self.row.patient_id,
            "UntersuchungartID": self.row.kind_id,
            "HerzkatheterID": self.row.lab_id,
            "UntersucherAbrechnungID": self.row.doctor_id,
            "ZuweiserID": self.zuweiser_id,
            "Roentgen": self.roentgen,
            "Herzteam": self.herzteam,
            "Materialpreis": None if self.materialpreis is None else str(self.materialpreis),
            "DRGID": self.drgid,
            "Untersuchungtype": self.untersuchungtype,
        }


def read_patient(row: Mapping[str, Any]) -> RegistryPatient:
    """A row of Patient. Raises ``SqlhkError`` when it is not what was asked for."""
    return RegistryPatient(
        patient_id=_key(row, "PatientID"),
        number=_number(row, "M1Ziffer"),
        surname=_text(row, "Nachname"),
        given_name=_text(row, "Vorname"),
        birth_text=_text(row, "Geburtsdatum"),
    )


def read_examination(row: Mapping[str, Any]) -> RegistryExamination | None:
    """A row of Untersuchung, or None for one without a patient, which is nobody's.

    Raises ``SqlhkError`` as :func:`read_patient` does.
    """
    patient_id = _number(row, "PatientID")
    if patient_id is None:
        return None
    return RegistryExamination(
        row=ExaminationRow(
            untersuchung_id=_key(row, "UntersuchungID"),
            patient_id=patient_id,
            day_text=_text(row, "Datum"),
            kind_id=_number(row, "UntersuchungartID"),
            lab_id=_number(row, "HerzkatheterID"),
            doctor_id=_number(row, "UntersucherAbrechnungID"),
        ),
        zuweiser_id=_number(row, "ZuweiserID"),
        roentgen=_number(row, "Roentgen"),
        herzteam=_number(row, "Herzteam"),
        materialpreis=_money(row, "Materialpreis"),
        drgid=_number(row, "DRGID"),
        untersuchungtype=_number(row, "Untersuchungtype"),
    )


def read_dated_key(row: Mapping[str, Any]) -> tuple[int, date | None]:
    """Key and day of a row of Untersuchung; the day is None where nobody can read it."""
    return _key(row, "UntersuchungID"), read_day(_text(row, "Datum"))


def read_mapping_row(row: Mapping[str, Any], key: str, calldoc: str) -> MappingRow:
    """A row of a mapping table; ``key`` and ``calldoc`` are the names of its two columns."""
    return MappingRow(_key(row, key), _value(row, calldoc))


def _value(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise SqlhkError(f"In der Antwort des SQL-Gateways fehlt die Spalte {name}.")
    return row[name]


def _key(row: Mapping[str, Any], name: str) -> int:
    number = _number(row, name)
    if number is None:
        raise _unreadable(name)
    return number


def _number(row: Mapping[str, Any], name: str) -> int | None:
    value = _value(row, name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _unreadable(name)
    return value


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = _value(row, name)
    if value is not None and not isinstance(value, str):
        raise _unreadable(name)
    return value


def _money(row: Mapping[str, Any], name: str) -> Decimal | None:
    value = _value(row, name)
    if value is None:
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation as error:
        raise _unreadable(name) from error
    if not amount.is_finite():
        raise _unreadable(name)
    return amount


def _unreadable(name: str) -> SqlhkError:
    return SqlhkError(f"In der Antwort des SQL-Gateways ist die Spalte {name} nicht lesbar.")
