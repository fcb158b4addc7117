"""The watch of today: looks at CallDoc, and syncs the patients whose appointments changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from auto_sync_plugin.memory import Memory, Run
from auto_sync_plugin.picture import Picture, Unit, changed_units, take_picture
from auto_sync_plugin.schedule import german_day, sooner, wait_after
from auto_sync_plugin.starting import (
    DAY,
    MOST_ATTEMPTS,
    PATIENT,
    Refused,
    day_is_well,
    day_request,
    day_words,
    refusal_words,
    start,
)
from auto_sync_plugin.tally import Tally
from auto_sync_plugin.waiting import Waiting, WaitingList

if TYPE_CHECKING:
    from auto_sync_plugin.settings import AutoSettings
    from hookspecs import HostContext, ListedAppointments, TaskView


class Watch:
    """Used by one thread. ``read_day`` asks CallDoc; it raises the program's errors.

    The first look at a day, and at other types than before, takes a baseline and syncs nothing.
    After a restart on the same day the hashes remembered are compared instead. A unit counts as
    known once its sync has ended for good, well or not; until then a restart begins it again.

    Attributes: ``last_look``, ``next_look`` (None: at once), ``changes`` (patients found changed
    today, in this run), ``picture`` (of the last good look).
    """

    def __init__(
        self,
        context: HostContext,
        settings: AutoSettings,
        memory: Memory,
        read_day: Callable[[date], ListedAppointments],
    ) -> None:
        self._context = context
        self._settings = settings
        self._memory = memory
        self._read_day = read_day
        self._waiting = WaitingList(settings.interval)
        self._running: dict[str, tuple[date, Waiting]] = {}
        self._whole: tuple[str, date, Mapping[str, str]] | None = None
        self._tally = Tally()
        self._failures = 0
        self._refusals = 0
        self._whole_failures = 0
        self._hold_until: datetime | None = None
        self._counted: dict[str, str] = {}
        self.last_look: datetime | None = None
        self.next_look: datetime | None = None
        self._look_problem = self._start_problem = ""
        self.changes = 0
        self.picture: Picture | None = None

    @property
    def problem(self) -> str:
        """What is in the way, in German; empty for nothing."""
        return self._look_problem or self._start_problem

    @property
    def waiting(self) -> int:
        """Patients that changed and are not being synced yet."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Syncs of this watch that run, a whole day counted as one."""
        return len(self._running) + (self._whole is not None)

    def look_if_due(self, now: datetime, *, asked: bool) -> None:
        """Look when the interval is over, or when somebody asked for it."""
        if self.next_look is not None and not asked:
            wait = wait_after(self._failures, self._settings.interval)
            self.next_look = sooner(now, self.next_look, wait)
            if now < self.next_look:
                return
        self._look(now)
        self.next_look = now + wait_after(self._failures, self._settings.interval)

    def settle(self, now: datetime) -> None:
        """Take note of the tasks that have ended."""
        for task_id, (day, entry) in list(self._running.items()):
            view = self._context.tasks.get(task_id)
            if view is None or view.status.ended:
                del self._running[task_id]
                self._ended(day, entry, view, now)
        if self._whole is not None:
            task_id, day, seen = self._whole
            view = self._context.tasks.get(task_id)
            if view is None or view.status.ended:
                self._whole = None
                self._whole_ended(day, seen, view, now)
        if self._tally and not self._running and self._waiting.is_idle(now):
            self._tell(now, self._tally.what(), self._tally.ok, self._tally.words())
            self._tally = Tally()

    def go_on(self, now: datetime) -> None:
        """Start what waits: never while CallDoc fails, and never beside a sync of the whole day."""
        if self._hold_until is not None:
            failures = max(self._refusals, self._whole_failures)
            wait = wait_after(failures, self._settings.interval)
            if now < sooner(now, self._hold_until, wait):
                return
        today = german_day(now)
        if self._failures or self._whole is not None or today != self._memory.now.watched_day:
            return
        if not self._waiting or self._day_is_syncing(today):
            return
        limit = self._settings.whole_day_from
        if limit is not None and len(self._waiting) >= limit and DAY in self._context.tasks.kinds():
            self._start_whole_day(today, now)
            return
        while len(self._running) < self._settings.at_once:
            entry = self._waiting.take(now)
            if entry is None or not self._start(entry, today, now):
                return

    def _look(self, now: datetime) -> None:
        today = german_day(now)
        self.last_look = now
        try:
            listed = self._read_day(today)
        except self._context.errors.task_error as error:
            self._failures += 1
            self._look_problem = str(getattr(error, "message", "")) or "CallDoc antwortet nicht."
            return
        except self._context.errors.refusal as refusal:
            self._failures += 1
            self._look_problem = refusal_words(str(getattr(refusal, "code", "")))
            return
        self._failures, self._look_problem = 0, ""
        types = self._settings.types
        known = self._memory.now
        self.picture = picture = take_picture(listed, types, known.salt)
        if (known.watched_day, known.watched_types) != (today, types):
            self._waiting.clear()
            self._counted, self.changes = {}, 0
            baseline = {unit.key: unit.seen for unit in picture.units.values()}
            self._memory.keep(
                replace(known, watched_day=today, watched_types=types, known=baseline)
            )
            return
        changed = changed_units(picture, known.known)
        self._count(changed)
        self._waiting.replace_by(changed, {entry.unit.key for _, entry in self._running.values()})

    def _count(self, changed: list[Unit]) -> None:
        for unit in changed:
            if self._counted.get(unit.key) != unit.seen:
                self._counted[unit.key] = unit.seen
                self.changes += 1

    def _start(self, entry: Waiting, today: date, now: datetime) -> bool:
        """Start one; whether further ones may be started."""
        unit = entry.unit
        request = {
            "piz": str(unit.piz),
            "date": today.isoformat(),
            "appointment_type_id": unit.type_id,
        }
        answer = start(self._context, PATIENT, request)
        if not isinstance(answer, Refused):
            self._started()
            self._running[answer.task_id] = (today, entry)
        elif answer.code == "already_running":
            self._waiting.busy(entry, now)
        elif answer.code == "invalid_request":
            self._tally.outcomes["failed"] += 1
            self._tally.reasons[answer.code] += 1
            self._know(today, {unit.key: unit.seen})
        else:
            self._waiting.busy(entry, now)
            self._hold(now, refusal_words(answer.code))
            return False
        return True

    def _start_whole_day(self, today: date, now: datetime) -> None:
        answer = start(self._context, DAY, day_request(today.isoformat(), self._settings.types))
        if isinstance(answer, Refused):
            self._hold(now, refusal_words(answer.code))
            return
        self._started()
        self._whole = (answer.task_id, today, self._waiting.seen())

    def _started(self) -> None:
        self._refusals, self._hold_until, self._start_problem = 0, None, ""

    def _hold(self, now: datetime, why: str) -> None:
        self._refusals += 1
        self._start_problem = why
        self._hold_until = now + wait_after(
            max(self._refusals, self._whole_failures), self._settings.interval
        )

    def _ended(self, day: date, entry: Waiting, view: TaskView | None, now: datetime) -> None:
        same_day = day == self._memory.now.watched_day
        again = view is None or (view.status.value == "failed" and bool(view.safe_to_retry))
        if again and entry.failures + 1 < MOST_ATTEMPTS:
            if same_day:
                self._waiting.failed(entry, now)
            return
        if view is not None and view.status.value == "completed":
            action = view.body.get("sqlhk_sync", {}).get("action")
            self._tally.outcomes[str(action or "unchanged")] += 1
        elif view is not None and view.status.value == "cancelled":
            self._tally.outcomes["cancelled"] += 1
        else:
            self._tally.outcomes["failed"] += 1
            if view is not None and view.error_code:
                self._tally.reasons[view.error_code] += 1
        self._know(day, {entry.unit.key: entry.unit.seen})

    def _whole_ended(
        self, day: date, seen: Mapping[str, str], view: TaskView | None, now: datetime
    ) -> None:
        what = f"Ganzer Tag statt {len(seen)} Patienten"
        again = view is None or (view.status.value == "failed" and bool(view.safe_to_retry))
        self._whole_failures += 1
        if again and self._whole_failures < MOST_ATTEMPTS:
            self._hold(now, (view.error if view is not None else None) or refusal_words(""))
            return
        self._whole_failures = 0
        self._started()
        self._waiting.clear()
        self._know(day, seen)
        if view is not None:
            self._tell(now, what, day_is_well(view), day_words(view))
        else:
            self._tell(now, what, False, "aufgegeben")

    def _know(self, day: date, seen: Mapping[str, str]) -> None:
        now = self._memory.now
        if day == now.watched_day:
            self._memory.keep(replace(now, known={**now.known, **seen}))

    def _tell(self, now: datetime, what: str, ok: bool, text: str) -> None:
        self._memory.keep(self._memory.now.with_run(Run(now, what, ok, text)))

    def _day_is_syncing(self, today: date) -> bool:
        return any(
            view.kind == DAY and view.request.get("date") == today.isoformat()
            for view in self._context.tasks.active()
        )
