"""The list of plugins: what is loaded, what is not, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from sync_core.plugin_report import PluginReport
from sync_gui.plain_text import plain_label
from sync_gui.plugin_words import details_words, start_words, state_words
from sync_gui.read_only_table import Cell, ReadOnlyTable
from sync_gui.sizes import fit

_HEADINGS = ("Name", "Version", "Zustand", "Grund", "Ansichten", "Endpunkte", "Startzeit")
_REFRESH_MS = 1000


class PluginDialog(QDialog):
    """Shows what ``reports`` returns, anew every second while open (a plugin may still start)."""

    def __init__(
        self, reports: Callable[[], Sequence[PluginReport]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._reports = reports
        self._shown: tuple[PluginReport, ...] | None = None
        self.setWindowTitle("Erweiterungen")
        em = self.fontMetrics().height()
        self.table = ReadOnlyTable("Erweiterungen", _HEADINGS, wide=3)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Einzelheiten der gewählten Erweiterung")
        close = QPushButton("&Schließen")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em * 2 // 3)
        box.addWidget(plain_label("Erweiterungen", role="heading"))
        box.addWidget(self.table, 3)
        box.addWidget(self.details, 2)
        box.addLayout(buttons)
        fit(self, 52, 30)
        self.table.currentCellChanged.connect(self._show_details)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._refresh)
        self._timer.start(_REFRESH_MS)
        self._refresh()
        self.table.setFocus()

    def done(self, result: int) -> None:
        """Close and ask no more."""
        self._timer.stop()
        super().done(result)

    def _refresh(self) -> None:
        reports = tuple(self._reports())
        if reports == self._shown:
            return
        self._shown = reports
        self.table.fill([_row(report) for report in reports])
        self._show_details()

    def _show_details(self, *_cells: int) -> None:
        row = self.table.currentRow()
        if self._shown and 0 <= row < len(self._shown):
            self.details.setPlainText(details_words(self._shown[row]))
        else:
            self.details.setPlainText("Es ist keine Erweiterung vorhanden.")


def _row(report: PluginReport) -> list[Cell]:
    picture, state = state_words(report.state)
    return [
        Cell(report.name),
        Cell(report.version or "–"),
        Cell(state, picture),
        Cell(report.reason or "–", hint=report.reason or ""),
        Cell(str(len(report.panels)), hint=", ".join(report.panels)),
        Cell(str(len(report.routes)), hint=", ".join(report.routes)),
        Cell(start_words(report.start_ms)),
    ]
