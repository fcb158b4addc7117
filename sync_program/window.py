"""The program with its window. Imported only when a window is wanted: everything here needs Qt."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QMessageBox

from hookspecs import HealthResult, PanelSpec
from sync_core.errors import DataFolderInUseError
from sync_gui.application import create_application, install_termination
from sync_gui.bridge import QtBridge
from sync_gui.host_plugin import create_window_plugin
from sync_gui.log_handler import LogHandler
from sync_gui.main_window import MainWindow
from sync_gui.names_hidden import NamesSwitch
from sync_gui.services import ApiState, ApiStatus, WindowServices
from sync_gui.single_instance import RaiseServer, ask_running_window
from sync_program.api_control import ApiSwitch
from sync_program.command_line import EXIT_FOLDER_IN_USE, EXIT_OK
from sync_program.console import say_api_ready, say_problem
from sync_program.run import Running, RunPlan

TITLE = "Sync GUI"
SOURCE = "Der Quelltext liegt dem Programm bei; er ist frei unter der GPL, Version 3 oder neuer."
_RAISE_TIMEOUT_MS = 2000


def run_with_window(plan: RunPlan) -> int:
    """Show the window until it is closed; returns the exit code.

    A second start with the same data folder brings the first window to the front and returns 0.
    """
    title = f"{TITLE} – DEMO" if plan.demo else TITLE
    app = create_application(title)
    try:
        lock = plan.claim_folder()
    except DataFolderInUseError as error:
        if ask_running_window(plan.data_dir, _RAISE_TIMEOUT_MS):
            return EXIT_OK
        say_problem(str(error))
        return EXIT_FOLDER_IN_USE
    with lock:
        bridge = QtBridge(logging.getLogger("sync_gui.window"))
        log_lines = LogHandler(bridge.emit)
        logging.getLogger().addHandler(log_lines)
        names = NamesSwitch(bridge)
        plugin = create_window_plugin(bridge, log_lines)
        try:
            with Running(plan, bridge, names, [("host_window", plugin)]) as running:
                window = MainWindow(_services(plan, running, bridge, names))
                raising = RaiseServer(plan.data_dir, window.bring_to_front)
                undo = install_termination(app, window.close_without_asking)
                running.api.start()
                _say(running.api)
                window.show()
                for notice in running.program.notices:
                    _show_notice(window, notice)
                app.exec_()
                undo()
                raising.close()
        finally:
            logging.getLogger().removeHandler(log_lines)
            log_lines.close()
            bridge.close()
    return EXIT_OK


def _show_notice(window: MainWindow, notice: str) -> None:
    box = QMessageBox(QMessageBox.Icon.Warning, TITLE, notice, parent=window)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def _services(
    plan: RunPlan, running: Running, bridge: QtBridge, names: NamesSwitch
) -> WindowServices:
    program = running.program
    owners = {owned.spec.id: owned.plugin for owned in program.plugins.panels()}

    def check_health() -> Mapping[str, HealthResult]:
        reports = program.health.run()
        return {name: HealthResult(item.ok, item.message) for name, item in reports.items()}

    def on_panel_failed(panel: PanelSpec, reason: str) -> None:
        program.plugins.report_failure(owners[panel.id], f"panel {panel.id}: {reason}")

    return WindowServices(
        title=TITLE,
        version=plan.version,
        source=SOURCE,
        demo=plan.demo,
        panels=[(owned.plugin, owned.spec) for owned in program.plugins.panels()],
        api=_WindowApi(running.api),
        active_tasks=lambda: len(program.tasks.active()),
        plugin_reports=program.plugins.report,
        check_health=check_health,
        health_labels={check.name: check.label_de for check in program.plugins.health_checks()},
        bridge=bridge,
        names_hidden=names,
        shutdown=QApplication.quit,
        on_panel_failed=on_panel_failed,
    )


class _WindowApi:
    """The API's switch in the window's words."""

    def __init__(self, switch: ApiSwitch) -> None:
        self._switch = switch
        self.start = switch.start
        self.stop = switch.stop

    def state(self) -> ApiState:
        """How the server is now."""
        return ApiState(ApiStatus(self._switch.status), self._switch.address)


def _say(api: ApiSwitch) -> None:
    if api.status == "running":
        say_api_ready(api.url)
    elif api.status == "port_in_use":
        say_problem(f"API not started: port {api.address.rpartition(':')[2]} is in use")
