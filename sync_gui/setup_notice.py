"""The notice of an installation with which nothing can be synced yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QEvent, pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QWidget

from hookspecs import Bridge
from sync_core.errors import SettingsError
from sync_gui.flow_layout import FlowLayout
from sync_gui.icons import Picture
from sync_gui.plain_text import plain_label
from sync_gui.setup_words import SetupWords, setup_words_after


class SetupNotice(QToolBar):
    """A line above the panels that says ``words``; it stays until somebody has set things up.

    ``missing_next`` tells the addresses that the next start would lack; it reads a file and may
    raise ``SettingsError``. Signals: ``wanted`` comes with the full name of the setting to open.
    """

    wanted = pyqtSignal(str)
    _ready = False
    """Qt sends events while its own part is being built."""

    def __init__(
        self, words: SetupWords, missing_next: Callable[[], Sequence[str]], bridge: Bridge
    ) -> None:
        super().__init__("Einrichtung")
        self.setObjectName("setup")
        self.setProperty("role", "setup")
        self.setAccessibleName("Einrichtung")
        self.setMovable(False)
        self.setFloatable(False)
        self._missing_next = missing_next
        self._bridge = bridge
        self.words = words
        em = self.fontMetrics().height()
        self._picture = Picture(size=em)
        self._title = plain_label(role="heading")
        self._matter = plain_label()
        self._effect = plain_label()
        self.button = QPushButton("E&instellungen öffnen")
        self.button.setToolTip("Datei → Einstellungen")
        self.button.clicked.connect(self._open)
        head = QWidget()
        together = QHBoxLayout(head)
        together.setContentsMargins(0, 0, 0, 0)
        together.setSpacing(em // 2)
        together.addWidget(self._picture)
        together.addWidget(self._title)
        self._whole = QWidget()
        self._whole.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = FlowLayout(self._whole, em)
        self._row.setContentsMargins(em, em // 3, em, em // 3)
        for widget in (head, self._matter, self._effect, self.button):
            self._row.addWidget(widget)
        self.addWidget(self._whole)
        self._ready = True
        self._show(words)

    def settings_saved(self) -> None:
        """Say what is left to do, now that the settings file was written."""

        def read() -> Sequence[str] | None:
            try:
                return self._missing_next()
            except SettingsError:  # somebody is writing it by hand
                return None

        self._bridge.in_background(read, self._saved)

    def event(self, event: QEvent) -> bool:
        """Follow words and style: larger ones may need one more line."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.StyleChange):
            self._fit_height()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the words need at this width."""
        super().resizeEvent(event)
        self._fit_height()

    def _open(self) -> None:
        self.wanted.emit(self.words.setting)

    def _saved(self, missing: Sequence[str] | None) -> None:
        if missing is not None:
            self._show(setup_words_after(missing))

    def _show(self, words: SetupWords) -> None:
        self.words = words
        self._picture.show_icon(words.icon)
        self._title.setText(words.title)
        self._matter.setText(words.matter)
        self._effect.setText(words.effect)
        self.button.setVisible(bool(words.setting))
        self._fit_height()

    def _fit_height(self) -> None:
        if self._ready:
            self._whole.setFixedHeight(self._row.heightForWidth(self.width()))
