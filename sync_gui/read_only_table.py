"""A small table to read, for the dialogs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from sync_gui.icons import icon
from sync_gui.plain_text import tool_tip

_SHARE = 0.28
"""The part of a table that a column of limited width takes at most."""


@dataclass(frozen=True)
class Cell:
    """A cell: text, an icon's name or nothing, and a tool tip."""

    text: str
    picture: str = ""
    hint: str = ""


class ReadOnlyTable(QTableWidget):
    """Rows of cells under German headings; one row can be chosen, nothing can be edited.

    The column ``wide`` takes the room that is left.
    """

    def __init__(self, name: str, headings: Sequence[str], *, wide: int) -> None:
        super().__init__(0, len(headings))
        self._widths: Mapping[int, int] = {}
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(headings))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.9))
        columns = self.horizontalHeader()
        if columns is not None:
            columns.setHighlightSections(False)
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            columns.setMinimumSectionSize(self.fontMetrics().height() * 4)
            columns.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)

    def wrap_lines(self, widths: Mapping[int, int]) -> None:
        """Let texts take as many lines as they need.

        ``widths`` are the columns that are not to take more than so many font heights.
        """
        self._widths = widths
        self.setWordWrap(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        if rows is None or columns is None:
            return
        rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns.setMinimumSectionSize(self.fontMetrics().height() * 2)
        for column in widths:
            columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        columns.sectionResized.connect(self.resizeRowsToContents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the widest column its part in a narrow dialog."""
        super().resizeEvent(event)
        room = round(self.width() * _SHARE)
        for column, width in self._widths.items():
            self.setColumnWidth(column, min(self.fontMetrics().height() * width, room))

    def fill(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show ``rows`` instead of what is there; the chosen row's number stays chosen."""
        chosen = max(0, self.currentRow())
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                item = QTableWidgetItem(cell.text)
                item.setToolTip(tool_tip(cell.hint))
                if cell.picture:
                    item.setIcon(icon(cell.picture))
                self.setItem(number, column, item)
        if rows:
            self.selectRow(min(chosen, len(rows) - 1))
