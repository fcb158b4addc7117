"""The one question that closing the window may ask."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QWidget

from sync_gui.icons import pixmap


class CloseQuestion(QMessageBox):
    """Whether running tasks shall be cancelled. Enter and Escape keep the program running."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
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

    @property
    def agreed(self) -> bool:
        """Whether the answer was to cancel them."""
        return self.clickedButton() is self.agree
