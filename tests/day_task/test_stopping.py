"""A day that is cancelled, runs out of time, or whose program ends: nobody denies what was done."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from demo.systems import DemoSystems
from tests.clock import AT_ONCE, PATIENCE
from tests.day_task.house import (
    DayProgram,
    DayStage,
    Row,
    counts,
    receipts_of,
    running_with,
    settings_of,
)
from tests.end_to_end.program import END_SECONDS, until

COUNT = 20
EVERYBODY = Counter(dict.fromkeys(range(1, COUNT + 1), 1))
STAYS = "Was bis dahin geschrieben wurde, bleibt"
LATENCY = 0.06


@pytest.fixture
def many(stage: DayStage) -> DayStage:
    stage.planned_many(COUNT)
    return stage


def assert_repeat_mends(program: DayProgram, stage: DayStage) -> None:
    stage.gateway()
    there = stage.who().total()
    status = program.completed(stage.body())
    assert counts(status) == (COUNT - there, 0, there, 0, 0, 0)
    assert stage.patients() == stage.who() == EVERYBODY


def assert_counts_are_true(stage: DayStage, status: Row) -> None:
    assert status["result"]["patients"]["inserted"] == stage.patients().total()
    assert counts(status)[0] == stage.who().total()


@pytest.mark.parametrize(("where", "skip"), [("Patient 5 von", 5), ("Termin 5 von", COUNT + 5)])
def test_cancelled_midway(program: DayProgram, many: DayStage, where: str, skip: int) -> None:
    many.hold_write(skip)
    task_id = program.start_day(many.body())
    seen = running_with(program, task_id, where)
    assert seen["result"]["patients"]["inserted"] >= 4
    assert program.cancel(task_id).status_code == 202
    many.gateway()
    status = program.wait(task_id)
    assert (status["status"], status["error_code"]) == ("cancelled", None)
    assert status["progress"]["message"].startswith(f"Abgebrochen. {STAYS}")
    assert_counts_are_true(many, status)
    assert many.patients().total() > 0
    assert many.who().total() < COUNT
    assert_repeat_mends(program, many)


def test_a_cancelled_day_has_ended_when_it_says_so(program: DayProgram, stage: DayStage) -> None:
    """A write under way is awaited, and afterwards nothing more arrives."""
    stage.planned_many(3)
    stage.hold_write(skip=1)
    task_id = program.start_day(stage.body())
    running_with(program, task_id, "Patient 1 von")
    assert program.cancel(task_id).status_code == 202
    waited = program.get(f"/api/sync/status/{task_id}?wait=1").json()
    assert waited["status"] == "running"
    stage.gateway()
    status = program.wait(task_id)
    assert status["status"] == "cancelled"
    assert status["result"]["patients"]["inserted"] == 2 == stage.patients().total()
    assert "offen" not in status["progress"]["message"]


def test_after_a_cancellation_nothing_is_sent_twice(program: DayProgram, stage: DayStage) -> None:
    stage.planned_many(3)
    stage.calls()
    stage.hold_write()
    task_id = program.start_day(stage.body())
    stage.writes_begun(1)
    assert program.cancel(task_id).status_code == 202
    # Never carried out, and answered badly: the look finds nothing, and it is left at that.
    stage.gateway(execute_sql={"mode": "status_before", "calls": "writes"})
    status = program.wait(task_id)
    assert status["status"] == "cancelled"
    assert stage.calls()["writes"] == 1
    assert stage.patients().total() == 0


def test_cancelled_while_it_waits(program: DayProgram, stage: DayStage) -> None:
    stage.planned_many(1)
    stage.hold_write()
    first = program.start_day(stage.body())
    single = program.start({"piz": str(stage.first + 1), "date": stage.day})
    assert program.cancel(single).status_code == 202
    status = program.wait(single)
    assert status["progress"]["message"] == "Abgebrochen; es wurde nichts geschrieben."
    stage.gateway()
    assert program.wait(first)["status"] == "completed"


@pytest.fixture
def own(systems: DemoSystems, tmp_path: Path) -> DayProgram:
    return DayProgram(tmp_path, settings_of(systems, TASKS__TIMEOUT_SECONDS="4"))


def test_out_of_time(own: DayProgram, program: DayProgram, many: DayStage) -> None:
    with own as hasty:
        hasty.wait_until_ready()
        many.gateway(latency=0.15)
        status = hasty.wait(hasty.start_day(many.body()))
        assert (status["status"], status["error_code"]) == ("failed", "timeout")
        assert status["error"].startswith(f"Die Zeit war um. {STAYS}")
        assert status["safe_to_retry"] is True
        assert status["execution_time_ms"] < (4 + AT_ONCE) * 1000
        assert_counts_are_true(many, status)
        assert many.patients().total() > 0

        # Silence in the middle of a write: told as open, and nothing comes afterwards.
        before = many.who()
        many.gateway(execute_sql={"mode": "slow_before", "calls": "writes", "seconds": 60})
        status = hasty.wait(hasty.start_day(many.body()))
        assert (status["status"], status["error_code"]) == ("failed", "timeout")
        assert status["execution_time_ms"] < (4 + AT_ONCE) * 1000
        assert STAYS in status["error"]
        open_ones = [*status["patients"], *status["untersuchungen"]]
        assert [one["code"] for one in open_ones].count("outcome_unknown") == 1
        assert many.who() == before
    assert_repeat_mends(program, many)


def test_asked_to_end_midway(own: DayProgram, many: DayStage) -> None:
    with own as program:
        program.wait_until_ready()
        many.hold_write(skip=5)
        task_id = program.start_day(many.body())
        running_with(program, task_id, "Patient 5 von")
        program.process.terminate()
        many.gateway(latency=0.15)  # what is left of the day takes some seconds
        assert program.ended(END_SECONDS) == 0
    written = many.patients()
    with DayProgram(program.folder, settings_of(many.systems)) as again:
        status = again.wait_until_ready() and again.status(task_id)
        assert (status["status"], status["error_code"]) == ("failed", "interrupted")
        assert status["error"].startswith(f"Das Programm wurde währenddessen beendet. {STAYS}")
        assert status["result"]["patients"]["inserted"] == written.total() > 0
        assert_repeat_mends(again, many)


@pytest.mark.parametrize(
    ("where", "skip"),
    [pytest.param("Patient 9 von", 9, marks=pytest.mark.slow), ("Termin 9 von", COUNT + 9)],
)
def test_killed_midway(
    systems: DemoSystems, tmp_path: Path, many: DayStage, where: str, skip: int
) -> None:
    with DayProgram(tmp_path, settings_of(systems)) as program:
        program.wait_until_ready()
        many.hold_write(skip, latency=LATENCY)  # slow, so that something is recorded meanwhile
        task_id = program.start_day(many.body())
        running_with(program, task_id, where)
        program.kill()
    patients, examinations = many.patients().total(), many.who().total()
    with DayProgram(tmp_path, settings_of(systems)) as program:
        status = program.wait_until_ready() and program.status(task_id)
        assert (status["status"], status["error_code"]) == ("failed", "interrupted")
        assert status["safe_to_retry"] is True
        assert status["error"].startswith(f"Das Programm wurde währenddessen beendet. {STAYS}")
        # The last recorded state: never more than was written, and not much less.
        known = status["result"]["patients"]["inserted"]
        assert 0 < known <= patients
        assert counts(status)[0] <= examinations
        if where.startswith("Termin"):
            assert (known, counts(status)[0] > 0) == (COUNT, True)
        assert_repeat_mends(program, many)


def test_killed_between_a_receipt_and_its_deletion(
    systems: DemoSystems, tmp_path: Path, stage: DayStage
) -> None:
    with DayProgram(tmp_path, settings_of(systems)) as program:
        program.wait_until_ready()
        stage.planned_many(6)
        program.completed(stage.body())
        stage.remove(1, 2)
        stage.hold_write()
        task_id = program.start_day(stage.body(delete_obsolete=True))
        until(
            lambda: receipts_of(program.data_dir, task_id) or None,
            PATIENCE,
            "no deletion was recorded",
        )
        program.kill()
    stage.gateway()
    assert stage.who().total() == 6
    with DayProgram(tmp_path, settings_of(systems)) as program:
        status = program.wait_until_ready() and program.status(task_id)
        assert STAYS in status["error"]
        assert status["result"]["untersuchungen"]["unchanged"] == 4
        assert [event for event, _ in receipts_of(program.data_dir, task_id)] == ["deletion"]
        assert counts(program.completed(stage.body(delete_obsolete=True)))[3] == 2
        assert program.get("/health").json()["active_syncs"] == 0
