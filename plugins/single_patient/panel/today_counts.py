"""Today's numbers, counted from pictures of tasks. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from plugins.single_patient.panel.task_facts import is_dry_run
from sync_core.task_model import TaskStatus, TaskView


@dataclass(frozen=True)
class TodayCounts:
    """Syncs of today by result, and the median of the completed ones' times in milliseconds."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    median_ms: int | None = None


def count_today(views: Iterable[TaskView], now: datetime) -> TodayCounts:
    """Count the ended tasks that were created on ``now``'s local day; dry runs do not count.

    ``views`` come with the newest first, so that thousands of older ones are not looked at.
    """
    today = now.date()
    actions = {"created": 0, "updated": 0, "unchanged": 0}
    failed = 0
    times: list[int] = []
    for view in views:
        created = view.created_at.astimezone(now.tzinfo).date()
        if created < today:
            break
        if created != today or is_dry_run(view):
            continue
        if view.status is TaskStatus.FAILED:
            failed += 1
        elif view.status is TaskStatus.COMPLETED:
            action = (view.body.get("sqlhk_sync") or {}).get("action")
            if action in actions:
                actions[action] += 1
            if view.execution_time_ms is not None:
                times.append(view.execution_time_ms)
    return TodayCounts(**actions, failed=failed, median_ms=round(median(times)) if times else None)
