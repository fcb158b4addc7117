"""A few daemon threads for the window's I/O.

Not a ``ThreadPoolExecutor``: the interpreter joins its threads at exit, so one hanging call would
keep the process alive after the window is gone.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

Work = Callable[[], None]


class BackgroundPool:
    """Runs work on at most ``workers`` threads named ``NAME-1`` …; ``limit`` items may wait.

    Threads start when the first work comes. What work raises is logged.
    """

    def __init__(self, name: str, *, workers: int, limit: int, logger: logging.Logger) -> None:
        self._name = name
        self._workers = workers
        self._logger = logger
        self._queue: queue.Queue[Work | None] = queue.Queue(limit)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(self, work: Work) -> bool:
        """Take work from any thread; False when closed or when too much is waiting."""
        with self._lock:
            if self._closed:
                return False
            try:
                self._queue.put_nowait(work)
            except queue.Full:
                return False
            if len(self._threads) < self._workers:
                name = f"{self._name}-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
        return True

    def close(self, seconds: float) -> bool:
        """Drop what waits, let what runs finish for ``seconds``; whether all threads ended."""
        with self._lock:
            self._closed = True
            threads = list(self._threads)
        self._drop_waiting()
        for _ in threads:
            self._queue.put(None)
        end = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _drop_waiting(self) -> None:
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            try:
                work()
            except Exception:  # the edge: one failing call must not cost the pool a thread
                self._logger.exception("background work of the window failed")
