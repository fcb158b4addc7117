"""A small program for the tests: a window with a running task, until it is told to end."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

from hookspecs import HealthResult, PanelSpec
from sync_core.api_key import ApiKey
from sync_core.key_store import KeyStoreInMemory
from sync_core.settings import ApiSettings
from sync_core.settings_place import SettingsPlace
from sync_gui.appearance import AppearanceSwitch
from sync_gui.application import create_application, install_termination
from sync_gui.arrangement import Arrangement
from sync_gui.bridge import QtBridge
from sync_gui.main_window import MainWindow
from sync_gui.names_hidden import NamesSwitch
from sync_gui.services import ApiState, ApiStatus, WindowServices
from sync_gui.settings_dialog.access import SettingsAccess


class Api:
    def state(self) -> ApiState:
        return ApiState(ApiStatus.RUNNING, "127.0.0.1:1")

    def start(self) -> None: ...

    def stop(self) -> None: ...


def main() -> int:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    app = create_application("Test")
    bridge = QtBridge(logging.getLogger("bridge"))

    def panel():
        from PyQt5.QtCore import QTimer
        from PyQt5.QtWidgets import QPushButton

        button = QPushButton("x")
        button.clicked.connect(lambda: 1 // 0)
        QTimer.singleShot(0, button.click)
        QTimer.singleShot(50, lambda: print("ready", flush=True))
        return button

    window = MainWindow(
        WindowServices(
            title="Test",
            version="1",
            source="-",
            demo=False,
            panels=(("p", PanelSpec("p", "P", panel)),),
            api=Api(),
            active_tasks=lambda: 1,
            plugin_reports=lambda: (),
            check_health=lambda: {"x": HealthResult(True, "ok")},
            health_labels={"x": "X"},
            bridge=bridge,
            names_hidden=NamesSwitch(bridge),
            shutdown=app.quit,
            on_panel_failed=lambda spec, reason: None,
            appearance=AppearanceSwitch(app, lambda: False),
            arrangement=Arrangement(Path(sys.argv[1]) / "window.ini"),
            settings=SettingsAccess(SettingsPlace(), dict, {}, KeyStoreInMemory()),
            api_key=ApiKey(
                ApiSettings(), KeyStoreInMemory(), lambda _source: None, logging.getLogger("key")
            ),
        )
    )
    undo = install_termination(app, window.close_without_asking)
    window.show()
    app.exec_()
    undo()
    bridge.close()
    left = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    print("left", left, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
