"""A task's mutable side while it is pending or running."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync_core.run_control import RunControl
from sync_core.task_model import DayLock, TaskOrder, TaskOutcome, TaskView


@dataclass(eq=False)
class LiveTask:
    """A task that has not ended yet. Only the table changes it, save for the last two fields.

    ``accepted`` and ``started`` are monotonic moments. ``recorded``: it stands in the journal;
    before that nobody was promised anything. ``give_up_at``: when it is ended without its thread.
    ``ending``: somebody ends it, and nobody else may. ``intended``: an intent is on record.
    ``kept_at``: the monotonic moment when its state was last recorded.
    """

    order: TaskOrder
    control: RunControl
    view: TaskView
    accepted: float
    started: float | None = None
    partial: TaskOutcome = field(default_factory=TaskOutcome)
    recorded: bool = False
    give_up_at: float | None = None
    ending: bool = False
    intended: bool = False
    kept_at: float = 0.0

    @property
    def day_lock(self) -> DayLock | None:
        """The day it claims, if any."""
        return self.order.day_lock


@dataclass(frozen=True)
class Overdue:
    """Tasks whose time is over (``due``), and stopped ones that did not end (``hanging``)."""

    due: tuple[LiveTask, ...]
    hanging: tuple[LiveTask, ...]
