"""What holds for every test: no display, no leftovers, GUI tests marked by their place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests below ``tests/gui…`` as needing Qt."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0].startswith("gui"):
            item.add_marker(pytest.mark.gui)


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees only the settings it makes itself."""
    for name in os.environ:
        if name.startswith("SYNC_GUI_"):
            monkeypatch.delenv(name)
