"""The table of changes: a line for each database row, below it a line for each field."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QHeaderView

from plugins.single_patient.panel.result_texts import RowChange
from plugins.single_patient.panel.widgets import PlainTable, plain_tooltip

_WIDE_FIELD = "Art der Untersuchung"


class ChangesTable(PlainTable):
    """What is written: field, before, after."""

    def __init__(self, name: str) -> None:
        super().__init__(name, ("Feld", "vorher", "nachher"))
        # Not to its contents: the title lines, which span all columns, would count.
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.Fixed)
        self._shown: list[RowChange] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the field's name what it needs, but leave the most for the values."""
        super().resizeEvent(event)
        metrics = self.fontMetrics()
        needed = metrics.horizontalAdvance(_WIDE_FIELD) + metrics.height() * 2
        self.setColumnWidth(0, min(needed, self.viewport().width() // 2))
        self.fit_rows()

    def fit_rows(self) -> None:
        """The title lines span all columns, which Qt does not take into account."""
        super().fit_rows()
        number = 0
        for row in self._shown:
            self.setRowHeight(number, self.fontMetrics().height() + 12)
            number += 1 + len(row.fields)

    def show_changes(self, rows: Sequence[RowChange]) -> None:
        """Show these changes; the same ones again leave the selection alone."""
        if list(rows) == self._shown:
            return
        self._shown = list(rows)
        lines: list[tuple[str, str, str]] = []
        for row in rows:
            lines.append((row.title, "", ""))
            lines += [(field.field, field.before, field.after) for field in row.fields]
        self.clearSpans()
        self.show_rows(lines)
        number = 0
        for row in rows:
            self.setSpan(number, 0, 1, self.columnCount())
            title = self.cell(number, 0)
            font = self.font()
            font.setBold(True)
            title.setFont(font)
            title.setFlags(Qt.ItemIsEnabled)
            for offset, field in enumerate(row.fields, start=1):
                self.cell(number + offset, 0).setToolTip(plain_tooltip(field.column))
            number += 1 + len(row.fields)
