"""Ends a task: makes its last picture, records it, and tells it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sync_core.errors import JournalError, OutcomeUnknownError
from sync_core.journal import Journal
from sync_core.log_scope import log_scope
from sync_core.task_end import stopped_view
from sync_core.task_live import LiveTask
from sync_core.task_model import TaskStatus, TaskView
from sync_core.task_news import TaskNews
from sync_core.task_table import TaskTable


class TaskFinisher:
    """Ends tasks of the ``table``. Safe to use from any thread; ``now`` is the wall clock."""

    def __init__(
        self,
        table: TaskTable,
        news: TaskNews,
        journal: Journal,
        logger: logging.Logger,
        now: Callable[[], datetime],
    ) -> None:
        self._table = table
        self._news = news
        self._journal = journal
        self._log = logger
        self._now = now
        self._lock = threading.Lock()
        self._unrecorded: list[tuple[LiveTask, TaskView]] = []

    def finish(self, task: LiveTask, ending: Callable[[TaskView], TaskView]) -> None:
        """End the task, as whoever has claimed its end.

        ``ending`` makes the last picture of the one with the times filled in.
        """
        self.catch_up()
        with log_scope(task_id=task.view.task_id, request_id=task.view.request_id):
            view = self._record(task, ending(self._timed(task)))
            self._log.info(
                "ended status=%s code=%s ms=%s timing=%s",
                view.status.value,
                view.error_code,
                view.execution_time_ms,
                dict(view.timing_ms),
            )
        self._table.put_away(task, view)
        self._news.deliver()

    def catch_up(self) -> None:
        """Record ends that the journal refused before (a full disk, say), oldest first.

        Otherwise the next start would tell such a task's end anew, and an end never changes.
        """
        with self._lock:
            while self._unrecorded:
                task, view = self._unrecorded[0]
                try:
                    self._journal.end(view)
                    self._close_intent(task, view)
                except JournalError:
                    return
                del self._unrecorded[0]

    def _record(self, task: LiveTask, view: TaskView) -> TaskView:
        """Record the task's end; returns the picture to be told."""
        try:
            try:
                self._journal.end(view)
            except (TypeError, ValueError):
                # What the task's function brought is no JSON: it can be neither kept nor shown.
                self._log.exception("the task's outcome is unusable")
                view = self._without_outcome(task)
                self._journal.end(view)
            # After the end: killed in between, a task that has written is not taken for one
            # that was interrupted, but its intent is looked into once more.
            self._close_intent(task, view)
        except JournalError:
            # The outcome is told all the same, and recorded as soon as the journal takes it.
            self._log.exception("the end of a task could not be recorded")
            with self._lock:
                self._unrecorded.append((task, view))
        return view

    def _without_outcome(self, task: LiveTask) -> TaskView:
        as_ordered = replace(task.view, body=task.order.body, warnings=())
        return stopped_view(self._timed(task, as_ordered), None, task.control.commit_state)

    def _close_intent(self, task: LiveTask, view: TaskView) -> None:
        if not task.intended or view.error_code == OutcomeUnknownError.code:
            return
        event = "written" if view.status is TaskStatus.COMPLETED else "not_written"
        self._journal.receipts.record(view.task_id, event, {"asked": False})

    def _timed(self, task: LiveTask, view: TaskView | None = None) -> TaskView:
        """The picture with the task's end and its times, which add up to the whole."""
        end = time.monotonic()
        whole = round((end - task.accepted) * 1000)
        queue = round(((task.started or end) - task.accepted) * 1000)
        parts = {"queue": queue, "calldoc": 0, "sqlhk": 0, **task.partial.timing_ms}
        timing = {**parts, "other": max(0, whole - sum(parts.values()))}
        return replace(
            view or task.view,
            finished_at=self._now(),
            execution_time_ms=sum(timing.values()),
            timing_ms=timing,
        )
