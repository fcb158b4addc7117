"""A registry on a real journal, and work that begins and ends when the test says so."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sync_core.errors import Refusal
from sync_core.journal import Journal
from sync_core.task_model import (
    DayLock,
    TaskContext,
    TaskOrder,
    TaskOutcome,
    TaskSource,
    TaskStatus,
    TaskView,
)
from sync_core.task_registry import TaskRegistry
from tests.clock import PATIENCE

SOURCE = TaskSource("api", "127.0.0.1")
DONE = TaskOutcome("Fertig", {"answer": 42})
NOT_YET = {"answer": None}

Run = Callable[[TaskContext], TaskOutcome]


def until(condition: Callable[[], object]) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        pause.wait(0.002)


@dataclass
class Work:
    """Tells when it has begun and goes on when it may.

    ``deaf`` work hears no stop request while it waits, as a call that cannot be interrupted.
    ``then`` is called before it ends; ``context`` is what it was called with.
    """

    deaf: bool = False
    then: Run = lambda _context: DONE
    begun: threading.Event = field(default_factory=threading.Event)
    leave: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    context: TaskContext | None = None

    def __call__(self, context: TaskContext) -> TaskOutcome:
        self.context = context
        self.begun.set()
        try:
            if self.deaf:
                self.leave.wait(3 * PATIENCE)
            else:
                with context.control.abortable(self.leave.set):
                    self.leave.wait(context.control.remaining())
                context.control.check()
            return self.then(context)
        finally:
            self.ended.set()

    @property
    def in_hand(self) -> TaskContext:
        """The context, once it has begun."""
        assert self.begun.wait(PATIENCE)
        assert self.context is not None
        return self.context


def order(run: Run = lambda _context: DONE, **values: Any) -> TaskOrder:
    known: dict[str, Any] = {
        "kind": "single_patient",
        "id_stem": "patient_sync_1_2025-10-06",
        "source": SOURCE,
        "request_id": "request",
        "body": NOT_YET,
        "request": {"piz": "1"},
    }
    return TaskOrder(run=run, **{**known, **values})


def of_day(run: Run, *, exclusive: bool, day: str = "2025-10-06") -> TaskOrder:
    return order(run, day_lock=DayLock(day, exclusive))


@dataclass
class House:
    """One registry; ``told`` are the pictures its listener got, in their order."""

    path: Path
    workers: int = 2
    queue_limit: int = 50
    timeout_seconds: float = 30
    now: Callable[[], datetime] | None = None
    make_journal: Callable[[Path], Journal] = Journal
    works: list[Work] = field(default_factory=list)
    told: list[TaskView] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.journal = self.make_journal(self.path)
        more: dict[str, Any] = {} if self.now is None else {"now": self.now}
        self.registry = TaskRegistry(
            self.journal,
            workers=self.workers,
            queue_limit=self.queue_limit,
            timeout_seconds=self.timeout_seconds,
            logger=logging.getLogger("tests.tasks"),
            **more,
        )
        self.registry.listen(self.told.append)

    def work(self, *, deaf: bool = False, then: Run = lambda _context: DONE) -> Work:
        """Work that is let go when the house is closed, at the latest."""
        self.works.append(Work(deaf, then))
        return self.works[-1]

    def submit(self, run: Run = lambda _context: DONE, **values: Any) -> str:
        return self.registry.submit(order(run, **values)).task_id

    def running(self, work: Work, **values: Any) -> str:
        """A task that is running already."""
        task_id = self.submit(work, **values)
        assert work.begun.wait(PATIENCE)
        return task_id

    def now_of(self, task_id: str) -> TaskView:
        view = self.registry.get(task_id)
        assert view is not None
        return view

    def end_of(self, task_id: str) -> TaskView:
        """The task's picture at its end, which must come."""
        view = self.registry.wait(task_id, PATIENCE)
        assert view is not None
        assert view.status.ended, view
        return view

    def stages_told(self, task_id: str) -> list[tuple[TaskStatus, str]]:
        return [(v.status, v.progress.stage) for v in list(self.told) if v.task_id == task_id]

    def close(self) -> None:
        for work in self.works:
            work.leave.set()
        self.registry.shutdown(2)
        self.journal.close()
        for work in self.works:
            if work.begun.is_set():
                assert work.ended.wait(PATIENCE)


def refusal_of(submit: Callable[[], object]) -> Refusal:
    try:
        submit()
    except Refusal as refusal:
        return refusal
    raise AssertionError("it was accepted")
