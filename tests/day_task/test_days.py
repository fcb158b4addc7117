"""Whole days over HTTP: against the oracle, repeated, and after changes in CallDoc."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from demo.systems import DemoSystems
from tests.day_sync.conftest import FUTURE, House
from tests.day_sync.oracle import expect
from tests.day_sync.test_day import day_in_sqlhk, random_day
from tests.day_task.house import DayProgram, DayStage, counts, lines_by_piz
from tests.end_to_end.answers import Contract


def test_a_day_of_300_of_all_types_against_the_oracle(
    program: DayProgram, systems: DemoSystems, contract: Contract
) -> None:
    house = House(systems)
    try:
        entries = random_day(house, seed=11, count=300)
        expected = expect(entries, house.rows("SELECT * FROM Patient"), house.examinations(FUTURE))
        others = house.rows("SELECT * FROM Untersuchung WHERE Datum <> '05.05.2026'")
        status = program.completed({"date": FUTURE.isoformat()})
        contract.check("TaskStatus", status)
        contract.check("DayTaskStatus", status)
        codes = {
            line["appointment_id"]: line["code"]
            for line in status["untersuchungen"]
            if line["appointment_id"] is not None and line["code"]
        }
        assert codes == expected.codes
        patients = status["result"]["patients"]
        for name in ("inserted", "updated", "unchanged", "failed"):
            assert patients[name] == expected.patients[name], name
        found = status["result"]["untersuchungen"]
        assert found == {name: expected.examinations[name] for name in found}
        assert day_in_sqlhk(house) == +expected.after
        assert house.rows("SELECT * FROM Untersuchung WHERE Datum <> '05.05.2026'") == others

        again = program.completed({"date": FUTURE.isoformat()})
        inserted, updated, unchanged, deleted, skipped, errors = counts(again)
        assert (inserted, updated, deleted, errors) == (0, 0, 0, 0)
        assert skipped == found["skipped"]
        assert unchanged == found["inserted"] + found["updated"] + found["unchanged"]
        assert day_in_sqlhk(house) == +expected.after
    finally:
        house.close()


def test_changes_in_calldoc_become_exactly_those_changes(
    program: DayProgram, stage: DayStage
) -> None:
    stage.planned_many(20)
    assert counts(program.completed(stage.body())) == (20, 0, 0, 0, 0, 0)
    stage.execute(
        "UPDATE Untersuchung SET Roentgen = 7 WHERE Datum = ?", stage.date.strftime("%d.%m.%Y")
    )
    before = {row["UntersuchungID"]: row for row in stage.examinations()}
    stage.change(1, employee=50)
    stage.change(2, room=18)
    stage.change(3, status="canceled")
    stage.change(4, scheduled_for_datetime=f"{stage.date + timedelta(days=1)}T08:00:00")
    stage.change(5, scheduled_for_datetime=f"{stage.day}T15:00:00")
    stage.state.add_appointment(stage.date, stage.entry(30))
    status = program.completed(stage.body())
    assert counts(status) == (1, 2, 16, 0, 0, 0)
    assert status["result"]["obsolete"] == 2
    lines = lines_by_piz(status)
    assert {index for index in (1, 2) if lines[stage.first + index]["outcome"] == "updated"} == {
        1,
        2,
    }
    kept = [one for one in status["untersuchungen"] if one["code"] == "obsolete_worked_on"]
    assert {one["piz"] for one in kept} == {str(stage.first + 3), str(stage.first + 4)}
    after = {row["UntersuchungID"]: row for row in stage.examinations()}
    changed = {
        after[key]["who"]: {name for name, value in row.items() if after[key][name] != value}
        for key, row in before.items()
        if after[key] != row
    }
    assert changed == {1: {"UntersucherAbrechnungID"}, 2: {"HerzkatheterID"}}
    new = [row for key, row in after.items() if key not in before]
    assert [row["who"] for row in new] == [30]
    assert counts(program.completed(stage.body())) == (0, 0, 19, 0, 0, 0)


def test_appointments_that_are_not_taken_are_told(program: DayProgram, stage: DayStage) -> None:
    stage.planned(
        [
            stage.entry(1),
            stage.entry(2, status="canceled"),
            stage.entry(3, status="no_show"),
            stage.entry(4, scheduled_for_datetime="soon"),
            stage.entry(5, appointment_type=4, status="canceled"),
        ]
    )
    status = program.completed(stage.body())
    assert status["result"]["appointments"] == 1
    told = {(line["piz"], line["reason"]) for line in status["left_out"]}
    assert told == {
        (str(stage.first + 2), "cancelled"),
        (str(stage.first + 3), "no_show"),
        (str(stage.first + 4), "unreadable"),
    }


def test_types_may_be_chosen(program: DayProgram, stage: DayStage) -> None:
    kinds = {1: 24, 2: 25, 3: 4}
    stage.planned([stage.entry(n, appointment_type=kind) for n, kind in kinds.items()])
    assert counts(program.completed(stage.body(appointment_type_id=25)))[0] == 1
    assert counts(program.completed(stage.body(appointment_type_id=[24, 25])))[:3] == (1, 0, 1)
    status = program.completed(stage.body(appointment_type_id=4))
    assert [line["code"] for line in status["untersuchungen"]][:1] == ["mapping_missing"]
    assert stage.who() == Counter({1: 1, 2: 1})


def test_errors_are_counted_and_the_day_is_completed(program: DayProgram, stage: DayStage) -> None:
    stage.planned(
        [
            stage.entry(1),
            stage.entry(2, piz=None),
            stage.entry(3, date_of_birth=None),
            stage.entry(4, employee=77),
            None,
            stage.entry(5, surname="Kanarienvogel"),
        ]
    )
    status = program.completed(stage.body())
    assert counts(status) == (2, 0, 0, 0, 3, 0)
    assert status["result"]["patients"]["failed"] == 3
    assert {line["code"] for line in status["patients"]} == {
        None,
        "no_number",
        "patient_incomplete",
        "mapping_missing",
    }
    assert "Kanarienvogel" not in str(status)
    assert "übergangen" in status["progress"]["message"]


def test_an_empty_day(program: DayProgram, stage: DayStage) -> None:
    status = program.completed(stage.body(delete_obsolete=True))
    assert counts(status) == (0, 0, 0, 0, 0, 0)
    assert status["progress"]["message"] == "Der Tag ist übertragen: keine passenden Termine"
