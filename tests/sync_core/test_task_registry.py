"""Accepting, following and stopping tasks, with real threads and a real journal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from sync_core.errors import Refusal
from sync_core.journal import Journal
from sync_core.task_model import Progress, TaskContext, TaskOutcome, TaskStatus, TaskView
from sync_core.task_status import status_body
from tests.clock import AT_ONCE, PATIENCE
from tests.sync_core.task_house import (
    DONE,
    NOT_YET,
    House,
    of_day,
    order,
    refusal_of,
    until,
)

ROOT = Path(__file__).parents[2]
OpenHouse = Callable[..., House]

# --- a task's life -------------------------------------------------------------------------------


def test_a_tasks_life(house: House) -> None:
    work = house.work()
    accepted = house.registry.submit(order(work))
    assert accepted.status is TaskStatus.PENDING
    assert accepted.progress == Progress("queued", 0, "In der Warteschlange")
    assert accepted.deadline_at - accepted.created_at == timedelta(seconds=30)
    assert accepted.created_at.tzinfo is not None
    assert (accepted.started_at, accepted.finished_at) == (None, None)
    task_id = accepted.task_id
    work.in_hand.progress("calldoc", 10, "CallDoc wird gefragt")
    running = house.now_of(task_id)
    assert running.status is TaskStatus.RUNNING
    assert running.progress == Progress("calldoc", 10, "CallDoc wird gefragt")
    assert running.started_at is not None
    assert running.body == NOT_YET
    assert house.registry.active() == (running,)
    assert house.registry.ended().total == 0
    work.leave.set()
    ended = house.end_of(task_id)
    assert ended.status is TaskStatus.COMPLETED
    assert ended.progress == Progress("done", 100, "Fertig")
    assert ended.body == {"answer": 42}
    assert (ended.error, ended.error_code, ended.safe_to_retry) == (None, None, None)
    assert ended.finished_at is not None
    assert ended.created_at <= running.started_at <= ended.finished_at
    assert house.registry.active() == ()
    assert [view.task_id for view in house.registry.ended().tasks] == [task_id]


def test_what_runs_knows_its_task(house: House) -> None:
    work = house.work()
    task_id = house.running(work, request_id="abc")
    context = work.in_hand
    assert (context.task_id, context.request_id) == (task_id, "abc")
    assert context.source.channel == "api"
    assert 25 < context.control.remaining() <= 30


def test_a_task_is_recorded_before_it_is_accepted(house: House) -> None:
    house.running(house.work())
    house.running(house.work())
    waiting = house.submit()
    with Journal(house.path) as second:
        recorded = second.task(waiting)
    assert recorded is not None
    assert recorded.status is TaskStatus.PENDING


def test_a_status_is_the_same_after_a_restart(open_house: OpenHouse) -> None:
    house = open_house()
    task_id = house.submit(lambda _context: DONE)
    before = status_body(house.end_of(task_id))
    house.close()
    after = open_house().now_of(task_id)
    assert status_body(after) == before
    assert after.request == {"piz": "1"}


def test_an_unknown_task(house: House) -> None:
    assert house.registry.get("unknown") is None
    assert house.registry.wait("unknown", 30) is None
    assert house.registry.cancel("unknown") is False


def test_the_times_add_up(house: House) -> None:
    work = house.work(then=lambda _context: TaskOutcome(timing_ms={"calldoc": 3, "sqlhk": 4}))
    task_id = house.running(work)
    begin = time.monotonic()
    until(lambda: time.monotonic() > begin + 0.02)
    work.leave.set()
    view = house.end_of(task_id)
    assert set(view.timing_ms) == {"queue", "calldoc", "sqlhk", "other"}
    assert (view.timing_ms["calldoc"], view.timing_ms["sqlhk"]) == (3, 4)
    assert view.timing_ms["other"] >= 10
    assert sum(view.timing_ms.values()) == view.execution_time_ms
    assert min(view.timing_ms.values()) >= 0


def test_the_times_of_a_task_that_never_began_add_up(open_house: OpenHouse) -> None:
    house = open_house(workers=1)
    house.running(house.work())
    task_id = house.submit()
    begin = time.monotonic()
    until(lambda: time.monotonic() > begin + 0.02)
    house.registry.cancel(task_id)
    view = house.end_of(task_id)
    assert view.timing_ms["queue"] == view.execution_time_ms >= 20


def test_times_that_overlap_add_up_all_the_same(house: House) -> None:
    task_id = house.submit(lambda _context: TaskOutcome(timing_ms={"calldoc": 900}))
    view = house.end_of(task_id)
    assert sum(view.timing_ms.values()) == view.execution_time_ms
    assert view.timing_ms["other"] == 0


# --- refusals ------------------------------------------------------------------------------------


def test_the_same_thing_twice_is_refused_and_told_where_it_runs(house: House) -> None:
    work = house.work()
    task_id = house.running(work, exclusion="one")
    refusal = refusal_of(lambda: house.submit(exclusion="one"))
    assert (refusal.code, refusal.entry.status) == ("already_running", 409)
    assert refusal.members == {
        "task_id": task_id,
        "status_url": f"/api/sync/status/{task_id}",
    }
    house.end_of(house.submit(exclusion="another"))
    house.end_of(house.submit(exclusion=None))
    work.leave.set()
    house.end_of(task_id)
    house.end_of(house.submit(exclusion="one"))


def test_a_waiting_task_refuses_its_double_too(open_house: OpenHouse) -> None:
    house = open_house(workers=1)
    house.running(house.work())
    waiting = house.submit(exclusion="one")
    assert refusal_of(lambda: house.submit(exclusion="one")).members["task_id"] == waiting


def test_without_exclusion_nobody_is_refused(house: House) -> None:
    house.running(house.work(), exclusion=None)
    house.running(house.work(), exclusion=None)


def test_a_full_queue(open_house: OpenHouse) -> None:
    house = open_house(workers=1, queue_limit=2)
    work = house.work()
    house.running(work)
    first, second = house.submit(), house.submit()
    refusal = refusal_of(house.submit)
    assert (refusal.code, refusal.entry.status) == ("queue_full", 429)
    assert refusal.retry_after
    house.registry.cancel(first)
    third = house.submit()
    work.leave.set()
    for task_id in (second, third):
        house.end_of(task_id)
    house.end_of(house.submit())


def test_thirty_two_at_once_are_one(open_house: OpenHouse) -> None:
    house = open_house(workers=4)
    work = house.work()
    start = threading.Barrier(32)
    answers: list[str | Refusal] = []

    def submit() -> None:
        start.wait(PATIENCE)
        try:
            answers.append(house.submit(work, exclusion="one"))
        except Refusal as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=submit) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    accepted = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert (len(accepted), len(refused)) == (1, 31)
    assert {refusal.members["task_id"] for refusal in refused} == set(accepted)
    work.leave.set()
    house.end_of(accepted[0])
    assert house.registry.ended().total == 1


# --- ids -----------------------------------------------------------------------------------------


def test_ids_within_a_second_and_across_restarts(open_house: OpenHouse) -> None:
    moment = datetime(2025, 10, 4, 15, 0, 0, 123456, timezone(timedelta(hours=2)))
    stem = "patient_sync_1_2025-10-06_20251004150000"
    house = open_house(now=lambda: moment)
    work = house.work()
    assert [house.submit(), house.running(work)] == [stem, f"{stem}_2"]
    house.end_of(stem)
    assert house.submit() == f"{stem}_3"
    work.leave.set()
    house.close()
    house = open_house(now=lambda: moment)
    assert [house.submit(), house.submit()] == [f"{stem}_4", f"{stem}_5"]
    assert house.submit(id_stem="sync_2025-10-06") == "sync_2025-10-06_20251004150000"
    assert house.end_of(f"{stem}_4").status is TaskStatus.COMPLETED
    assert {view.task_id for view in house.registry.ended(limit=9).tasks} >= {stem, f"{stem}_2"}


def test_ids_are_different_however_many_come_at_once(open_house: OpenHouse) -> None:
    moment = datetime(2025, 10, 4, 15, 0, 0, 0, timezone.utc)
    house = open_house(now=lambda: moment, workers=4)
    start = threading.Barrier(16)
    ids: list[str] = []

    def submit() -> None:
        start.wait(PATIENCE)
        ids.append(house.submit())

    threads = [threading.Thread(target=submit) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(set(ids)) == 16
    for task_id in ids:
        house.end_of(task_id)


# --- waiting and asking --------------------------------------------------------------------------


def test_waiting_ends_with_the_task(house: House) -> None:
    work = house.work()
    task_id = house.running(work)
    release = threading.Timer(0.05, work.leave.set)
    release.start()
    begin = time.monotonic()
    view = house.registry.wait(task_id, 30)
    assert time.monotonic() - begin < AT_ONCE
    assert view is not None
    assert view.status is TaskStatus.COMPLETED
    release.join()


def test_waiting_ends_with_its_time(house: House) -> None:
    task_id = house.running(house.work())
    begin = time.monotonic()
    view = house.registry.wait(task_id, 0.05)
    assert 0.05 <= time.monotonic() - begin < AT_ONCE
    assert view is not None
    assert view.status is TaskStatus.RUNNING


def test_pages_of_ended_tasks(house: House) -> None:
    ids = []
    for kind in ("day", "single_patient", "day"):
        ids.append(house.submit(kind=kind))
        house.end_of(ids[-1])
    assert [view.task_id for view in house.registry.ended(limit=2).tasks] == [ids[2], ids[1]]
    assert [view.task_id for view in house.registry.ended(kind="day").tasks] == [ids[2], ids[0]]
    assert house.registry.ended(status=TaskStatus.FAILED).total == 0


def test_tasks_beyond_those_in_memory_are_found_in_the_journal(open_house: OpenHouse) -> None:
    house = open_house(workers=1, queue_limit=600)
    ids = [house.submit() for _ in range(510)]
    house.end_of(ids[-1])
    assert house.now_of(ids[0]).status is TaskStatus.COMPLETED
    assert house.registry.ended().total == 510


# --- days ----------------------------------------------------------------------------------------


def test_a_day_sync_waits_for_the_single_syncs_of_its_day(open_house: OpenHouse) -> None:
    house = open_house(workers=4)
    singles = [house.work(), house.work()]
    for work in singles:
        house.registry.submit(of_day(work, exclusive=False))
        assert work.begun.wait(PATIENCE)
    day, late, other = house.work(), house.work(), house.work()
    day_id = house.registry.submit(of_day(day, exclusive=True)).task_id
    late_id = house.registry.submit(of_day(late, exclusive=False)).task_id
    house.registry.submit(of_day(other, exclusive=True, day="2025-10-07"))
    assert other.begun.wait(PATIENCE)
    until(lambda: house.now_of(late_id).progress.stage == "waiting")
    waiting = house.now_of(day_id)
    assert (waiting.status, waiting.progress.stage) == (TaskStatus.PENDING, "waiting")
    singles[0].leave.set()
    assert singles[0].ended.wait(PATIENCE)
    assert not day.begun.is_set()
    singles[1].leave.set()
    assert day.begun.wait(PATIENCE)
    assert not late.begun.is_set()
    day.leave.set()
    assert late.begun.wait(PATIENCE)
    late.leave.set()
    house.end_of(late_id)
    until(lambda: (TaskStatus.PENDING, "waiting") in house.stages_told(day_id))


def test_a_cancelled_day_sync_holds_nobody_up(house: House) -> None:
    single, later = house.work(), house.work()
    house.registry.submit(of_day(single, exclusive=False))
    assert single.begun.wait(PATIENCE)
    day_id = house.registry.submit(of_day(house.work(), exclusive=True)).task_id
    house.registry.submit(of_day(later, exclusive=False))
    until(lambda: house.now_of(day_id).progress.stage == "waiting")
    house.registry.cancel(day_id)
    assert later.begun.wait(PATIENCE)


def test_who_comes_while_listeners_are_told_is_not_forgotten(house: House) -> None:
    """A worker tells that a day sync waits; what arrives meanwhile must be taken up by it."""
    single, arrived = house.work(), house.work()

    def listener(view: TaskView) -> None:
        if view.progress.stage == "waiting" and not house.works[2:]:
            house.works.append(arrived)
            house.registry.submit(order(arrived))

    house.registry.submit(of_day(single, exclusive=False))
    assert single.begun.wait(PATIENCE)
    house.registry.listen(listener)
    house.registry.submit(of_day(lambda _context: DONE, exclusive=True))
    assert arrived.begun.wait(PATIENCE)


# --- listeners -----------------------------------------------------------------------------------


def test_listeners_are_told_everything_in_order(house: House) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.progress("calldoc", 10, "CallDoc")
        context.progress("commit", 90, "Speichern")
        return DONE

    task_id = house.submit(run)
    house.end_of(task_id)
    until(lambda: len(house.stages_told(task_id)) == 5)
    assert house.stages_told(task_id) == [
        (TaskStatus.PENDING, "queued"),
        (TaskStatus.RUNNING, "queued"),
        (TaskStatus.RUNNING, "calldoc"),
        (TaskStatus.RUNNING, "commit"),
        (TaskStatus.COMPLETED, "done"),
    ]


def test_the_end_is_told_last_even_when_a_listener_is_slow(open_house: OpenHouse) -> None:
    """Else a window would show a task as waiting for ever that had ended long ago."""
    house = open_house(workers=8)

    def slow(view: TaskView) -> None:
        if view.status is TaskStatus.PENDING:
            house.registry.wait(view.task_id, 0.2)

    told: list[TaskView] = []
    house.registry.listen(slow)
    house.registry.listen(told.append)
    ids = [house.submit(id_stem=f"task{number}") for number in range(4)]
    for task_id in ids:
        house.end_of(task_id)
    until(lambda: sum(view.status.ended for view in told) == len(ids))
    last = {view.task_id: view.status for view in told}
    assert last == dict.fromkeys(ids, TaskStatus.COMPLETED)
    assert Counter(view.task_id for view in told) == dict.fromkeys(ids, 3)


def test_a_listener_that_raises_disturbs_nobody(house: House) -> None:
    calls: list[str] = []

    def broken(view: TaskView) -> None:
        calls.append(view.task_id)
        raise ZeroDivisionError

    house.registry.listen(broken)
    later: list[TaskView] = []
    house.registry.listen(later.append)
    task_id = house.submit()
    assert house.end_of(task_id).status is TaskStatus.COMPLETED
    until(lambda: len(later) == 3)
    assert calls == [task_id] * 3


def test_a_listener_may_stop_listening(house: House) -> None:
    told: list[TaskView] = []
    stop = house.registry.listen(told.append)
    stop()
    stop()
    house.end_of(house.submit())
    assert told == []


def test_a_listener_may_ask_and_cancel(house: House) -> None:
    def cancel(view: TaskView) -> None:
        if view.status is TaskStatus.RUNNING:
            assert house.registry.get(view.task_id) is not None
            house.registry.cancel(view.task_id)

    house.registry.listen(cancel)
    assert house.end_of(house.submit(house.work())).status is TaskStatus.CANCELLED


# --- the journal fails ---------------------------------------------------------------------------


def test_nothing_is_accepted_that_cannot_be_recorded(house: House) -> None:
    work = house.work()
    house.journal.close()
    refusal = refusal_of(lambda: house.submit(work, exclusion="one"))
    assert (refusal.code, refusal.entry.status) == ("journal_unavailable", 503)
    assert house.registry.active() == ()
    assert not work.begun.is_set()
    again = refusal_of(lambda: house.submit(work, exclusion="one"))
    assert again.code == "journal_unavailable"
    assert house.told == []


def test_an_end_that_cannot_be_recorded_is_told_all_the_same(house: House) -> None:
    work = house.work()
    task_id = house.running(work)
    house.journal.close()
    work.leave.set()
    assert house.end_of(task_id).status is TaskStatus.COMPLETED
    assert house.now_of(task_id).status is TaskStatus.COMPLETED


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from sync_core.errors import JournalUnavailableError
from tests.sync_core.task_house import DONE, House, refusal_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def commit(context):
    try:
        context.intend({}, DONE)
    except JournalUnavailableError:
        print("not recorded")
        raise
    print("recorded")
    return DONE

house = House(Path(sys.argv[1]))
work = house.work(then=commit)
task_id = house.running(work)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (Path(sys.argv[1] + "-wal").stat().st_size, hard))
print(refusal_of(house.submit).code, len(house.registry.active()), flush=True)
work.leave.set()
print(house.end_of(task_id).error_code)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
print(house.end_of(house.submit()).status.value)
house.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_full_disk(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "journal.sqlite")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "journal_unavailable 1",
        "not recorded",
        "journal_unavailable",
        "completed",
    ]
