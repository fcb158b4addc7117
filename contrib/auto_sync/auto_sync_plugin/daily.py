"""The daily run: today and the days after it, one day sync after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from auto_sync_plugin.memory import DailyPlan, Memory, Run
from auto_sync_plugin.schedule import daily_due, german_day, sooner, wait_after
from auto_sync_plugin.starting import (
    DAY,
    MOST_ATTEMPTS,
    Refused,
    day_is_well,
    day_request,
    day_words,
    refusal_words,
    start,
)

if TYPE_CHECKING:
    from auto_sync_plugin.settings import AutoSettings
    from hookspecs import HostContext, TaskView

_AGAIN = timedelta(minutes=5)
_BUSY = timedelta(minutes=1)


class Daily:
    """Begins the run when it is due and sees it through. Used by one thread.

    A plan is remembered before its first task starts, so a program that was ended goes on with the
    days that are left, on the same day. Attributes: ``task_id`` (the task that runs, or None).
    """

    def __init__(self, context: HostContext, settings: AutoSettings, memory: Memory) -> None:
        self._context = context
        self._settings = settings
        self._memory = memory
        self._attempts = 0
        self._not_before: datetime | None = None
        self.task_id: str | None = None

    def settle(self, now: datetime) -> None:
        """Take note of a task that has ended, and of a day that is over."""
        plan = self._memory.now.plan
        if self.task_id is not None:
            view = self._context.tasks.get(self.task_id)
            if view is not None and not view.status.ended:
                return
            self.task_id = None
            if plan is not None:
                self._ended(plan, view, now)
        plan = self._memory.now.plan
        if plan is not None and plan.day != german_day(now):
            self._tell(now, plan.open[0], False, "bis zum Ende des Tages nicht gelungen")
            self._keep_open(plan, ())

    def go_on(self, now: datetime, since: datetime) -> None:
        """Begin what is due, and start the next task of a plan."""
        if self.task_id is not None:
            return
        plan = self._memory.now.plan
        if plan is None:
            day = daily_due(now, self._settings.at, self._memory.now.done, since)
            if day is None:
                return
            ahead = range(self._settings.days_ahead + 1)
            plan = DailyPlan(day, tuple(day + timedelta(days=one) for one in ahead))
            self._memory.keep(self._memory.now.with_plan(plan))
            self._attempts, self._not_before = 0, None
        if self._not_before is not None:
            self._not_before = sooner(now, self._not_before, wait_after(self._attempts, _AGAIN))
            if now < self._not_before:
                return
        self._start(plan, now)

    def _start(self, plan: DailyPlan, now: datetime) -> None:
        day = plan.open[0]
        answer = start(self._context, DAY, day_request(day.isoformat(), self._settings.types))
        if not isinstance(answer, Refused):
            self.task_id = answer.task_id
        elif answer.code == "already_running":  # a person's; with other types, perhaps
            self._not_before = now + _BUSY
        elif answer.code in ("not_configured", "invalid_request"):
            self._tell(now, day, False, refusal_words(answer.code))
            self._keep_open(plan, ())
        else:
            self._try_again(plan, now, refusal_words(answer.code))

    def _ended(self, plan: DailyPlan, view: TaskView | None, now: datetime) -> None:
        if view is None or (view.status.value == "failed" and view.safe_to_retry):
            self._try_again(plan, now, view.error or "" if view else "nicht mehr bekannt")
            return
        self._tell(now, plan.open[0], day_is_well(view), day_words(view))
        self._keep_open(plan, plan.open[1:])

    def _try_again(self, plan: DailyPlan, now: datetime, why: str) -> None:
        self._attempts += 1
        if self._attempts < MOST_ATTEMPTS:
            self._not_before = now + wait_after(self._attempts, _AGAIN)
            if self._attempts == 1:
                self._tell(now, plan.open[0], False, f"{why} Es wird wiederholt.")
            return
        self._tell(now, plan.open[0], False, f"{why} Nach {MOST_ATTEMPTS} Versuchen aufgegeben.")
        self._keep_open(plan, plan.open[1:])

    def _keep_open(self, plan: DailyPlan, days: tuple[date, ...]) -> None:
        self._attempts, self._not_before = 0, None
        left = DailyPlan(plan.day, days) if days else None
        self._memory.keep(replace(self._memory.now, plan=left))

    def _tell(self, now: datetime, day: date, ok: bool, text: str) -> None:
        run = Run(now, f"Tagesabgleich {day:%d.%m.%Y}", ok, text)
        self._memory.keep(self._memory.now.with_run(run))
