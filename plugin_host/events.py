"""Task events on their way to the plugins: in order, and never holding up whoever sends them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from plugin_host.call import fault_of
from sync_core.task_model import TaskView

HOOK = "sync_gui_task_event"
QUEUE_LIMIT = 10_000


class EventQueue:
    """Delivers the pictures of tasks to one plugin, on one daemon thread.

    ``deliver`` must not raise. When ``limit`` pictures wait, the oldest is given up: a later
    one of the same task tells more.
    """

    def __init__(
        self, name: str, deliver: Callable[[TaskView], None], *, limit: int = QUEUE_LIMIT
    ) -> None:
        self._deliver = deliver
        self._limit = limit
        self._waiting: deque[TaskView] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def post(self, view: TaskView) -> bool:
        """Send a picture on its way; returns at once, False if an older one had to be given up."""
        with self._changed:
            if self._closed:
                return True
            full = len(self._waiting) >= self._limit
            if full:
                self._waiting.popleft()
            self._waiting.append(view)
            self._changed.notify()
        return not full

    def close(self) -> None:
        """Take no more. What waits is still delivered, then the thread ends."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def join(self, seconds: float) -> bool:
        """Wait for the thread's end after :meth:`close`; whether it came in time.

        If it did not, what still waits is given up.
        """
        self._thread.join(seconds)
        with self._changed:
            self._waiting.clear()
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                view = self._waiting.popleft()
            self._deliver(view)


class TaskEvents:
    """The queues of all plugins that listen; one each, so that who hangs holds up only himself.

    ``on_failure`` is told a plugin's name and what it did wrong, from any thread.
    """

    def __init__(self, on_failure: Callable[[str, str], None]) -> None:
        self._on_failure = on_failure
        self._queues: dict[str, EventQueue] = {}

    def add(self, plugin: str, listener: Callable[[TaskView], object]) -> None:
        """From now on ``plugin`` hears of tasks; its listener may raise."""

        def deliver(view: TaskView) -> None:
            try:
                listener(view)
            except BaseException as error:  # noqa: BLE001 - foreign code may even call sys.exit
                self._on_failure(plugin, fault_of(HOOK, error))

        self._queues[plugin] = EventQueue(f"plugin {plugin} events", deliver)

    def post(self, view: TaskView) -> None:
        """Send a picture to every listener; returns at once."""
        for plugin, queue in list(self._queues.items()):
            if not queue.post(view):
                self._on_failure(plugin, f"{HOOK} is too slow, events were lost")

    def end(self, seconds: float) -> None:
        """Deliver what waits, for ``seconds`` at most, and end the threads."""
        deadline = time.monotonic() + seconds
        for queue in self._queues.values():
            queue.close()
        for plugin, queue in self._queues.items():
            if not queue.join(max(0.0, deadline - time.monotonic())):
                self._on_failure(plugin, f"{HOOK} did not return")
