"""What became of an intent, by the rows as they stand; above all: whose row it is."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.single_patient.resolution import Intent, refuted, resolve
from plugins.single_patient.result import Change

PERSON = {"M1Ziffer": 4711, "Nachname": "Probe", "Geburtsdatum": "03.02.1961", "Vorname": "Zoë"}
EXAMINATION = {
    "PatientID": 9,
    "Datum": "06.10.2025",
    "UntersuchungartID": 1,
    "HerzkatheterID": 3,
    "UntersucherAbrechnungID": 2,
}
SOMEBODY = {"M1Ziffer": 4712, "Nachname": "Muster", "Geburtsdatum": "07.09.1948", "Vorname": "Zoë"}

NEW = Intent(
    4711,
    tuple(
        Change(table, key, column, None, value)
        for table, key, row in (("Patient", 9, PERSON), ("Untersuchung", 70, EXAMINATION))
        for column, value in row.items()
    ),
)

Row = dict[str, Any] | None


def outcome(patient: Row, examination: Row) -> tuple[str, list[str]]:
    rows = {("Patient", 9): patient, ("Untersuchung", 70): examination}
    found = resolve(NEW, rows)
    return found.outcome, [warning.code for warning in found.warnings]


@pytest.mark.parametrize(
    ("patient", "examination", "expected"),
    [
        (PERSON, EXAMINATION, ("written", [])),
        (None, None, ("not_written", [])),
        (PERSON, {**EXAMINATION, "HerzkatheterID": 1}, ("written", ["edited_meanwhile"])),
        ({**PERSON, "Nachname": "Neu"}, EXAMINATION, ("written", ["edited_meanwhile"])),
        (PERSON, None, ("undecided", [])),
    ],
)
def test_rows_of_our_patient(patient: Row, examination: Row, expected: object) -> None:
    assert outcome(patient, examination) == expected


@pytest.mark.parametrize(
    "examination",
    [None, EXAMINATION, {**EXAMINATION, "HerzkatheterID": 1}, {**EXAMINATION, "PatientID": 5}],
)
def test_both_keys_went_to_somebody_else(examination: Row) -> None:
    """Even an examination just like ours is the stranger's."""
    assert outcome(SOMEBODY, examination) == ("not_written", [])


@pytest.mark.parametrize("column", ["M1Ziffer", "Nachname", "Geburtsdatum"])
def test_one_thing_in_common_may_be_our_patient_corrected(column: str) -> None:
    """Then nobody says that nothing was written."""
    patient = {**SOMEBODY, column: PERSON[column]}
    assert outcome(patient, EXAMINATION)[0] != "not_written"


def update(before: int, after: int, *, key: int = 70) -> Intent:
    return Intent(4711, (Change("Untersuchung", key, "HerzkatheterID", before, after),))


@pytest.mark.parametrize(
    ("mine", "later", "expected"),
    [
        (NEW, [], False),
        (NEW, [NEW], True),  # it created the row itself, so ours was rolled back
        (NEW, [update(3, 1)], False),  # it found our row
        (update(1, 2), [update(1, 2)], True),  # it found the row as we had found it
        (update(1, 2), [update(2, 3)], False),  # it found what we had written
        (update(1, 2), [update(1, 2, key=71)], False),  # another row
        (update(1, 2), [update(2, 3), update(1, 2)], True),
    ],
)
def test_what_a_later_intent_proves(mine: Intent, later: list[Intent], expected: bool) -> None:
    assert refuted(mine, later) is expected
