"""The task registry: accepts tasks, runs them on a few threads, and ends every one in time.

A task is recorded in the journal before it is accepted, runs at most until its deadline, and
keeps the status it ended with. What belongs to it: the table of tasks (:mod:`task_table`), the
threads (:mod:`task_workers`) with what they do (:mod:`task_runner`), stopping and deadlines
(:mod:`task_deadlines`), endings (:mod:`task_finisher`) and listeners (:mod:`task_news`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from sync_core.errors import JournalError, Refusal
from sync_core.idempotency import KeyTurns, KeyUse
from sync_core.journal import DuplicateTaskError, Journal
from sync_core.log_scope import log_scope
from sync_core.run_control import StopReason
from sync_core.task_deadlines import TaskStopper
from sync_core.task_finisher import TaskFinisher
from sync_core.task_keeper import TaskKeeper
from sync_core.task_live import LiveTask
from sync_core.task_model import TaskListener, TaskOrder, TaskPage, TaskStatus, TaskView
from sync_core.task_news import TaskNews
from sync_core.task_runner import TaskRunner
from sync_core.task_table import TaskTable
from sync_core.task_workers import WorkerPool


class TaskRegistry:
    """Runs tasks. ``now`` is the wall clock for what people see; durations use a monotonic one.

    ``workers`` threads run tasks, at most ``queue_limit`` wait, each has ``timeout_seconds`` from
    its acceptance.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        workers: int,
        queue_limit: int,
        timeout_seconds: float,
        logger: logging.Logger,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._journal = journal
        self._timeout = timeout_seconds
        self._log = logger
        self._now = now
        self._turns = KeyTurns()
        self._news = TaskNews(logger)
        self._table = TaskTable(queue_limit, self._news, now)
        self._finisher = finisher = TaskFinisher(self._table, self._news, journal, logger, now)
        keeper = TaskKeeper(self._table, journal, logger)
        runner = TaskRunner(
            self._table, self._news, finisher, keeper, receipts=journal.receipts, logger=logger
        )
        self._workers = WorkerPool(workers, self._table.take, runner.run, logger)
        self._stopper = TaskStopper(self._table, finisher, self._workers)
        self._stopper.start()

    # Accepting

    def submit(self, order: TaskOrder, *, idempotency_key: str | None = None) -> TaskView:
        """Accept a task and return its first picture.

        Under a key that was used for the same request within 24 hours nothing is accepted: what
        is returned is that task's picture now, running or ended.

        Raises ``Refusal``: ``already_running`` (with ``task_id`` and ``status_url``),
        ``queue_full``, ``shutting_down``, ``journal_unavailable`` or ``idempotency_key_reused``.
        """
        if idempotency_key is None:
            return self._begin(self._take_in(order, None))
        use = KeyUse.of(idempotency_key, order)
        with self._turns.turn(use.key):
            earlier = self._earlier(use)
            if earlier is not None:
                with log_scope(task_id=earlier.task_id, request_id=order.request_id):
                    source = order.source
                    self._log.info("asked for again by %s %s", source.channel, source.client)
                return earlier
            task = self._take_in(order, use)
        return self._begin(task)

    def _earlier(self, use: KeyUse) -> TaskView | None:
        """The task that the key stands for."""
        try:
            used = self._journal.keys.find(use.key, self._now())
            if used is None:
                return None
            if used.meaning == use.meaning:
                return self.get(used.task_id)
        except JournalError as error:
            self._log.exception("an idempotency key could not be looked up")
            raise Refusal("journal_unavailable", "The key could not be looked up") from error
        raise Refusal("idempotency_key_reused", "The key was used for another request")

    def _take_in(self, order: TaskOrder, use: KeyUse | None) -> LiveTask:
        """Admit and record a task; afterwards it is promised."""
        task = self._table.admit(order, self._timeout)
        try:
            self._record(task, use)
        except BaseException:
            self._table.withdraw(task)
            raise
        return task

    def _begin(self, task: LiveTask) -> TaskView:
        view = task.view
        with log_scope(task_id=view.task_id, request_id=view.request_id):
            self._log.info(
                "accepted kind=%s by %s %s", view.kind, view.source.channel, view.source.client
            )
        if not self._table.enqueue(task):
            self._stopper.end(task)
        self._news.deliver()
        return view

    def _record(self, task: LiveTask, use: KeyUse | None) -> None:
        while True:
            try:
                self._journal.add(task.view, use)
            except DuplicateTaskError:
                self._table.rename(task)
            except JournalError as error:
                self._log.exception("a task could not be recorded")
                raise Refusal("journal_unavailable", "The task could not be recorded") from error
            else:
                return

    # Asking

    def get(self, task_id: str) -> TaskView | None:
        """The task's picture now, or None. Raises ``JournalError``."""
        return self._table.find(task_id) or self._journal.task(task_id)

    def active(self) -> tuple[TaskView, ...]:
        """Pending and running tasks, oldest first."""
        return self._table.active()

    def ended(
        self,
        *,
        kind: str | None = None,
        status: TaskStatus | None = None,
        offset: int = 0,
        limit: int = 200,
    ) -> TaskPage:
        """Ended tasks, newest first, those of earlier runs included."""
        return self._journal.ended(kind=kind, status=status, offset=offset, limit=limit)

    def wait(self, task_id: str, seconds: float) -> TaskView | None:
        """Wait until the task has ended or the time is over; its picture then."""
        self._table.wait(task_id, seconds)
        return self.get(task_id)

    def listen(self, listener: TaskListener) -> Callable[[], None]:
        """Call ``listener`` with each new picture of each task, in order; it must return at once.

        Returns how to stop that.
        """
        return self._news.listen(listener)

    def replace_ended(self, view: TaskView) -> None:
        """A task that has ended is known better now: tell its new picture (it is recorded)."""
        self._table.replace_ended(view)
        self._news.deliver()

    @property
    def abandoned_threads(self) -> int:
        """How many threads hang in a call that could not be interrupted."""
        return self._workers.given_up

    # Stopping

    def cancel(self, task_id: str) -> bool:
        """Ask a task to stop; False when there is none that could (unknown or ended)."""
        return self._stopper.stop(task_id, StopReason.CANCELLED)

    def shutdown(self, grace_seconds: float) -> None:
        """Take no more tasks, end the active ones as ``interrupted``, end all threads."""
        until = time.monotonic() + grace_seconds
        active = self._table.close()
        self._workers.close()
        for task_id in active:
            self._stopper.stop(task_id, StopReason.SHUTDOWN)
        self._table.stop(until)
        self._workers.join(until)
        self._stopper.join(until)
        self._finisher.catch_up()
