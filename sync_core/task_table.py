"""Which tasks wait, run and have ended lately; and what becomes of their pictures meanwhile.

Each method is one step that all threads see alike. Nothing in here touches a disk or calls
foreign code while the lock is held.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sync_core.errors import Refusal
from sync_core.run_control import RunControl
from sync_core.task_live import LiveTask, Overdue
from sync_core.task_model import (
    Progress,
    TaskOrder,
    TaskOutcome,
    TaskStatus,
    TaskView,
)
from sync_core.task_news import TaskNews
from sync_core.task_queue import DayClaims, next_to_run

REMEMBERED = 500
"""Ended tasks that are told from memory; the journal has the others."""


class TaskTable:
    """All tasks of this run. Safe to use from any thread.

    At most ``queue_limit`` tasks wait. New pictures go to ``news``, which the caller delivers.
    """

    def __init__(self, queue_limit: int, news: TaskNews, now: Callable[[], datetime]) -> None:
        self._queue_limit = queue_limit
        self._news = news
        self._now = now
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._active: dict[str, LiveTask] = {}
        self._waiting: list[LiveTask] = []
        self._claims = DayClaims()
        self._ended: OrderedDict[str, TaskView] = OrderedDict()
        self._ids_on_record: set[str] = set()
        self._closed = False
        self._stopped = False

    # Coming in

    def admit(self, order: TaskOrder, seconds: float) -> LiveTask:
        """A new task with ``seconds`` to live, to be recorded. Raises ``Refusal``."""
        with self._lock:
            self._refuse_if_impossible(order)
            created = self._now()
            view = TaskView(
                task_id=self._free_id(order, created),
                kind=order.kind,
                status=TaskStatus.PENDING,
                progress=Progress("queued", 0, order.queued_message),
                created_at=created,
                deadline_at=created + timedelta(seconds=seconds),
                source=order.source,
                request_id=order.request_id,
                body=order.body,
                request=order.request,
                writing=order.writing,
            )
            task = LiveTask(order, RunControl(seconds), view, time.monotonic())
            self._active[view.task_id] = task
            return task

    def rename(self, task: LiveTask) -> None:
        """The task's id is taken: an earlier run, or a clock set back, had the same second."""
        with self._lock:
            self._ids_on_record.add(task.view.task_id)
            del self._active[task.view.task_id]
            task_id = self._free_id(task.order, task.view.created_at)
            task.view = replace(task.view, task_id=task_id)
            self._active[task_id] = task

    def withdraw(self, task: LiveTask) -> None:
        """The task could not be recorded: it never was."""
        with self._lock:
            self._active.pop(task.view.task_id, None)
            self._changed.notify_all()

    def enqueue(self, task: LiveTask) -> bool:
        """The task is recorded and waits from now on.

        False when it was asked to stop meanwhile: then the caller must end it.
        """
        with self._lock:
            task.recorded = True
            task.ending = task.control.stop_reason is not None
            if not task.ending:
                self._waiting.append(task)
            self._news.publish(task.view)
            self._changed.notify_all()
            return not task.ending

    def _refuse_if_impossible(self, order: TaskOrder) -> None:
        if self._closed:
            raise Refusal("shutting_down", "The program is ending")
        if order.exclusion is not None:
            for other in self._active.values():
                if other.order.exclusion == order.exclusion and not other.ending:
                    task_id = other.view.task_id
                    raise Refusal(
                        "already_running",
                        order.busy_detail,
                        members={
                            "task_id": task_id,
                            "status_url": f"/api/sync/status/{task_id}",
                        },
                    )
        coming = sum(not task.recorded for task in self._active.values())
        if len(self._waiting) + coming >= self._queue_limit:
            raise Refusal("queue_full", "Too many tasks wait", retry_after=5)

    def _free_id(self, order: TaskOrder, created: datetime) -> str:
        stem = f"{order.id_stem}_{created.strftime('%Y%m%d%H%M%S')}"
        numbered = (f"{stem}_{number}" for number in itertools.count(2))
        taken = (self._active, self._ended, self._ids_on_record)
        return next(
            task_id
            for task_id in itertools.chain([stem], numbered)
            if not any(task_id in place for place in taken)
        )

    # Running

    def take(self) -> LiveTask | None:
        """The next task to run, running from now on; waits for one. None: run no more."""
        while True:
            with self._lock:
                if self._stopped:
                    return None
                task, held_up = next_to_run(self._waiting, self._claims)
                news = [self._wait_for_day(other) for other in held_up]
                if task is not None:
                    self._begin(task)
                elif not any(news):
                    self._changed.wait()
            self._news.deliver()
            if task is not None:
                return task

    def _begin(self, task: LiveTask) -> None:
        self._waiting.remove(task)
        self._claims.grant(task.day_lock)
        task.started = time.monotonic()
        task.view = replace(task.view, status=TaskStatus.RUNNING, started_at=self._now())
        self._news.publish(task.view)

    def _wait_for_day(self, task: LiveTask) -> bool:
        """Whether it is news that this task waits for its day."""
        if task.view.progress.stage == "waiting" or task.day_lock is None:
            return False
        what = "die laufenden Abgleiche" if task.day_lock.exclusive else "den Tagesabgleich"
        progress = Progress("waiting", 0, f"Wartet auf {what} dieses Tages")
        task.view = replace(task.view, progress=progress)
        self._news.publish(task.view)
        return True

    def progress(self, task: LiveTask, progress: Progress) -> None:
        """A running task has come so far; too late once it is being ended."""
        with self._lock:
            if not task.ending:
                task.view = replace(task.view, progress=progress)
                self._news.publish(task.view)

    def keep(self, task: LiveTask, outcome: TaskOutcome) -> bool:
        """A running task knows so much. False: too late, it is being ended."""
        with self._lock:
            if task.ending:
                return False
            task.partial = outcome
            task.view = replace(
                task.view, body=outcome.body or task.view.body, warnings=outcome.warnings
            )
            return True

    # Ending

    def take_out(self, task_id: str) -> LiveTask | None:
        """The task, if it still waits; the caller ends it then."""
        with self._lock:
            task = self._active.get(task_id)
            if task is None or task not in self._waiting:
                return None
            self._waiting.remove(task)
            task.ending = True
            return task

    def live(self, task_id: str) -> LiveTask | None:
        """The task, unless it has ended or is being ended."""
        with self._lock:
            task = self._active.get(task_id)
            return None if task is None or task.ending else task

    def give_up(self, task: LiveTask, moment: float) -> None:
        """End the task without its thread at ``moment``, or earlier if that was said before.

        A task that is not recorded yet is left alone: it ends as soon as it is.
        """
        with self._lock:
            if task.recorded:
                before = task.give_up_at
                task.give_up_at = moment if before is None else min(before, moment)
                self._changed.notify_all()

    def claim_end(self, task: LiveTask) -> bool:
        """Whether the caller may end the task; only the first who asks may."""
        with self._lock:
            claimed = not task.ending
            task.ending = True
            return claimed

    def put_away(self, task: LiveTask, view: TaskView) -> None:
        """The task has ended with this picture."""
        with self._lock:
            task.view = view
            self._active.pop(view.task_id, None)
            self._remember(view)
            if task.started is not None:
                self._claims.release(task.day_lock)
            self._news.publish(view)
            self._changed.notify_all()

    def replace_ended(self, view: TaskView) -> None:
        """A task that has ended is known better now."""
        with self._lock:
            if view.task_id in self._ended:
                self._ended[view.task_id] = view
            self._news.publish(view)

    def _remember(self, view: TaskView) -> None:
        self._ended[view.task_id] = view
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def overdue(self) -> Overdue | None:
        """Waits until there are tasks to be ended, and says which. None: watch no more."""
        with self._lock:
            while not self._stopped:
                tasks = [t for t in self._active.values() if t.recorded and not t.ending]
                left = {task: self._seconds_left(task) for task in tasks}
                over = [task for task in tasks if left[task] <= 0]
                if over:
                    return Overdue(
                        tuple(task for task in over if task.give_up_at is None),
                        tuple(task for task in over if task.give_up_at is not None),
                    )
                self._changed.wait(min(left.values(), default=None))
            return None

    @staticmethod
    def _seconds_left(task: LiveTask) -> float:
        if task.give_up_at is None:
            return task.control.remaining()
        return task.give_up_at - time.monotonic()

    # Asking

    def find(self, task_id: str) -> TaskView | None:
        """The task's picture now, if it is active or has ended lately."""
        with self._lock:
            task = self._active.get(task_id)
            return self._ended.get(task_id) if task is None else task.view

    def active(self) -> tuple[TaskView, ...]:
        """Pending and running tasks, oldest first."""
        with self._lock:
            return tuple(task.view for task in self._active.values())

    def wait(self, task_id: str, seconds: float) -> None:
        """Wait until the task is not active any more, the time is over or the program ends."""
        with self._lock:
            self._changed.wait_for(
                lambda: self._stopped or task_id not in self._active, timeout=seconds
            )

    # The end of the program

    def close(self) -> tuple[str, ...]:
        """Admit no more tasks; returns the ids of those that are active."""
        with self._lock:
            self._closed = True
            return tuple(self._active)

    def stop(self, until: float) -> None:
        """Wait until that monotonic moment for the last task, then send everybody home."""
        with self._lock:
            left = max(0.0, until - time.monotonic())
            self._changed.wait_for(lambda: not self._active, timeout=left)
            self._stopped = True
            self._changed.notify_all()
