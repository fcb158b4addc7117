"""The fixtures. Everything of the program is imported when one of them is used, not before."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sync_gui_testing.host import Chosen, StartHost, SyncHost, Tables
    from sync_gui_testing.systems import SimulatedSystems
    from sync_gui_testing.window import StartWindow, SyncWindow

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def sync_systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedSystems]:
    """A simulated CallDoc, SQLHK and SQL gateway of the test's own, with invented people."""
    from sync_gui_testing.systems import SimulatedSystems  # noqa: PLC0415 - see the module

    with SimulatedSystems(tmp_path_factory.mktemp("sync_systems")) as systems:
        yield systems


@pytest.fixture
def sync_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartHost]:
    """Starts the program without a window, with the plugins that the test names."""
    from sync_gui_testing.host import SyncHost  # noqa: PLC0415 - see the module
    from sync_gui_testing.leftovers import no_thread_left  # noqa: PLC0415

    with no_thread_left(), ExitStack() as undo:

        def start(
            *plugins: Chosen,
            settings: Tables | None = None,
            systems: SimulatedSystems | None = None,
        ) -> SyncHost:
            host = SyncHost(tmp_path_factory.mktemp("sync_host"), plugins, settings, systems)
            undo.callback(host.close)
            return host.start()

        yield start


@pytest.fixture
def sync_window(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartWindow]:
    """Does as ``sync_host``, and panels can be shown; needs pytest-qt."""
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _DISPLAYS):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # Qt would end the whole process otherwise
    qtbot: Any = request.getfixturevalue("qtbot")
    from sync_gui_testing.leftovers import no_thread_left  # noqa: PLC0415 - see the module
    from sync_gui_testing.window import SyncWindow  # noqa: PLC0415

    with no_thread_left(), ExitStack() as undo:

        def start(
            *plugins: Chosen,
            settings: Tables | None = None,
            systems: SimulatedSystems | None = None,
        ) -> SyncWindow:
            folder: Path = tmp_path_factory.mktemp("sync_window")
            window = SyncWindow(folder, plugins, settings, systems, qtbot=qtbot)
            undo.callback(window.close)
            return window.start()

        yield start
