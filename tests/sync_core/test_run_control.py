"""The clock and brake of a task: deadline, stop requests, and the gate before the commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from sync_core.errors import (
    DeadlineExceededError,
    InterruptedTaskError,
    SyncGuiError,
    TaskCancelledError,
)
from sync_core.run_control import CommitState, RunControl, StopReason, linked
from tests.clock import AT_ONCE, PATIENCE

RAISED = [
    (StopReason.CANCELLED, TaskCancelledError),
    (StopReason.SHUTDOWN, InterruptedTaskError),
    (StopReason.DEADLINE, DeadlineExceededError),
]


class Clock:
    """A monotonic clock that goes when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def in_thread(work: Callable[[], object]) -> Callable[[], list[BaseException]]:
    """Run ``work`` in a thread; what is returned waits for it and tells what it raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told by the asking thread
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def end() -> list[BaseException]:
        thread.join(PATIENCE)
        assert not thread.is_alive()
        return raised

    return end


# --- the clock -----------------------------------------------------------------------------------


def test_the_remaining_time_ends_at_nought(clock: Clock) -> None:
    control = RunControl(60, monotonic=clock)
    assert control.remaining() == 60
    clock.seconds += 59.5
    assert control.remaining() == pytest.approx(0.5)
    clock.seconds += 100
    assert control.remaining() == 0


def test_check_raises_from_the_deadline_on(clock: Clock) -> None:
    control = RunControl(60, monotonic=clock)
    clock.seconds += 59.999
    control.check()
    clock.seconds += 0.001
    with pytest.raises(DeadlineExceededError):
        control.check()
    assert control.stop_reason is None


# --- stop requests -------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "error"), RAISED)
def test_check_raises_what_the_stop_means(reason: StopReason, error: type[SyncGuiError]) -> None:
    control = RunControl(60)
    assert control.stop(reason) is True
    assert control.stop_reason is reason
    with pytest.raises(error):
        control.check()


def test_the_first_reason_stays() -> None:
    control = RunControl(60)
    control.stop(StopReason.CANCELLED)
    assert control.stop(StopReason.SHUTDOWN) is True
    assert control.stop_reason is StopReason.CANCELLED


def test_a_stop_request_is_truer_than_the_deadline(clock: Clock) -> None:
    control = RunControl(60, monotonic=clock)
    control.stop(StopReason.CANCELLED)
    clock.seconds += 61
    with pytest.raises(TaskCancelledError):
        control.check()


# --- breaking off waits --------------------------------------------------------------------------


def test_a_stop_breaks_off_the_wait_in_another_thread() -> None:
    control = RunControl(60)
    waiting, broken_off = threading.Event(), threading.Event()

    def work() -> None:
        with control.abortable(broken_off.set):
            waiting.set()
            assert broken_off.wait(PATIENCE)
        control.check()

    end = in_thread(work)
    assert waiting.wait(PATIENCE)
    control.stop(StopReason.CANCELLED)
    assert [type(error) for error in end()] == [TaskCancelledError]


def test_every_wait_is_broken_off_and_each_is_forgotten_at_its_end() -> None:
    control = RunControl(60)
    calls: list[str] = []
    with control.abortable(lambda: calls.append("ended")):
        pass
    with (
        control.abortable(lambda: calls.append("outer")),
        control.abortable(lambda: calls.append("inner")),
    ):
        control.stop(StopReason.CANCELLED)
    assert sorted(calls) == ["inner", "outer"]
    control.stop(StopReason.SHUTDOWN)
    assert len(calls) == 2


def test_a_wait_is_forgotten_when_its_block_raises() -> None:
    control = RunControl(60)
    calls: list[str] = []
    with pytest.raises(ZeroDivisionError), control.abortable(lambda: calls.append("called")):
        raise ZeroDivisionError
    control.stop(StopReason.CANCELLED)
    assert calls == []


@pytest.mark.parametrize(("reason", "error"), RAISED)
def test_no_wait_begins_after_a_stop(reason: StopReason, error: type[SyncGuiError]) -> None:
    control = RunControl(60)
    control.stop(reason)
    entered = False
    with pytest.raises(error), control.abortable(lambda: None):
        entered = True
    assert not entered


def test_a_wait_that_cannot_be_broken_off_spares_no_other() -> None:
    control = RunControl(60)
    calls: list[str] = []

    def closed_already() -> None:
        raise OSError("closed meanwhile")

    with control.abortable(closed_already), control.abortable(lambda: calls.append("called")):
        assert control.stop(StopReason.CANCELLED) is True
    assert calls == ["called"]


# --- pausing -------------------------------------------------------------------------------------


def test_a_pause_waits_as_long_as_asked() -> None:
    control = RunControl(60)
    begin = time.monotonic()
    control.pause(0.05)
    assert 0.05 <= time.monotonic() - begin < AT_ONCE


def test_a_pause_ends_with_the_deadline() -> None:
    control = RunControl(0.05)
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        control.pause(30)
    assert 0.05 <= time.monotonic() - begin < AT_ONCE


def test_a_pause_ends_with_a_stop_request() -> None:
    control = RunControl(60)
    end = in_thread(lambda: control.pause(30))
    begin = time.monotonic()
    control.stop(StopReason.SHUTDOWN)
    assert [type(error) for error in end()] == [InterruptedTaskError]
    assert time.monotonic() - begin < AT_ONCE


# --- the gate ------------------------------------------------------------------------------------


def test_the_gate_passes_with_enough_time_left(clock: Clock) -> None:
    control = RunControl(60, monotonic=clock)
    clock.seconds += 59
    assert control.commit_state is CommitState.NOT_SENT
    control.begin_commit(1)
    assert control.commit_state is CommitState.SENT
    control.commit_done()
    assert control.commit_state is CommitState.DONE


def test_the_gate_is_shut_with_too_little_time_left(clock: Clock) -> None:
    control = RunControl(60, monotonic=clock)
    clock.seconds += 59.01
    with pytest.raises(DeadlineExceededError):
        control.begin_commit(1)
    assert control.commit_state is CommitState.NOT_SENT


@pytest.mark.parametrize(("reason", "error"), RAISED)
def test_the_gate_is_shut_after_a_stop(reason: StopReason, error: type[SyncGuiError]) -> None:
    control = RunControl(60)
    control.stop(reason)
    with pytest.raises(error):
        control.begin_commit(0)
    assert control.commit_state is CommitState.NOT_SENT


@pytest.mark.parametrize("reason", list(StopReason))
def test_a_commit_under_way_is_left_alone(reason: StopReason) -> None:
    control = RunControl(60)
    calls: list[str] = []
    control.begin_commit(1)
    with control.abortable(lambda: calls.append("called")):
        assert control.stop(reason) is False
        control.check()
    control.commit_done()
    assert control.stop(reason) is False
    control.check()
    assert calls == []


def test_after_a_refused_commit_the_task_may_try_again() -> None:
    control = RunControl(60)
    control.begin_commit(1)
    control.commit_refused()
    assert control.commit_state is CommitState.NOT_SENT
    control.check()
    control.begin_commit(1)
    control.commit_done()
    assert control.commit_state is CommitState.DONE


@pytest.mark.parametrize(("reason", "error"), RAISED)
def test_a_stop_during_a_commit_holds_once_the_commit_was_refused(
    reason: StopReason, error: type[SyncGuiError]
) -> None:
    control = RunControl(60)
    control.begin_commit(1)
    control.stop(reason)
    control.commit_refused()
    assert control.stop_reason is reason
    with pytest.raises(error):
        control.begin_commit(1)


def test_either_the_stop_or_the_commit_wins() -> None:
    """Never both: a task told that it was stopped must not send its commit, however it races."""
    for _ in range(200):
        control = RunControl(60)
        start = threading.Barrier(2)
        passed: list[bool] = []

        def commit(
            control: RunControl = control,
            start: threading.Barrier = start,
            passed: list[bool] = passed,
        ) -> None:
            start.wait(PATIENCE)
            try:
                control.begin_commit(1)
            except TaskCancelledError:
                return
            passed.append(True)

        end = in_thread(commit)
        start.wait(PATIENCE)
        stopped = control.stop(StopReason.CANCELLED)
        assert end() == []
        assert stopped is not bool(passed)


# --- a part of the work --------------------------------------------------------------------------


@pytest.mark.parametrize("reason", list(StopReason))
def test_a_part_stops_with_the_whole(reason: StopReason) -> None:
    whole = RunControl(60)
    calls: list[str] = []
    with linked(whole) as part, part.abortable(lambda: calls.append("called")):
        whole.stop(reason)
        assert part.stop_reason is reason
    assert calls == ["called"]


def test_the_whole_goes_on_when_a_part_is_stopped() -> None:
    whole = RunControl(60)
    with linked(whole) as part:
        part.stop(StopReason.CANCELLED)
        whole.check()
        with pytest.raises(TaskCancelledError):
            part.check()


def test_a_part_has_the_time_that_the_whole_has_left() -> None:
    whole = RunControl(0.05)
    with pytest.raises(DeadlineExceededError), linked(whole) as part:
        assert part.remaining() <= 0.05
        part.pause(30)


def test_no_part_begins_after_the_whole_was_stopped() -> None:
    whole = RunControl(60)
    whole.stop(StopReason.SHUTDOWN)
    with pytest.raises(InterruptedTaskError), linked(whole):
        pytest.fail("it began")


def test_an_ended_part_is_forgotten() -> None:
    whole = RunControl(60)
    with linked(whole) as part:
        pass
    whole.stop(StopReason.CANCELLED)
    assert part.stop_reason is None
