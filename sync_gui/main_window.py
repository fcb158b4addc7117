"""The main window: frame, menus, panels and status bar."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PyQt5.QtCore import Qt, QTimer, QUrl
from PyQt5.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QShowEvent
from PyQt5.QtWidgets import QDialog, QMainWindow, QMenu

from sync_core.task_model import TaskView
from sync_gui.about_dialog import AboutDialog
from sync_gui.actions import MenuCalls, Menus
from sync_gui.close_question import CloseQuestion
from sync_gui.connections_dialog import ConnectionsDialog
from sync_gui.demo_ribbon import DemoRibbon
from sync_gui.health_watch import HealthWatch
from sync_gui.help_desk import HelpDesk
from sync_gui.help_pages import FIRST_STEPS, MESSAGES
from sync_gui.host_plugin import TASK_TOPIC
from sync_gui.late_plugins import LatePlugins
from sync_gui.panel_area import PanelArea
from sync_gui.panel_frame import PanelFrame
from sync_gui.plugin_dialog import PluginDialog
from sync_gui.services import ApiStatus, WindowServices
from sync_gui.setup_notice import SetupNotice
from sync_gui.setup_words import setup_words
from sync_gui.sizes import fit
from sync_gui.status_strip import StatusStrip
from sync_gui.status_words import api_light, health_light, plugins_light, tasks_light
from sync_gui.window_dialogs import WindowDialogs

LOGGER = logging.getLogger("sync_gui.window")
_LOOK_MS = 1000
_GATHER_MS = 100
_SIZE = (80, 50)


class MainWindow(QMainWindow):
    """The program's window; everything it needs is in ``services``.

    Panels are built after the window has appeared. Closing asks once while tasks run and then
    calls ``services.shutdown``; :meth:`close_without_asking` and the end of the user's session
    do not ask.
    """

    def __init__(self, services: WindowServices) -> None:
        super().__init__()
        self._services = services
        self._asks = True
        self._ended = False
        self._question: CloseQuestion | None = None
        self._api_busy = False
        self._api_starts = False
        self.setWindowTitle(f"{services.title} – DEMO" if services.demo else services.title)
        em = self.fontMetrics().height()
        fit(self, *_SIZE)
        self.setMinimumSize(em * 32, em * 20)
        self.ribbon: DemoRibbon | None = None
        if services.demo:
            self.ribbon = DemoRibbon(services.demo_control, services.bridge)
            self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.ribbon)
        self.notice: SetupNotice | None = None
        words = setup_words(services.missing)
        if words is not None:
            self.notice = SetupNotice(words, services.missing_next, services.bridge)
            self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.notice)
        self.panels = PanelArea(self, services.panels, services.on_panel_failed)
        self.strip = StatusStrip(services.health_labels)
        self.setStatusBar(self.strip)
        self.strip.show_names(hidden=services.names_hidden.hidden)
        self._dialogs = WindowDialogs(self, services, self._open, self.strip.say)
        if self.notice is not None:
            self.notice.wanted.connect(self._dialogs.open_setting)
            self._dialogs.settings_saved.connect(self.notice.settings_saved)
        self.help = HelpDesk(self, services.bridge, services.arrangement)
        self.menus = Menus(
            self,
            self.panels.frames,
            self._menu_calls(),
            hidden=services.names_hidden.hidden,
            appearance=services.appearance.chosen,
        )
        self._late = LatePlugins(services, self.panels, self.menus, self.strip)
        self._watch = HealthWatch(
            services.check_health,
            services.bridge,
            self,
            expected=services.health_labels,
            missing=services.missing,
        )
        self._watch.checked.connect(self._show_health)
        self._look = QTimer(self)
        self._look.timeout.connect(self._show_state)
        self._look_soon = QTimer(self)
        self._look_soon.setSingleShot(True)
        self._look_soon.timeout.connect(self._show_state)
        self._unsubscribe = services.bridge.subscribe(TASK_TOPIC, self._task_changed)
        self.panels.built.connect(self._restore_panel)
        services.arrangement.restore_window(self)
        self.panels.choose_tab(services.arrangement.tab)
        self._show_state()
        self._show_health()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.commitDataRequest.connect(self._session_ends)

    def bring_to_front(self) -> None:
        """Show the window above the others, restored if it was minimised."""
        if self.isMinimized():
            self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def close_without_asking(self) -> None:
        """Close whether or not tasks run; an open question is withdrawn."""
        self._asks = False
        if self._question is not None:
            self._question.reject()  # the close that asked it goes on, now without asking
        else:
            self.close()

    def createPopupMenu(self) -> QMenu | None:  # type: ignore[override]  # Qt takes a null pointer
        """No menu on toolbars and docks: the ribbon cannot be switched off."""
        return None

    def showEvent(self, event: QShowEvent) -> None:
        """Build the panels and begin to look, once the window is there."""
        super().showEvent(event)
        if not self._look.isActive() and not self._ended:
            self._look.start(_LOOK_MS)
            self._show_state()  # the API was started since the window was made
            self._watch.start()
            self.panels.build()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if tasks run, then end everything; see the class."""
        if not self._ended and self._asks and not self._may_close():
            event.ignore()
            return
        event.accept()
        self._end()

    def _may_close(self) -> bool:
        if self._question is not None:
            return False
        if self._services.active_tasks() == 0:
            return True
        question = self._question = CloseQuestion(self)
        question.exec_()
        self._question = None
        return question.agreed or not self._asks

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._remember_arrangement()
        self._look.stop()
        self._look_soon.stop()
        self._watch.stop()
        self.help.close()
        self.panels.stop()
        self.strip.stop()
        self._services.appearance.stop()
        if self.ribbon is not None:
            self.ribbon.stop()
        self._unsubscribe()
        self._late.stop()
        self.hide()
        self._services.shutdown()

    def _session_ends(self, _manager: object) -> None:
        # Qt closes the windows right after this, within the time the system grants.
        self.close_without_asking()

    def _restore_panel(self, frame: PanelFrame) -> None:
        self._services.arrangement.restore_parts(frame, frame.spec.id)

    def _remember_arrangement(self) -> None:
        arrangement = self._services.arrangement
        for frame in self.panels.frames:
            arrangement.save_parts(frame, frame.spec.id)
        arrangement.save_window(self, self.panels.tab)

    def _reset_arrangement(self) -> None:
        self._services.arrangement.reset_window(self)
        self.showNormal()
        fit(self, *_SIZE)
        self.panels.choose_tab("")
        self.strip.say("Die Anordnung ist wieder wie am Anfang.")

    def _hide_names(self, hidden: bool) -> None:
        self._services.names_hidden.switch(hidden)
        self._services.arrangement.remember_names_hidden(hidden)
        self.strip.show_names(hidden=hidden)

    def _menu_calls(self) -> MenuCalls:
        return MenuCalls(
            open_settings=self._dialogs.open_settings,
            quit_program=self.close,
            hide_names=self._hide_names,
            reset_arrangement=self._reset_arrangement,
            open_api_key=self._dialogs.open_api_key,
            show_panel=self.panels.show_panel,
            choose_appearance=self._services.appearance.choose,
            open_documentation=self._open_documentation,
            copy_address=self._copy_address,
            start_api=self._start_api,
            stop_api=lambda: self._switch_api(self._services.api.stop),
            check_connections=self._check_connections,
            list_plugins=lambda: self._open(self._plugin_dialog()),
            open_handbook=self._open_handbook,
            open_first_steps=lambda: self.help.show_page(FIRST_STEPS),
            open_messages=lambda: self.help.show_page(MESSAGES),
            about=self._about,
        )

    def _task_changed(self, view: TaskView) -> None:
        self._watch.task_changed(view)
        if not self._look_soon.isActive():
            self._look_soon.start(_GATHER_MS)

    def _show_state(self) -> None:
        state = self._services.api.state()
        if self._api_starts:
            state = replace(state, status=ApiStatus.STARTING)
        self.strip.api.show_light(api_light(state))
        active = self._services.active_tasks()
        self.strip.tasks.show_light(tasks_light(active))
        if active == 0 and self._question is not None:
            self._question.nothing_runs()
        self.strip.show_plugins(plugins_light(self._services.plugin_reports()))
        if not self._api_busy:
            self.menus.show_api(state)

    def _show_health(self) -> None:
        now = datetime.now()
        for name, light in self.strip.health.items():
            label = self.strip.labels[name]
            light.show_light(health_light(label, self._watch.reaches.get(name), now))

    def _open_documentation(self) -> None:
        QDesktopServices.openUrl(QUrl(f"{self._services.api.state().url}/api/docs"))

    def _copy_address(self) -> None:
        url = self._services.api.state().url
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(url)
            self.strip.say(f"Kopiert: {url}")

    def _start_api(self) -> None:
        self._api_starts = True
        self._switch_api(self._services.api.start)
        self._show_state()

    def _switch_api(self, switch: Callable[[], None]) -> None:
        def work() -> bool:
            try:
                switch()
            except Exception:  # the edge: without an answer the menu would stay grey
                LOGGER.exception("the API could not be switched")
                return False
            return True

        self._api_busy = True
        self.menus.api_busy()
        self._services.bridge.in_background(work, self._api_switched)

    def _api_switched(self, went_well: bool) -> None:
        self._api_busy = self._api_starts = False
        self._show_state()
        if not went_well:
            self.strip.say("Die API meldet einen Fehler; er steht im Protokoll.")

    def _check_connections(self) -> None:
        self._open(ConnectionsDialog(self._watch, self.strip.labels, self))

    def _plugin_dialog(self) -> PluginDialog:
        services = self._services
        return PluginDialog(services.plugin_reports, self, services.plugins, services.bridge)

    def _open_handbook(self) -> None:
        frame = self.panels.in_use()
        self.help.show_chapter(frame.spec.title if frame is not None else "")

    def _about(self) -> None:
        services = self._services
        self._open(AboutDialog(services.title, services.version, services.source, self))

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._services.arrangement.follow_dialog(dialog)
        dialog.open()
