"""Deleting obsolete examinations of a whole day, with every guard, through the real gateway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from demo.faults import parse_faults
from demo.sqlhk_database import fingerprint
from sync_core.day_result import DayResult
from sync_core.errors import (
    CallDocError,
    CallDocUnavailableError,
    JournalError,
    JournalUnavailableError,
)
from sync_core.obsolete import DeletionPolicy, Kept
from tests.day_sync.conftest import FUTURE, TODAY, House, Row, entry

NUMBER = 7_000_000


class Journal:
    """Takes down each row before it goes; knows whether it was still there at that moment."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.rows: list[Row] = []
        self.refuses: set[int] = set()
        self.error: Exception = JournalUnavailableError()

    def record(self, columns: Mapping[str, Any]) -> None:
        key = columns["UntersuchungID"]
        (row,) = self._house.rows("SELECT * FROM Untersuchung WHERE UntersuchungID = ?", key)
        price = columns["Materialpreis"]
        assert {**columns, "Materialpreis": None} == {**row, "Materialpreis": None}
        assert float(price) == row["Materialpreis"]
        if key in self.refuses:
            raise self.error
        self.rows.append(dict(columns))


@pytest.fixture
def journal(house: House) -> Journal:
    house.execute("DELETE FROM Untersuchung WHERE Datum LIKE '%2026%'")
    return Journal(house)


def synced(house: House, count: int, day: date = FUTURE, **fields: Any) -> list[Row]:
    """So many appointments, listed and synced."""
    when = {"scheduled_for_datetime": f"{day}T08:00:00"}
    entries = [
        entry(
            NUMBER + n,
            n,
            surname=f"Probe{n}",
            date_of_birth=f"19{n + 20}-02-01",
            **{**when, **fields},
        )
        for n in range(1, count + 1)
    ]
    house.planned(day, entries)
    assert house.day_sync.sync(day).untersuchungen.inserted == count
    return entries


def delete(
    house: House,
    journal: Journal,
    day: date = FUTURE,
    confirmed: int | None = None,
    **options: Any,
) -> DayResult:
    policy = DeletionPolicy(journal.record, confirmed)
    return house.day_sync.sync(day, delete_obsolete=policy, **options)


def numbers_left(house: House, day: date = FUTURE) -> set[int]:
    rows = house.rows(
        "SELECT M1Ziffer FROM Untersuchung JOIN Patient USING (PatientID) WHERE Datum = ?",
        day.strftime("%d.%m.%Y"),
    )
    return {row["M1Ziffer"] - NUMBER for row in rows}


def reasons(result: DayResult) -> list[Kept]:
    return [reason for _, reason in result.obsolete.kept]


def test_cancelled_and_vanished_appointments(house: House, journal: Journal) -> None:
    synced(house, 6)
    house.state.change_appointment(1, {"status": "cancelled"})
    house.state.remove_appointment(2)
    others = fingerprint(house.database)
    result = delete(house, journal)
    assert result.untersuchungen.deleted == 2 == len(journal.rows)
    assert result.untersuchungen.unchanged == 4
    assert numbers_left(house) == {3, 4, 5, 6}
    assert {line.piz for line in result.untersuchungen.details if line.outcome == "deleted"} == {
        NUMBER + 1,
        NUMBER + 2,
    }
    for row in journal.rows:  # put back, everything is what it was
        house.insert("Untersuchung", **{**row, "Materialpreis": float(row["Materialpreis"])})
    assert fingerprint(house.database) == others


def test_nothing_without_being_asked(house: House, journal: Journal) -> None:
    synced(house, 4)
    house.state.remove_appointment(1)
    before = fingerprint(house.database)
    result = house.day_sync.sync(FUTURE)
    assert reasons(result) == [Kept.NOT_ASKED]
    assert fingerprint(house.database) == before


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1)])
def test_never_today_or_in_the_past(house: House, journal: Journal, day: date) -> None:
    synced(house, 4, day)
    house.state.remove_appointment(1)
    result = delete(house, journal, day, confirmed=1)
    assert set(reasons(result)) == {Kept.NOT_FUTURE}
    assert numbers_left(house, day) == {1, 2, 3, 4}
    assert journal.rows == []


def test_only_the_asked_kinds(house: House, journal: Journal) -> None:
    synced(house, 4)
    house.state.remove_appointment(1)
    ablation = house.examination(815, FUTURE, UntersuchungartID=8, ZuweiserID=7)
    pci = house.examination(815, FUTURE, UntersuchungartID=2)
    result = delete(house, journal, types=[24])
    assert result.untersuchungen.deleted == 1
    left = {row["UntersuchungID"] for row in house.examinations(FUTURE)}
    assert {ablation, pci} <= left
    result = delete(house, journal)  # and of a kind without any appointment nothing goes either
    assert reasons(result) == [Kept.ANSWER_EMPTY]


@pytest.mark.parametrize("entries", ["none", "cancelled", "other_day", "other_type", "nonsense"])
def test_never_on_an_empty_answer(house: House, journal: Journal, entries: str) -> None:
    planned = synced(house, 3)
    answers: dict[str, list[Any]] = {
        "none": [],
        "cancelled": [{**item, "status": "canceled"} for item in planned],
        "other_day": [{**i, "scheduled_for_datetime": "2026-05-06T08:00:00"} for i in planned],
        "other_type": [{**item, "appointment_type": 4} for item in planned],
        "nonsense": [7, None, {}],
    }
    house.planned(FUTURE, answers[entries])
    before = fingerprint(house.database)
    for confirmed in (None, 3):
        result = delete(house, journal, confirmed=confirmed)
        assert reasons(result) == [Kept.ANSWER_EMPTY] * 3
    assert fingerprint(house.database) == before


@pytest.mark.parametrize("mode", ["status", "half_json", "error_200", "data_null", "close"])
def test_never_on_a_failed_answer(house: House, journal: Journal, mode: str) -> None:
    synced(house, 3)
    before = fingerprint(house.database)
    house.systems.apply_faults(parse_faults({"appointments": {"mode": mode}}))
    with pytest.raises((CallDocError, CallDocUnavailableError)):
        delete(house, journal, confirmed=3)
    assert fingerprint(house.database) == before


def test_wrong_types_in_the_answer_delete_nothing(house: House, journal: Journal) -> None:
    synced(house, 3)
    house.systems.apply_faults(parse_faults({"appointments": {"mode": "wrong_types"}}))
    delete(house, journal, confirmed=3)
    assert numbers_left(house) == {1, 2, 3}


def test_more_than_half_needs_that_very_number(house: House, journal: Journal) -> None:
    synced(house, 5)
    for appointment in (1, 2, 3):
        house.state.remove_appointment(appointment)
    house.state.add_appointment(FUTURE, entry(NUMBER + 9, 9, date_of_birth="1999-09-09"))
    result = delete(house, journal)
    assert result.untersuchungen.inserted == 1  # all else is done
    assert (result.obsolete.to_confirm, reasons(result)) == (3, [Kept.NOT_CONFIRMED] * 3)
    assert any("3" in w.message for w in result.warnings if w.code == "obsolete_not_confirmed")
    house.state.remove_appointment(9)
    house.state.remove_appointment(4)  # now it is another number
    assert delete(house, journal, confirmed=3).untersuchungen.deleted == 0
    assert numbers_left(house) == {1, 2, 3, 4, 5, 9}
    assert delete(house, journal, confirmed=5).untersuchungen.deleted == 5
    assert numbers_left(house) == {5}


@pytest.mark.parametrize(
    ("column", "value"),
    [("ZuweiserID", 7), ("Roentgen", 2), ("Herzteam", 0), ("Materialpreis", 9.5), ("DRGID", None)],
)
def test_never_a_row_that_people_worked_on(
    house: House, journal: Journal, column: str, value: object
) -> None:
    synced(house, 4)
    house.state.remove_appointment(1)
    (row, *_) = house.examinations(FUTURE)
    key = row["UntersuchungID"]
    house.execute(f"UPDATE Untersuchung SET {column} = ? WHERE UntersuchungID = ?", value, key)
    result = delete(house, journal)
    assert reasons(result) == [Kept.WORKED_ON]
    assert any(str(key) in w.message for w in result.warnings if w.code == "obsolete_worked_on")
    assert numbers_left(house) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "changes",
    [
        {"room": 99},
        {"employee": None},
        {"date_of_birth": "1901-01-01"},
        {"piz": None},
        {"status": "no_show"},
        {"appointment_type": None},
        {"id": None},
    ],
)
def test_never_a_failing_patients_row(
    house: House, journal: Journal, changes: dict[str, Any]
) -> None:
    synced(house, 6)
    house.state.change_appointment(1, changes)
    house.state.remove_appointment(2)
    result = delete(house, journal)
    assert 1 in numbers_left(house)
    assert Kept.PATIENT_FAILED in reasons(result)
    assert (2 in numbers_left(house)) is (Kept.PATIENT_FAILED in reasons(result)[1:])
    assert result.untersuchungen.deleted == len(journal.rows) <= 1


def test_a_patient_whose_number_is_there_twice(house: House, journal: Journal) -> None:
    synced(house, 4)
    house.patient(NUMBER + 1, "11.11.1911", Nachname="Anders", Vorname="Anna")
    result = delete(house, journal)
    assert reasons(result) == [Kept.PATIENT_FAILED]
    assert [x.code for x in result.untersuchungen.details if x.code] == ["ambiguous_patient"]


@pytest.mark.parametrize("error", [JournalUnavailableError(), JournalError("disk full")])
def test_what_the_journal_does_not_take_stays(
    house: House, journal: Journal, error: Exception
) -> None:
    synced(house, 6)
    for appointment in (1, 2, 3):
        house.state.remove_appointment(appointment)
    journal.refuses = {house.examinations(FUTURE)[1]["UntersuchungID"]}
    journal.error = error
    result = delete(house, journal)
    assert (result.untersuchungen.deleted, result.untersuchungen.errors) == (2, 1)
    assert numbers_left(house) == {2, 4, 5, 6}
    assert [x.code for x in result.untersuchungen.details if x.outcome == "error"] == [
        "journal_unavailable"
    ]


def test_somebody_works_on_the_row_at_the_last_moment(house: House, journal: Journal) -> None:
    synced(house, 4)
    house.state.remove_appointment(1)

    def record(columns: Mapping[str, Any]) -> None:
        journal.record(columns)
        key = columns["UntersuchungID"]
        house.execute("UPDATE Untersuchung SET Roentgen = 4 WHERE UntersuchungID = ?", key)

    result = house.day_sync.sync(FUTURE, delete_obsolete=DeletionPolicy(record))
    assert (result.untersuchungen.deleted, result.untersuchungen.errors) == (0, 1)
    assert result.untersuchungen.details[-1].code == "conflict"
    assert numbers_left(house) == {1, 2, 3, 4}


@pytest.mark.parametrize("mode", ["status_after", "close_after", "half_json", "status_before"])
def test_unclear_answers_to_a_deletion(house: House, journal: Journal, mode: str) -> None:
    synced(house, 4)
    house.state.remove_appointment(1)
    house.gateway(execute_sql={"mode": mode, "calls": "writes", "times": 1})
    assert delete(house, journal).untersuchungen.deleted == 1
    assert numbers_left(house) == {2, 3, 4}
