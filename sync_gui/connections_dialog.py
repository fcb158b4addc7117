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
        self.table = ReadOnlyTable("Verbindungen", ("Verbindung", "Technische Meldung"), wide=1)
        self._again = QPushButton("Erneut &prüfen")
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
        fit(self, 44, 18)
        watch.checked.connect(self._show)
        self._show()
        self._ask()

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
            light = health_light(label, reaches.get(name), now)
            rows.append([Cell(light.text, light.icon), Cell(light.hint, hint=light.hint)])
        self.table.fill(rows)
