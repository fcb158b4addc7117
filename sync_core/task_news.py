"""Tells listeners of tasks' new pictures: each in the order in which the pictures came to be."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from sync_core.task_model import TaskListener, TaskView


class TaskNews:
    """Pictures on their way to the listeners. Safe to use from any thread.

    :meth:`publish` may be called with locks held, it calls nobody. :meth:`deliver` calls the
    listeners, on one thread at a time, so that nobody hears of a task's end before its begin.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._log = logger
        self._lock = threading.Lock()
        self._listeners: list[TaskListener] = []
        self._waiting: deque[TaskView] = deque()
        self._delivering = False

    def listen(self, listener: TaskListener) -> Callable[[], None]:
        """Call ``listener``, which must return at once, with each new picture of each task.

        Returns how to stop that.
        """
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    def publish(self, view: TaskView) -> None:
        """Put a picture at the end of the queue."""
        with self._lock:
            self._waiting.append(view)

    def deliver(self) -> None:
        """Tell what waits; leave it to the thread that is telling already, if there is one."""
        while True:
            with self._lock:
                if self._delivering or not self._waiting:
                    return
                self._delivering = True
                view = self._waiting.popleft()
                listeners = list(self._listeners)
            try:
                for listener in listeners:
                    self._tell(listener, view)
            finally:
                with self._lock:
                    self._delivering = False

    def _tell(self, listener: TaskListener, view: TaskView) -> None:
        try:
            listener(view)
        except Exception:  # noqa: BLE001 - the edge: no listener may disturb a task
            self._log.exception("a listener failed")
