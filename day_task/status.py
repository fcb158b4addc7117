"""A day's result in the form of the status call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sync_core.day_result import (
    DayResult,
    ExaminationLine,
    ExaminationOutcome,
    PatientLine,
    distinct_warnings,
)
from sync_core.day_selection import DaySelection
from sync_core.task_model import TaskWarning

Line = TypeVar("Line", PatientLine, ExaminationLine)

_WORDS = {
    "inserted": "angelegt",
    "updated": "geändert",
    "deleted": "gelöscht",
    "unchanged": "unverändert",
    "skipped": "übergangen",
    "errors": "fehlgeschlagen",
}


class StatusFields:
    """The kind's own fields of the status call, made anew for each state of one day.

    A day of 300 has 600 states with up to 600 lines each, so what a line looks like is remembered.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[object, dict[str, Any]]] = {}
        self._left_out: tuple[DaySelection | None, list[dict[str, Any]]] = (None, [])

    def of(self, result: DayResult) -> dict[str, Any]:
        """The fields in JSON types, filled as far as known."""
        obsolete, details = result.obsolete, result.untersuchungen.details
        patients = result.patients.details
        found = Counter(line.outcome for line in patients)
        return {
            "date": result.day.isoformat(),
            "result": {
                "appointments": len(result.appointments.taken) if result.appointments else 0,
                "patients": {
                    "total": len(patients),
                    "success": len(patients) - found["failed"],
                    **{name: found[name] for name in ("failed", "inserted", "updated")},
                    "unchanged": found["unchanged"],
                },
                "untersuchungen": _counts(details),
                "obsolete": len(obsolete.to_delete) + len(obsolete.kept),
            },
            "to_confirm": obsolete.unconfirmed,
            "patients": [self._shown(line, _patient) for line in patients],
            "untersuchungen": [
                *(self._shown(line, _examination) for line in details),
                *map(_examination, _kept(result)),
            ],
            "left_out": self._left_out_of(result.appointments),
        }

    def _left_out_of(self, selection: DaySelection | None) -> list[dict[str, Any]]:
        if selection is not None and self._left_out[0] is not selection:
            lines = [
                {
                    "appointment_id": item.appointment_id,
                    "piz": _number(item.piz),
                    "reason": item.reason,
                }
                for item in selection.left_out
            ]
            self._left_out = (selection, lines)
        return self._left_out[1]

    def _shown(self, line: Line, show: Callable[[Line], dict[str, Any]]) -> dict[str, Any]:
        seen = self._seen.get(id(line))
        if seen is None or seen[0] is not line:  # the number of a line that is gone is used again
            seen = self._seen[id(line)] = (line, show(line))
        return seen[1]


def all_warnings(result: DayResult) -> tuple[TaskWarning, ...]:
    """The day's warnings and those about single patients, each once."""
    return distinct_warnings(
        (*result.warnings, *(item for line in result.patients.details for item in line.warnings))
    )


def summary(result: DayResult) -> str:
    """One German sentence about a day that was carried over."""
    counts = _counts(result.untersuchungen.details)
    told = [f"{counts[name]} {word}" for name, word in _WORDS.items() if counts[name]]
    if not told:
        return "Der Tag ist übertragen: keine passenden Termine"
    return f"Der Tag ist übertragen: {', '.join(told)}"


def _counts(details: Sequence[ExaminationLine]) -> dict[str, int]:
    found = Counter(line.outcome for line in details)
    names: tuple[ExaminationOutcome, ...] = (
        *("inserted", "updated", "unchanged", "deleted", "skipped"),
    )
    return {**{name: found[name] for name in names}, "errors": found["error"]}


def _patient(line: PatientLine) -> dict[str, Any]:
    # What should be looked at on a patient who was found stands where a failure's reason would.
    told = line.warnings if line.code is None else ()
    return {
        "piz": _number(line.piz),
        "appointment_ids": list(line.appointment_ids),
        "outcome": line.outcome,
        "patient_id": line.patient_id,
        "code": told[0].code if told else line.code,
        "message": " ".join(item.message for item in told) or line.message,
    }


def _examination(line: ExaminationLine) -> dict[str, Any]:
    return {
        "appointment_id": line.appointment_id,
        "piz": _number(line.piz),
        "outcome": line.outcome,
        "untersuchung_id": line.untersuchung_id,
        "code": line.code,
        "message": line.message,
    }


def _kept(result: DayResult) -> Iterator[ExaminationLine]:
    numbers = result.obsolete.numbers
    for row, reason in result.obsolete.kept:
        yield ExaminationLine(
            None,
            numbers.get(row.row.patient_id),
            "skipped",
            row.row.untersuchung_id,
            code=f"obsolete_{reason.value}",
        )


def _number(piz: int | None) -> str | None:
    return None if piz is None else str(piz)
