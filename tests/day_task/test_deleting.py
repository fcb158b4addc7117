"""Deleting obsolete examinations over HTTP: receipts first, confirmation, and what keeps a row."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from demo.systems import DemoSystems
from tests.day_task.house import (
    DayProgram,
    DayStage,
    Row,
    counts,
    receipts_of,
    settings_of,
    warning_codes,
)
from tests.end_to_end.program import run_program


def synced(program: DayProgram, stage: DayStage, count: int) -> list[Row]:
    """So many synced appointments; the rows as they are in SQLHK then."""
    stage.planned_many(count)
    assert counts(program.completed(stage.body()))[0] == count
    return stage.rows(
        "SELECT * FROM Untersuchung WHERE Datum = ? ORDER BY UntersuchungID",
        stage.date.strftime("%d.%m.%Y"),
    )


def same_row(recorded: Row, row: Row) -> bool:
    """Whether the receipt holds the whole row; money is text there."""
    price = "Materialpreis"
    return {**recorded, price: float(recorded[price])} == {**row, price: float(row[price])}


def test_deleted_rows_stand_whole_in_the_receipts(program: DayProgram, stage: DayStage) -> None:
    rows = synced(program, stage, 6)
    stage.change(1, status="canceled")
    stage.remove(2)
    status = program.completed(stage.body(delete_obsolete=True))
    assert counts(status) == (0, 0, 4, 2, 0, 0)
    assert (status["result"]["obsolete"], status["to_confirm"]) == (2, None)
    assert set(stage.who()) == {3, 4, 5, 6}
    receipts = receipts_of(program.data_dir, status["task_id"])
    assert [event for event, _ in receipts] == ["deletion", "deletion"]
    for (_, body), row in zip(receipts, rows[:2], strict=True):
        assert body["table"] == "Untersuchung"
        assert same_row(body["row"], row)
        assert body["source"]["channel"] == "api"
    verified = run_program(program.folder, "--verify-receipts", "--data-dir", str(program.data_dir))
    assert verified.returncode == 0, verified.stdout


def test_more_than_half_wants_that_very_number(program: DayProgram, stage: DayStage) -> None:
    synced(program, stage, 6)
    stage.remove(1, 2, 3, 4)
    stage.change(5, room=18)
    stage.state.add_appointment(stage.date, stage.entry(20))
    for given in ({}, {"confirm_delete": 3}, {"confirm_delete": 5}):
        status = program.completed(stage.body(delete_obsolete=True, **given))
        assert (counts(status)[3], status["to_confirm"]) == (0, 4)
        assert "obsolete_not_confirmed" in warning_codes(status)
        [told] = [w for w in status["warnings"] if w["code"] == "obsolete_not_confirmed"]
        assert told["message"].startswith("4 ")
        assert set(stage.who()) == {1, 2, 3, 4, 5, 6, 20}
        assert receipts_of(program.data_dir, status["task_id"]) == []
        waiting = [
            one for one in status["untersuchungen"] if one["code"] == "obsolete_not_confirmed"
        ]
        assert {int(one["piz"]) - stage.first for one in waiting} == {1, 2, 3, 4}
    assert next(row["HerzkatheterID"] for row in stage.examinations() if row["who"] == 5) == 1
    status = program.completed(stage.body(delete_obsolete=True, confirm_delete=4))
    assert counts(status) == (0, 0, 3, 4, 0, 0)
    assert status["to_confirm"] is None
    assert set(stage.who()) == {5, 6, 20}


def test_without_being_asked_nothing_goes(program: DayProgram, stage: DayStage) -> None:
    synced(program, stage, 4)
    stage.remove(1)
    status = program.completed(stage.body())
    assert (counts(status)[3], status["result"]["obsolete"], status["to_confirm"]) == (0, 1, None)
    assert "obsolete_not_asked" in warning_codes(status)


def test_what_people_worked_on_stays(program: DayProgram, stage: DayStage) -> None:
    synced(program, stage, 6)
    stage.remove(1, 2)
    stage.execute(
        "UPDATE Untersuchung SET Herzteam = 4 WHERE UntersuchungID = ?",
        next(row["UntersuchungID"] for row in stage.examinations() if row["who"] == 1),
    )
    status = program.completed(stage.body(delete_obsolete=True))
    assert counts(status)[3] == 1
    assert set(stage.who()) == {1, 3, 4, 5, 6}
    assert "obsolete_worked_on" in warning_codes(status)


@pytest.mark.parametrize("answer", ["nothing", "nothing usable", "failure"])
def test_calldoc_without_an_answer_deletes_nothing(
    program: DayProgram, stage: DayStage, answer: str
) -> None:
    synced(program, stage, 3)
    if answer == "nothing":
        stage.planned([])
    elif answer == "nothing usable":
        stage.planned([stage.entry(n, status="canceled") for n in (1, 2, 3)])
    else:
        stage.calldoc(appointments={"mode": "status"})
    status = program.sync_day(stage.body(delete_obsolete=True, confirm_delete=3))
    assert counts(status)[3] == 0
    assert set(stage.who()) == {1, 2, 3}
    assert receipts_of(program.data_dir, status["task_id"]) == []


def test_a_failing_patient_keeps_the_rows(program: DayProgram, stage: DayStage) -> None:
    synced(program, stage, 6)
    stage.change(1, employee=77)
    stage.remove(2)
    status = program.completed(stage.body(delete_obsolete=True))
    assert set(stage.who()) == {1, 3, 4, 5, 6}
    assert counts(status) == (0, 0, 4, 1, 1, 0)


@pytest.mark.parametrize(
    ("mode", "code"), [("status_before", "sqlhk_error"), ("refuse", "sqlhk_error")]
)
def test_a_deletion_that_fails_is_taken_back(
    program: DayProgram, stage: DayStage, mode: str, code: str
) -> None:
    synced(program, stage, 6)
    stage.remove(1, 2)
    stage.gateway(execute_sql={"mode": mode, "calls": "writes"})
    status = program.completed(stage.body(delete_obsolete=True))
    assert counts(status) == (0, 0, 4, 0, 0, 2)
    assert stage.who().total() == 6
    receipts = receipts_of(program.data_dir, status["task_id"])
    assert [event for event, _ in receipts] == ["deletion", "not_deleted"] * 2
    taken_back = [body for event, body in receipts if event == "not_deleted"]
    recorded = [body for event, body in receipts if event == "deletion"]
    assert [body["key"] for body in taken_back] == [
        body["row"]["UntersuchungID"] for body in recorded
    ]
    assert {body["code"] for body in taken_back} == {code}


def test_a_row_that_changed_meanwhile_stays(
    program: DayProgram, stage: DayStage, systems: DemoSystems
) -> None:
    synced(program, stage, 6)
    stage.remove(1)
    # Somebody's change arrives at the very moment of the DELETE.
    stage.execute(
        "CREATE TRIGGER meddle BEFORE DELETE ON Untersuchung BEGIN SELECT raise(IGNORE); END"
    )
    try:
        status = program.completed(stage.body(delete_obsolete=True))
    finally:
        stage.execute("DROP TRIGGER meddle")
    assert counts(status) == (0, 0, 5, 0, 0, 1)
    [line] = [one for one in status["untersuchungen"] if one["outcome"] == "error"]
    assert line["code"] == "conflict"
    events = [event for event, _ in receipts_of(program.data_dir, status["task_id"])]
    assert events == ["deletion", "not_deleted"]


def test_a_journal_that_cannot_be_written_keeps_the_row(
    systems: DemoSystems, stage: DayStage, tmp_path: Path
) -> None:
    with DayProgram(tmp_path, settings_of(systems)) as program:
        program.wait_until_ready()
        synced(program, stage, 6)
        stage.remove(1, 2)
        with closing(sqlite3.connect(program.data_dir / "journal.sqlite")) as journal, journal:
            journal.execute(
                "CREATE TRIGGER full BEFORE INSERT ON receipt BEGIN SELECT raise(ABORT, 'full');"
                " END"
            )
        status = program.completed(stage.body(delete_obsolete=True))
        assert counts(status) == (0, 0, 4, 0, 0, 2)
        lines = [one for one in status["untersuchungen"] if one["outcome"] == "error"]
        assert {one["code"] for one in lines} == {"journal_unavailable"}
        assert all("nicht gelöscht" in one["message"] for one in lines)
        assert stage.who().total() == 6
