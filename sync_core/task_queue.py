"""Which waiting task runs next: first come, first served, with a lock on each calendar day.

Single syncs of a day share it, a day sync has it alone. A waiting day sync is not overtaken by
later single syncs of its day, or it might wait for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol, TypeVar

from sync_core.task_model import DayLock


class Waiting(Protocol):
    """Something that waits for its turn."""

    @property
    def day_lock(self) -> DayLock | None:
        """The day it claims, if any."""


WaitingT = TypeVar("WaitingT", bound=Waiting)


class DayClaims:
    """Which days are claimed by running tasks. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self._shared: Counter[str] = Counter()
        self._exclusive: set[str] = set()

    def free_for(self, lock: DayLock) -> bool:
        """Whether the claim could be granted now."""
        if lock.day in self._exclusive:
            return False
        return not (lock.exclusive and self._shared[lock.day])

    def grant(self, lock: DayLock | None) -> None:
        """A task that claims the day begins to run."""
        if lock is None:
            return
        if lock.exclusive:
            self._exclusive.add(lock.day)
        else:
            self._shared[lock.day] += 1

    def release(self, lock: DayLock | None) -> None:
        """A task that claimed the day has ended."""
        if lock is None:
            return
        if lock.exclusive:
            self._exclusive.discard(lock.day)
        else:
            self._shared[lock.day] -= 1


def next_to_run(
    waiting: Iterable[WaitingT], claims: DayClaims
) -> tuple[WaitingT | None, list[WaitingT]]:
    """The first task that may run, and those before it that wait for their day."""
    held_up: list[WaitingT] = []
    waited_for: set[str] = set()
    for task in waiting:
        lock = task.day_lock
        if lock is None:
            return task, held_up
        if lock.day not in waited_for and claims.free_for(lock):
            return task, held_up
        held_up.append(task)
        if lock.exclusive:
            waited_for.add(lock.day)
    return None, held_up
