"""The threads that run tasks.

A thread that hangs in a call nobody can interrupt is given up (it is a daemon, counted and named
in the log) and replaced, so that the others go on.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

MOST_GIVEN_UP = 64
"""Threads given up beyond this number are no longer replaced: something is badly wrong then."""

Item = TypeVar("Item")


class WorkerPool(Generic[Item]):
    """``count`` threads that ``take`` an item, ``run`` it and begin again, until None is taken."""

    def __init__(
        self,
        count: int,
        take: Callable[[], Item | None],
        run: Callable[[Item], None],
        logger: logging.Logger,
        *,
        most_given_up: int = MOST_GIVEN_UP,
    ) -> None:
        self._count = count
        self._take = take
        self._run = run
        self._log = logger
        self._most_given_up = most_given_up
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._threads: set[threading.Thread] = set()
        self._given_up: set[threading.Thread] = set()
        self._items: dict[threading.Thread, Item] = {}
        self._closed = False
        for _ in range(count):
            self._start_thread()

    @property
    def given_up(self) -> int:
        """How many threads hang in a call that could not be interrupted."""
        with self._lock:
            return len(self._given_up)

    def give_up(self, item: Item) -> None:
        """Go on without the thread that runs this item, if there is one."""
        with self._lock:
            thread = next((t for t, running in self._items.items() if running is item), None)
            if thread is None:
                return
            del self._items[thread]
            self._threads.discard(thread)
            self._given_up.add(thread)
            self._log.error(
                "thread %s hangs and is given up (%d in all)", thread.name, len(self._given_up)
            )
            if len(self._given_up) <= self._most_given_up and not self._closed:
                self._start_thread()

    def close(self) -> None:
        """Replace no more threads; ``take`` is about to return None."""
        with self._lock:
            self._closed = True

    def join(self, until: float) -> None:
        """Wait for the threads, until that monotonic moment and a little longer for each."""
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(max(0.05, until - time.monotonic()))
            if thread.is_alive():
                self._log.error("thread %s did not end and is left behind", thread.name)

    def _start_thread(self) -> None:
        name = f"task-worker-{next(self._numbers)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def _work(self) -> None:
        me = threading.current_thread()
        while (item := self._take()) is not None:
            with self._lock:
                self._items[me] = item
            self._run(item)
            if not self._stays(me):
                return
        with self._lock:
            self._threads.discard(me)

    def _stays(self, me: threading.Thread) -> bool:
        """Whether a thread that has done its work is still, or again, needed."""
        with self._lock:
            self._items.pop(me, None)
            if me not in self._given_up:
                return True
            self._given_up.discard(me)
            if self._closed or len(self._threads) >= self._count:
                return False
            self._threads.add(me)  # it was never replaced
            return True
