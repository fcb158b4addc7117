"""The row in which somebody searches the help."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from sync_gui.plain_text import plain_label

_FIELD = "Im Handbuch suchen"


class HelpSearchBar(QWidget):
    """``typed`` comes with the words; ``next_wanted`` and ``previous_wanted`` go on from there."""

    typed = pyqtSignal(str)
    next_wanted = pyqtSignal()
    previous_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        em = self.fontMetrics().height()
        self.field = QLineEdit()
        self.field.setPlaceholderText(f"{_FIELD} (Strg+F)")
        self.field.setAccessibleName(_FIELD)
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(em * 7)
        self.field.textChanged.connect(self.typed)
        self.field.returnPressed.connect(self.next_wanted)
        self._result = plain_label("")
        self._result.setMinimumWidth(em * 17 // 2)
        self.previous = _button("Vor&heriger", "Umschalt+F3: der Treffer davor")
        self.previous.clicked.connect(self.previous_wanted)
        self.next = _button("&Nächster", "F3 oder Eingabetaste: der nächste Treffer")
        self.next.clicked.connect(self.next_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(em // 2)
        row.addWidget(self.field, 1)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        row.addWidget(self._result)
        self.tell("", found=False)

    def tell(self, words: str, *, found: bool) -> None:
        """Say what came of the search; without something found there is nothing to go on to."""
        self._result.setText(words)
        self.previous.setEnabled(found)
        self.next.setEnabled(found)

    def begin(self) -> None:
        """Let somebody type."""
        self.field.setFocus()
        self.field.selectAll()


def _button(words: str, tip: str) -> QPushButton:
    button = QPushButton(words)
    button.setToolTip(tip)
    button.setAutoDefault(False)  # the Enter key belongs to the field
    return button
