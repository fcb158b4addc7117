"""The task registry: accepts tasks, runs them on a few threads, and ends every one in time.

A task is recorded in the journal before it is accepted, runs at most until its deadline, and
keeps the status it ended with. A worker thread that hangs in a call nobody can interrupt is
given up (it is a daemon, counted and named in the log) and replaced, so that the others go on.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sync_core.errors import (
    JournalError,
    JournalUnavailableError,
    OutcomeUnknownError,
    Refusal,
    TaskCancelledError,
    TaskError,
)
from sync_core.journal import DuplicateTaskError, Journal, TaskPage
from sync_core.log_scope import log_scope
from sync_core.outcome_resolver import intent_body
from sync_core.receipts import INTENT
from sync_core.run_control import CommitState, RunControl, StopReason
from sync_core.task_end import (
    cancelled_view,
    completed_view,
    failed_view,
    stopped_view,
)
from sync_core.task_model import (
    DayLock,
    Progress,
    TaskContext,
    TaskListener,
    TaskOrder,
    TaskOutcome,
    TaskStatus,
    TaskView,
)
from sync_core.task_queue import DayClaims, next_to_run

STOP_GRACE_SECONDS = 0.5
"""How long a stopped task's thread may take to come back before the task is ended without it."""

MOST_ABANDONED = 64
"""Threads given up beyond this number are no longer replaced: something is badly wrong then."""

_REMEMBERED = 500


@dataclass(eq=False)
class _Task:
    """A task's mutable side; guarded by the registry's lock."""

    order: TaskOrder
    control: RunControl
    view: TaskView
    accepted: float
    started: float | None = None
    partial: TaskOutcome = field(default_factory=TaskOutcome)
    force_end_at: float | None = None
    ending: bool = False
    intended: bool = False

    @property
    def day_lock(self) -> DayLock | None:
        """The day the task claims, if any."""
        return self.order.day_lock


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
        self._queue_limit = queue_limit
        self._timeout = timeout_seconds
        self._log = logger
        self._now = now
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._waiting: list[_Task] = []
        self._active: dict[str, _Task] = {}
        self._ended: OrderedDict[str, TaskView] = OrderedDict()
        self._reserved: set[str] = set()
        self._recording = 0
        self._claims = DayClaims()
        self._listeners: list[TaskListener] = []
        self._closing = False
        self._stopped = False
        self._thread_numbers = itertools.count(1)
        self._threads: set[threading.Thread] = set()
        self._abandoned: set[threading.Thread] = set()
        self._running: dict[threading.Thread, _Task] = {}
        for _ in range(workers):
            self._start_worker()
        self._watcher = threading.Thread(target=self._watch, name="task-deadlines", daemon=True)
        self._watcher.start()

    # Accepting

    def submit(self, order: TaskOrder) -> TaskView:
        """Accept a task and return its first picture.

        Raises ``Refusal``: ``already_running`` (with ``task_id`` and ``status_url``),
        ``queue_full``, ``shutting_down`` or ``journal_unavailable``.
        """
        with self._lock:
            self._refuse_if_impossible(order)
            task = self._new_task(order)
            self._active[task.view.task_id] = task
            self._recording += 1
        try:
            self._record(task)
        except BaseException:
            with self._lock:
                self._recording -= 1
                self._active.pop(task.view.task_id, None)
                self._changed.notify_all()
            raise
        with self._lock:
            self._recording -= 1
            self._active[task.view.task_id] = task
            self._waiting.append(task)
            view = task.view
            self._changed.notify_all()
        with log_scope(task_id=view.task_id, request_id=view.request_id):
            self._log.info(
                "accepted kind=%s by %s %s", view.kind, view.source.channel, view.source.client
            )
        self._tell(view)
        return view

    def _refuse_if_impossible(self, order: TaskOrder) -> None:
        if self._closing:
            raise Refusal("shutting_down", "The program is ending")
        if order.exclusion is not None:
            for other in self._active.values():
                if other.order.exclusion == order.exclusion and not other.ending:
                    task_id = other.view.task_id
                    raise Refusal(
                        "already_running",
                        "A sync of this patient for this day is running",
                        members={
                            "task_id": task_id,
                            "status_url": f"/api/sync/status/{task_id}",
                        },
                    )
        if len(self._waiting) + self._recording >= self._queue_limit:
            raise Refusal("queue_full", "Too many tasks wait", retry_after=5)

    def _new_task(self, order: TaskOrder) -> _Task:
        created = self._now()
        view = TaskView(
            task_id=self._free_id(order, created),
            kind=order.kind,
            status=TaskStatus.PENDING,
            progress=Progress("queued", 0, order.queued_message),
            created_at=created,
            deadline_at=created + timedelta(seconds=self._timeout),
            source=order.source,
            request_id=order.request_id,
            body=order.body,
            request=order.request,
        )
        return _Task(order, RunControl(self._timeout), view, time.monotonic())

    def _free_id(self, order: TaskOrder, created: datetime) -> str:
        stem = f"{order.id_stem}_{created.strftime('%Y%m%d%H%M%S')}"
        for number in itertools.count(1):
            task_id = stem if number == 1 else f"{stem}_{number}"
            if not (task_id in self._active or task_id in self._ended or task_id in self._reserved):
                return task_id
        raise AssertionError("count() does not end")

    def _record(self, task: _Task) -> None:
        while True:
            try:
                self._journal.add(task.view)
            except DuplicateTaskError:
                # An earlier run, or one before the clock was set back, had this second's id.
                with self._lock:
                    self._reserved.add(task.view.task_id)
                    self._active.pop(task.view.task_id, None)
                    task_id = self._free_id(task.order, task.view.created_at)
                    task.view = replace(task.view, task_id=task_id)
                    self._active[task_id] = task
            except JournalError as error:
                self._log.exception("a task could not be recorded")
                raise Refusal("journal_unavailable", "The task could not be recorded") from error
            else:
                return

    # Asking

    def get(self, task_id: str) -> TaskView | None:
        """The task's picture now, or None. Raises ``JournalError``."""
        with self._lock:
            task = self._active.get(task_id)
            if task is not None:
                return task.view
            if task_id in self._ended:
                return self._ended[task_id]
        return self._journal.task(task_id)

    def active(self) -> tuple[TaskView, ...]:
        """Pending and running tasks, oldest first."""
        with self._lock:
            return tuple(task.view for task in self._active.values())

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
        until = time.monotonic() + seconds
        with self._lock:
            while task_id in self._active and not self._stopped:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
        return self.get(task_id)

    def listen(self, listener: TaskListener) -> Callable[[], None]:
        """Call ``listener`` with each new picture of each task; returns how to stop that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    @property
    def abandoned_threads(self) -> int:
        """How many threads hang in a call that could not be interrupted."""
        with self._lock:
            self._abandoned = {thread for thread in self._abandoned if thread.is_alive()}
            return len(self._abandoned)

    # Stopping

    def cancel(self, task_id: str) -> bool:
        """Ask a task to stop; False when there is none that could (unknown or ended)."""
        return self._stop_task(task_id, StopReason.CANCELLED)

    def shutdown(self, grace_seconds: float) -> None:
        """Take no more tasks, end the active ones as ``interrupted``, end all threads."""
        with self._lock:
            self._closing = True
            active = list(self._active)
            self._changed.notify_all()
        for task_id in active:
            self._stop_task(task_id, StopReason.SHUTDOWN)
        until = time.monotonic() + grace_seconds
        with self._lock:
            while self._active and time.monotonic() < until:
                self._changed.wait(max(0.01, until - time.monotonic()))
            self._stopped = True
            self._changed.notify_all()
            threads = [*self._threads, self._watcher]
        for thread in threads:
            thread.join(max(0.05, until - time.monotonic()))
            if thread.is_alive():
                self._log.error("thread %s did not end and is left behind", thread.name)

    def _stop_task(self, task_id: str, reason: StopReason) -> bool:
        with self._lock:
            task = self._active.get(task_id)
            if task is None or task.ending:
                return False
            if task in self._waiting:
                self._waiting.remove(task)
                task.ending = True
                pending = True
            else:
                pending = False
                task.force_end_at = time.monotonic() + STOP_GRACE_SECONDS
                self._changed.notify_all()
        if pending:
            task.control.stop(reason)
            self._finish(task, stopped_view(self._timed(task), reason, CommitState.NOT_SENT))
        else:
            # Outside the lock: breaking off a wait may run the blocked call's own code.
            stopped = task.control.stop(reason)
            if not stopped and reason is StopReason.CANCELLED:
                with self._lock:  # the commit is on its way: let it learn its outcome
                    task.force_end_at = None
        return True

    # Running

    def _start_worker(self) -> None:
        name = f"task-worker-{next(self._thread_numbers)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.add(thread)
        thread.start()

    def _work(self) -> None:
        me = threading.current_thread()
        while True:
            task = self._take(me)
            if task is None:
                return
            with log_scope(task_id=task.view.task_id, request_id=task.order.request_id):
                self._run(task)
            with self._lock:
                if me in self._abandoned:
                    self._abandoned.discard(me)
                    return
                self._running.pop(me, None)

    def _take(self, me: threading.Thread) -> _Task | None:
        with self._lock:
            while True:
                if self._stopped:
                    self._threads.discard(me)
                    return None
                task, held_up = next_to_run(self._waiting, self._claims)
                told = [self._wait_for_day(other) for other in held_up]
                if task is not None:
                    break
                if any(told):
                    self._tell_later([view for view in told if view])
                self._changed.wait()
            self._waiting.remove(task)
            self._claims.grant(task.order.day_lock)
            self._running[me] = task
            task.started = time.monotonic()
            task.view = replace(task.view, status=TaskStatus.RUNNING, started_at=self._now())
            return task

    def _wait_for_day(self, task: _Task) -> TaskView | None:
        if task.view.progress.stage == "waiting" or task.order.day_lock is None:
            return None
        what = "die laufenden Abgleiche" if task.order.day_lock.exclusive else "den Tagesabgleich"
        message = f"Wartet auf {what} dieses Tages"
        task.view = replace(task.view, progress=Progress("waiting", 0, message))
        return task.view

    def _tell_later(self, views: Sequence[TaskView]) -> None:
        # Called with the lock held: listeners are told without it.
        self._lock.release()
        try:
            for view in views:
                self._tell(view)
        finally:
            self._lock.acquire()

    def _run(self, task: _Task) -> None:
        self._tell(task.view)
        context = TaskContext(
            task.view.task_id,
            task.order.request_id,
            task.order.source,
            task.control,
            on_progress=lambda progress: self._progress(task, progress),
            on_partial=lambda outcome: self._partial(task, outcome),
            on_intent=lambda intent, if_written: self._intend(task, intent, if_written),
        )
        try:
            task.control.check()
            outcome = task.order.run(context)
        except TaskCancelledError:
            ended = cancelled_view
        except TaskError as error:
            failure = error
            ended = lambda view: failed_view(view, failure)  # noqa: E731 - one of four endings
        except Exception:  # noqa: BLE001 - the edge: a fault of ours must end the task, not the worker
            self._log.exception("the task failed through a fault of the program")
            state = task.control.commit_state
            ended = lambda view: stopped_view(view, None, state)  # noqa: E731 - as above
        else:
            self._partial(task, outcome)
            message = outcome.message
            ended = lambda view: completed_view(view, message)  # noqa: E731 - as above
        with self._lock:
            if task.ending:  # it was ended without us; what we bring comes too late
                self._log.warning("a thread that was given up has come back")
                return
            task.ending = True
        self._finish(task, ended(self._timed(task)))

    def _progress(self, task: _Task, progress: Progress) -> None:
        with self._lock:
            if task.ending:
                return
            task.view = replace(task.view, progress=progress)
            view = task.view
        self._tell(view)

    def _intend(self, task: _Task, intent: Mapping[str, Any], if_written: TaskOutcome) -> None:
        body = intent_body(task.view, intent, if_written)
        try:
            self._journal.receipts.record(task.view.task_id, INTENT, body)
        except JournalError as error:
            self._log.exception("an intent could not be recorded; nothing is committed")
            raise JournalUnavailableError from error
        finally:
            task.intended = True

    def _partial(self, task: _Task, outcome: TaskOutcome) -> None:
        with self._lock:
            if task.ending:
                return
            task.partial = outcome
            task.view = replace(
                task.view,
                body=outcome.body or task.view.body,
                warnings=outcome.warnings,
            )

    # Ending

    def _timed(self, task: _Task) -> TaskView:
        """The task's picture with its end and its times, which add up to the whole."""
        end = time.monotonic()
        whole = round((end - task.accepted) * 1000)
        queue = round(((task.started or end) - task.accepted) * 1000)
        parts = {"queue": queue, "calldoc": 0, "sqlhk": 0, **task.partial.timing_ms}
        timing = {**parts, "other": max(0, whole - sum(parts.values()))}
        return replace(
            task.view,
            finished_at=self._now(),
            execution_time_ms=sum(timing.values()),
            timing_ms=timing,
        )

    def _finish(self, task: _Task, view: TaskView) -> None:
        with log_scope(task_id=view.task_id, request_id=view.request_id):
            try:
                self._close_intent(task, view)
                self._journal.end(view)
            except JournalError:
                # The outcome is told all the same; the next start looks at the task again.
                self._log.exception("the end of a task could not be recorded")
            self._log.info(
                "ended status=%s code=%s ms=%s timing=%s",
                view.status.value,
                view.error_code,
                view.execution_time_ms,
                dict(view.timing_ms),
            )
        with self._lock:
            task.view = view
            self._active.pop(view.task_id, None)
            self._ended[view.task_id] = view
            while len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)
            if task.started is not None:
                self._claims.release(task.order.day_lock)
            self._changed.notify_all()
        self._tell(view)

    def _close_intent(self, task: _Task, view: TaskView) -> None:
        if not task.intended or view.error_code == OutcomeUnknownError.code:
            return
        event = "written" if view.status is TaskStatus.COMPLETED else "not_written"
        self._journal.receipts.record(view.task_id, event, {"asked": False})

    def replace_ended(self, view: TaskView) -> None:
        """A task that has ended is known better now: tell its new picture (it is recorded)."""
        with self._lock:
            if view.task_id in self._ended:
                self._ended[view.task_id] = view
        self._tell(view)

    def _watch(self) -> None:
        """End tasks whose time is over, and those whose thread does not come back."""
        while True:
            with self._lock:
                if self._stopped:
                    return
                due, force, delay = self._overdue()
                if not due and not force:
                    self._changed.wait(delay)
                    continue
            for task in due:
                self._stop_task(task.view.task_id, StopReason.DEADLINE)
            for task in force:
                self._end_without_thread(task)

    def _overdue(self) -> tuple[list[_Task], list[_Task], float | None]:
        now = time.monotonic()
        due = [
            task
            for task in self._active.values()
            if task.force_end_at is None and not task.ending and task.control.remaining() <= 0
        ]
        force = [
            task
            for task in self._active.values()
            if task.force_end_at is not None and task.force_end_at <= now and not task.ending
        ]
        moments = [
            task.control.remaining() if task.force_end_at is None else task.force_end_at - now
            for task in self._active.values()
            if not task.ending
        ]
        return due, force, max(0.001, min(moments)) if moments else None

    def _end_without_thread(self, task: _Task) -> None:
        with self._lock:
            if task.ending:
                return
            task.ending = True
            thread = next((t for t, running in self._running.items() if running is task), None)
            if thread is not None:
                del self._running[thread]
                self._threads.discard(thread)
                self._abandoned = {t for t in self._abandoned if t.is_alive()} | {thread}
                if len(self._abandoned) <= MOST_ABANDONED and not self._closing:
                    self._start_worker()
                self._log.error(
                    "thread %s hangs and is given up (%d in all)",
                    thread.name,
                    len(self._abandoned),
                )
        reason = task.control.stop_reason
        self._finish(task, stopped_view(self._timed(task), reason, task.control.commit_state))

    def _tell(self, view: TaskView) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(view)
            except Exception:  # noqa: BLE001 - the edge: no listener may disturb a task
                self._log.exception("a listener failed")
