"""When the checks are asked: from time to time, and soon after a task that found out more."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from hookspecs import HealthResult
from screenshots.stage import Stage, opened_stage
from sync_core.task_model import TaskStatus, TaskView
from sync_gui import health_watch
from sync_gui.health_watch import HealthWatch
from tests.clock import AT_ONCE, PATIENCE
from tests.gui.test_task_news import PICTURE

UP = {"calldoc": HealthResult(True, "answers")}
DOWN = {"calldoc": HealthResult(False, "not reachable")}


def failed(code: str = "calldoc_unavailable") -> TaskView:
    return replace(PICTURE, status=TaskStatus.FAILED, error_code=code)


COMPLETED = replace(PICTURE, status=TaskStatus.COMPLETED)


class System:
    """A system that is up or down, and what asks it."""

    def __init__(self, bridge) -> None:
        self.answer = UP
        self.asked: list[float] = []
        self.at_once = self.most = 0
        self.gate = threading.Event()
        self.gate.set()
        self._lock = threading.Lock()
        self.watch = HealthWatch(self._check, bridge, expected=["calldoc"])
        self.rounds: list[None] = []
        self.watch.checked.connect(lambda: self.rounds.append(None))

    def _check(self):
        with self._lock:
            self.asked.append(time.monotonic())
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        answer = self.answer
        self.gate.wait(2 * PATIENCE)
        with self._lock:
            self.at_once -= 1
        return answer

    @property
    def ok(self) -> bool:
        return self.watch.reaches["calldoc"].ok


@pytest.fixture
def system(bridge, qtbot, monkeypatch) -> Iterator[System]:
    monkeypatch.setattr(health_watch, "GAP_SECONDS", 0.3)
    made = System(bridge)
    made.watch.start()
    qtbot.waitUntil(lambda: len(made.rounds) == 1)
    assert made.ok
    yield made
    made.gate.set()
    made.watch.stop()


def test_a_failed_task_turns_the_light_red_and_a_good_one_green_again(system, qtbot):
    system.answer = DOWN
    system.watch.task_changed(failed())
    qtbot.waitUntil(lambda: not system.ok)
    system.answer = UP
    system.watch.task_changed(COMPLETED)
    qtbot.waitUntil(lambda: system.ok)


@pytest.mark.parametrize(
    "view",
    [
        PICTURE,
        replace(PICTURE, status=TaskStatus.RUNNING),
        replace(PICTURE, status=TaskStatus.CANCELLED),
        failed("patient_mismatch"),
        failed("no_appointments"),
        COMPLETED,
    ],
    ids=lambda view: view.error_code or view.status.value,
)
def test_what_the_lights_tell_already_asks_nothing(system, qtbot, view):
    system.watch.task_changed(view)
    qtbot.wait(round(health_watch.GAP_SECONDS * 1000) + 100)
    assert len(system.asked) == 1


def test_two_hundred_failures_are_a_few_rounds_one_after_the_other(system, qtbot):
    system.answer = DOWN
    for _number in range(200):
        system.watch.task_changed(failed())
        qtbot.wait(4)
    qtbot.waitUntil(lambda: not system.ok)
    took = time.monotonic() - system.asked[0]
    assert 2 <= len(system.asked) <= took / health_watch.GAP_SECONDS + 2
    gaps = [b - a for a, b in zip(system.asked, system.asked[1:], strict=False)]
    assert min(gaps) > health_watch.GAP_SECONDS - 0.05
    assert system.most == 1


def test_a_round_that_was_under_way_already_is_asked_again(system, qtbot):
    system.gate.clear()
    system.watch.ask()
    qtbot.waitUntil(lambda: len(system.asked) == 2)
    system.answer = DOWN  # after this round has looked
    system.watch.task_changed(failed())
    qtbot.wait(round(health_watch.GAP_SECONDS * 1000) + 150)
    assert len(system.asked) == 2
    system.gate.set()
    qtbot.waitUntil(lambda: not system.ok)
    assert (len(system.asked), system.most) == (3, 1)


def test_a_check_that_was_expected_and_is_not_asked_is_told(system):
    watch = HealthWatch(dict, system.watch._bridge, expected=["sqlhk"], missing=["gateway.url"])
    assert set(watch.reaches) == {"gateway"}
    watch._receive({"journal": HealthResult(True, "fine")})
    told = {name: reach.unasked for name, reach in watch.reaches.items()}
    assert told == {"sqlhk": "wird nicht geprüft", "gateway": "nicht eingestellt", "journal": ""}
    watch.stop()


def test_nothing_is_asked_after_the_end(system, qtbot):
    system.watch.stop()
    system.watch.task_changed(failed())
    qtbot.wait(round(health_watch.GAP_SECONDS * 1000) + 100)
    assert len(system.asked) == 1


@pytest.fixture
def stage(qapp, tmp_path) -> Iterator[Stage]:
    with opened_stage(qapp, tmp_path) as opened:
        yield opened


def test_in_the_program_the_strip_soon_tells_what_the_task_told(stage):
    light = stage.window.strip.health["calldoc"]
    stage.wait(lambda: light.text() == "CallDoc erreichbar", "the first check")
    stage.window._watch._timer.stop()  # no round but those that tasks ask for
    for fault, text in (("nicht erreichbar", "CallDoc nicht erreichbar"), (None, "CallDoc err")):
        if fault is None:
            stage.switches.clear()
        else:
            stage.disturb("CallDoc", fault)
        task_id = stage.sync("1234567")
        stage.wait(lambda task_id=task_id: stage.has_ended(task_id), "the task's end")
        ended = time.monotonic()
        stage.wait(lambda text=text: light.text().startswith(text), text)
        assert time.monotonic() - ended < 2 + AT_ONCE
