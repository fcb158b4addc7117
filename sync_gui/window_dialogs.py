"""The dialogs about settings and the API key, as the window opens them."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, Qt, pyqtSignal
from PyQt5.QtWidgets import QDialog, QMessageBox, QWidget

from sync_core.errors import SettingsError
from sync_core.settings_writer import SettingsFile
from sync_gui.api_key_dialog import ApiKeyDialog
from sync_gui.services import WindowServices
from sync_gui.settings_dialog.dialog import SettingsDialog
from sync_gui.settings_dialog.save_words import SAVED, unreadable_words


class WindowDialogs(QObject):
    """Opens dialogs over ``window`` through ``open_dialog``; ``say`` puts a line into its foot.

    Signals: ``settings_saved`` comes when the settings file was written.
    """

    settings_saved = pyqtSignal()

    def __init__(
        self,
        window: QWidget,
        services: WindowServices,
        open_dialog: Callable[[QDialog], None],
        say: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._services = services
        self._open = open_dialog
        self._say = say
        self._reading = False
        self._setting = ""

    def open_settings(self) -> None:
        """Read the settings file, then show the settings."""
        self.open_setting("")

    def open_setting(self, name: str) -> None:
        """The same, beginning with the setting of this full name; empty: with the first page."""
        if self._reading:
            return
        self._reading = True
        self._setting = name
        place = self._services.settings.place

        def read() -> SettingsFile | SettingsError:
            try:
                seen = place.read()
                seen.document()
            except SettingsError as error:
                return error
            return seen

        self._services.bridge.in_background(read, self._show_settings)

    def open_api_key(self) -> None:
        """Show the API key."""
        services = self._services
        self._open(
            ApiKeyDialog(services.api_key, services.bridge, demo=services.demo, parent=self._window)
        )

    def _show_settings(self, read: SettingsFile | SettingsError) -> None:
        self._reading = False
        if isinstance(read, SettingsError):
            box = QMessageBox(self._window)
            box.setIcon(QMessageBox.Icon.Warning)
            box.setWindowTitle("Einstellungen")
            box.setTextFormat(Qt.TextFormat.PlainText)
            box.setText(unreadable_words())
            box.setInformativeText(f"Technischer Grund: {read}")
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()
            return
        services = self._services
        dialog = SettingsDialog(services.settings, read, services.bridge, self._window)
        dialog.saved.connect(lambda: self._say(SAVED))
        dialog.saved.connect(self.settings_saved)
        dialog.show_setting(self._setting)
        self._open(dialog)
