"""The program with its window. Imported only when a window is wanted: everything here needs Qt."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication, QLabel, QMessageBox

from hookspecs import HealthResult, PanelSpec
from sync_core.errors import DataFolderInUseError
from sync_core.needed_addresses import SYSTEMS, missing_addresses
from sync_core.settings_loader import load_settings
from sync_gui.appearance import STORE_NAME, AppearanceSwitch, remembered_appearance
from sync_gui.application import create_application, install_exception_hooks, install_termination
from sync_gui.arrangement import Arrangement
from sync_gui.bridge import QtBridge
from sync_gui.collector import passes_on_this_thread
from sync_gui.gui_watch import GuiWatch
from sync_gui.host_plugin import create_window_plugin
from sync_gui.icons import pixmap
from sync_gui.log_handler import LogHandler
from sync_gui.main_window import MainWindow
from sync_gui.names_hidden import NamesSwitch
from sync_gui.services import ApiState, ApiStatus, WindowServices
from sync_gui.settings_dialog.access import SettingsAccess
from sync_gui.single_instance import RaiseServer, ask_running_window
from sync_program.api_control import ApiSwitch
from sync_program.command_line import EXIT_FOLDER_IN_USE, EXIT_OK
from sync_program.console import say_api_ready, say_problem
from sync_program.run import Running, RunPlan
from sync_program.start_problem import tell_start_problem
from sync_program.window_plugins import WindowPlugins

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
        tell_start_problem(str(error))
        return EXIT_FOLDER_IN_USE
    with (
        passes_on_this_thread(),
        lock,
        opened_program(app, plan, closed=app.quit) as (window, running),
    ):
        raising = RaiseServer(plan.data_dir, window.bring_to_front)
        undo = install_termination(app, window.close_without_asking)
        running.api.start()
        _say(running.api)
        window.show()
        for notice in running.program.notices:
            show_notice(window, notice)
        watch = GuiWatch(running.program.plugins.complaints)
        watch.start()
        app.exec_()
        watch.stop()
        undo()
        raising.close()
    return EXIT_OK


@contextmanager
def opened_program(
    app: QApplication, plan: RunPlan, *, closed: Callable[[], None]
) -> Iterator[tuple[MainWindow, Running]]:
    """The started program and its window, not shown yet; both are ended afterwards.

    ``closed`` is called when the window has been closed. The data folder must be claimed before.
    The API is not opened yet.
    """
    bridge = QtBridge(logging.getLogger("sync_gui.window"))
    log_lines = LogHandler(bridge.emit)
    logging.getLogger().addHandler(log_lines)
    arrangement = Arrangement(plan.data_dir / STORE_NAME)
    names = NamesSwitch(bridge, hidden=arrangement.names_hidden)
    appearance = remembered_appearance(app, plan.data_dir)
    plugin = create_window_plugin(bridge, log_lines)
    try:
        with Running(plan, bridge, names, [("host_window", plugin)]) as running:
            services = _services(
                plan,
                running,
                bridge=bridge,
                names=names,
                appearance=appearance,
                arrangement=arrangement,
                closed=closed,
            )
            install_exception_hooks(running.program.plugins.complaints.fault)
            bridge.on_fault = running.program.plugins.complaints.fault
            yield MainWindow(services), running
    finally:
        install_exception_hooks()
        logging.getLogger().removeHandler(log_lines)
        log_lines.close()
        bridge.close()


def show_notice(window: MainWindow, notice: str) -> None:
    """Tell people a German sentence that they must see, beside the window."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, TITLE, "Bitte beachten", parent=window)
    box.setInformativeText(notice)  # it wraps; the text above it stays one line
    words = box.findChild(QLabel, "qt_msgbox_informativelabel")
    if words is not None:
        words.setTextFormat(Qt.TextFormat.PlainText)  # plugins' names are foreign
    size = 2 * box.fontMetrics().height()
    box.setIconPixmap(pixmap("warning", size, window.devicePixelRatioF()))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def _services(
    plan: RunPlan,
    running: Running,
    *,
    bridge: QtBridge,
    names: NamesSwitch,
    appearance: AppearanceSwitch,
    arrangement: Arrangement,
    closed: Callable[[], None],
) -> WindowServices:
    program = running.program

    def check_health() -> Mapping[str, HealthResult]:
        reports = program.health.run()
        return {
            name: HealthResult(item.ok, item.message, item.message_de)
            for name, item in reports.items()
        }

    def missing_next() -> Sequence[str]:
        file = plan.place.file
        there = file if file is not None and file.is_file() else None
        return missing_addresses(load_settings(there, os.environ))

    def on_panel_failed(panel: PanelSpec, reason: str) -> None:
        owners = {owned.spec.id: owned.plugin for owned in program.plugins.panels()}
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
        health_labels={
            **SYSTEMS,
            **{check.name: check.label_de for check in program.plugins.health_checks()},
        },
        bridge=bridge,
        names_hidden=names,
        shutdown=closed,
        on_panel_failed=on_panel_failed,
        appearance=appearance,
        arrangement=arrangement,
        settings=SettingsAccess(
            plan.place,
            program.plugins.settings_schemas,
            {owned.plugin: owned.spec.title for owned in program.plugins.panels()},
            plan.key_store,
        ),
        api_key=program.api_key,
        demo_control=running.demo_control,
        plugins=WindowPlugins(
            program.plugins, program.memory, plan.place, plan.settings.plugins.disabled
        ),
        missing=missing_addresses(running.settings),
        missing_next=missing_next,
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
