"""Whole days: generated ones against the oracle, repeats, edits, and what a day tells."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from day_sync import ALL_TYPES
from demo.faults import parse_faults
from demo.sqlhk_database import fingerprint
from sync_core.day_selection import StatusFilter
from sync_core.errors import (
    CallDocError,
    CallDocUnavailableError,
    SqlhkUnavailableError,
    TaskCancelledError,
)
from sync_core.obsolete import Kept
from sync_core.run_control import RunControl, StopReason
from tests.day_sync.conftest import (
    FUTURE,
    TODAY,
    House,
    Row,
    entry,
    examination_counts,
    patient_counts,
)
from tests.day_sync.oracle import Expected, expect

LATENCY = 0.005
"""Seconds that a gateway call takes in the day that is measured."""
SURNAMES = ("Probe", "Müller-Öhl", "O'Connor", "Çelik")


def random_day(house: House, seed: int, count: int) -> list[Row]:
    """A day of all types and troubles, and what SQLHK happens to hold of it already."""
    dice = Random(seed)
    house.execute("DELETE FROM Untersuchung WHERE Datum LIKE '%2026%'")
    numbers = [7_000_000 + n for n in range(max(1, count * 2 // 3))]
    people = {
        n: {
            "surname": dice.choice(SURNAMES) + str(n),
            "date_of_birth": f"{dice.randint(1930, 1999)}-{dice.randint(1, 12):02d}-11",
        }
        for n in numbers
    }
    for number, person in people.items():
        born = ".".join(reversed(person["date_of_birth"].split("-")))
        row = {"Nachname": person["surname"], "Vorname": "Paula"}
        kind = dice.choices(("none", "there", "other", "twice", "unnumbered"), (5, 6, 1, 1, 2))[0]
        if kind == "none":
            continue
        key = house.patient(None if kind == "unnumbered" else number, born, **row)
        if kind == "other":
            house.execute("UPDATE Patient SET Geburtsdatum = '01.01.1901' WHERE PatientID = ?", key)
        if kind == "twice":
            house.patient(number, born, **row)
        if kind == "there":
            for art in dice.choice(((), (1,), (8,), (1, 8))):
                values = {
                    "HerzkatheterID": dice.choice((1, 2, 3)),
                    "UntersucherAbrechnungID": dice.choice((1, 2)),
                    "UntersuchungartID": art,
                    "Roentgen": dice.randint(1, 5),
                }
                house.examination(key, FUTURE, **values)
    entries = []
    for index in range(count):
        number = dice.choice(numbers)
        fields: Row = {
            "appointment_type": dice.choices((24, 25, 4, 13, 1), (6, 3, 1, 1, 1))[0],
            "room": dice.choices((18, 19, 54, 61, 99, None), (9, 9, 9, 9, 1, 1))[0],
            "employee": dice.choices((18, 27, 50, 77), (9, 9, 9, 1))[0],
            "status": dice.choices(("created", "confirmed", "canceled", "no_show"), (6, 3, 1, 1))[
                0
            ],
            "scheduled_for_datetime": f"{FUTURE}T{7 + index % 10:02d}:{index % 60:02d}:00",
            **people[number],
        }
        if dice.random() < 0.03:
            fields["piz"] = None
        entries.append(entry(number, 5_000_000 + index, **fields))
    for one in entries:  # somebody without a birth date has none in any appointment
        if int(one["piz"] or 0) % 40 == 7:
            one["date_of_birth"] = None
    dice.shuffle(entries)
    house.planned(FUTURE, entries)
    return entries


def day_in_sqlhk(house: House) -> Counter[tuple[Any, ...]]:
    rows = house.rows(
        "SELECT M1Ziffer, UntersuchungartID, HerzkatheterID, UntersucherAbrechnungID"
        " FROM Untersuchung JOIN Patient USING (PatientID) WHERE Datum = ?",
        FUTURE.strftime("%d.%m.%Y"),
    )
    return Counter(tuple(row.values()) for row in rows)


def expected_of(house: House, entries: list[Row]) -> Expected:
    return expect(entries, house.rows("SELECT * FROM Patient"), house.examinations(FUTURE))


def assert_as_expected(house: House, entries: list[Row]) -> None:
    expected = expected_of(house, entries)
    others = house.rows("SELECT * FROM Untersuchung WHERE Datum <> '05.05.2026'")
    result = house.day_sync.sync(FUTURE)
    codes = {line.appointment_id: line.code for line in result.untersuchungen.details if line.code}
    assert codes == expected.codes
    counts = patient_counts(result)
    assert counts.pop("total") == expected.patients.total()
    assert counts.pop("success") == expected.patients.total() - expected.patients["failed"]
    assert counts == {name: expected.patients[name] for name in counts}
    counts = examination_counts(result)
    assert counts == {name: expected.examinations[name] for name in counts}
    assert day_in_sqlhk(house) == +expected.after
    keys = {row["UntersuchungID"] for row in house.examinations(FUTURE)}
    for line in result.untersuchungen.details:
        if line.outcome in ("inserted", "updated", "unchanged"):
            assert line.untersuchung_id in keys
    assert house.rows("SELECT * FROM Untersuchung WHERE Datum <> '05.05.2026'") == others
    again = house.day_sync.sync(FUTURE)
    touched = ("inserted", "updated", "deleted", "errors")
    assert [examination_counts(again)[name] for name in touched] == [0, 0, 0, 0]
    assert patient_counts(again)["inserted"] == patient_counts(again)["updated"] == 0
    assert day_in_sqlhk(house) == +expected.after


def test_a_day_of_300_against_the_oracle(house: House) -> None:
    entries = random_day(house, seed=1, count=300)
    assert_as_expected(house, entries)


@pytest.mark.parametrize("seed", range(2, 10))
def test_generated_days_against_the_oracle(house: House, seed: int) -> None:
    entries = random_day(house, seed, count=40)
    assert_as_expected(house, entries)


def test_300_new_patients_are_quick_and_the_repeat_asks_little(house: House) -> None:
    house.generated(FUTURE, 300, seed=5)
    entries = [
        {**item, "appointment_type": 24, "status": "created"}
        for item in house.state.appointments_listed_on(FUTURE)
    ]
    house.planned(FUTURE, entries)
    house.gateway(latency=LATENCY)
    begin = time.process_time()
    result = house.day_sync.sync(FUTURE)
    worked = time.process_time() - begin
    assert patient_counts(result)["inserted"] == examination_counts(result)["inserted"] == 300
    calls = house.calls()["execute_sql"]
    assert calls <= 2 * 300 + 20
    # The wait and the work of both sides; by the clock, a busy machine would decide the verdict.
    assert calls * LATENCY + worked < 10
    house.systems.gateway.board.reset_counts()
    result = house.day_sync.sync(FUTURE)
    assert examination_counts(result)["unchanged"] == 300
    assert house.calls()["execute_sql"] <= 0.1 * 300
    assert house.calls()["writes"] == 0


def test_edits_in_calldoc_become_exactly_those_changes(house: House) -> None:
    entries = [entry(7_000_000 + n, n) for n in range(1, 31)]
    house.planned(FUTURE, entries)
    house.day_sync.sync(FUTURE)
    house.execute("UPDATE Untersuchung SET Roentgen = 7, Materialpreis = 99.5")
    before = {row["PatientID"]: row for row in house.examinations(FUTURE)}
    state = house.state
    state.change_appointment(1, {"employee": 50})
    state.change_appointment(2, {"room": 18})
    state.change_appointment(3, {"employee": 18, "room": 61})
    state.change_appointment(4, {"status": "canceled"})
    moved = FUTURE + timedelta(days=1)
    state.change_appointment(5, {"scheduled_for_datetime": f"{moved}T08:00:00"})
    state.change_appointment(6, {"scheduled_for_datetime": f"{FUTURE}T15:00:00"})
    state.change_appointment(7, {"appointment_type": 25})
    state.add_appointment(FUTURE, entry(7_000_099, 99))
    result = house.day_sync.sync(FUTURE)
    counts = {"inserted": 2, "updated": 3, "unchanged": 24, "deleted": 0, "skipped": 0, "errors": 0}
    assert examination_counts(result) == counts
    after = {row["UntersuchungID"]: row for row in house.examinations(FUTURE)}
    changed = {
        line.appointment_id: after[line.untersuchung_id or 0]
        for line in result.untersuchungen.details
        if line.outcome == "updated"
    }
    assert {n: (r["HerzkatheterID"], r["UntersucherAbrechnungID"]) for n, r in changed.items()} == {
        1: (3, 12),
        2: (1, 2),
        3: (6, 1),
    }
    lab_and_doctor = {"HerzkatheterID", "UntersucherAbrechnungID"}
    for row in before.values():
        now = after[row["UntersuchungID"]]
        assert {k for k, v in row.items() if now[k] != v} <= lab_and_doctor
    assert len(result.obsolete.kept) == 3  # cancelled, moved away, another kind now
    assert "obsolete_worked_on" in {w.code for w in result.warnings}
    assert house.day_sync.sync(moved).untersuchungen.inserted == 0  # still listed under the old day


def test_progress_and_state_are_told(house: House) -> None:
    house.planned(FUTURE, [entry(7_000_000 + n, n) for n in range(1, 6)])
    told: list[tuple[str, int, str]] = []
    kept = []
    result = house.day_sync.sync(
        FUTURE, progress=lambda *parts: told.append(parts), keep=kept.append
    )
    assert [stage for stage, _, _ in told][:2] == ["calldoc", "match"]
    assert told[-1][:2] == ("done", 100)
    percents = [percent for _, percent, _ in told]
    assert percents == sorted(percents)
    messages = [message for _, _, message in told]
    assert [f"Termin {n} von 5" in messages for n in range(1, 6)] == [True] * 5
    assert [f"Patient {n} von 5" in messages for n in range(1, 6)] == [True] * 5
    assert kept[-1] == result


def test_a_stop_request_ends_it_between_two_appointments(house: House) -> None:
    house.planned(FUTURE, [entry(7_000_000 + n, n) for n in range(1, 21)])
    control = RunControl(60)
    kept = []

    def stop(stage: str, percent: int, message: str) -> None:
        if message == "Termin 7 von 20":
            control.stop(StopReason.CANCELLED)

    with pytest.raises(TaskCancelledError):
        house.day_sync.sync(FUTURE, progress=stop, keep=kept.append, control=control)
    assert examination_counts(kept[-1])["inserted"] == 7 == len(house.examinations(FUTURE))
    assert patient_counts(kept[-1])["inserted"] == 20
    result = house.day_sync.sync(FUTURE)
    assert (result.untersuchungen.unchanged, result.untersuchungen.inserted) == (7, 13)


def test_types(house: House) -> None:
    kinds = {1: 24, 2: 25, 3: 13, 4: 4}
    house.planned(FUTURE, [entry(7_000_000 + n, n, appointment_type=t) for n, t in kinds.items()])
    assert house.day_sync.sync(FUTURE, [25]).untersuchungen.inserted == 1
    result = house.day_sync.sync(FUTURE)
    assert result.types == (24, 25)
    assert (result.untersuchungen.inserted, result.untersuchungen.unchanged) == (1, 1)
    result = house.day_sync.sync(FUTURE, ALL_TYPES)
    assert result.types == (13, 24, 25)
    assert [line.code for line in result.untersuchungen.details] == [None, None, "mapping_missing"]
    result = house.day_sync.sync(FUTURE, [4])
    assert [line.code for line in result.untersuchungen.details] == ["mapping_missing"]
    assert house.rows("SELECT 1 FROM Patient WHERE M1Ziffer = 7000004") == []


def test_past_days_and_the_filter(house: House) -> None:
    day = TODAY - timedelta(days=2)
    when = {"scheduled_for_datetime": f"{day}T08:00:00"}
    house.planned(
        day, [entry(7_000_001, 1, **when), entry(7_000_002, 2, status="completed", **when)]
    )
    assert house.day_sync.sync(day).untersuchungen.inserted == 1
    plain = house.day_sync.sync(day, status_filter=StatusFilter.PLAIN)
    assert (plain.untersuchungen.inserted, plain.untersuchungen.unchanged) == (1, 1)


def test_an_examination_whose_appointment_was_not_taken_is_not_without_one(house: House) -> None:
    day = TODAY - timedelta(days=2)

    def listed(number: int, status: str, type_id: int = 24) -> Row:
        return entry(
            7_000_000 + number,
            number,
            status=status,
            appointment_type=type_id,
            scheduled_for_datetime=f"{day}T08:00:00",
            date_of_birth=f"196{number}-02-01",
            surname=f"Probe{number}",
        )

    statuses = {1: "created", 2: "no_show", 3: "canceled", 4: "completed"}
    house.planned(
        day, [*(listed(*known) for known in statuses.items()), listed(5, "no_show", type_id=25)]
    )
    for number in range(1, 6):
        patient = house.patient(7_000_000 + number, f"01.02.196{number}", Nachname=f"Probe{number}")
        house.examination(patient, day)
    result = house.day_sync.sync(day)
    kept = {result.obsolete.numbers[row.row.patient_id]: why for row, why in result.obsolete.kept}
    assert kept == {
        7_000_001: Kept.NOT_TAKEN,
        7_000_002: Kept.NOT_TAKEN,
        7_000_003: Kept.NOT_FUTURE,
        7_000_005: Kept.NOT_FUTURE,  # its appointment is of another type than the row
    }
    assert {warning.code for warning in result.warnings} == {
        "obsolete_not_taken",
        "obsolete_not_future",
    }


@pytest.mark.parametrize(
    "fault",
    [
        {"room": 9999},  # no such laboratory in SQLHK
        {"scheduled_for_datetime": "soon"},
        {"appointment_type": "x"},
        {"date_of_birth": "1971-01-01"},  # not the patient whom SQLHK has
    ],
    ids=str,
)
@pytest.mark.parametrize("ago", [0, 2], ids=["today", "past"])
def test_nobody_is_told_to_delete_what_belongs_to_a_refused_appointment(
    house: House, fault: Row, ago: int
) -> None:
    day = TODAY - timedelta(days=ago)
    when = {"scheduled_for_datetime": f"{day}T08:00:00", "status": "completed"}
    house.planned(day, [entry(7_000_001, 1, **(when | fault))])
    patient = house.patient(7_000_001, "01.02.1961")
    house.examination(patient, day)
    stranger = house.patient(7_000_002, "01.02.1962", Nachname="Fremd")
    house.examination(stranger, day)
    result = house.day_sync.sync(day)
    kept = {result.obsolete.numbers[row.row.patient_id]: why for row, why in result.obsolete.kept}
    assert (kept[7_000_001], kept[7_000_002]) == (Kept.PATIENT_FAILED, Kept.NOT_FUTURE)
    (words,) = (one.message for one in result.warnings if one.code == "obsolete_patient_failed")
    assert "ohne übernommenen Termin" in words


def test_an_appointment_that_was_not_taken_explains_one_row_of_that_patient(house: House) -> None:
    day = TODAY - timedelta(days=2)
    when = {"scheduled_for_datetime": f"{day}T08:00:00", "date_of_birth": "1961-02-01"}
    house.planned(day, [entry(7_000_001, 1, status="no_show", surname="Probe", **when)])
    # Somebody else, born on the same day, whose rows are looked at first.
    for number, surname in ((7_000_555, "Anders"), (7_000_001, "Probe")):
        patient = house.patient(number, "01.02.1961", Nachname=surname)
        house.examination(patient, day)
        house.examination(patient, day)
    result = house.day_sync.sync(day)
    kept = [(result.obsolete.numbers[row.row.patient_id], why) for row, why in result.obsolete.kept]
    assert sorted(kept) == [
        (7_000_001, Kept.NOT_FUTURE),
        (7_000_001, Kept.NOT_TAKEN),
        (7_000_555, Kept.NOT_FUTURE),
        (7_000_555, Kept.NOT_FUTURE),
    ]


def test_one_bad_appointment_stops_nothing_else(house: House) -> None:
    bad: list[Any] = [
        None,
        {"id": 1},
        entry(7_000_001, 2, piz=None),
        entry(7_000_002, 3, date_of_birth="soon"),
        entry(7_000_003, 4, surname=None),
        entry(7_000_004, 5, name="  "),
        entry(7_000_005, 6, employee=None),
        entry(7_000_006, 7, room="x"),
    ]
    house.planned(FUTURE, [*bad, entry(7_000_009, 9)])
    result = house.day_sync.sync(FUTURE)
    assert examination_counts(result)["inserted"] == 1
    codes = {line.appointment_id: line.code for line in result.untersuchungen.details}
    assert codes == {
        2: "no_number",
        3: "patient_incomplete",
        4: "patient_incomplete",
        5: "patient_incomplete",
        6: "mapping_missing",
        7: "mapping_missing",
        9: None,
    }
    assert result.patients.failed == 6
    assert len(house.rows("SELECT 1 FROM Patient WHERE M1Ziffer BETWEEN 7000000 AND 7000009")) == 1


@pytest.mark.parametrize(
    "mode", ["status", "html", "half_json", "error_200", "data_null", "data_missing", "close"]
)
def test_a_failing_answer_of_calldoc_fails_the_whole(house: House, mode: str) -> None:
    house.planned(FUTURE, [entry(7_000_001, 1)])
    before = fingerprint(house.database)
    house.systems.apply_faults(parse_faults({"appointments": {"mode": mode}}))
    with pytest.raises((CallDocError, CallDocUnavailableError)):
        house.day_sync.sync(FUTURE)
    assert fingerprint(house.database) == before


def test_a_gateway_that_is_down_fails_the_whole(house: House) -> None:
    house.planned(FUTURE, [entry(7_000_001, 1)])
    house.gateway(listener="down")
    with pytest.raises(SqlhkUnavailableError, match="Gateway"):
        house.day_sync.sync(FUTURE)
