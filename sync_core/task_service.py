"""What the API, the window and the plugins start and follow tasks with."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sync_core.errors import Refusal
from sync_core.task_model import (
    TaskListener,
    TaskOrder,
    TaskPage,
    TaskSource,
    TaskStatus,
    TaskView,
)
from sync_core.task_registry import TaskRegistry

NOT_LOADED = "No loaded plugin brings this kind of task"
"""The detail of ``not_configured`` when no setting is missing but the plugin is."""


class Kind(Protocol):
    """What is needed of a task kind: how a request becomes an order."""

    @property
    def prepare(self) -> Callable[[Mapping[str, Any], TaskSource, str], TaskOrder]:
        """Turns a request into an order."""


class RegistryTaskService:
    """The task service on a registry. ``kinds`` is asked at each start: plugins come later.

    Every method may be called from any thread; see ``hookspecs.TaskService``.
    """

    def __init__(self, registry: TaskRegistry, kinds: Callable[[], Mapping[str, Kind]]) -> None:
        self._registry = registry
        self._kinds = kinds

    def kinds(self) -> tuple[str, ...]:
        """The names of the kinds that can be started now."""
        return tuple(self._kinds())

    def start(
        self,
        kind: str,
        request: Mapping[str, Any],
        source: TaskSource,
        request_id: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> TaskView:
        """Start a task, or find the one that the key stands for; returns its picture.

        Raises ``Refusal`` or a validation error.
        """
        found = self._kinds().get(kind)
        if found is None:
            raise Refusal("not_configured", NOT_LOADED)
        order = found.prepare(request, source, request_id or uuid.uuid4().hex)
        return self._registry.submit(order, idempotency_key=idempotency_key)

    def get(self, task_id: str) -> TaskView | None:
        """The task's picture now, or None."""
        return self._registry.get(task_id)

    def active(self) -> tuple[TaskView, ...]:
        """Pending and running tasks, oldest first."""
        return self._registry.active()

    def ended(self, *, kind: str | None = None, limit: int = 200) -> tuple[TaskView, ...]:
        """Ended tasks, newest first."""
        return self._registry.ended(kind=kind, limit=limit).tasks

    def history(
        self,
        *,
        kind: str | None = None,
        status: TaskStatus | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> TaskPage:
        """A page of ended tasks, newest first, and how many there are in all."""
        return self._registry.ended(kind=kind, status=status, offset=offset, limit=limit)

    def cancel(self, task_id: str) -> bool:
        """Ask a task to stop; False when there is none that could."""
        return self._registry.cancel(task_id)

    def wait(self, task_id: str, seconds: float) -> TaskView | None:
        """Wait until the task has ended or the time is over; its picture then."""
        return self._registry.wait(task_id, seconds)

    def listen(self, listener: TaskListener) -> Callable[[], None]:
        """Call ``listener`` with each new picture of each task; returns how to stop that."""
        return self._registry.listen(listener)
