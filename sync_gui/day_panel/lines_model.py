"""The lines as a Qt model, and the filter over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt

from sync_gui.day_panel.lines import RESULT_COLUMN, Line
from sync_gui.icons import icon
from sync_gui.plain_text import tool_tip

_NO_INDEX = QModelIndex()


class LinesModel(QAbstractTableModel):
    """Lines under headings, in the order of the status."""

    def __init__(self, headings: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._headings = tuple(headings)
        self._lines: Sequence[Line] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines instead; the same ones again change nothing."""
        if list(lines) == list(self._lines):
            return
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    def line(self, row: int) -> Line:
        """The line of a row."""
        return self._lines[row]

    def remarkable(self) -> int:
        """How many lines people should look at."""
        return sum(line.remarkable for line in self._lines)

    def rowCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(self._headings)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._headings[section] if 0 <= section < len(self._headings) else None
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, the result's icon, and what does not fit into the cell as tool tip."""
        if not index.isValid() or index.row() >= len(self._lines):
            return None
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.cells[index.column()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == RESULT_COLUMN:
            return icon(line.picture)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(line.cells[index.column()])
        return None


class LinesFilter(QSortFilterProxyModel):
    """Lets through lines that hold each of some words, and remarkable ones only if so wanted.

    Numbers are sorted as numbers.
    """

    def __init__(self, lines: LinesModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._words: tuple[str, ...] = ()
        self._only_remarkable = False
        self.setSourceModel(lines)

    def set_words(self, text: str) -> None:
        """Show lines only that hold each of the words."""
        self._words = tuple(text.casefold().split())
        self.invalidateFilter()

    def set_only_remarkable(self, only: bool) -> None:
        """Show lines only that people should look at, or all."""
        self._only_remarkable = only
        self.invalidateFilter()

    def line(self, index: QModelIndex) -> Line:
        """The line of a visible row."""
        return self._lines.line(self.mapToSource(index).row())

    def filterAcceptsRow(self, source_row: int, _source_parent: QModelIndex) -> bool:
        """Whether the line is shown."""
        line = self._lines.line(source_row)
        if self._only_remarkable and not line.remarkable:
            return False
        text = " ".join(line.cells).casefold()
        return all(word in text for word in self._words)

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:
        """Whether one cell stands before another."""
        return _sort_key(left.data()) < _sort_key(right.data())


def _sort_key(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdecimal() else (1, 0, text.casefold())
