"""The fixtures for authors, each for what it promises; most of it in pytest runs of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from marshmallow import Schema, fields

from hookspecs import HealthCheck, HealthResult, HostContext, PanelSpec, TaskKind, hookimpl
from tests.end_to_end.program import clean_environment


class Counting:
    """A plugin as somebody writes it in a test."""

    def __init__(self) -> None:
        self.stopped = 0
        self.context: HostContext | None = None

    @hookimpl
    def sync_gui_settings_schema(self):
        return Schema.from_dict({"limit": fields.Integer(load_default=3)})

    @hookimpl
    def sync_gui_start(self, context):
        self.context = context

    @hookimpl
    def sync_gui_stop(self):
        self.stopped += 1

    @hookimpl
    def sync_gui_task_kinds(self, context):
        shapes = context.shapes

        def prepare(request, source, request_id):
            def run(task):
                if request.get("wait"):
                    task.control.pause(30)
                return shapes.outcome("gut", {"limit": context.plugin_settings["limit"]})

            return shapes.order("counting", "counting_1", run, source, request_id)

        return [TaskKind("counting", "Zählen", Schema, {}, prepare)]

    @hookimpl
    def sync_gui_panels(self, context):
        def factory():
            from PyQt5.QtWidgets import QLabel

            label = QLabel("0")
            context.bridge.subscribe("task_changed", lambda view: label.setText(view.kind))
            return label

        return [PanelSpec("counting", "Zählen", factory)]

    @hookimpl
    def sync_gui_health_checks(self):
        return [HealthCheck("counting", "Zählen", lambda seconds: HealthResult(True, "fine"))]


def test_a_plugin_of_the_test_runs_in_the_whole_program(sync_host) -> None:
    plugin = Counting()
    host = sync_host(("counting", plugin), settings={"plugins": {"counting": {"limit": 5}}})
    view = host.run("counting", {})
    assert (view.status, view.body["limit"], view.source.channel) == ("completed", 5, "plugin")
    assert host.get(f"/api/sync/status/{view.task_id}").json()["limit"] == 5
    assert host.get("/health/ready").json()["checks"]["counting"]["ok"] is True
    assert host.report("counting").panels == ()  # there is no window
    assert plugin.context is not None
    for member in ("settings", "plugin_settings", "tasks", "logger", "source", "shapes", "demo"):
        assert getattr(host.context("counting"), member) == getattr(plugin.context, member)
    host.close()
    assert plugin.stopped == 1
    host.close()  # and again by the fixture


def test_a_task_that_does_not_end_is_named(sync_host) -> None:
    host = sync_host(("counting", Counting()))
    with pytest.raises(AssertionError, match=r"counting_1.* has not ended after 0.1 s"):
        host.run("counting", {"wait": True}, seconds=0.1)
    with pytest.raises(AssertionError, match="there is no task nothing"):
        host.wait("nothing")


def test_a_plugin_that_is_not_loaded_fails_with_the_reason(sync_host) -> None:
    with pytest.raises(AssertionError, match=r"plugin counting is failed: .*limit"):
        sync_host(("counting", Counting()), settings={"plugins": {"counting": {"limit": "x"}}})
    with pytest.raises(LookupError, match=r"called angel \(there are: .*single_patient.*pip"):
        sync_host("angel")


def test_only_what_is_named_is_loaded(sync_host) -> None:
    host = sync_host("single_patient")
    listed = {one["name"] for one in host.get("/api/plugins").json()["plugins"]}
    assert listed == {"host_api", "host_day", "single_patient"}


def test_two_programs_stand_side_by_side(sync_host) -> None:
    one, other = (sync_host(("counting", Counting())) for _ in range(2))
    view = one.run("counting", {})
    assert one.url != other.url
    assert other.get(f"/api/sync/status/{view.task_id}").status_code == 404


def test_the_simulated_systems_are_there_and_can_fail(sync_host, sync_systems) -> None:
    host = sync_host("single_patient", systems=sync_systems)
    asked = {"piz": "1234567", "date": "2025-10-06"}
    assert host.run("single_patient", asked).status == "completed"
    sync_systems.faults(listener="down")
    assert host.run("single_patient", asked).error_code == "calldoc_unavailable"
    sync_systems.faults()
    assert host.run("single_patient", asked).status == "completed"
    assert sync_systems.database.exists()


def test_a_panel_is_shown_and_gets_news(sync_window, qtbot) -> None:
    window = sync_window(("counting", Counting()))
    label = window.show("counting")
    assert label.isVisible()
    window.run("counting", {})
    qtbot.waitUntil(lambda: label.text() == "counting")
    with pytest.raises(LookupError, match="no panel angel"):
        window.show("angel")


# --- pytest runs of their own ------------------------------------------------------------------


def pytest_of_its_own(folder: Path, code: str, *options: str) -> str:
    """What pytest prints about a file of tests in an empty project."""
    (folder / "test_it.py").write_text(textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={**clean_environment(folder), "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.process
def test_in_other_projects_nothing_of_the_program_is_loaded(tmp_path: Path) -> None:
    told = pytest_of_its_own(
        tmp_path,
        """
        import sys

        def test_it():
            ours = ("hookspecs", "sync_core", "sync_gui", "sync_program", "demo", "plugin_host")
            heavy = ("flask", "marshmallow", "requests", "PyQt5.QtWidgets")
            loaded = {name for name in sys.modules if name.split(".")[0] in ours or name in heavy}
            assert loaded == set()
            assert "sync_gui_testing.plugin" in sys.modules
        """,
        *("-W", "error", "-p", "no:pytest-qt", "-p", "no:schemathesis"),
    )
    assert "1 passed" in told, told


@pytest.mark.process
def test_a_thread_that_is_left_behind_fails_the_test(tmp_path: Path) -> None:
    told = pytest_of_its_own(
        tmp_path,
        """
        import threading
        from hookspecs import hookimpl

        class Careless:
            @hookimpl
            def sync_gui_start(self, context):
                self.end = threading.Event()
                wait = self.end.wait
                threading.Thread(target=wait, args=(15,), name="forgotten", daemon=True).start()

        def test_it(sync_host):
            sync_host(("careless", Careless()))
        """,
    )
    assert "threads left behind: forgotten" in told, told
    assert "1 passed, 1 error" in told


@pytest.mark.process
def test_headless_tests_need_neither_qt_nor_pytest_qt(tmp_path: Path) -> None:
    told = pytest_of_its_own(
        tmp_path,
        """
        import sys

        sys.modules["PyQt5"] = None  # as if it were not installed

        def test_it(sync_host):
            assert sync_host("single_patient").get("/health").status_code == 200
        """,
        *("-p", "no:pytest-qt"),
    )
    assert "1 passed" in told, told
