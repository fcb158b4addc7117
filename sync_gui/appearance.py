"""*Ansicht → Darstellung*: light, dark, or as the system has it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from PyQt5.QtCore import QObject, QSettings, QTimer
from PyQt5.QtGui import QPalette
from PyQt5.QtWidgets import QApplication

from sync_gui.colours import DARK, LIGHT, Theme
from sync_gui.style import apply_style, theme_now

STORE_NAME = "window.ini"
_STORE_KEY = "appearance"
_LOOK_MS = 2000
_PERSONALIZE = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"


class Appearance(Enum):
    """What somebody chose; the value is what is remembered."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


LABELS = {Appearance.SYSTEM: "&System", Appearance.LIGHT: "&Hell", Appearance.DARK: "&Dunkel"}


def appearance_of(remembered: object) -> Appearance:
    """The choice behind a remembered value; the system's for anything that is none."""
    return next((one for one in Appearance if one.value == remembered), Appearance.SYSTEM)


def system_probe(app: QApplication) -> Callable[[], bool]:
    """What tells whether the system is dark now. Ask for it before the first style is applied.

    Windows keeps the choice in the registry and is read anew each time. Elsewhere Qt 5 learns it
    once, with the desktop's palette, if at all.
    """
    dark_palette = app.palette().color(QPalette.ColorRole.Window).lightness() < 128
    if sys.platform == "win32":
        return _windows_is_dark
    return lambda: dark_palette


def _windows_is_dark() -> bool:
    if sys.platform != "win32":
        return False
    import winreg  # noqa: PLC0415 - only there

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _PERSONALIZE) as key:
            return winreg.QueryValueEx(key, "AppsUseLightTheme")[0] == 0
    except OSError:  # an older Windows
        return False


def remembered_appearance(app: QApplication, data_dir: Path) -> AppearanceSwitch:
    """The switch with what was chosen last, which is kept in the data folder."""
    kept = QSettings(str(data_dir / STORE_NAME), QSettings.Format.IniFormat)
    return AppearanceSwitch(
        app,
        system_probe(app),
        appearance_of(kept.value(_STORE_KEY)),
        lambda chosen: kept.setValue(_STORE_KEY, chosen.value),
    )


class AppearanceSwitch(QObject):
    """Shows the chosen theme and follows the system while that is what was chosen.

    ``system_is_dark`` is quick; ``remember`` gets each new choice. Attributes: ``chosen``.
    """

    def __init__(
        self,
        app: QApplication,
        system_is_dark: Callable[[], bool],
        chosen: Appearance = Appearance.SYSTEM,
        remember: Callable[[Appearance], object] = lambda _chosen: None,
    ) -> None:
        super().__init__(app)
        self._app = app
        self._system_is_dark = system_is_dark
        self._remember = remember
        self.chosen = chosen
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._show)
        self._follow()

    def choose(self, appearance: Appearance) -> None:
        """Show and remember another choice."""
        if appearance is not self.chosen:
            self.chosen = appearance
            self._remember(appearance)
            self._follow()

    def stop(self) -> None:
        """Follow the system no more."""
        self._timer.stop()

    def _follow(self) -> None:
        if self.chosen is Appearance.SYSTEM:
            self._timer.start(_LOOK_MS)
        else:
            self._timer.stop()
        self._show()

    def _show(self) -> None:
        wanted = self._wanted()
        if wanted is not theme_now() or not self._app.styleSheet():
            apply_style(self._app, wanted)

    def _wanted(self) -> Theme:
        if self.chosen is Appearance.SYSTEM:
            return DARK if self._system_is_dark() else LIGHT
        return DARK if self.chosen is Appearance.DARK else LIGHT
