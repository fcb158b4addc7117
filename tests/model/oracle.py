"""What must hold, told anew and simply: which outcome is right, and what may differ afterwards."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.faults.house import COMPLETED, Outcome
from tests.model.world import (
    BIRTH_TEXTS,
    DAY_TEXTS,
    HUMANS,
    Booking,
    CallDocModel,
    Row,
    Snapshot,
)

LAB_OF_ROOM = {18: 1, 19: 2, 54: 3, 61: 6}
DOCTOR_OF_EMPLOYEE = {18: 1, 27: 2, 50: 12}
KIND_OF_TYPE = {24: 1, 25: 8}
NOT_TAKEN = ("canceled", "no_show")

Spot = tuple[int, int]
"""Lab and doctor of an examination."""


@dataclass(frozen=True)
class Asked:
    """A request."""

    human: int
    day: date
    type: int
    expected: date | None = None

    @property
    def number(self) -> int:
        """The patient's number."""
        return HUMANS[self.human].number


@dataclass(frozen=True)
class Expectation:
    """Which outcomes are right, the appointments that count, and the rows that they should have.

    ``patient_id`` is the row that is meant; None: one has to be created.
    """

    codes: frozenset[str]
    taken: tuple[Booking, ...] = ()
    wanted: frozenset[Spot] = frozenset()
    patient_id: int | None = None


def expectation(asked: Asked, calldoc: CallDocModel, registry: Snapshot) -> Expectation:
    """What a sync without any fault has to come to."""
    taken = _taken(asked, calldoc)
    if not taken:
        known = asked.human in calldoc.searchable or any(
            item.number == asked.number for item in calldoc.bookings
        )
        return _only("no_appointments" if known else "patient_not_found")
    births = {item.born for item in taken} | {calldoc.searchable.get(asked.human)}
    births.discard(None)
    if len(births) > 1 or (births and asked.expected and asked.expected not in births):
        return _only("patient_mismatch", taken)
    born = next(iter(births), None)
    found = registry.with_number(asked.number)
    if len(found) > 1:
        return _only("ambiguous_patient", taken)
    if not found:
        found = [row for row in registry.patients.values() if _linkable(row, asked.human, born)]
        if len(found) > 1:
            return _only("ambiguous_patient", taken)
    here = _birth(found[0]) if found else None
    if here and (births | {asked.expected, here}) - {None, here}:
        return _only("patient_mismatch", taken)
    if asked.expected and not births and not here:
        return _only("patient_mismatch", taken)
    kind = KIND_OF_TYPE.get(asked.type)
    spots = [_spot(item) for item in taken]
    if kind is None or None in spots:
        return _only("mapping_missing", taken)
    if not found and born is None:
        return _only("patient_incomplete", taken)
    wanted = frozenset(spot for spot in spots if spot is not None)
    rows = Counter(
        (row["HerzkatheterID"], row["UntersucherAbrechnungID"])
        for row in (registry.of_patient(found[0]["PatientID"]) if found else [])
        if DAY_TEXTS.get(row["Datum"]) == asked.day and row["UntersuchungartID"] == kind
    )
    open_wanted = wanted - set(rows)
    open_rows = rows - Counter(wanted)
    codes = {COMPLETED}
    if open_wanted and open_rows and (len(open_wanted), open_rows.total()) != (1, 1):
        codes.add("ambiguous_examination")
    return Expectation(frozenset(codes), taken, wanted, found[0]["PatientID"] if found else None)


def check_registry(
    asked: Asked, expected: Expectation, before: Snapshot, after: Snapshot, outcome: Outcome
) -> None:
    """Compare SQLHK before and after with what may have been done, and with what is told."""
    for table in ("Untersuchungart", "Herzkatheter", "Untersucherabrechnung"):
        assert after.tables[table] == before.tables[table]
    assert set(before.patients) <= set(after.patients), "a patient was deleted"
    assert set(before.examinations) <= set(after.examinations), "an examination was deleted"
    differences = {
        table: _differences(before.tables[table], after.tables[table])
        for table in ("Patient", "Untersuchung")
    }
    if outcome.code != COMPLETED and outcome.code != "outcome_unknown":
        assert after.tables == before.tables, f"{outcome.code}, but something changed"
    if after.tables == before.tables:
        if outcome.code == COMPLETED:
            _check_result(asked, expected, before, after, differences, outcome)
        return
    (patient,) = after.with_number(asked.number)
    patient_id = patient["PatientID"]
    assert expected.patient_id == (patient_id if patient_id in before.patients else None)
    _check_patient(asked, before, differences["Patient"], patient_id)
    kind = KIND_OF_TYPE[asked.type]
    for key, changed in differences["Untersuchung"].items():
        row = after.examinations[key]
        assert row["PatientID"] == patient_id, "a foreign examination"
        assert row["UntersuchungartID"] == kind
        assert _spot_of(row) in expected.wanted
        if key in before.examinations:
            assert DAY_TEXTS.get(row["Datum"]) == asked.day
            assert changed <= {"HerzkatheterID", "UntersucherAbrechnungID"}, "people's column"
        else:
            assert row == new_row(asked, key, patient_id, row)
        equals = [
            other
            for other in after.of_patient(patient_id)
            if DAY_TEXTS.get(other["Datum"]) == asked.day
            and other["UntersuchungartID"] == kind
            and _spot_of(other) == _spot_of(row)
        ]
        assert len(equals) == 1, "a double"
    if outcome.code == COMPLETED:
        _check_result(asked, expected, before, after, differences, outcome)


def check_ledger(asked: Asked, calldoc: CallDocModel, outcome: Outcome) -> None:
    """One line for each appointment id of the patient and day, whatever became of it."""
    mine = _mine(asked, calldoc)
    ids = Counter({item.id for item in mine if item.id is not None})
    lines = Counter(line.appointment_id for line in outcome.result.lines)
    nameless = lines.pop(None, 0)
    assert lines == ids
    assert nameless == sum(item.id is None for item in mine)


def check_preview(before: Snapshot, after: Snapshot, outcome: Outcome) -> None:
    """A dry run has changed nothing and names no key of a row that is not there."""
    assert after.tables == before.tables
    if outcome.code == COMPLETED:
        assert outcome.result.plan_token
        for change in outcome.result.changes:
            assert change.key is None or change.key in before.tables[change.table]


def new_row(asked: Asked, key: int, patient_id: int, row: Row) -> Row:
    """The only row that may have been added, but for lab and doctor."""
    return {
        "UntersuchungID": key,
        "Datum": f"{asked.day:%d.%m.%Y}",
        "HerzkatheterID": 2 if asked.type == 25 else row["HerzkatheterID"],
        "PatientID": patient_id,
        "UntersucherAbrechnungID": row["UntersucherAbrechnungID"],
        "ZuweiserID": 7 if asked.type == 25 else 2,
        "UntersuchungartID": KIND_OF_TYPE[asked.type],
        "Roentgen": 1,
        "Herzteam": 1,
        "Materialpreis": 0,
        "DRGID": 1,
        "Untersuchungtype": None,
    }


def _check_patient(
    asked: Asked, before: Snapshot, changed: dict[int, set[str]], patient_id: int
) -> None:
    assert set(changed) <= {patient_id}, "a foreign patient"
    if not changed:
        return
    if patient_id in before.patients:
        assert changed[patient_id] == {"M1Ziffer"}
        assert not before.patients[patient_id]["M1Ziffer"], "a number was overwritten"
    assert not before.with_number(asked.number), "a second row with the number"


def _check_result(
    asked: Asked,
    expected: Expectation,
    before: Snapshot,
    after: Snapshot,
    differences: dict[str, dict[int, set[str]]],
    outcome: Outcome,
) -> None:
    result = outcome.result
    assert result.rows_outside_scope == 0
    (patient,) = after.with_number(asked.number)
    assert result.patient_id == patient["PatientID"]
    rows = {
        key: row
        for key, row in after.examinations.items()
        if row["PatientID"] == patient["PatientID"]
        and DAY_TEXTS.get(row["Datum"]) == asked.day
        and row["UntersuchungartID"] == KIND_OF_TYPE[asked.type]
    }
    assert expected.wanted <= {_spot_of(row) for row in rows.values()}, "an examination is missing"
    by_id = {line.appointment_id: line for line in result.lines}
    for booking in expected.taken:
        line = by_id[booking.id]
        assert line.outcome in ("created", "updated", "unchanged") or (
            line.reason == "same_examination"
        )
        assert line.untersuchung_id is not None
        assert _spot_of(rows[line.untersuchung_id]) == _spot(booking)
    told: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for change in result.changes:
        assert change.key is not None
        told[change.table][change.key].add(change.column)
        row = after.tables[change.table][change.key]
        assert row[change.column] == change.after
        old = before.tables[change.table].get(change.key)
        assert change.before == (None if old is None else old[change.column])
    for table, changed in differences.items():
        assert set(told[table]) == set(changed)
        for key, columns in changed.items():
            row = after.tables[table][key]
            new = key not in before.tables[table]
            filled = {name for name in columns - {f"{table}ID"} if row[name] is not None}
            assert told[table][key] >= filled if new else told[table][key] == columns
    actions = {line.outcome for line in result.lines} - {"skipped"}
    weight = ("created", "updated", "unchanged")
    assert result.action == min(actions, key=weight.index)
    created = set(after.examinations) - set(before.examinations)
    assert sum(line.outcome == "created" for line in result.lines) == len(created)


def _only(code: str, taken: tuple[Booking, ...] = ()) -> Expectation:
    return Expectation(frozenset({code}), taken)


def _mine(asked: Asked, calldoc: CallDocModel) -> list[Booking]:
    return [
        item
        for item in calldoc.bookings
        if item.number == asked.number and (item.day == asked.day or item.date_form == "unreadable")
    ]


def _taken(asked: Asked, calldoc: CallDocModel) -> tuple[Booking, ...]:
    by_id: defaultdict[int | None, list[Booking]] = defaultdict(list)
    for item in _mine(asked, calldoc):
        by_id[item.id].append(item)
    taken = []
    for key, items in by_id.items():
        if key is None or not all(item.readable for item in items):
            continue
        deciding = {
            (item.type, item.minute, item.status, item.doctor, item.room, item.born)
            for item in items
        }
        first = items[0]
        if len(deciding) == 1 and first.type == asked.type and first.status not in NOT_TAKEN:
            taken.append(first)
    return tuple(taken)


def _spot(booking: Booking) -> Spot | None:
    lab = 2 if booking.type == 25 else LAB_OF_ROOM.get(booking.room or 0)
    doctor = DOCTOR_OF_EMPLOYEE.get(booking.doctor or 0)
    return None if lab is None or doctor is None else (lab, doctor)


def _spot_of(row: Row) -> tuple[Any, Any]:
    return row["HerzkatheterID"], row["UntersucherAbrechnungID"]


def _birth(row: Row) -> date | None:
    return BIRTH_TEXTS.get(row["Geburtsdatum"])


def _linkable(row: Row, human: int, born: date | None) -> bool:
    who = HUMANS[human]
    return (
        not row["M1Ziffer"]
        and born is not None
        and _birth(row) == born
        and _plain(row["Nachname"]) == _plain(who.surname)
        and _plain(row["Vorname"]) == _plain(who.given)
    )


def _plain(name: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", name or "").split()).casefold()


def _differences(before: dict[int, Row], after: dict[int, Row]) -> dict[int, set[str]]:
    """By key the columns that differ; of a new row all."""
    return {
        key: {name for name, value in row.items() if before.get(key, {}).get(name, ...) != value}
        for key, row in after.items()
        if before.get(key) != row
    }
