"""The answer to *Verbindungen prüfen*: each connection in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PyQt5.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from sync_gui.health_watch import HealthWatch
from sync_gui.plain_text import plain_label
from sync_gui.read_only_table import Cell, ReadOnlyTable
from sync_gui.sizes import fit
from sync_gui.status_words import check_summary, health_light

_HEADINGS = ("Verbindung", "Bedeutung", "Technische Meldung")
_WIDTHS = {0: 18, 2: 13}
"""Of columns, in heights of the font; longer texts take more lines."""


class ConnectionsDialog(QDialog):
    """Asks once when opened and again by its button; follows ``watch`` while open."""

    def __init__(
        self, watch: HealthWatch, labels: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._watch = watch
        self._labels = labels
        self.setWindowTitle("Verbindungen prüfen")
        em = self.fontMetrics().height()
        self.summary = plain_label(role="heading")
        self.table = ReadOnlyTable("Verbindungen", _HEADINGS, wide=1)
        self.table.wrap_lines(_WIDTHS)
        self._again = QPushButton("Erneut &prüfen")
        self._again.setAutoDefault(False)
        self._again.clicked.connect(self._ask)
        close = QPushButton("&Schließen")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self._again)
        buttons.addStretch(1)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em * 2 // 3)
        box.addWidget(self.summary)
        box.addWidget(self.table)
        box.addLayout(buttons)
        fit(self, 62, 22)
        watch.checked.connect(self._show)
        self._show()
        self._ask()
        close.setFocus()

    def _ask(self) -> None:
        self.summary.setText("Verbindungen werden geprüft …")
        self._again.setEnabled(False)
        self._watch.ask()

    def _show(self) -> None:
        reaches = self._watch.reaches
        self._again.setEnabled(True)
        self.summary.setText(check_summary(reaches))
        rows = []
        now = datetime.now()
        for name, label in self._labels.items():
            reach = reaches.get(name)
            light = health_light(label, reach, now)
            technical = reach.message if reach is not None else ""
            rows.append([Cell(light.text, light.icon), Cell(light.hint), Cell(technical)])
        self.table.fill(rows)
