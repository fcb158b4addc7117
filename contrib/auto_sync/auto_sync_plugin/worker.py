"""The one thread of the automation: asks every second what is due, and never waits for a task."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from auto_sync_plugin.daily import Daily
from auto_sync_plugin.memory import Memory, Switch
from auto_sync_plugin.schedule import next_daily, on_since
from auto_sync_plugin.starting import DAY, PATIENT
from auto_sync_plugin.state import TOPIC, AutoState, WatchState
from auto_sync_plugin.watch import Watch

if TYPE_CHECKING:
    from auto_sync_plugin.picture import Picture
    from auto_sync_plugin.settings import AutoSettings
    from hookspecs import HostContext, ListedAppointments, RunControl

READ_SECONDS = 45.0
"""How long CallDoc may take to list a day."""

_TICK_SECONDS = 1.0
_GRACE_SECONDS = 2.0
_FAULT_PAUSE = timedelta(minutes=1)
_NAMES = {DAY: "Tag", PATIENT: "Einzelner Patient"}


def utc_now() -> datetime:
    """The wall clock: unlike a monotonic one it goes on while the computer sleeps."""
    return datetime.now(timezone.utc)


class Worker:
    """Made and started once, stopped once; :meth:`switch`, :meth:`check_now` and :meth:`state`
    may be called from any thread.

    ``now`` is the clock (aware, UTC), ``tick`` the seconds between two steps, ``grace`` those
    before the first one, in which the other plugins may come.
    """

    def __init__(
        self,
        context: HostContext,
        settings: AutoSettings,
        *,
        now: Callable[[], datetime] = utc_now,
        tick: float = _TICK_SECONDS,
        grace: float = _GRACE_SECONDS,
    ) -> None:
        self._context = context
        self._settings = settings
        self._now = now
        self._tick, self._grace = tick, grace
        self._memory = Memory(context.own_folder, context.logger)
        self._daily = Daily(context, settings, self._memory)
        self._watch = Watch(context, settings, self._memory, self._read_day)
        self._changed = threading.Condition()
        self._ending = False
        self._look_wanted = False
        self._switch_to: bool | None = None
        self._reading: RunControl | None = None
        self._fault_until: datetime | None = None
        self._state = self._picture_of_now(now(), settled=False)
        self._thread = threading.Thread(target=self._run, name="auto_sync", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Start nothing more, break off a question to CallDoc; whether the thread ended in time."""
        with self._changed:
            self._ending = True
            reading = self._reading
            self._changed.notify_all()
        if reading is not None:
            reading.stop(self._context.shapes.stop_reason.SHUTDOWN)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def switch(self, on: bool) -> None:
        """Switch the automation on or off, from now on and after a restart."""
        with self._changed:
            self._switch_to = on
            self._changed.notify_all()

    def check_now(self) -> None:
        """Look at CallDoc now, whatever the interval says; nothing while the automation is off."""
        with self._changed:
            self._look_wanted = True
            self._changed.notify_all()

    def state(self) -> AutoState:
        """The newest state."""
        return self._state

    def _run(self) -> None:
        pause = self._grace
        while self._wait(pause):
            pause = self._tick
            now = self._now()
            try:
                self._step(now)
            except Exception:  # the edge: a fault must not end the automation for good
                if self._ending:
                    return
                self._context.logger.exception("a step of the automation failed")
                self._fault_until = now + _FAULT_PAUSE
            self._publish(self._picture_of_now(now, settled=True))

    def _wait(self, seconds: float) -> bool:
        """Wait for the next step; False when there is none."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._ending or self._look_wanted or self._switch_to is not None, seconds
            )
            return not self._ending

    def _step(self, now: datetime) -> None:
        with self._changed:
            asked, self._look_wanted = self._look_wanted, False
            wanted, self._switch_to = self._switch_to, None
        if wanted is not None:
            switch = Switch(wanted, self._settings.enabled)
            self._memory.keep(replace(self._memory.now, switch=switch))
        self._daily.settle(now)
        self._watch.settle(now)
        since = on_since(now, self._memory.now.on_since) if self._is_on() else None
        self._memory.keep(replace(self._memory.now, on_since=since))
        if since is None or self._is_held_by_a_fault(now):
            return
        kinds = self._context.tasks.kinds()
        if self._settings.daily and DAY in kinds:
            self._daily.go_on(now, since)
        if self._settings.watch and PATIENT in kinds:
            self._watch.look_if_due(now, asked=asked)
            self._watch.go_on(now)

    def _read_day(self, day: date) -> ListedAppointments:
        control = self._context.shapes.control(READ_SECONDS)
        with self._changed:
            if self._ending:
                control.stop(self._context.shapes.stop_reason.SHUTDOWN)
            self._reading = control
        try:
            text = day.isoformat()
            client = self._context.calldoc(text, text, control=control)
            return self._context.shapes.listed(client.appointment_search()["data"], text, text)
        finally:
            with self._changed:
                self._reading = None

    def _is_on(self) -> bool:
        return self._settings.enabled if self._switch() is None else bool(self._switch())

    def _switch(self) -> bool | None:
        """What the panel's switch says, unless the setting was changed since."""
        switch = self._memory.now.switch
        return switch.on if switch and switch.setting == self._settings.enabled else None

    def _is_held_by_a_fault(self, now: datetime) -> bool:
        until = self._fault_until
        if until is not None and not now < until <= now + _FAULT_PAUSE:
            self._fault_until = until = None
        return until is not None

    def _publish(self, state: AutoState) -> None:
        if state != self._state:
            self._state = state
            self._context.bridge.emit(TOPIC, state)

    def _picture_of_now(self, now: datetime, *, settled: bool) -> AutoState:
        memory, settings, on = self._memory.now, self._settings, self._is_on()
        wanted = [DAY] * settings.daily + [PATIENT] * settings.watch
        kinds = self._context.tasks.kinds() if settled else wanted
        upcoming = None
        if on and settings.daily:
            since = on_since(now, memory.on_since)
            upcoming = next_daily(now, settings.at, memory.done, since)
        return AutoState(
            on=on,
            by_switch=self._switch() is not None,
            next_daily=upcoming,
            daily_running=memory.plan is not None,
            watch=self._watch_state() if settings.watch else None,
            missing=tuple(_NAMES[kind] for kind in wanted if kind not in kinds),
            fault=self._fault_until is not None,
            runs=memory.runs,
        )

    def _watch_state(self) -> WatchState:
        watch = self._watch
        return WatchState(
            last_look=watch.last_look,
            next_look=watch.next_look,
            patients=None if watch.picture is None else len(watch.picture.units),
            changes=watch.changes,
            waiting=watch.waiting,
            running=watch.running,
            left_out="" if watch.picture is None else _left_out(watch.picture),
            problem=watch.problem,
        )


def _left_out(picture: Picture) -> str:
    counts = (
        (picture.without_number, "ohne Patientennummer"),
        (picture.unreadable, "nicht lesbar"),
        (picture.cancelled, "Patienten nur mit Absagen"),
    )
    return ", ".join(f"{count} {words}" for count, words in counts if count)
