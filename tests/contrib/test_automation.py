"""The automation in the real program against the simulated CallDoc, with a clock of the test's.

The day is the demo's ordinary one; the clock says that it is today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from auto_sync_plugin.memory import FILE_NAME
from auto_sync_plugin.plugin import AutoSyncPlugin
from auto_sync_plugin.settings import AutoSettingsSchema, read_settings
from auto_sync_plugin.state import AutoState
from auto_sync_plugin.worker import Worker
from sync_core.task_model import TaskSource
from tests.clock import PATIENCE
from tests.end_to_end.program import until

DAY = date(2025, 10, 6)
MORNING = datetime(2025, 10, 6, 6, tzinfo=timezone.utc)  # eight o'clock in Germany
MINUTE = timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.moment = MORNING

    def __call__(self) -> datetime:
        return self.moment

    def go_on(self, span: timedelta) -> None:
        self.moment += span


class Stage:
    """A program, its simulated systems, and automations that a test starts and restarts."""

    def __init__(self, host: Any, systems: Any) -> None:
        self.host, self.systems, self.clock = host, systems, Clock()
        self.context = host.context("auto_sync")
        self.worker: Worker | None = None

    def start(self, **settings: Any) -> Worker:
        self.stop()
        loaded = AutoSettingsSchema().load({"enabled": True, "interval": 1, **settings})
        self.worker = Worker(
            self.context, read_settings(loaded), now=self.clock, tick=0.01, grace=0.0
        )
        self.worker.start()
        return self.worker

    def stop(self) -> None:
        if self.worker is not None:
            assert self.worker.stop(2.0)
        self.worker = None

    def state(self) -> AutoState:
        assert self.worker is not None
        return self.worker.state()

    def until(self, look: Callable[[AutoState], object], what: str) -> AutoState:
        return until(
            lambda: s if look(s := self.state()) else None, 15.0, f"{what}: {self.state()}"
        )

    def look(self) -> AutoState:
        """Let the interval pass; the state once CallDoc was asked and nothing is under way."""
        self.clock.go_on(MINUTE)
        begun = self.clock.moment

        def done(state: AutoState) -> bool:
            watch = state.watch
            assert watch is not None
            return watch.last_look == begun and not watch.running

        return self.until(done, "no look")

    def demo(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(
            method, f"{self.systems.control_url}/{path}", json=body, timeout=9
        )
        answer.raise_for_status()
        return answer.json()

    def appointments(self) -> list[Any]:
        return list(self.demo("GET", f"days/{DAY}")["appointments"])

    def of(self, piz: str) -> Any:
        return next(item for item in self.appointments() if str(item["piz"]) == piz)

    def change(self, piz: str, **fields: Any) -> None:
        self.demo("PATCH", f"appointments/{self.of(piz)['id']}", fields)

    def tasks(self) -> list[Any]:
        return [view for view in self.host.tasks.ended() if view.source.channel == "plugin"]


@pytest.fixture
def stage(sync_host: Any, sync_systems: Any) -> Iterator[Stage]:
    host = sync_host("single_patient", ("auto_sync", AutoSyncPlugin()), systems=sync_systems)
    made = Stage(host, sync_systems)
    try:
        yield made
    finally:
        made.stop()


def baseline(stage: Stage, **settings: Any) -> None:
    stage.start(**{"daily": False, **settings})
    state = stage.until(lambda s: s.watch and s.watch.last_look, "no first look")
    assert state.watch is not None
    assert state.watch.patients
    assert state.watch.changes == 0


def test_exactly_the_patient_whose_doctor_changed_is_synced(stage: Stage) -> None:
    baseline(stage)
    stage.look()
    assert stage.tasks() == []
    stage.change("1234567", employee=18)
    state = stage.look()
    (view,) = stage.tasks()
    assert view.request["piz"] == "1234567"
    assert view.source == TaskSource("plugin", "auto_sync")
    assert view.body["sqlhk_sync"]["action"] in ("created", "updated")
    assert state.runs[0].what == "Änderung: 1 Patient"
    assert state.watch is not None
    assert state.watch.changes == 1
    assert "ohne Patientennummer" in state.watch.left_out
    stage.look()
    assert len(stage.tasks()) == 1
    remembered = (stage.context.own_folder() / FILE_NAME).read_text("utf-8")
    assert "1234567" not in remembered
    assert "Mustermann" not in remembered


def test_a_restart_compares_with_what_was_remembered(stage: Stage) -> None:
    baseline(stage)
    stage.stop()
    stage.change("1234567", room=19)
    stage.start(daily=False)
    stage.until(lambda s: s.runs, "nothing was noticed")
    assert [view.request["piz"] for view in stage.tasks()] == ["1234567"]
    stage.stop()
    stage.clock.go_on(timedelta(days=1))  # another day: a baseline again
    stage.start(daily=False)
    stage.until(lambda s: s.watch and s.watch.last_look, "no look")
    assert len(stage.tasks()) == 1


def test_calldoc_goes_away_and_comes_back(stage: Stage) -> None:
    baseline(stage)
    stage.systems.faults(listener="down")
    stage.change("1234567", employee=18)
    first = stage.look().watch
    second = stage.look().watch
    assert first is not None
    assert second is not None
    assert "CallDoc" in second.problem
    assert second.next_look == stage.clock.moment + 2 * MINUTE  # later each time
    assert stage.tasks() == []
    stage.systems.faults()
    stage.clock.go_on(2 * MINUTE)
    stage.until(lambda s: s.runs and s.watch and not s.watch.problem, "CallDoc is not noticed")
    assert [view.request["piz"] for view in stage.tasks()] == ["1234567"]


def test_a_list_that_is_empty_for_once_costs_nothing(stage: Stage) -> None:
    baseline(stage)
    whole = stage.appointments()
    stage.demo("PUT", f"days/{DAY}", {"appointments": []})
    stage.look()
    stage.demo("PUT", f"days/{DAY}", {"appointments": whole})
    stage.look()
    assert stage.tasks() == []


def test_when_everything_changed_the_day_is_synced_once(stage: Stage) -> None:
    baseline(stage, whole_day_from=10)
    for item in stage.appointments():
        if item["appointment_type"] in (24, 25):
            stage.demo("PATCH", f"appointments/{item['id']}", {"status": "completed"})
    state = stage.look()
    assert [view.kind for view in stage.tasks()] == ["day"]
    assert state.runs[0].what.startswith("Ganzer Tag statt ")
    stage.look()
    assert len(stage.tasks()) == 1


def test_many_changes_run_a_few_at_a_time(stage: Stage) -> None:
    baseline(stage, whole_day_from=0, at_once=2)
    most = []
    stop = stage.host.tasks.listen(lambda _: most.append(len(stage.host.tasks.active())))
    changed = 0
    for item in stage.appointments():
        if item["appointment_type"] == 25:
            stage.demo("PATCH", f"appointments/{item['id']}", {"room": 18})
            changed += 1
    assert changed > 2
    stage.clock.go_on(MINUTE)
    stage.until(lambda s: s.runs, "they did not end")
    stop()
    assert max(most) <= 2
    assert stage.tasks()


def test_a_failed_one_that_may_be_repeated_is_and_others_are_not(stage: Stage) -> None:
    baseline(stage)
    stage.systems.faults(sqlhk="down")
    stage.change("1234567", employee=18)
    stage.look()
    (failed,) = stage.tasks()
    assert failed.error_code == "sqlhk_unavailable"
    assert failed.safe_to_retry
    stage.systems.faults()
    stage.clock.go_on(MINUTE)
    stage.until(lambda s: s.runs, "it was not repeated")
    assert [view.status.value for view in stage.tasks()] == ["completed", "failed"]

    stage.change("1234567", room=4711)  # no such room: only people can help
    stage.look()
    stage.look()
    stage.look()
    errors = [view.error_code for view in stage.tasks()]
    assert errors == ["mapping_missing", None, "sqlhk_unavailable"]
    assert "mapping_missing" in stage.state().runs[0].text


def test_the_daily_run_is_due_once_and_caught_up_after_a_sleep(stage: Stage) -> None:
    stage.start(watch=False, time="09:30", days_ahead=1)
    stage.until(lambda s: s.next_daily == MORNING + timedelta(hours=1, minutes=30), "not planned")
    stage.clock.go_on(timedelta(hours=7))  # the computer slept
    stage.until(lambda s: len(s.runs) == 2 and not s.daily_running, "it did not run")
    assert [(view.kind, view.request["date"]) for view in stage.tasks()] == [
        ("day", "2025-10-07"),
        ("day", "2025-10-06"),
    ]
    assert stage.tasks()[0].request["delete_obsolete"] is False
    stage.clock.go_on(-timedelta(hours=5))  # somebody sets the clock back
    stage.until(lambda s: s.next_daily == MORNING + timedelta(hours=25, minutes=30), "run again?")
    stage.start(watch=False, time="09:30", days_ahead=1)  # and a restart
    stage.until(lambda s: s.next_daily == MORNING + timedelta(hours=25, minutes=30), "run again?")
    assert len(stage.tasks()) == 2


def test_switched_off_nothing_happens_and_the_switch_outlives_a_restart(stage: Stage) -> None:
    baseline(stage)
    assert stage.worker is not None
    stage.worker.switch(False)
    stage.until(lambda s: not s.on, "not off")
    stage.change("1234567", employee=18)
    stage.worker.check_now()
    stage.clock.go_on(10 * MINUTE)
    stage.start(daily=False)
    assert not stage.state().on
    assert stage.state().by_switch
    assert stage.tasks() == []
    stage.start(daily=False, enabled=False)  # the setting was changed: it counts again
    assert not stage.state().by_switch
    stage.start(daily=False)
    stage.until(lambda s: s.on is False and s.by_switch, "the switch is forgotten")


def test_asked_for_it_looks_at_once(stage: Stage) -> None:
    baseline(stage, interval=60)
    stage.change("1234567", employee=18)
    assert stage.worker is not None
    stage.worker.check_now()
    stage.until(lambda s: s.runs, "it did not look")
    assert len(stage.tasks()) == 1


def test_without_its_kind_it_says_so(sync_host: Any, sync_systems: Any) -> None:
    host = sync_host(("auto_sync", AutoSyncPlugin()), systems=sync_systems)
    stage = Stage(host, sync_systems)
    try:
        stage.start()
        state = stage.until(lambda s: s.missing, "nothing is missing")
        assert state.missing == ("Einzelner Patient",)
        assert state.watch is not None
        assert state.watch.last_look is None
    finally:
        stage.stop()


def test_it_stops_while_calldoc_hangs(stage: Stage) -> None:
    baseline(stage)
    stage.systems.faults(appointments={"mode": "hang"})
    stage.demo("POST", "calls/reset")
    stage.clock.go_on(MINUTE)
    until(lambda: stage.demo("GET", "state")["running"] or None, PATIENCE, "nobody asks")
    stage.stop()  # it must end within two seconds


def test_a_daily_run_that_fails_is_repeated(stage: Stage) -> None:
    stage.systems.faults(appointments={"mode": "status", "status": 500, "times": 3})
    stage.start(watch=False, time="08:30")
    stage.until(lambda s: s.next_daily == MORNING + timedelta(minutes=30), "not planned")
    stage.clock.go_on(timedelta(minutes=30))
    stage.until(lambda s: s.runs and s.daily_running, "not tried")

    def done(state: AutoState) -> bool:
        stage.clock.go_on(MINUTE)
        return not state.daily_running

    stage.until(done, "not done in the end")
    assert [view.error_code for view in stage.tasks()] == [None, *["calldoc_error"] * 3]
    assert len(stage.state().runs) == 2  # a failure that is repeated is told once
