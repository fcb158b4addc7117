"""Where calls wait for a task's end: a counted room, so that the server keeps threads for others.

The room belongs to one run of the server, which puts the way in (:data:`WAIT_KEY`) into each
request's WSGI environment and closes the room when it stops.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from flask import request

from hookspecs import TaskService
from sync_core.task_model import TaskView

WAIT_KEY = "sync_gui.wait_for_end"
"""In the WSGI environment: :meth:`WaitingRoom.wait`, knowing its client already."""

_LOOK_SECONDS = 0.5
"""How often a waiting call looks whether its client is still there."""


class WaitingRoom:
    """At most ``places`` calls wait at a time. Safe to use from any thread."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._bells: set[threading.Event] = set()
        self._closed = False

    def wait(
        self,
        tasks: TaskService,
        task_id: str,
        seconds: float,
        *,
        client_is_gone: Callable[[], bool],
    ) -> bool:
        """Wait until the task has ended or the time is over.

        False when it was not waited as wished: no place was free, the client hung up, or the
        server stops.
        """
        bell = threading.Event()
        with self._lock:
            if self._closed or len(self._bells) >= self._places:
                return False
            self._bells.add(bell)

        def hear(view: TaskView) -> None:
            if view.task_id == task_id and view.status.ended:
                bell.set()

        stop_listening = tasks.listen(hear)
        try:
            return self._wait(bell, tasks, task_id, seconds, client_is_gone)
        finally:
            stop_listening()
            with self._lock:
                self._bells.discard(bell)

    def _wait(
        self,
        bell: threading.Event,
        tasks: TaskService,
        task_id: str,
        seconds: float,
        client_is_gone: Callable[[], bool],
    ) -> bool:
        until = time.monotonic() + seconds
        while not _has_ended(tasks, task_id):
            left = until - time.monotonic()
            if left <= 0:
                return True
            if self._closed or client_is_gone():
                return False
            bell.wait(min(left, _LOOK_SECONDS))
        return True

    def close(self) -> None:
        """Let all go who wait; whoever comes later is not let in."""
        with self._lock:
            self._closed = True
            for bell in self._bells:
                bell.set()


def wait_for_end(tasks: TaskService, task_id: str, seconds: float) -> bool:
    """Let the request being answered wait; see :meth:`WaitingRoom.wait`."""
    if seconds == 0 or _has_ended(tasks, task_id):
        return True
    wait = request.environ.get(WAIT_KEY)
    return wait is not None and bool(wait(tasks, task_id, seconds))


def _has_ended(tasks: TaskService, task_id: str) -> bool:
    view = tasks.get(task_id)
    return view is None or view.status.ended
