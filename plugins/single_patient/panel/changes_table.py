"""The table of changes: a line for each database row, below it a line for each field."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFontMetrics, QResizeEvent
from PyQt5.QtWidgets import QHeaderView

from plugins.single_patient.panel.result_texts import RowChange
from plugins.single_patient.panel.widgets import PlainTable, plain_tooltip

_HEADINGS = ("Feld", "vorher", "nachher")
_PADDING_IN_EMS = 1.4


class ChangesTable(PlainTable):
    """What is written: field, before, after."""

    def __init__(self, name: str) -> None:
        super().__init__(name, _HEADINGS)
        # Not to their contents: the title lines, which span all columns, would count for the
        # first, and a long value in the second would leave nothing to the third.
        for column in (0, 1):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.Fixed)
        self._shown: list[RowChange] = []

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the texts at the new width; the columns come first."""
        self.fit_rows()
        super().resizeEvent(event)

    def fit_rows(self) -> None:
        """Share the width among the columns, then make the rows as high as that needs.

        The title lines span all columns, which Qt does not take into account.
        """
        self._fit_columns()
        super().fit_rows()
        number = 0
        for row in self._shown:
            self.setRowHeight(number, self.fontMetrics().height() + 12)
            number += 1 + len(row.fields)

    def _fit_columns(self) -> None:
        """What a field's name and the value before need; never more than half of what is left."""
        fields = [field for row in self._shown for field in row.fields]
        left = self.viewport().width()
        for column, texts in enumerate(([f.field for f in fields], [f.before for f in fields])):
            self.setColumnWidth(column, min(self._width_of(_HEADINGS[column], texts), left // 2))
            left -= self.columnWidth(column)

    def _width_of(self, heading: str, texts: Sequence[str]) -> int:
        font = self.font()
        font.setBold(True)  # as the heading is
        widths = [self.fontMetrics().horizontalAdvance(text) for text in texts]
        widths.append(QFontMetrics(font).horizontalAdvance(heading))
        return max(widths) + round(self.fontMetrics().height() * _PADDING_IN_EMS)

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
