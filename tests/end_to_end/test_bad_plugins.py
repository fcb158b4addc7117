"""The real program with a folder full of bad plugins: each is named, and all else works."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clock import AT_ONCE, PATIENCE
from tests.end_to_end.bad_plugins import (
    CRASH_AT_START,
    CRASH_LATER,
    FAILS,
    HANGS,
    HEAD,
    LATER,
    RUDE,
    WINDOW,
    install_all,
)
from tests.end_to_end.program import END_SECONDS, Demo, Program, until
from tests.end_to_end.stage import Stage
from tests.plugin_host.distributions import install

START_TIMEOUT = 5.0
BLOCKED_SECONDS = 3.0
# Two threads that never pause share the interpreter with everything else here.
OPEN_SECONDS = 20.0


def plugins(program: Program, name: str) -> list[dict[str, Any]]:
    listed = program.get("/api/plugins").json()["plugins"]
    return [item for item in listed if item["name"] == name]


def plugin(program: Program, name: str) -> dict[str, Any]:
    (found,) = plugins(program, name)
    return found


def log_of(program: Program) -> str:
    return (program.data_dir / "sync_gui.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def crowded(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program with all of them, and how long it took to open its API."""
    folder = tmp_path_factory.mktemp("crowded")
    install_all(folder / "plugins.d")
    settings = {
        **demo.settings(),
        "PLUGINS__DIRS": str(folder / "plugins.d"),
        "PLUGINS__START_TIMEOUT": str(START_TIMEOUT),
        "PLUGINS__WRONG_SETTINGS__LIMIT": "many",
    }
    begin = time.monotonic()
    with Program(folder, settings) as running:
        running.wait_until_ready()
        assert time.monotonic() - begin < OPEN_SECONDS
        yield running


def test_one_that_takes_long_is_told_and_then_given_up(crowded: Program) -> None:
    def given_up(name: str) -> str | None:
        item = plugin(crowded, name)
        if item["state"] == "starting":
            assert item["reason"].startswith("still starting after 2 s")
            return None
        assert item["state"] == "failed"
        return str(item["reason"])

    for name, (_, step) in HANGS.items():
        reason = until(lambda name=name: given_up(name), START_TIMEOUT + 5, f"{name} is starting")
        assert reason == f"start took longer than {START_TIMEOUT:g} s (in {step})"
        assert f"plugin {name} is still starting after 2 s" in log_of(crowded)
        assert f"plugin {name} failed: {reason}" in log_of(crowded)


@pytest.mark.parametrize("name", FAILS)
def test_one_that_cannot_be_used_is_named(crowded: Program, name: str) -> None:
    item = plugin(crowded, name)
    assert item["state"] == "failed"
    assert FAILS[name][1] in item["reason"]
    assert f"plugin {name} failed: {item['reason']}" in log_of(crowded)


def test_of_two_with_one_name_one_is_used(crowded: Program) -> None:
    twins = plugins(crowded, "twin")
    assert sorted(item["state"] for item in twins) == ["failed", "loaded"]
    (reason,) = [item["reason"] for item in twins if item["state"] == "failed"]
    assert "the name is taken" in reason


@pytest.mark.parametrize("name", LATER)
def test_one_that_fails_later_is_named_in_time(crowded: Program, name: str) -> None:
    _, path, reason = LATER[name]
    assert crowded.get(path).status_code in (500, 503)
    item = until(
        lambda: found if (found := plugin(crowded, name))["reason"] else None,
        PATIENCE,
        "nobody is named",
    )
    assert item["state"] == "loaded"
    assert item["reason"].startswith(reason)
    assert f"plugin {name}: {reason}" in log_of(crowded)


def test_the_others_work(crowded: Program, stage: Stage) -> None:
    stage.planned_once()
    begin = time.monotonic()
    assert crowded.sync(stage.body())["sqlhk_sync"]["action"] == "created"
    assert time.monotonic() - begin < AT_ONCE
    assert crowded.get("/api/angel").json() == {"answer": "yes"}
    for name in ("angel", "single_patient", "host_api", *RUDE):
        assert plugin(crowded, name)["state"] == "loaded"
    item = until(
        lambda: found if (found := plugin(crowded, "event_sometimes"))["reason"] else None,
        PATIENCE,
        "nobody is named",
    )
    assert item["reason"].startswith("sync_gui_task_event: ValueError in sync_gui_task_event")


def test_the_end_is_in_time_and_the_output_is_the_programs_own(crowded: Program) -> None:
    assert crowded.terminate() < END_SECONDS
    assert crowded.lines.seen == [f"API ready on {crowded.url}"]
    assert "left behind: never ends" in log_of(crowded)
    assert "Mustermann" not in log_of(crowded) + crowded.errors()


def test_one_that_crashes_the_program_is_set_aside(demo: Demo, tmp_path: Path) -> None:
    folder = tmp_path / "plugins.d"
    install(folder, "crash_at_start", HEAD + CRASH_AT_START)
    install(folder, "crash_later", HEAD + CRASH_LATER)
    settings = {**demo.settings(), "PLUGINS__DIRS": str(folder)}
    with Program(tmp_path, settings) as first:
        assert first.ended(30) == -signal.SIGABRT

    with Program(tmp_path, settings) as second:
        second.wait_until_ready()
        item = plugin(second, "crash_at_start")
        assert (item["state"], item["set_aside"]) == ("disabled", True)
        assert item["reason"] == (
            "set aside: it ended the last run (Fatal Python error: Aborted, in sync_gui_start)"
        )
        assert f"plugin crash_at_start is {item['reason']}" in log_of(second)
        assert plugin(second, "crash_later")["state"] == "loaded"
        assert plugin(second, "single_patient")["state"] == "loaded"
        with pytest.raises(OSError, match=r"(aborted|reset|refused)"):
            second.get("/api/crash")
        assert second.ended(PATIENCE) == -signal.SIGABRT

    with Program(tmp_path, settings, "--retry-plugin", "crash_later") as third:
        third.wait_until_ready()
        assert plugin(third, "crash_at_start")["set_aside"] is True
        assert plugin(third, "crash_later")["state"] == "loaded"
        assert "plugin crash_later is set aside: it ended the last run (Fatal" in log_of(third)
        assert third.terminate() < END_SECONDS


def test_panels_that_block_raise_or_come_late(demo: Demo, tmp_path: Path, stage: Stage) -> None:
    """The real window, without a screen; its program answers while the window does not."""
    for name, code in WINDOW.items():
        install(tmp_path / "plugins.d", name, HEAD + code)
    stage.planned_once()
    settings = {**demo.settings(), "PLUGINS__DIRS": str(tmp_path / "plugins.d")}
    screen = {"QT_QPA_PLATFORM": "offscreen"}
    begun = time.monotonic()
    with Program(tmp_path, settings, environment=screen, headless=False) as program:
        program.wait_until_ready()
        late = plugin(program, "late")
        assert (late["state"], late["panels"]) == ("starting", [])
        assert "'log' is taken by plugin host_window" in plugin(program, "panel_taken")["reason"]
        blocks = until(
            lambda: found if (found := plugin(program, "blocks"))["reason"] else None,
            BLOCKED_SECONDS + PATIENCE,
            "nobody is named",
        )
        assert blocks["reason"].startswith("blocks the window in build (blocks_plugin.py:")
        begin = time.monotonic()
        assert program.sync(stage.body())["sqlhk_sync"]["action"] == "created"
        assert time.monotonic() - begin < AT_ONCE
        slot = until(
            lambda: found if (found := plugin(program, "slot"))["reason"] else None,
            PATIENCE,
            "nobody is named",
        )
        assert slot["reason"].startswith("window: ValueError in slot (slot_plugin.py:")
        assert time.monotonic() - begun > BLOCKED_SECONDS
        until(
            lambda: True if plugin(program, "late")["state"] == "loaded" else None,
            PATIENCE,
            "not late",
        )
        checks = program.get("/health/ready").json()["checks"]
        assert checks["late"]["ok"] is True
        assert "Mustermann" not in log_of(program) + program.errors()
        assert program.terminate() < END_SECONDS
