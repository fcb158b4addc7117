"""The lines of a day's status as the tables show them. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_gui.day_panel.day_words import (
    NOTHING,
    advice_of_line,
    examination_words,
    is_remarkable,
    patient_words,
    reason_of_line,
)

EXAMINATION_HEADINGS = ("PIZ", "Termin", "Ergebnis", "Untersuchung", "Grund")
PATIENT_HEADINGS = ("PIZ", "Termine", "Ergebnis", "Patient", "Grund")
RESULT_COLUMN = 2


@dataclass(frozen=True)
class Line:
    """One line: its cells, the icon beside the result, whether people should look, and advice."""

    cells: tuple[str, ...]
    picture: str
    remarkable: bool
    advice: str

    @property
    def reason(self) -> str:
        """Why it is as it is; empty when nothing needs explaining."""
        return self.cells[-1]


def examination_rows(lines: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The appointments and the examinations without one."""
    return [
        _line(
            line,
            examination_words(str(line.get("outcome")), line.get("code")),
            _cell(line.get("appointment_id")),
            "untersuchung_id",
        )
        for line in lines
    ]


def patient_rows(lines: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The patients."""
    return [
        _line(
            line,
            patient_words(str(line.get("outcome")), line.get("code")),
            ", ".join(map(str, line.get("appointment_ids") or ())) or NOTHING,
            "patient_id",
        )
        for line in lines
    ]


def _line(
    line: Mapping[str, Any], known: tuple[str, str] | None, appointments: str, key: str
) -> Line:
    picture, words = known or ("unknown", _cell(line.get("outcome")))
    code = line.get("code")
    return Line(
        (
            _cell(line.get("piz")),
            appointments,
            words,
            _cell(line.get(key)),
            reason_of_line(code, line.get("message")),
        ),
        picture,
        is_remarkable(line.get("outcome"), code),
        advice_of_line(code),
    )


def _cell(value: object) -> str:
    return NOTHING if value is None else str(value)
