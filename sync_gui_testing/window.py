"""The program with what belongs to a window, as a test of a panel uses it. Needs Qt."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from PyQt5.QtWidgets import QMainWindow

from hookspecs import Bridge, NamesHidden
from sync_gui.bridge import QtBridge
from sync_gui.host_plugin import create_window_plugin
from sync_gui.log_handler import LogHandler
from sync_gui.names_hidden import NamesSwitch
from sync_gui_testing.host import Chosen, SyncHost, Tables
from sync_gui_testing.systems import SimulatedSystems

_THREADS_SECONDS = 2.0


class StartWindow(Protocol):
    """What the fixture ``sync_window`` is."""

    def __call__(
        self,
        *plugins: Chosen,
        settings: Tables | None = None,
        systems: SimulatedSystems | None = None,
    ) -> SyncWindow:
        """As :class:`sync_gui_testing.host.StartHost`, with panels."""


class SyncWindow(SyncHost):
    """A :class:`SyncHost` with the real bridge, whose panels can be shown. On the GUI thread only.

    ``qtbot`` is pytest-qt's. Attributes: ``bridge`` (as plugins get it), ``names`` (the switch
    *Namen verbergen*: ``names.switch(True)`` hides them).
    """

    def __init__(
        self,
        folder: Path,
        plugins: Sequence[Chosen],
        settings: Tables | None = None,
        systems: SimulatedSystems | None = None,
        *,
        qtbot: Any,
    ) -> None:
        self._qtbot = qtbot
        self.bridge = QtBridge(logging.getLogger("sync_gui.window"))
        self.names = NamesSwitch(self.bridge)
        self._log_lines = LogHandler(self.bridge.emit)
        self._windows: list[QMainWindow] = []  # pytest-qt does not keep them
        super().__init__(folder, plugins, settings, systems)

    def _surroundings(self) -> tuple[Bridge, NamesHidden, Sequence[tuple[str, object]]]:
        plugin = create_window_plugin(self.bridge, self._log_lines)
        return self.bridge, self.names, [("host_window", plugin)]

    def show(self, panel: str, width: int = 1000, height: int = 700) -> Any:
        """Build the panel of this id and show it in a window; the panel, of the plugin's own class.

        What its factory raises is raised; ``LookupError`` when no loaded plugin has the panel.
        """
        specs = {owned.spec.id: owned.spec for owned in self._program.plugins.panels()}
        if panel not in specs:
            raise LookupError(f"there is no panel {panel} (there are: {', '.join(specs)})")
        widget = specs[panel].factory()
        window = QMainWindow()
        self._windows.append(window)
        window.setCentralWidget(widget)
        window.resize(width, height)
        self._qtbot.addWidget(window)
        with self._qtbot.waitExposed(window):
            window.show()
        return widget

    def close(self) -> None:
        """End it; the fixtures do so. Raises ``AssertionError`` for background work that hangs."""
        super().close()
        self._log_lines.close()
        if not self.bridge.close(_THREADS_SECONDS):
            raise AssertionError("work that a panel sent to the background has not ended")
