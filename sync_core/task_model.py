"""What a task is, as values that may cross threads, files and the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal

from sync_core.run_control import RunControl

NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Any:
    return field(default_factory=lambda: NOTHING)


class TaskStatus(str, Enum):
    """Where a task is in its life. The last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the task."""
        return self not in (TaskStatus.PENDING, TaskStatus.RUNNING)


DELETION = "deletion"
"""The receipt of a row that is about to be deleted."""
NOT_DELETED = "not_deleted"
"""The receipt that takes a deletion back: it was refused, failed, or nobody knows."""

STAGES = ("queued", "waiting", "calldoc", "match", "write", "commit", "done")


class Writing(str, Enum):
    """How a task writes to the foreign system.

    ``AT_ONCE``: in one transaction, everything or nothing. ``STEP_BY_STEP``: without one; what was
    written before a task fails, is stopped or is killed stays, and nobody may say otherwise.
    """

    AT_ONCE = "at_once"
    STEP_BY_STEP = "step_by_step"


@dataclass(frozen=True)
class Progress:
    """How far a task is. ``stage`` is one of :data:`STAGES`, ``message`` is German."""

    stage: str
    percent: int
    message: str


@dataclass(frozen=True)
class TaskWarning:
    """Something people should know about a task that went well. ``message`` is German."""

    code: str
    message: str


@dataclass(frozen=True)
class TaskSource:
    """Who asked for a task: ``channel`` is ``api``, ``window`` or ``plugin``.

    ``client`` is the caller's address, or the plugin's name.
    """

    channel: str
    client: str | None = None


@dataclass(frozen=True)
class TaskView:
    """An immutable picture of one task, safe to hand to any thread.

    ``body`` holds the fields of the task's kind, already in the form the status call shows;
    ``request`` is what was asked for, normalised; neither it nor ``writing``, which the words about
    the task's end depend on, is part of the status call. ``timing_ms`` adds up to
    ``execution_time_ms``; both count from ``created_at``.
    """

    task_id: str
    kind: str
    status: TaskStatus
    progress: Progress
    created_at: datetime
    deadline_at: datetime
    source: TaskSource
    request_id: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    execution_time_ms: int | None = None
    timing_ms: Mapping[str, int] = _nothing()
    warnings: tuple[TaskWarning, ...] = ()
    error: str | None = None
    error_code: str | None = None
    safe_to_retry: bool | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    body: Mapping[str, Any] = _nothing()
    request: Mapping[str, Any] = _nothing()
    writing: Writing = Writing.AT_ONCE


@dataclass(frozen=True)
class TaskPage:
    """One page of ended tasks, newest first, and how many there are in all."""

    total: int
    tasks: tuple[TaskView, ...]


@dataclass(frozen=True)
class TaskOutcome:
    """What a task's function returns or leaves behind when it fails.

    ``timing_ms`` are the parts the function measured itself; the registry adds ``queue`` and
    ``other``.
    """

    message: str = ""
    body: Mapping[str, Any] = _nothing()
    warnings: tuple[TaskWarning, ...] = ()
    timing_ms: Mapping[str, int] = _nothing()


@dataclass(frozen=True)
class Resolution:
    """What became of a commit that was sent and not answered.

    ``outcome`` is ``written``, ``not_written``, or ``undecided`` when people must look by hand.
    """

    outcome: Literal["written", "not_written", "undecided"]
    warnings: tuple[TaskWarning, ...] = ()


class TaskContext:
    """What a running task's function works with.

    Attributes: ``task_id``, ``request_id``, ``source``, ``control`` (deadline, stop request,
    commit gate). The function calls :meth:`progress` at each stage and :meth:`keep` whenever it
    knows more, so that a failed or stopped task still tells what was found out; of a task that
    writes step by step it is recorded, too, some times a second, for the case that the program is
    killed.
    """

    def __init__(
        self,
        task_id: str,
        request_id: str,
        source: TaskSource,
        control: RunControl,
        *,
        on_progress: Callable[[Progress], None],
        on_partial: Callable[[TaskOutcome], None],
        on_intent: Callable[[Mapping[str, Any], TaskOutcome], None],
        on_deletion: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self.task_id = task_id
        self.request_id = request_id
        self.source = source
        self.control = control
        self._on_progress = on_progress
        self._on_partial = on_partial
        self._on_intent = on_intent
        self._on_deletion = on_deletion

    def progress(self, stage: str, percent: int, message: str) -> None:
        """Tell how far the task is (``percent`` 0 to 100, ``message`` German, no names)."""
        self._on_progress(Progress(stage, percent, message))

    def intend(self, intent: Mapping[str, Any], if_written: TaskOutcome) -> None:
        """Write to the journal what is about to be committed, right before the commit is sent.

        ``intent`` (JSON) is what the kind's ``resolve`` needs to find out later whether it was
        carried out, ``if_written`` what the task's status tells then. Raises
        ``JournalUnavailableError``: then nothing may be committed.
        """
        self._on_intent(intent, if_written)

    def record_deletion(self, row: Mapping[str, Any]) -> None:
        """Write a row (JSON, whole) to the receipts, right before it is deleted.

        It is on the disk when this returns. Raises ``JournalUnavailableError``: then the row must
        stay.
        """
        self._on_deletion(DELETION, row)

    def record_kept(self, what: Mapping[str, Any]) -> None:
        """Write to the receipts that a deletion recorded before did not succeed.

        ``what`` (JSON) names the row and says why; raises ``JournalUnavailableError``.
        """
        self._on_deletion(NOT_DELETED, what)

    def keep(self, outcome: TaskOutcome) -> None:
        """Remember what is known so far."""
        self._on_partial(outcome)


@dataclass(frozen=True)
class DayLock:
    """A claim on one calendar day (``YYYY-MM-DD``): shared by single syncs, alone for a day."""

    day: str
    exclusive: bool


@dataclass(frozen=True)
class TaskOrder:
    """An order for a task.

    ``id_stem`` is the task id without the start time (``patient_sync_1234567_2025-10-06``).
    ``exclusion`` names what only one pending or running task may do (``None``: no such limit);
    ``busy_detail`` is the English sentence of the refusal then.
    ``body`` are the kind's fields as they stand before anything is known, ``request`` the
    normalised request in JSON types, enough to send it again. ``writing`` decides which words a
    status uses when the task ends before its time. ``run`` is called on a
    worker thread and returns the outcome, or raises a ``TaskError`` or ``TaskCancelledError``.
    """

    kind: str
    id_stem: str
    run: Callable[[TaskContext], TaskOutcome]
    source: TaskSource
    request_id: str
    exclusion: str | None = None
    day_lock: DayLock | None = None
    body: Mapping[str, Any] = _nothing()
    queued_message: str = "In der Warteschlange"
    request: Mapping[str, Any] = _nothing()
    writing: Writing = Writing.AT_ONCE
    busy_detail: str = "Such a task is pending or running"


TaskListener = Callable[[TaskView], None]
