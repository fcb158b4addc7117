"""What the status, the receipts and the log of a day say is so, also where it is awkward."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from day_task.schemas import DayRequestSchema, DaySyncSchema
from demo.systems import DemoSystems
from tests.clock import AT_ONCE, PATIENCE
from tests.day_task.house import (
    DayProgram,
    DayStage,
    counts,
    receipts_of,
    settings_of,
    warning_codes,
)
from tests.end_to_end.program import run_program, until

CANARY = "Kanarienvogel"


def test_rows_are_agreed_to_by_the_window_only() -> None:
    body = {
        "date": "2041-01-07",
        "appointment_type_id": [24],
        "delete_obsolete": True,
        "smart_status_filter": True,
        "confirm_delete": 2,
        "confirm_rows": [9, 7],
    }
    request = DayRequestSchema().load(body)
    assert request.confirm_rows == {7, 9}
    assert request.as_json() == {**body, "confirm_rows": [7, 9]}
    with pytest.raises(ValidationError):
        DaySyncSchema().load({**body, "smart_status_filter": True})
    for wrong in (None, [], "7", [0], ["7"], [True], [None], {}, 7):
        with pytest.raises(ValidationError):
            DayRequestSchema().load({**body, "confirm_rows": wrong})
    del body["confirm_delete"]
    with pytest.raises(ValidationError) as refused:
        DayRequestSchema().load(body)
    assert set(refused.value.normalized_messages()) == {"confirm_rows"}


def test_never_more_than_the_number_that_was_agreed_to(
    program: DayProgram, stage: DayStage
) -> None:
    stage.planned_many(7)
    program.completed(stage.body())
    stage.remove(1, 2, 3)
    status = program.completed(stage.body(delete_obsolete=True, confirm_delete=2))
    assert (counts(status)[3], status["to_confirm"]) == (0, 3)
    assert "obsolete_not_confirmed" in warning_codes(status)
    assert counts(program.completed(stage.body(delete_obsolete=True, confirm_delete=3)))[3] == 3


def test_names_stand_nowhere(systems: DemoSystems, stage: DayStage, tmp_path: Path) -> None:
    """A day with deletions, refusals and faults; the name is in SQLHK and in nothing of ours."""
    with DayProgram(tmp_path, settings_of(systems)) as program:
        program.wait_until_ready()
        stage.planned(
            [stage.entry(n, surname=f"{CANARY}{n}", name=f"{CANARY}-Anna") for n in range(1, 9)]
        )
        program.completed(stage.body())
        stage.remove(1, 2)
        stage.change(3, date_of_birth="1900-01-01")
        stage.change(4, employee=77)
        told = [program.sync_day(stage.body(delete_obsolete=True))]
        for mode in ("refuse", "half_json", "close_after", "status_after"):
            stage.gateway(execute_sql={"mode": mode, "calls": "writes"})
            stage.state.add_appointment(
                stage.date, stage.entry(10 + len(told), surname=CANARY, name=CANARY)
            )
            told.append(program.sync_day(stage.body(delete_obsolete=True)))
        stage.gateway(execute_sql={"mode": "refuse"})
        told.append(program.sync_day(stage.body()))
        assert told[-1]["error_code"] == "sqlhk_error"
        stage.gateway()
        assert CANARY not in json.dumps(told)
        assert receipts_of(program.data_dir, told[0]["task_id"])
    assert stage.rows("SELECT 1 FROM Patient WHERE Nachname LIKE ?", f"{CANARY}%")
    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".log" for path in found)
    assert [path.name for path in found if CANARY.encode() in path.read_bytes()] == []
    verified = run_program(tmp_path, "--verify-receipts", "--data-dir", str(program.data_dir))
    assert verified.returncode == 0, verified.stdout


def gone(program: DayProgram, task_id: str) -> int:
    """How many rows the receipts say were deleted."""
    events = [event for event, _ in receipts_of(program.data_dir, task_id)]
    return events.count("deletion") - events.count("not_deleted")


def deleting(stage: DayStage, program: DayProgram, **fault: Any) -> str:
    """A sync that is about to delete six rows of thirteen, through a gateway with a fault."""
    stage.planned_many(13)
    assert counts(program.completed(stage.body()))[0] == 13
    stage.remove(*range(1, 7))
    stage.gateway(execute_sql={"calls": "writes", **fault})
    return program.start_day(stage.body(delete_obsolete=True))


def test_cancelled_while_deleting(program: DayProgram, stage: DayStage) -> None:
    task_id = deleting(stage, program, mode="hold", skip=2)
    until(lambda: gone(program, task_id) > 2 or None, PATIENCE, "no row was deleted")
    assert program.cancel(task_id).status_code == 202
    stage.gateway()
    status = program.wait(task_id)
    assert status["status"] == "cancelled"
    deleted = counts(status)[3]
    assert 0 < deleted < 6
    assert stage.who().total() == 13 - deleted
    assert gone(program, task_id) == deleted
    assert status["result"]["obsolete"] == 6
    assert counts(program.completed(stage.body(delete_obsolete=True)))[3] == 6 - deleted


def test_out_of_time_while_deleting(systems: DemoSystems, stage: DayStage, tmp_path: Path) -> None:
    with DayProgram(tmp_path, settings_of(systems, TASKS__TIMEOUT_SECONDS="4")) as program:
        program.wait_until_ready()
        task_id = deleting(stage, program, mode="slow_before", skip=1, seconds=60)
        status = program.wait(task_id)
        assert (status["status"], status["error_code"]) == ("failed", "timeout")
        assert status["execution_time_ms"] < (4 + AT_ONCE) * 1000
        assert counts(status) == (0, 0, 7, 1, 0, 1)
        [line] = [one for one in status["untersuchungen"] if one["outcome"] == "error"]
        assert line["code"] == "outcome_unknown"
        receipts = receipts_of(program.data_dir, task_id)
        assert [event for event, _ in receipts] == ["deletion", "deletion", "not_deleted"]
        assert receipts[2][1]["code"] == "outcome_unknown"
    assert stage.who().total() == 12
