"""How tasks end: by themselves, by a fault, on request, by the clock, with the program."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sync_core.errors import (
    ConflictError,
    InternalTaskError,
    JournalUnavailableError,
    MappingMissingError,
    OutcomeUnknownError,
    TaskCancelledError,
)
from sync_core.idempotency import KeyUse
from sync_core.journal import Journal
from sync_core.run_control import StopReason
from sync_core.task_model import (
    TaskContext,
    TaskOutcome,
    TaskStatus,
    TaskView,
    TaskWarning,
)
from tests.clock import AT_ONCE, PATIENCE
from tests.sync_core.task_house import DONE, NOT_YET, House, of_day, refusal_of, until

OpenHouse = Callable[..., House]
Raised = type[BaseException]

CANARY = "Mustermann"
SOON = 1.5
"""Seconds a task has, where it shall begin before its time is over."""


def assert_failed(view: TaskView, code: str, *, safe_to_retry: bool = True) -> None:
    assert (view.status, view.error_code) == (TaskStatus.FAILED, code)
    assert view.safe_to_retry is safe_to_retry
    assert view.error
    assert view.progress.message == view.error
    assert view.finished_at is not None
    assert sum(view.timing_ms.values()) == view.execution_time_ms


# --- by errors and faults ------------------------------------------------------------------------


def test_a_foreseen_error(house: House) -> None:
    def run(_context: TaskContext) -> TaskOutcome:
        raise MappingMissingError("Der Raum 99 fehlt.")

    view = house.end_of(house.submit(run))
    assert_failed(view, "mapping_missing", safe_to_retry=False)
    assert view.error == "Der Raum 99 fehlt."
    assert view.body == NOT_YET


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit, KeyboardInterrupt])
def test_a_fault_of_ours(house: House, error: Raised, caplog: pytest.LogCaptureFixture) -> None:
    def run(_context: TaskContext) -> TaskOutcome:
        raise error(CANARY)

    begin = time.monotonic()
    view = house.end_of(house.submit(run))
    assert time.monotonic() - begin < AT_ONCE
    assert_failed(view, "internal_error")
    assert CANARY not in str(view)
    assert "fault of the program" in caplog.text
    assert house.end_of(house.submit()).status is TaskStatus.COMPLETED


@pytest.mark.parametrize("nonsense", [None, "text"])
def test_a_kind_that_returns_no_outcome(house: House, nonsense: object) -> None:
    view = house.end_of(house.submit(lambda _context: nonsense))  # type: ignore[arg-type,return-value]
    assert_failed(view, "internal_error")
    for _ in range(house.workers):
        assert house.end_of(house.submit()).status is TaskStatus.COMPLETED


def test_a_kind_whose_outcome_is_no_json(house: House) -> None:
    """It could be neither recorded nor shown; the task must end all the same."""
    view = house.end_of(
        house.submit(lambda _context: TaskOutcome("Fertig", {"day": date(2025, 10, 6)}))
    )
    assert_failed(view, "internal_error")
    assert view.body == NOT_YET
    recorded = house.journal.task(view.task_id)
    assert recorded is not None
    assert recorded.status is TaskStatus.FAILED


def test_what_was_found_out_is_told_by_a_failed_task_too(house: House) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.keep(
            TaskOutcome(
                body={"answer": 1},
                warnings=(TaskWarning("married", "Anderer Name"),),
                timing_ms={"calldoc": 7},
            )
        )
        raise ConflictError

    view = house.end_of(house.submit(run))
    assert_failed(view, "conflict")
    assert view.body == {"answer": 1}
    assert [warning.code for warning in view.warnings] == ["married"]
    assert view.timing_ms["calldoc"] == 7


AFTERWARDS = [ZeroDivisionError, SystemExit, ConflictError, TaskCancelledError]


@pytest.mark.parametrize("error", [*AFTERWARDS, JournalUnavailableError, OutcomeUnknownError])
def test_what_was_committed_stands_whatever_fails_then(house: House, error: Raised) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.keep(TaskOutcome(body={"answer": 1}, warnings=(TaskWarning("a", "A"),)))
        context.control.begin_commit(1)
        context.control.commit_done()
        raise error

    view = house.end_of(house.submit(run))
    assert (view.status, view.error_code) == (TaskStatus.COMPLETED, None)
    assert view.progress.stage == "done"
    assert [warning.code for warning in view.warnings] == ["a", "incomplete_report"]
    assert view.body == {"answer": 1}


@pytest.mark.parametrize("error", [*AFTERWARDS, InternalTaskError, OutcomeUnknownError])
def test_a_commit_without_an_answer_is_never_told_as_not_written(
    house: House, error: Raised
) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.control.begin_commit(1)
        raise error

    assert_failed(house.end_of(house.submit(run)), "outcome_unknown")


def test_a_refused_commit_is_told_as_what_it_was(house: House) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.control.begin_commit(1)
        context.control.commit_refused()
        raise ConflictError

    assert_failed(house.end_of(house.submit(run)), "conflict")


# --- intents -------------------------------------------------------------------------------------


def intending(then: Callable[[TaskContext], TaskOutcome]) -> Callable[[TaskContext], TaskOutcome]:
    def run(context: TaskContext) -> TaskOutcome:
        context.intend({"rows": []}, DONE)
        return then(context)

    return run


def commit(context: TaskContext) -> TaskOutcome:
    context.control.begin_commit(1)
    context.control.commit_done()
    return DONE


def raise_conflict(_context: TaskContext) -> TaskOutcome:
    raise ConflictError


def lose_the_answer(context: TaskContext) -> TaskOutcome:
    context.control.begin_commit(1)
    raise OutcomeUnknownError


def events_of(house: House) -> list[str]:
    rows = house.journal.file.read("SELECT event FROM receipt ORDER BY number")
    return [row["event"] for row in rows]


@pytest.mark.parametrize(
    ("then", "events"),
    [
        (commit, ["intent", "written"]),
        (raise_conflict, ["intent", "not_written"]),
        (lose_the_answer, ["intent"]),
    ],
)
def test_an_intent_is_closed_by_what_became_of_it(
    house: House, then: Callable[[TaskContext], TaskOutcome], events: list[str]
) -> None:
    house.end_of(house.submit(intending(then)))
    assert events_of(house) == events


def test_an_end_is_recorded_before_its_intent_is_closed(open_house: OpenHouse) -> None:
    """Killed between the two, a task that has written must not look as if it had not."""

    class WatchedJournal(Journal):
        def end(self, view: TaskView) -> None:
            open_at_the_end.append(len(self.receipts.open_intents()))
            super().end(view)

    open_at_the_end: list[int] = []
    house = open_house(make_journal=WatchedJournal)
    house.end_of(house.submit(intending(commit)))
    assert open_at_the_end == [1]
    assert events_of(house) == ["intent", "written"]


def test_without_its_intent_on_record_nothing_is_committed(house: House) -> None:
    committed = threading.Event()

    def run(context: TaskContext) -> TaskOutcome:
        house.journal.close()
        context.intend({}, DONE)
        committed.set()
        return DONE

    assert_failed(house.end_of(house.submit(run)), "journal_unavailable")
    assert not committed.is_set()


# --- cancelling ----------------------------------------------------------------------------------


def test_cancelling_a_pending_task(open_house: OpenHouse) -> None:
    house = open_house(workers=1)
    first, second = house.work(), house.work()
    running = house.running(first)
    pending = house.submit(second, exclusion="one")
    assert house.registry.cancel(pending) is True
    view = house.now_of(pending)
    assert (view.status, view.error_code, view.error) == (TaskStatus.CANCELLED, None, None)
    assert view.started_at is None
    house.submit(exclusion="one")
    first.leave.set()
    house.end_of(running)
    house.end_of(house.submit())
    assert not second.begun.is_set()


@pytest.mark.usefixtures("long_grace")  # its own end, not a forced one
def test_cancelling_a_running_task(house: House) -> None:
    work = house.work()
    task_id = house.running(work)
    begin = time.monotonic()
    assert house.registry.cancel(task_id) is True
    view = house.end_of(task_id)
    assert time.monotonic() - begin < AT_ONCE
    assert (view.status, view.error_code, view.safe_to_retry) == (TaskStatus.CANCELLED, None, None)
    assert house.registry.abandoned_threads == 0


def test_cancelling_an_ended_task(house: House) -> None:
    task_id = house.submit()
    before = house.end_of(task_id)
    assert house.registry.cancel(task_id) is False
    assert house.now_of(task_id) == before


def test_cancelling_while_the_commit_is_under_way(house: House) -> None:
    work = house.work(deaf=True, then=lambda _context: DONE)
    task_id = house.running(work)
    work.in_hand.control.begin_commit(1)
    assert house.registry.cancel(task_id) is True
    assert house.registry.wait(task_id, 0.7).status is TaskStatus.RUNNING  # type: ignore[union-attr]
    work.in_hand.control.commit_done()
    work.leave.set()
    assert house.end_of(task_id).status is TaskStatus.COMPLETED
    assert house.registry.abandoned_threads == 0


def test_cancelling_holds_when_the_commit_is_refused(house: House) -> None:
    def then(context: TaskContext) -> TaskOutcome:
        context.control.commit_refused()
        context.control.check()
        return DONE

    work = house.work(deaf=True, then=then)
    task_id = house.running(work)
    work.in_hand.control.begin_commit(1)
    house.registry.cancel(task_id)
    work.leave.set()
    assert house.end_of(task_id).status is TaskStatus.CANCELLED


def test_cancelling_what_does_not_listen(house: House) -> None:
    work = house.work(deaf=True)
    task_id = house.running(work)
    begin = time.monotonic()
    house.registry.cancel(task_id)
    assert house.end_of(task_id).status is TaskStatus.CANCELLED
    assert time.monotonic() - begin < AT_ONCE
    assert house.registry.abandoned_threads == 1


def test_cancelling_again_and_again_wins_no_time(house: House) -> None:
    work = house.work(deaf=True)
    task_id = house.running(work)
    begin = time.monotonic()

    def ended() -> bool:
        house.registry.cancel(task_id)
        return house.now_of(task_id).status.ended

    until(ended)
    assert time.monotonic() - begin < AT_ONCE


class SlowJournal(Journal):
    """A journal on a disk that takes its time with a new task."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.fast = threading.Event()
        self.fast.set()

    def add(self, view: TaskView, use: KeyUse | None = None) -> None:
        assert self.fast.wait(PATIENCE)
        super().add(view, use)


@pytest.mark.parametrize("workers_busy", [True, False])
def test_cancelling_what_is_still_being_recorded(open_house: OpenHouse, workers_busy: bool) -> None:
    house = open_house(workers=1, make_journal=SlowJournal)
    journal = house.journal
    assert isinstance(journal, SlowJournal)
    blocker, never = house.work(), house.work()
    if workers_busy:
        house.running(blocker)
    journal.fast.clear()
    submitted: list[TaskView] = []
    thread = threading.Thread(
        target=lambda: submitted.append(house.registry.submit(of_day(never, exclusive=True)))
    )
    thread.start()
    until(lambda: len(house.registry.active()) == 1 + workers_busy)
    task_id = house.registry.active()[-1].task_id
    assert house.registry.cancel(task_id) is True
    assert house.registry.wait(task_id, 0.7) is not None  # longer than a stopped thread may take
    journal.fast.set()
    thread.join(PATIENCE)
    assert submitted[0].task_id == task_id
    assert house.end_of(task_id).status is TaskStatus.CANCELLED
    blocker.leave.set()
    last = house.registry.submit(of_day(lambda _context: DONE, exclusive=True)).task_id
    assert house.end_of(last).status is TaskStatus.COMPLETED
    assert not never.begun.is_set()
    recorded = house.journal.task(task_id)
    assert recorded is not None
    assert recorded.status is TaskStatus.CANCELLED
    until(lambda: house.stages_told(task_id)[-1:] == [(TaskStatus.CANCELLED, "queued")])


# --- the deadline --------------------------------------------------------------------------------


@pytest.mark.usefixtures("long_grace")
def test_the_time_of_a_running_task_is_over(open_house: OpenHouse) -> None:
    house = open_house(timeout_seconds=0.3)
    begin = time.monotonic()
    view = house.end_of(house.submit(house.work()))
    assert_failed(view, "timeout")
    assert 0.3 <= time.monotonic() - begin < AT_ONCE
    assert house.registry.abandoned_threads == 0


def test_the_time_of_a_pending_task_is_over(open_house: OpenHouse) -> None:
    house = open_house(workers=1, timeout_seconds=SOON)
    never = house.work()
    house.running(house.work(deaf=True))
    begin = time.monotonic()
    view = house.end_of(house.submit(never))
    assert_failed(view, "timeout")
    assert view.started_at is None
    assert SOON - 0.05 <= time.monotonic() - begin < SOON + AT_ONCE
    assert not never.begun.is_set()


def test_a_task_that_hangs_is_ended_and_its_thread_given_up(
    open_house: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(workers=1, timeout_seconds=SOON)
    late: list[TaskView] = []

    def then(context: TaskContext) -> TaskOutcome:
        context.progress("write", 70, "Zu spät")
        context.keep(TaskOutcome(body={"answer": "too late"}))
        return TaskOutcome("Zu spät", {"answer": "too late"})

    work = house.work(deaf=True, then=then)
    begin = time.monotonic()
    task_id = house.running(work, exclusion="one")
    view = house.end_of(task_id)
    assert SOON <= time.monotonic() - begin < SOON + AT_ONCE
    assert_failed(view, "timeout")
    assert house.registry.abandoned_threads == 1
    assert "hangs and is given up" in caplog.text
    assert house.end_of(house.submit(exclusion="one")).status is TaskStatus.COMPLETED
    house.registry.listen(late.append)
    work.leave.set()
    until(lambda: house.registry.abandoned_threads == 0)
    assert house.now_of(task_id) == view
    assert house.journal.task(task_id).body == NOT_YET  # type: ignore[union-attr]
    assert late == []
    assert house.end_of(house.submit()).status is TaskStatus.COMPLETED


def test_a_thread_that_comes_back_sends_no_commit(open_house: OpenHouse) -> None:
    house = open_house(timeout_seconds=SOON)
    sent = threading.Event()

    def then(context: TaskContext) -> TaskOutcome:
        context.control.begin_commit(0)
        sent.set()
        return DONE

    work = house.work(deaf=True, then=then)
    assert_failed(house.end_of(house.running(work)), "timeout")
    work.leave.set()
    assert work.ended.wait(PATIENCE)
    assert not sent.is_set()


def test_a_commit_that_hangs_is_unknown_and_is_not_sent_again(open_house: OpenHouse) -> None:
    house = open_house(timeout_seconds=SOON)
    sent_again = threading.Event()

    def then(context: TaskContext) -> TaskOutcome:
        context.control.commit_refused()
        context.control.begin_commit(0)
        sent_again.set()
        return DONE

    work = house.work(deaf=True, then=then)
    begin = time.monotonic()
    task_id = house.running(work)
    work.in_hand.control.begin_commit(0)
    view = house.end_of(task_id)
    assert_failed(view, "outcome_unknown")
    assert time.monotonic() - begin < SOON + AT_ONCE
    work.leave.set()
    assert work.ended.wait(PATIENCE)
    assert not sent_again.is_set()
    assert house.now_of(task_id) == view


def test_many_that_hang_are_all_ended_in_time(open_house: OpenHouse) -> None:
    house = open_house(workers=4, timeout_seconds=SOON)
    begin = time.monotonic()
    ids = [house.submit(house.work(deaf=True)) for _ in range(12)]
    for task_id in ids:
        assert_failed(house.end_of(task_id), "timeout")
    assert time.monotonic() - begin < SOON + AT_ONCE
    assert 4 <= house.registry.abandoned_threads <= 12
    assert house.end_of(house.submit()).status is TaskStatus.COMPLETED


def test_a_hanging_day_sync_does_not_keep_its_day(open_house: OpenHouse) -> None:
    house = open_house(timeout_seconds=SOON)
    work = house.work(deaf=True)
    first = house.registry.submit(of_day(work, exclusive=True)).task_id
    house.end_of(first)
    second = house.registry.submit(of_day(lambda _context: DONE, exclusive=True)).task_id
    assert house.end_of(second).status is TaskStatus.COMPLETED
    work.leave.set()
    assert work.ended.wait(PATIENCE)
    third = house.registry.submit(of_day(lambda _context: DONE, exclusive=True)).task_id
    assert house.end_of(third).status is TaskStatus.COMPLETED


def test_a_wait_that_cannot_be_broken_off_spares_the_clock(open_house: OpenHouse) -> None:
    house = open_house(timeout_seconds=0.2, workers=4)

    def run(context: TaskContext) -> TaskOutcome:
        with context.control.abortable(lambda: 1 // 0):  # type: ignore[arg-type,return-value]
            return deaf(context)

    deaf = house.work(deaf=True)
    assert_failed(house.end_of(house.submit(run)), "timeout")
    assert_failed(house.end_of(house.submit(house.work())), "timeout")


# --- the end of the program ----------------------------------------------------------------------


def test_shutting_down(open_house: OpenHouse) -> None:
    house = open_house(workers=2)
    before = threading.active_count()
    hanging = house.work(deaf=True)
    obedient, stuck = house.running(house.work()), house.running(hanging)
    pending = house.submit()
    waited: list[TaskView | None] = []
    waiter = threading.Thread(target=lambda: waited.append(house.registry.wait(stuck, 30)))
    waiter.start()
    begin = time.monotonic()
    house.registry.shutdown(PATIENCE)
    assert time.monotonic() - begin < AT_ONCE
    for task_id in (obedient, stuck, pending):
        assert_failed(house.now_of(task_id), "interrupted")
    assert house.registry.active() == ()
    waiter.join(PATIENCE)
    assert waited == [house.now_of(stuck)]
    assert refusal_of(house.submit).code == "shutting_down"
    assert house.registry.abandoned_threads >= 1  # the obedient one may be late, too
    hanging.leave.set()
    until(lambda: threading.active_count() == before - 3)  # two workers and the clock


def test_shutting_down_an_idle_registry_is_quick(house: House) -> None:
    begin = time.monotonic()
    house.registry.shutdown(PATIENCE)
    assert time.monotonic() - begin < AT_ONCE
    house.registry.shutdown(PATIENCE)


def test_shutting_down_releases_who_waits(house: House) -> None:
    work = house.work(deaf=True)
    task_id = house.running(work)
    work.in_hand.control.begin_commit(1)
    waited = threading.Event()

    def wait() -> None:
        house.registry.wait(task_id, 30)
        waited.set()

    thread = threading.Thread(target=wait)
    thread.start()
    house.registry.shutdown(0.1)  # less than it takes to give up a thread
    assert waited.wait(PATIENCE)
    thread.join(PATIENCE)


def test_a_commit_under_way_at_the_end_of_the_program(house: House) -> None:
    work = house.work(deaf=True)
    task_id = house.running(work)
    work.in_hand.control.begin_commit(1)
    house.registry.shutdown(PATIENCE)
    assert_failed(house.now_of(task_id), "outcome_unknown")


@pytest.mark.usefixtures("long_grace")
def test_a_commit_answered_in_time_at_the_end_of_the_program(house: House) -> None:
    def then(context: TaskContext) -> TaskOutcome:
        context.control.commit_done()
        return DONE

    work = house.work(deaf=True, then=then)
    task_id = house.running(work)
    work.in_hand.control.begin_commit(1)
    answer = threading.Timer(0.1, work.leave.set)
    answer.start()
    house.registry.shutdown(PATIENCE)
    answer.join()
    assert house.now_of(task_id).status is TaskStatus.COMPLETED


def test_the_reason_of_a_stop_is_told_by_the_task(house: House) -> None:
    work = house.work()
    task_id = house.running(work)
    work.in_hand.control.stop(StopReason.SHUTDOWN)
    assert_failed(house.end_of(task_id), "interrupted")


# --- the log -------------------------------------------------------------------------------------


def test_a_tasks_lines_carry_its_ids(house: House, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[tuple[str, str, str]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.getMessage().split()[0], TASK_ID.get(), REQUEST_ID.get()))

    from sync_core.log_scope import REQUEST_ID, TASK_ID

    caplog.set_level(logging.INFO, "tests.tasks")
    handler = Handler()
    logger = logging.getLogger("tests.tasks")
    logger.addHandler(handler)
    try:
        task_id = house.submit(
            lambda context: logger.info("working") or DONE,  # type: ignore[func-returns-value]
            request_id="abc",
        )
        house.end_of(task_id)
    finally:
        logger.removeHandler(handler)
    assert sorted(seen) == [
        ("accepted", task_id, "abc"),
        ("ended", task_id, "abc"),
        ("working", task_id, "abc"),
    ]
