"""The window with a program of small real parts behind it."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PyQt5.QtWidgets import QApplication

from hookspecs import HealthResult, PanelSpec
from sync_core.api_key import ApiKey
from sync_core.key_store import KeyStoreInMemory
from sync_core.settings import ApiSettings
from sync_core.settings_place import SettingsPlace
from sync_gui.appearance import AppearanceSwitch
from sync_gui.arrangement import Arrangement
from sync_gui.bridge import QtBridge
from sync_gui.main_window import MainWindow
from sync_gui.names_hidden import NamesSwitch
from sync_gui.services import ApiState, ApiStatus, WindowServices
from sync_gui.settings_dialog.access import SettingsAccess
from sync_gui.style import apply_style


class SwitchedApi:
    """A server's switch that does what a server's switch does, without a server."""

    def __init__(self) -> None:
        self.status = ApiStatus.RUNNING

    def state(self) -> ApiState:
        return ApiState(self.status, "127.0.0.1:5555")

    def start(self) -> None:
        self.status = ApiStatus.RUNNING

    def stop(self) -> None:
        self.status = ApiStatus.STOPPED


@dataclass
class Program:
    """What a test can turn while the window is open."""

    api: SwitchedApi = field(default_factory=SwitchedApi)
    active: int = 0
    health: Mapping[str, HealthResult] = field(default_factory=dict)
    shutdowns: int = 0
    failed_panels: list[tuple[str, str]] = field(default_factory=list)

    def shut_down(self) -> None:
        self.shutdowns += 1

    def panel_failed(self, spec: PanelSpec, reason: str) -> None:
        self.failed_panels.append((spec.id, reason))


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[QtBridge]:
    made = QtBridge(logging.getLogger("tests.bridge"))
    yield made
    assert made.close(2.0)


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def open_window(
    qtbot, qapp: QApplication, bridge: QtBridge, program: Program, tmp_path: Path
) -> Iterator[Callable[..., MainWindow]]:
    """Opens a window; ``changes`` replace fields of its services."""
    apply_style(qapp)
    windows: list[MainWindow] = []

    def open_one(**changes: object) -> MainWindow:
        services = WindowServices(
            title="Sync-GUI",
            version="1.2.3",
            source="beim Quelltext",
            demo=False,
            panels=(),
            api=program.api,
            active_tasks=lambda: program.active,
            plugin_reports=lambda: (),
            check_health=lambda: program.health,
            health_labels={"calldoc": "CallDoc", "sqlhk": "SQLHK"},
            bridge=bridge,
            names_hidden=NamesSwitch(bridge),
            shutdown=program.shut_down,
            on_panel_failed=program.panel_failed,
            appearance=AppearanceSwitch(qapp, lambda: False),
            arrangement=Arrangement(tmp_path / "window.ini"),
            settings=SettingsAccess(SettingsPlace(), dict, {}, KeyStoreInMemory()),
            api_key=ApiKey(
                ApiSettings(),
                KeyStoreInMemory(),
                lambda _source: None,
                logging.getLogger("tests.api_key"),
            ),
        )
        window = MainWindow(replace(services, **changes))
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield open_one
    for window in windows:
        window.close_without_asking()
        window.deleteLater()
    qapp.sendPostedEvents(None, 52)  # QEvent.DeferredDelete
    qapp.processEvents()
