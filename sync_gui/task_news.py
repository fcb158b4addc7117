"""The newest pictures of tasks on their way to the window. Knows no Qt."""

from __future__ import annotations

import threading

from hookspecs import Bridge
from sync_core.task_model import TaskStatus, TaskView

_WAITING = "task_picture_waits"
_Key = tuple[str, TaskStatus]


class TaskNews:
    """Sends pictures as values of ``topic``, but no progress that is outdated before it arrives.

    A day's sync makes hundreds of pictures in a second, each with all its lines. A picture takes
    the place of one of the same task in the same status that the window has not seen yet; every
    status is told, in order.
    """

    def __init__(self, bridge: Bridge, topic: str) -> None:
        self._bridge = bridge
        self._topic = topic
        self._lock = threading.Lock()
        self._newest: dict[_Key, TaskView] = {}
        bridge.subscribe(_WAITING, self._tell)

    def put(self, view: TaskView) -> None:
        """Send a picture. From any thread, for each task in the order of its pictures."""
        key = (view.task_id, view.status)
        with self._lock:
            waits = key in self._newest
            self._newest[key] = view
        if not waits:
            self._bridge.emit(_WAITING, key)

    def _tell(self, key: _Key) -> None:
        with self._lock:
            view = self._newest.pop(key)
        self._bridge.emit(self._topic, view)
