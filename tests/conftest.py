"""What holds for every test: no display, no leftovers, GUI tests marked by their place."""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from PyQt5.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

# Before anything starts Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.clock import PATIENCE
from tests.faults.outcome_table import TABLE
from tests.leak_guard import LeakGuard

TESTS = Path(__file__).parent

# The same examples in every run, and no verdict from a machine that is busy.
settings.register_profile(
    "suite",
    derandomize=True,
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch for threads and processes that tests leave behind."""
    config.pluginmanager.register(LeakGuard(), "leak_guard")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make what was captured fit for the way to the process that gathers all reports."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what this process counted to the one that gathers."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["faults"] = TABLE.counts()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Take what a process counted; one that crashed leaves nothing."""
    TABLE.merge(getattr(node, "workeroutput", {}).get("faults", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what became of which injected fault."""
    lines = TABLE.lines()
    if lines:
        terminalreporter.section("faults in SQLHK: what became of them")
        terminalreporter.write_line("\n".join(lines))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests below ``tests/gui…`` as needing Qt."""
    for item in items:
        ours = item.path.is_relative_to(TESTS)  # those of contrib are not
        if ours and item.path.relative_to(TESTS).parts[0].startswith("gui"):
            item.add_marker(pytest.mark.gui)


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's own, keeping each widget to the end of the test, and patient.

    By itself it keeps none. A widget that only its own signals refer to once the test's function is
    over would be garbage while Qt still works with it: a crash whenever a pass comes just then.
    What it waits for has to come, so it waits for ``tests.clock.PATIENCE`` whatever it waits for.
    """
    kept: list[QWidget] = []
    add = qtbot.addWidget

    def add_and_keep(widget: QWidget, **more: Any) -> None:
        kept.append(widget)
        add(widget, **more)

    qtbot.addWidget = add_and_keep
    patience = round(PATIENCE * 1000)
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitActive", "waitExposed"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=patience))
    return qtbot


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees only the settings it makes itself."""
    for name in os.environ:
        if name.startswith("SYNC_GUI_"):
            monkeypatch.delenv(name)
