"""Runs one task on the calling thread and ends it, whatever its function does."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sync_core.errors import (
    JournalError,
    JournalUnavailableError,
    TaskCancelledError,
    TaskError,
)
from sync_core.log_scope import log_scope
from sync_core.outcome_resolver import intent_body
from sync_core.receipts import INTENT, ReceiptBook
from sync_core.run_control import CommitState
from sync_core.task_end import completed_view, raised_view
from sync_core.task_finisher import TaskFinisher
from sync_core.task_keeper import TaskKeeper
from sync_core.task_live import LiveTask
from sync_core.task_model import DELETION, Progress, TaskContext, TaskOutcome, TaskView
from sync_core.task_news import TaskNews
from sync_core.task_table import TaskTable


class TaskRunner:
    """Runs tasks that were taken from the ``table``; what they record goes into ``receipts``."""

    def __init__(
        self,
        table: TaskTable,
        news: TaskNews,
        finisher: TaskFinisher,
        keeper: TaskKeeper,
        *,
        receipts: ReceiptBook,
        logger: logging.Logger,
    ) -> None:
        self._table = table
        self._news = news
        self._finisher = finisher
        self._keeper = keeper
        self._receipts = receipts
        self._log = logger

    def run(self, task: LiveTask) -> None:
        """Run the task. If it was ended meanwhile, what it brings comes too late."""
        with log_scope(task_id=task.view.task_id, request_id=task.order.request_id):
            try:
                task.control.check()
                self._keeper.begin(task)
                outcome = _outcome(task.order.run(self._context(task)))
            except BaseException as error:  # noqa: BLE001 - the edge: even sys.exit must not end the worker
                failure = error
                commit = task.control.commit_state
                self._log_fault(error, commit)

                def ending(view: TaskView) -> TaskView:
                    return raised_view(view, failure, commit)
            else:
                self._table.keep(task, outcome)

                def ending(view: TaskView) -> TaskView:
                    return completed_view(view, outcome.message)

            if self._table.claim_end(task):
                self._finisher.finish(task, ending)
            else:
                self._log.warning("a thread that was given up has come back")

    def _context(self, task: LiveTask) -> TaskContext:
        return TaskContext(
            task.view.task_id,
            task.order.request_id,
            task.order.source,
            task.control,
            on_progress=lambda progress: self._progress(task, progress),
            on_partial=lambda outcome: self._keeper.keep(task, outcome),
            on_intent=lambda intent, if_written: self._intend(task, intent, if_written),
            on_deletion=lambda event, body: self._deletion(task, event, body),
        )

    def _progress(self, task: LiveTask, progress: Progress) -> None:
        self._table.progress(task, progress)
        self._news.deliver()

    def _intend(self, task: LiveTask, intent: Mapping[str, Any], if_written: TaskOutcome) -> None:
        task.control.check()
        body = intent_body(task.view, intent, if_written)
        try:
            self._receipts.record(task.view.task_id, INTENT, body)
        except JournalError as error:
            self._log.exception("an intent could not be recorded; nothing is committed")
            raise JournalUnavailableError from error
        finally:
            task.intended = True

    def _deletion(self, task: LiveTask, event: str, body: Mapping[str, Any]) -> None:
        if event == DELETION:
            task.control.check()
            self._keeper.record(task)
        try:
            self._receipts.record(task.view.task_id, event, body)
        except JournalError as error:
            self._log.exception("a receipt %s could not be recorded", event)
            raise JournalUnavailableError from error

    def _log_fault(self, error: BaseException, commit: CommitState) -> None:
        foreseen = isinstance(error, (TaskError, TaskCancelledError))
        if not foreseen or commit is CommitState.DONE:
            self._log.error("the task failed through a fault of the program", exc_info=error)


def _outcome(returned: object) -> TaskOutcome:
    if not isinstance(returned, TaskOutcome):
        raise TypeError("the task's function returned no TaskOutcome")
    return returned
