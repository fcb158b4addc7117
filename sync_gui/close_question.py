"""The one question that closing the window may ask."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QWidget

from sync_gui.icons import pixmap


class CloseQuestion(QMessageBox):
    """Whether running tasks shall be cancelled. Enter and Escape keep the program running.

    Once nothing runs any more, :meth:`nothing_runs` answers it.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._idle = False
        size = 2 * self.fontMetrics().height()
        self.setIconPixmap(pixmap("warning", size, parent.devicePixelRatioF()))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle("Programm beenden")
        self.setText("Laufende Abgleiche abbrechen und beenden?")
        self.setInformativeText("Abgebrochene Abgleiche lassen sich später wiederholen.")
        self.agree = self.addButton("&Abbrechen und beenden", QMessageBox.ButtonRole.AcceptRole)
        self.stay = self.addButton("&Weiterarbeiten", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.stay)
        self.setEscapeButton(self.stay)

    def nothing_runs(self) -> None:
        """Go away: there is nothing left to cancel, and closing is what was asked for."""
        self._idle = True
        self.accept()

    @property
    def agreed(self) -> bool:
        """Whether the program may be closed: they may be cancelled, or have ended meanwhile."""
        return self._idle or self.clickedButton() is self.agree
