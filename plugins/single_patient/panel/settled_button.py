"""A button for a place where another one stood a moment ago."""

from __future__ import annotations

from PyQt5.QtCore import QElapsedTimer, Qt
from PyQt5.QtGui import QMouseEvent, QMoveEvent, QResizeEvent, QShowEvent
from PyQt5.QtWidgets import QPushButton

SETTLE_MS = 500
"""Longer than the time between two clicks of a double click, shorter than it takes to read."""


class SettledButton(QPushButton):
    """A button that the mouse cannot press before it has stood still for half a second.

    The second click of a double click, or one that was on its way to the button before, would
    otherwise hit this one. Keys press it at once: they go where the focus is.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._stands_since = QElapsedTimer()
        self.setFocusPolicy(Qt.TabFocus)  # a click that does nothing must not take the focus either

    def is_settled(self) -> bool:
        """Whether the mouse can press it."""
        return self._stands_since.isValid() and self._stands_since.hasExpired(SETTLE_MS)

    def setText(self, text: str) -> None:
        """Another word makes it another button."""
        if text != self.text():
            self._stands_since.start()
        super().setText(text)

    def showEvent(self, event: QShowEvent) -> None:
        """It has just appeared."""
        self._stands_since.start()
        super().showEvent(event)

    def moveEvent(self, event: QMoveEvent) -> None:
        """It has just come here."""
        self._stands_since.start()
        super().moveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """It has just got larger, perhaps over the mouse."""
        self._stands_since.start()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press it, if it is settled; the second press of a double click comes here, too."""
        if self.is_settled():
            super().mousePressEvent(event)
