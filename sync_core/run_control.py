"""One running task's clock and brake, shared by everything that works for it.

The promise behind it: a task has ended one second after its deadline at the latest, and nothing
is sent to SQLHK after that. So every I/O step asks :meth:`RunControl.check` first, long waits
register a way to be broken off, and a commit is sent only through :meth:`RunControl.begin_commit`,
which a stop request shuts for good. A task without a transaction sends each of its writes through
:meth:`RunControl.step`, the same gate.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from sync_core.errors import (
    DeadlineExceededError,
    InterruptedTaskError,
    TaskCancelledError,
)

Abort = Callable[[], None]

_log = logging.getLogger("sync_gui.tasks")


class StopReason(Enum):
    """Why a task was told to stop before it had finished."""

    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    SHUTDOWN = "shutdown"


class CommitState(Enum):
    """How far a task's commit has come."""

    NOT_SENT = "not_sent"
    SENT = "sent"
    DONE = "done"
    STEPS = "steps"
    """A task without a transaction: some writes were sent, each by itself, none is under way."""


class RunControl:
    """Deadline, stop request and commit gate of one task. Safe to use from any thread.

    ``seconds`` is the time from now until the deadline. ``monotonic`` is handed in by tests.
    """

    def __init__(self, seconds: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._deadline = monotonic() + seconds
        self._lock = threading.Lock()
        self._stop: StopReason | None = None
        self._stop_if_refused: StopReason | None = None
        self._commit = CommitState.NOT_SENT
        self._between = CommitState.NOT_SENT
        self._aborts: list[Abort] = []

    def remaining(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self._deadline - self._monotonic())

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the task was told to stop, if it was; also while a commit keeps it from stopping."""
        return self._stop or self._stop_if_refused

    @property
    def commit_state(self) -> CommitState:
        """How far the commit has come."""
        return self._commit

    def check(self) -> None:
        """Raise if the task must not go on.

        ``TaskCancelledError``, ``InterruptedTaskError`` or ``DeadlineExceededError``.
        """
        self._raise(self._stop)
        if self.remaining() <= 0:
            raise DeadlineExceededError

    @contextmanager
    def abortable(self, abort: Abort) -> Iterator[None]:
        """While the block runs, a stop request calls ``abort`` (from another thread).

        ``abort`` must be quick and must make the blocked call in the block return or raise.
        """
        with self._lock:
            stopped = self._stop
            if stopped is None:
                self._aborts.append(abort)
        if stopped is not None:
            self._raise(stopped)
        try:
            yield
        finally:
            with self._lock:
                if abort in self._aborts:
                    self._aborts.remove(abort)

    def pause(self, seconds: float) -> None:
        """Wait that long, or raise as :meth:`check` does as soon as the task must not go on."""
        stopped = threading.Event()
        with self.abortable(stopped.set):
            stopped.wait(min(seconds, self.remaining()))
        self.check()

    def stop(self, reason: StopReason) -> bool:
        """Ask the task to stop and break off its waits; the first reason stays.

        Returns False when the commit was already sent: then the task goes on to learn its
        outcome and its waits are left alone. Should the commit be refused, the request holds.
        """
        with self._lock:
            if self._commit in (CommitState.SENT, CommitState.DONE):
                self._stop_if_refused = self._stop_if_refused or reason
                return False
            if self._stop is None:
                self._stop = reason
            aborts = list(self._aborts)
        for abort in aborts:
            try:
                abort()
            except Exception:  # noqa: BLE001 - one that fails must not spare the others
                _log.exception("a wait could not be broken off")
        return True

    def begin_commit(self, reserve: float) -> None:
        """Pass the gate right before the commit is sent.

        ``reserve`` are the seconds that must be left to learn the outcome. Raises as
        :meth:`check` does; after it returned, :meth:`stop` no longer stops the task.
        """
        with self._lock:
            self._raise(self._stop)
            if self.remaining() < reserve:
                raise DeadlineExceededError
            self._commit = CommitState.SENT

    def commit_done(self) -> None:
        """The commit was carried out, and we know it."""
        with self._lock:
            self._commit = CommitState.DONE

    def commit_refused(self) -> None:
        """The commit was answered with a refusal: nothing was written, the task may try again.

        Unless it was asked to stop meanwhile: that holds from now on.
        """
        with self._lock:
            self._commit = self._between
            self._stop = self._stop or self._stop_if_refused

    @contextmanager
    def step(self, reserve: float) -> Iterator[None]:
        """Around one write of a task that has no transaction: to send it and to learn its outcome.

        Enters and raises as :meth:`begin_commit` does. A stop request waits for the end of the
        block, so that no write is under way when a cancelled task is told to have ended.
        """
        self.begin_commit(reserve)
        with self._lock:
            self._between = CommitState.STEPS
        try:
            yield
        finally:
            self.commit_refused()

    @staticmethod
    def _raise(reason: StopReason | None) -> None:
        if reason is StopReason.CANCELLED:
            raise TaskCancelledError
        if reason is StopReason.SHUTDOWN:
            raise InterruptedTaskError
        if reason is StopReason.DEADLINE:
            raise DeadlineExceededError


@contextmanager
def linked(parent: RunControl) -> Iterator[RunControl]:
    """A control for a part of the work: it stops with ``parent``, but can be stopped alone."""
    child = RunControl(parent.remaining())

    def follow() -> None:
        child.stop(parent.stop_reason or StopReason.CANCELLED)

    with parent.abortable(follow):
        yield child
