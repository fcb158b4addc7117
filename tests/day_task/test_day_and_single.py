"""Day and single syncs of one day wait for each other, hold no worker, and none waits for ever."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from demo.systems import DemoSystems
from tests.clock import AT_ONCE, PATIENCE
from tests.day_task.house import DayProgram, DayStage, Row, settings_of
from tests.end_to_end.program import until


@pytest.fixture
def known(stage: DayStage) -> DayStage:
    """Ten appointments whose patients CallDoc's patient search knows, too."""
    stage.planned_many(10)
    for index in range(1, 11):
        entry = stage.entry(index)
        stage.state.add_patient(
            {name: entry[name] for name in ("piz", "surname", "name", "date_of_birth", "gender")}
            | {"id": entry["patient"]}
        )
    return stage


def single_body(stage: DayStage, index: int) -> Row:
    return {"piz": str(stage.first + index), "date": stage.day}


def waiting_with(program: DayProgram, task_id: str, message: str) -> Row:
    def look() -> Row | None:
        status = program.status(task_id)
        return status if status["progress"]["stage"] == "waiting" else None

    status = until(look, PATIENCE, f"{task_id} does not wait")
    assert (status["status"], status["started_at"]) == ("pending", None)
    assert status["progress"]["message"] == message
    return status


def test_singles_wait_for_the_day(program: DayProgram, known: DayStage) -> None:
    known.calls()
    known.hold_write()
    day = program.start_day(known.body())
    known.writes_begun(1)
    singles = [program.start(single_body(known, index)) for index in range(1, 11)]
    for task_id in singles:
        waiting_with(program, task_id, "Wartet auf den Tagesabgleich dieses Tages")
    # Ten wait, the program has eight workers, and yet another day is carried over meanwhile.
    other = DayStage(known.systems, 9000)
    assert program.completed(other.body())["status"] == "completed"
    assert program.status(day)["status"] == "running"
    known.gateway()
    day_status = program.wait(day, 20)
    for task_id in singles:
        status = program.wait(task_id, 20)
        assert status["sqlhk_sync"]["action"] == "unchanged", status
        assert status["started_at"] >= day_status["finished_at"]
        assert status["timing_ms"]["queue"] > 0
    assert known.patients() == known.who() == Counter(dict.fromkeys(range(1, 11), 1))


def test_the_day_waits_and_is_not_overtaken(program: DayProgram, known: DayStage) -> None:
    known.calldoc(both={"mode": "hold"})
    first = program.start(single_body(known, 1))
    until(lambda: program.status(first)["started_at"], PATIENCE, "it does not start")
    day = program.start_day(known.body())
    waiting_with(program, day, "Wartet auf die laufenden Abgleiche dieses Tages")
    later = program.start(single_body(known, 2))
    waiting_with(program, later, "Wartet auf den Tagesabgleich dieses Tages")
    known.calldoc()
    first_status, day_status, later_status = (
        program.wait(task_id, 20) for task_id in (first, day, later)
    )
    assert first_status["finished_at"] <= day_status["started_at"]
    assert day_status["finished_at"] <= later_status["started_at"]
    assert day_status["result"]["untersuchungen"]["unchanged"] == 1
    assert day_status["result"]["untersuchungen"]["inserted"] == 9
    assert later_status["sqlhk_sync"]["action"] == "unchanged"


def test_the_minute_runs_while_it_waits(
    systems: DemoSystems, known: DayStage, tmp_path: Path
) -> None:
    with DayProgram(tmp_path, settings_of(systems, TASKS__TIMEOUT_SECONDS="4")) as program:
        program.wait_until_ready()
        known.hold_write()
        day = program.start_day(known.body())
        until(lambda: program.status(day)["started_at"], PATIENCE, "it does not start")
        single = program.start(single_body(known, 1))
        waiting_with(program, single, "Wartet auf den Tagesabgleich dieses Tages")
        again = program.wait(day)
        assert again["error_code"] == "timeout"
        late = program.wait(single)
        assert late["error_code"] in ("timeout", None)
        assert late["execution_time_ms"] < (4 + AT_ONCE) * 1000


def test_days_and_singles_mixed(program: DayProgram, known: DayStage) -> None:
    tasks = []
    for round_number in range(3):
        tasks += [program.start(single_body(known, index)) for index in (1, 2, 3)]
        answer = program.post_day(known.body())
        tasks.append(answer.json()["task_id"])
        assert answer.status_code == (202 if round_number == 0 else answer.status_code)
        for task_id in tasks:
            assert program.wait(task_id, 20)["status"] == "completed"
    assert known.patients() == known.who() == Counter(dict.fromkeys(range(1, 11), 1))
