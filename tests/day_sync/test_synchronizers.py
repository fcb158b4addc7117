"""The two synchronizers by themselves, as a script would use them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from demo.sqlhk_database import fingerprint
from patient_synchronizer import PatientSynchronizer
from sync_core.appointments import Appointment, read_appointment
from sync_core.day_result import PatientLine
from sync_core.day_selection import DayScope
from sync_core.settings import MappingSettings
from tests.day_sync.conftest import FUTURE, TODAY, House, entry
from untersuchung_synchronizer import UntersuchungSynchronizer

SCOPE = DayScope(FUTURE, frozenset({24, 25}), TODAY)


def appointments(*entries: object) -> list[Appointment]:
    read = [read_appointment(raw) for raw in entries]
    assert all(isinstance(item, Appointment) for item in read)
    return [item for item in read if isinstance(item, Appointment)]


def by_number(lines: tuple[PatientLine, ...]) -> dict[int | None, PatientLine]:
    return {line.piz: line for line in lines}


def test_patients_by_themselves(house: House) -> None:
    linkable = house.patient(None, Nachname=" PROBE ")
    result = PatientSynchronizer(house.client).synchronize_patients_from_appointments(
        appointments(
            entry(1234567, 1, surname="Mustermann", date_of_birth="1950-01-31"),
            entry(7_000_001, 2),
            entry(7_000_002, 3, surname="Neu"),
            entry(7_000_002, 4, surname="Neu"),
            entry(1300008, 5),
            entry(7_000_003, 6, piz=""),
            entry(7_000_004, 7, date_of_birth=None),
        )
    )
    counts = (result.total, result.success, result.failed)
    assert counts == (6, 3, 3)
    assert (result.inserted, result.updated, result.unchanged) == (1, 1, 1)
    lines = by_number(result.details)
    assert lines[1234567].patient_id == 815
    assert (lines[7_000_001].patient_id, lines[7_000_001].outcome) == (linkable, "updated")
    new = house.rows("SELECT PatientID FROM Patient WHERE M1Ziffer = 7000002")
    assert new == [{"PatientID": lines[7_000_002].patient_id}]
    assert lines[7_000_002].appointment_ids == (3, 4)
    assert lines[1300008].code == "patient_mismatch"
    assert lines[None].code == "no_number"
    assert lines[7_000_004].code == "patient_incomplete"
    assert all(line.message for line in result.details if line.code)


def test_only_one_of_two_numbers_gets_the_row_without_one(house: House) -> None:
    row = house.patient(None)
    result = PatientSynchronizer(house.client).synchronize_patients_from_appointments(
        appointments(entry(7_000_001, 1), entry(7_000_002, 2), entry(7_000_003, 3))
    )
    lines = by_number(result.details)
    assert (lines[7_000_001].outcome, lines[7_000_001].patient_id) == ("updated", row)
    for number in (7_000_002, 7_000_003):
        assert lines[number].outcome == "inserted"
        assert [warning.code for warning in lines[number].warnings] == ["possible_double"]


def test_master_data_are_never_overwritten(house: House) -> None:
    before = house.rows("SELECT * FROM Patient WHERE PatientID = 815")
    changes = {"surname": "Anders", "city": "Köln", "date_of_birth": "1950-01-31", "name": "Moritz"}
    result = PatientSynchronizer(house.client).synchronize_patients_from_appointments(
        appointments(entry(1234567, 1, **changes))
    )
    assert [warning.code for warning in result.details[0].warnings] == ["surname_differs"]
    assert house.rows("SELECT * FROM Patient WHERE PatientID = 815") == before


def test_examinations_by_themselves_create_nobody(house: House) -> None:
    taken = appointments(
        entry(1234567, 1, surname="Mustermann", date_of_birth="1950-01-31"),
        entry(7_000_001, 2),
        entry(1300008, 3),
    )
    synchronizer = UntersuchungSynchronizer(house.client, SCOPE, MappingSettings())
    result = synchronizer.synchronize_appointments(
        taken, house.client.get_untersuchungen_by_date(FUTURE)
    )
    assert [line.code for line in result.details] == [None, "patient_not_found", "patient_mismatch"]
    assert (result.inserted, result.skipped) == (1, 2)
    (row,) = house.examinations(FUTURE)
    assert (row["PatientID"], result.details[0].untersuchung_id) == (815, row["UntersuchungID"])
    assert house.rows("SELECT 1 FROM Patient WHERE M1Ziffer = 7000001") == []


def test_a_second_appointment_that_is_the_same_examination(house: House) -> None:
    taken = appointments(entry(1300001, 1, date_of_birth="1941-05-03", surname="Möller"))
    taken += appointments(entry(1300001, 2, date_of_birth="1941-05-03", surname="Möller"))
    synchronizer = UntersuchungSynchronizer(house.client, SCOPE, MappingSettings())
    first, second = synchronizer.synchronize_appointments(taken, []).details
    (row,) = house.examinations(FUTURE)
    assert first.untersuchung_id == second.untersuchung_id == row["UntersuchungID"]
    assert (second.outcome, second.code) == ("skipped", "same_examination")


@pytest.mark.parametrize(
    "changes",
    [
        {"scheduled_for_datetime": f"{FUTURE + timedelta(days=1)}T08:00:00"},
        {"appointment_type": 4},
    ],
)
def test_what_is_outside_the_scope_is_a_mistake_of_the_caller(
    house: House, changes: dict[str, object]
) -> None:
    before = fingerprint(house.database)
    synchronizer = UntersuchungSynchronizer(house.client, SCOPE, MappingSettings())
    with pytest.raises(ValueError, match="not of this day"):
        synchronizer.synchronize_appointments(appointments(entry(1234567, 1, **changes)), [])
    assert fingerprint(house.database) == before
