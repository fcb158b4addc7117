"""Tasks without a transaction: whatever ends them, what was written is never denied."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync_core.error_catalogue import TASK_ERRORS
from sync_core.errors import ConflictError, DeadlineExceededError, TaskCancelledError, TaskError
from sync_core.journal import Journal
from sync_core.run_control import CommitState, RunControl, StopReason
from sync_core.task_end import cancelled_view, failed_view, stopped_view
from sync_core.task_model import TaskContext, TaskOutcome, TaskStatus, TaskView, Writing
from sync_core.task_recovery import end_unfinished
from sync_core.task_status import restored_task, stored_task
from tests.clock import PATIENCE
from tests.sync_core.task_house import DONE, House, until
from tests.sync_core.test_journal import BEGIN, pending

ROOT = Path(__file__).parents[2]
LOGGER = logging.getLogger("tests.stepwise")
STAYS = "Was bis dahin geschrieben wurde, bleibt"
NOTHING = "Es wurde nichts geschrieben."
OPEN = "Ob der letzte Schritt noch ankam, ist offen."

OpenHouse = Callable[..., House]


def stepwise(**values: Any) -> TaskView:
    return pending("day", writing=Writing.STEP_BY_STEP, **values)


def run_stepwise(house: House, run: Callable[[TaskContext], TaskOutcome]) -> str:
    return house.submit(run, writing=Writing.STEP_BY_STEP)


def step(context: TaskContext, number: int) -> None:
    with context.control.step(0.1):
        context.keep(TaskOutcome(body={"answer": number}))


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", TASK_ERRORS, ids=lambda entry: entry.code)
@pytest.mark.parametrize("commit", [CommitState.SENT, CommitState.STEPS])
def test_no_sentence_denies_what_was_written(entry: Any, commit: CommitState) -> None:
    error = TaskError.__new__(type("Any", (TaskError,), {"code": entry.code}))
    TaskError.__init__(error)
    view = failed_view(stepwise(), error, commit)
    assert view.error is not None
    assert STAYS in view.error
    for denial in ("nichts geschrieben", "zurückgenommen", "rückgängig"):
        assert denial not in view.error
    assert (OPEN in view.error) == (commit is CommitState.SENT)
    assert (view.error_code, view.error) == (entry.code, view.progress.message)


def test_before_the_first_step_nothing_was_written() -> None:
    view = failed_view(stepwise(), DeadlineExceededError())
    assert view.error == f"Die Zeit war um. {NOTHING}"
    assert cancelled_view(stepwise()).progress.message == f"Abgebrochen. {NOTHING}"


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (StopReason.CANCELLED, TaskStatus.CANCELLED, None),
        (StopReason.SHUTDOWN, TaskStatus.FAILED, "interrupted"),
        (StopReason.DEADLINE, TaskStatus.FAILED, "timeout"),
        (None, TaskStatus.FAILED, "internal_error"),
    ],
)
@pytest.mark.parametrize("commit", list(CommitState))
def test_without_a_word_of_its_own(
    reason: StopReason | None, status: TaskStatus, code: str | None, commit: CommitState
) -> None:
    view = stopped_view(stepwise(), reason, commit)
    assert (view.status, view.error_code) == (status, code)
    assert (NOTHING in view.progress.message) == (commit is CommitState.NOT_SENT)


def test_an_own_message_keeps_its_words() -> None:
    view = failed_view(stepwise(), ConflictError("Zeile 7 fehlt."), CommitState.STEPS)
    assert (view.error or "").startswith("Zeile 7 fehlt. Was bis dahin")


def test_how_a_task_writes_is_recorded_with_it() -> None:
    view = stepwise()
    assert restored_task(stored_task(view)).writing is Writing.STEP_BY_STEP
    old = stored_task(pending("old"))
    del old["writing"]
    assert restored_task(old).writing is Writing.AT_ONCE


# --- the gate ------------------------------------------------------------------------------------


def test_a_stop_request_waits_for_the_step() -> None:
    control = RunControl(10)
    with control.step(1):
        assert control.commit_state is CommitState.SENT
        assert control.stop(StopReason.CANCELLED) is False
        control.check()
        assert control.stop_reason is StopReason.CANCELLED
    assert control.commit_state is CommitState.STEPS
    with pytest.raises(TaskCancelledError), control.step(1):
        pytest.fail("a step began after a stop request")


def test_between_two_steps_it_stops_at_once() -> None:
    control = RunControl(10)
    with control.step(1):
        pass
    assert control.stop(StopReason.SHUTDOWN) is True


def test_too_late_for_a_step() -> None:
    control = RunControl(0.5)
    with pytest.raises(DeadlineExceededError), control.step(1):
        pytest.fail("a step began without the time for it")
    assert control.commit_state is CommitState.NOT_SENT


# --- in the registry -----------------------------------------------------------------------------


def test_a_task_that_fails_after_a_step(house: House) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        step(context, 1)
        raise ZeroDivisionError

    view = house.end_of(run_stepwise(house, run))
    assert (view.error_code, view.body) == ("internal_error", {"answer": 1})
    assert STAYS in (view.error or "")


def test_cancelling_waits_for_the_step_under_way(house: House) -> None:
    inside, leave = threading.Event(), threading.Event()

    def run(context: TaskContext) -> TaskOutcome:
        with context.control.step(0.1):
            inside.set()
            assert leave.wait(PATIENCE)
            context.keep(TaskOutcome(body={"answer": 1}))
        step(context, 2)
        return DONE

    task_id = run_stepwise(house, run)
    assert inside.wait(PATIENCE)
    assert house.registry.cancel(task_id)
    view = house.registry.wait(task_id, 1.0)  # longer than a hanging thread is given
    assert view is not None
    assert view.status is TaskStatus.RUNNING
    leave.set()
    view = house.end_of(task_id)
    assert (view.status, view.body) == (TaskStatus.CANCELLED, {"answer": 1})
    assert STAYS in view.progress.message
    assert OPEN not in view.progress.message


def test_a_thread_that_hangs_in_a_step_writes_no_more(open_house: OpenHouse) -> None:
    house = open_house(timeout_seconds=2.0)
    inside, leave, refused = threading.Event(), threading.Event(), threading.Event()

    def run(context: TaskContext) -> TaskOutcome:
        step(context, 1)
        with context.control.step(0.1):
            inside.set()
            leave.wait(20)
        try:
            step(context, 2)
        finally:
            refused.set()
        return DONE

    task_id = run_stepwise(house, run)
    assert inside.wait(PATIENCE)
    view = house.end_of(task_id)
    assert (view.error_code, view.body) == ("timeout", {"answer": 1})
    assert STAYS in (view.error or "")
    assert OPEN in (view.error or "")
    leave.set()
    assert refused.wait(PATIENCE)
    until(lambda: house.registry.abandoned_threads == 0)
    assert house.now_of(task_id) == view
    recorded = house.journal.task(task_id)
    assert recorded is not None
    assert recorded.body == {"answer": 1}


def test_a_begin_that_cannot_be_recorded_is_no_begin(house: House) -> None:
    ran = threading.Event()
    work = house.work()
    house.running(work)
    first = house.work()
    house.running(first)
    task_id = run_stepwise(house, lambda _context: (ran.set(), DONE)[1])
    with house.journal.file.writing() as writer:
        writer.execute(
            "CREATE TRIGGER refuse BEFORE UPDATE ON task WHEN NEW.status = 'running'"
            " BEGIN SELECT raise(ABORT, 'full'); END"
        )
    work.leave.set()
    view = house.end_of(task_id)
    assert view.error_code == "journal_unavailable"
    assert NOTHING in (view.error or "")
    assert not ran.is_set()


# --- after a kill --------------------------------------------------------------------------------

KILLED = """
import os, sys, threading
from pathlib import Path
from sync_core.task_model import TaskOutcome, Writing
from sync_core import task_keeper
from tests.sync_core.task_house import House
task_keeper.KEEP_SECONDS = 0.0
def run(context):
    for number in (1, 2, 3):
        with context.control.step(0.1):
            pass
        context.keep(TaskOutcome(body={"answer": number}))
    print(context.task_id, flush=True)
    os.kill(os.getpid(), 9)
house = House(Path(sys.argv[1]), workers=1)
house.submit(run, writing=Writing.STEP_BY_STEP)
threading.Event().wait(20)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
def test_after_a_kill_the_last_recorded_state_is_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    with Journal(path) as journal:
        assert end_unfinished(journal, BEGIN, LOGGER) == 1
        view = journal.task(done.stdout.strip())
    assert view is not None
    assert (view.status, view.error_code) == (TaskStatus.FAILED, "interrupted")
    assert view.body == {"answer": 3}
    assert (view.error or "").startswith("Das Programm wurde währenddessen beendet. Was bis dahin")
    assert view.started_at is not None


def test_one_that_never_began_has_written_nothing(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        journal.add(stepwise())
        journal.add(replace(stepwise(), task_id="begun"))
        journal.keep(replace(stepwise(), task_id="begun", status=TaskStatus.RUNNING))
        assert end_unfinished(journal, BEGIN, LOGGER) == 2
        never, begun = journal.task("day"), journal.task("begun")
    assert never is not None
    assert NOTHING in (never.error or "")
    assert begun is not None
    assert STAYS in (begun.error or "")


def test_an_end_is_not_overwritten_by_a_late_state(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        view = stepwise()
        journal.add(view)
        ended = replace(view, status=TaskStatus.CANCELLED, finished_at=BEGIN)
        journal.end(ended)
        journal.keep(replace(view, status=TaskStatus.RUNNING))
        assert journal.task("day") == ended
