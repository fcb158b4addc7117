"""The window's menus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PyQt5.QtGui import QIcon, QKeySequence
from PyQt5.QtWidgets import QAction, QActionGroup, QMainWindow, QMenu

from sync_gui.appearance import LABELS, Appearance
from sync_gui.icons import icon
from sync_gui.panel_frame import PanelFrame
from sync_gui.plain_text import menu_text
from sync_gui.services import ApiState, ApiStatus


@dataclass(frozen=True)
class MenuCalls:
    """What the menus call."""

    open_settings: Callable[[], object]
    quit_program: Callable[[], object]
    hide_names: Callable[[bool], object]
    show_panel: Callable[[PanelFrame], object]
    choose_appearance: Callable[[Appearance], object]
    reset_arrangement: Callable[[], object]
    open_documentation: Callable[[], object]
    copy_address: Callable[[], object]
    start_api: Callable[[], object]
    stop_api: Callable[[], object]
    open_api_key: Callable[[], object]
    check_connections: Callable[[], object]
    list_plugins: Callable[[], object]
    open_handbook: Callable[[], object]
    open_first_steps: Callable[[], object]
    open_messages: Callable[[], object]
    about: Callable[[], object]


class Menus:
    """The menu bar of ``window``; :meth:`show_api` greys what cannot be done now."""

    def __init__(
        self,
        window: QMainWindow,
        frames: list[PanelFrame],
        calls: MenuCalls,
        *,
        hidden: bool,
        appearance: Appearance,
    ) -> None:
        self._window = window
        file_menu = self._menu("&Datei")
        settings = self._action(
            file_menu, "&Einstellungen …", calls.open_settings, "settings", "Ctrl+,"
        )
        settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        file_menu.addSeparator()
        leave = self._action(file_menu, "&Beenden", calls.quit_program, "close", "Ctrl+Q")
        leave.setMenuRole(QAction.MenuRole.QuitRole)

        view = self._view = self._menu("&Ansicht")
        self.names_hidden = QAction("&Namen verbergen", window)
        self.names_hidden.setObjectName("names_hidden")
        self.names_hidden.setCheckable(True)
        self.names_hidden.setChecked(hidden)
        self.names_hidden.setShortcut(QKeySequence("Ctrl+Shift+N"))
        self.names_hidden.toggled.connect(calls.hide_names)
        view.addAction(self.names_hidden)
        view.addMenu(self._appearance_menu(calls.choose_appearance, appearance))
        view.addSeparator()
        self._show_panel = calls.show_panel
        self._panels = 0
        self._behind_panels = view.addSeparator()
        for frame in frames:
            self.add_panel(frame)
        self._action(view, "Anordnung &zurücksetzen", calls.reset_arrangement, "retry")

        api = self._menu("A&PI")
        self._documentation = self._action(
            api, "&Dokumentation öffnen", calls.open_documentation, "document"
        )
        self._copy = self._action(api, "Adresse &kopieren", calls.copy_address, "copy")
        api.addSeparator()
        self._start = self._action(api, "&Starten", calls.start_api, "play")
        self._stop = self._action(api, "S&toppen", calls.stop_api, "stop")
        api.addSeparator()
        self._action(api, "API-Schlüsse&l …", calls.open_api_key, "key")
        api.addSeparator()
        self._action(api, "&Verbindungen prüfen", calls.check_connections, "refresh", "Ctrl+F5")

        plugins = self._menu("&Erweiterungen")
        self._action(plugins, "&Liste der Erweiterungen …", calls.list_plugins, "plugin")

        helping = self._menu("&Hilfe")
        self._action(helping, "&Handbuch", calls.open_handbook, "document", "F1")
        self._action(helping, "&Erste Schritte", calls.open_first_steps, "play")
        self._action(helping, "&Fehlermeldungen", calls.open_messages, "warning")
        helping.addSeparator()
        self._action(helping, "Ü&ber dieses Programm …", calls.about, "info")

    def show_api(self, state: ApiState) -> None:
        """Allow what fits the API's state."""
        running = state.status is ApiStatus.RUNNING
        self._documentation.setEnabled(running)
        self._copy.setEnabled(running)
        self._start.setEnabled(not running)
        self._stop.setEnabled(running)

    def api_busy(self) -> None:
        """Allow neither start nor stop while one of them is under way."""
        self._start.setEnabled(False)
        self._stop.setEnabled(False)

    def _menu(self, title: str) -> QMenu:
        menu = QMenu(title, self._window)
        bar = self._window.menuBar()
        if bar is not None:
            bar.addMenu(menu)
        return menu

    def _action(
        self,
        menu: QMenu,
        text: str,
        call: Callable[[], object],
        picture: str,
        shortcut: str = "",
    ) -> QAction:
        action = QAction(icon(picture), text, self._window)
        action.triggered.connect(lambda _checked: call())
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        menu.addAction(action)
        return action

    def _appearance_menu(self, choose: Callable[[Appearance], object], chosen: Appearance) -> QMenu:
        menu = QMenu("&Darstellung", self._window)
        group = QActionGroup(menu)
        for appearance, label in LABELS.items():
            action = QAction(label, group)
            action.setCheckable(True)
            action.setChecked(appearance is chosen)
            action.triggered.connect(lambda _checked, appearance=appearance: choose(appearance))
            menu.addAction(action)
        return menu

    def add_panel(self, frame: PanelFrame) -> None:
        """List one more panel, with the next number as its shortcut."""
        self._panels += 1
        number = self._panels
        title = menu_text(frame.spec.title)
        text = f"&{number} {title}" if number <= 9 else title
        action = QAction(_panel_icon(frame), text, self._window)
        if number <= 9:
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
        action.triggered.connect(lambda _checked: self._show_panel(frame))
        self._view.insertAction(self._behind_panels, action)


def _panel_icon(frame: PanelFrame) -> QIcon:
    return icon(frame.spec.icon)
