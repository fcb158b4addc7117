"""Stops tasks: on request, when their time is over, and without their thread if need be."""

from __future__ import annotations

import threading
import time

from sync_core.run_control import StopReason
from sync_core.task_end import stopped_view
from sync_core.task_finisher import TaskFinisher
from sync_core.task_live import LiveTask
from sync_core.task_model import TaskView
from sync_core.task_table import TaskTable
from sync_core.task_workers import WorkerPool

STOP_GRACE_SECONDS = 0.5
"""How long a stopped task's thread may take to come back before the task is ended without it."""


class TaskStopper:
    """Stops the tasks of the ``table``, and watches on a thread of its own that each ends in time.

    It begins with :meth:`start` and ends after the table was stopped.
    """

    def __init__(
        self, table: TaskTable, finisher: TaskFinisher, workers: WorkerPool[LiveTask]
    ) -> None:
        self._table = table
        self._finisher = finisher
        self._workers = workers
        self._watcher = threading.Thread(target=self._watch, name="task-deadlines", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._watcher.start()

    def join(self, until: float) -> None:
        """Wait for the watching thread until that monotonic moment."""
        self._watcher.join(max(0.05, until - time.monotonic()))

    def stop(self, task_id: str, reason: StopReason) -> bool:
        """Ask a task to stop; False when there is none that could (unknown or ended)."""
        waiting = self._table.take_out(task_id)
        if waiting is not None:
            waiting.control.stop(reason)
            self.end(waiting)
            return True
        task = self._table.live(task_id)
        if task is None:
            return False
        # A commit under way is left alone, that it may learn its outcome; but not for ever.
        if task.control.stop(reason) or reason is not StopReason.CANCELLED:
            self._table.give_up(task, time.monotonic() + STOP_GRACE_SECONDS)
        return True

    def end(self, task: LiveTask) -> None:
        """End a stopped task without a word of its own; the caller has claimed its end."""
        reason, commit = task.control.stop_reason, task.control.commit_state

        def ending(view: TaskView) -> TaskView:
            return stopped_view(view, reason, commit)

        self._finisher.finish(task, ending)

    def _watch(self) -> None:
        while (overdue := self._table.overdue()) is not None:
            for task in overdue.due:
                self.stop(task.view.task_id, StopReason.DEADLINE)
            for task in overdue.hanging:
                if self._table.claim_end(task):
                    self._workers.give_up(task)
                    self.end(task)
