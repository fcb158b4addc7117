"""One day sync as a task: what it is told while it runs, and what it writes down."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from day_sync import DaySynchronizer
from day_task.request import DayRequest
from day_task.status import StatusFields, all_warnings, summary
from sync_core.day_result import DayResult
from sync_core.obsolete import DeletionPolicy
from sync_core.task_model import TaskContext, TaskOutcome

_TABLE = "Untersuchung"


class DayRun:
    """Runs ``request`` for a task; ``context`` is the task's."""

    def __init__(
        self, synchronizer: DaySynchronizer, request: DayRequest, context: TaskContext
    ) -> None:
        self._synchronizer = synchronizer
        self._request = request
        self._context = context
        self._fields = StatusFields()
        self._watch = _Watch()

    def run(self) -> TaskOutcome:
        """Sync the day. Raises what :meth:`DaySynchronizer.sync` raises; what is known is kept."""
        request = self._request
        result = self._synchronizer.sync(
            request.day,
            request.types,
            status_filter=request.status_filter,
            delete_obsolete=self._policy() if request.delete_obsolete else None,
            progress=self._progress,
            keep=lambda known: self._context.keep(self._outcome(known)),
            control=self._context.control,
        )
        return self._outcome(result, summary(result))

    def _progress(self, stage: str, percent: int, message: str) -> None:
        self._watch.comes_to(stage)
        self._context.progress(stage, percent, message)

    def _outcome(self, result: DayResult, message: str = "") -> TaskOutcome:
        return TaskOutcome(
            message=message,
            body=self._fields.of(result),
            warnings=all_warnings(result),
            timing_ms=self._watch.timing_ms(),
        )

    def _policy(self) -> DeletionPolicy:
        return DeletionPolicy(
            record=self._record,
            confirmed_count=self._request.confirm_delete,
            record_kept=self._record_kept,
            confirmed_keys=self._request.confirm_rows,
        )

    def _record(self, row: Mapping[str, Any]) -> None:
        source = self._context.source
        self._context.record_deletion(
            {
                "table": _TABLE,
                "row": dict(row),
                "request_id": self._context.request_id,
                "source": {"channel": source.channel, "client": source.client},
            }
        )

    def _record_kept(self, row: Mapping[str, Any], code: str) -> None:
        self._context.record_kept({"table": _TABLE, "key": row["UntersuchungID"], "code": code})


class _Watch:
    """How long CallDoc took, and all the rest, which is SQLHK through its gateway."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._asked: float | None = None
        self._answered: float | None = None

    def comes_to(self, stage: str) -> None:
        if stage == "calldoc" and self._asked is None:
            self._asked = time.monotonic()
        elif self._asked is not None and self._answered is None:
            self._answered = time.monotonic()

    def timing_ms(self) -> dict[str, int]:
        now = time.monotonic()
        asked = now if self._asked is None else self._asked
        answered = now if self._answered is None else self._answered
        # Cut, not rounded: the parts must not come to more than the whole.
        calldoc = int((answered - asked) * 1000)
        return {"calldoc": calldoc, "sqlhk": int((now - self._begin) * 1000) - calldoc}
