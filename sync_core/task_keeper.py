"""Keeps what running tasks have found out; of those that write step by step also in the journal.

A task with a transaction has written nothing when the program is killed before its commit, so
nothing needs to be known about it. A task without one has, so its state is recorded as it goes on.
"""

from __future__ import annotations

import logging
import time

from sync_core.errors import JournalError, JournalUnavailableError
from sync_core.journal import Journal
from sync_core.task_live import LiveTask
from sync_core.task_model import TaskOutcome, Writing
from sync_core.task_table import TaskTable

KEEP_SECONDS = 0.2
"""How old the recorded state of a task may grow while it tells new ones."""


class TaskKeeper:
    """Keeps the states of the tasks of the ``table``. Safe to use from any thread."""

    def __init__(self, table: TaskTable, journal: Journal, logger: logging.Logger) -> None:
        self._table = table
        self._journal = journal
        self._log = logger

    def begin(self, task: LiveTask) -> None:
        """Record that a task runs that writes step by step, before it may send its first step.

        So one that stands in the journal as pending has certainly written nothing. Raises
        ``JournalUnavailableError``.
        """
        if task.order.writing is Writing.STEP_BY_STEP:
            try:
                self._journal.keep(task.view)
            except JournalError as error:
                self._log.exception("a task's begin could not be recorded; it is not run")
                raise JournalUnavailableError from error
            task.kept_at = time.monotonic()

    def keep(self, task: LiveTask, outcome: TaskOutcome) -> None:
        """Keep what the task knows by now, and record it if that was not done just before."""
        if not self._table.keep(task, outcome) or task.order.writing is not Writing.STEP_BY_STEP:
            return
        if time.monotonic() - task.kept_at >= KEEP_SECONDS:
            self.record(task)

    def record(self, task: LiveTask) -> None:
        """Record the task's state as it is now; one that has ended is left as it ended."""
        task.kept_at = time.monotonic()
        try:
            self._journal.keep(task.view)
        except (JournalError, TypeError, ValueError):
            # It is told all the same while the program lives, and recorded anew at the end.
            self._log.warning("how far a task has come could not be recorded", exc_info=True)
