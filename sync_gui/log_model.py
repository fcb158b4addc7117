"""The log lines as a table model, bounded, and its filter."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, QSortFilterProxyModel, Qt

from sync_gui.icons import icon
from sync_gui.log_handler import KEPT_LINES, LogLine
from sync_gui.plain_text import tool_tip

HEADINGS = ("Zeit", "Stufe", "Quelle", "Text")
_NOWHERE = QModelIndex()

# (from this level on, German word, icon)
_LEVELS = (
    (logging.CRITICAL, "Kritisch", "error"),
    (logging.ERROR, "Fehler", "error"),
    (logging.WARNING, "Warnung", "warning"),
    (logging.INFO, "Info", "info"),
    (0, "Detail", "detail"),
)


def level_words(level: int) -> tuple[str, str]:
    """German word and icon of one of logging's levels."""
    return next((word, picture) for least, word, picture in _LEVELS if level >= least)


def line_text(line: LogLine) -> str:
    """A line as it is copied."""
    word, _ = level_words(line.level)
    return f"{line.moment:%Y-%m-%d %H:%M:%S} {word} {line.logger}: {line.text}"


class LogModel(QAbstractTableModel):
    """Log lines, oldest first, at most ``kept``; older ones go."""

    def __init__(self, parent: QObject | None = None, *, kept: int = KEPT_LINES) -> None:
        super().__init__(parent)
        self._kept = kept
        self._lines: list[LogLine] = []
        self._icons = {picture: icon(picture) for _, _, picture in _LEVELS}

    def add(self, lines: Sequence[LogLine]) -> None:
        """Append ``lines``, which are newer than all others."""
        lines = lines[-self._kept :]
        if not lines:
            return
        surplus = len(self._lines) + len(lines) - self._kept
        if surplus > 0:
            self.beginRemoveRows(_NOWHERE, 0, surplus - 1)
            del self._lines[:surplus]
            self.endRemoveRows()
        first = len(self._lines)
        self.beginInsertRows(_NOWHERE, first, first + len(lines) - 1)
        self._lines += lines
        self.endInsertRows()

    def line(self, row: int) -> LogLine:
        """The line of a row."""
        return self._lines[row]

    def rowCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """How many lines there are."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: QModelIndex = _NOWHERE) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, the level's icon, and the whole text as tool tip."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, column)
        if role == Qt.ItemDataRole.DecorationRole and column == 1:
            return self._icons[level_words(line.level)[1]]
        if role == Qt.ItemDataRole.ToolTipRole and column == 3:
            return tool_tip(line.text)
        return None

    @staticmethod
    def _text(line: LogLine, column: int) -> str:
        if column == 0:
            return f"{line.moment:%H:%M:%S}"
        if column == 1:
            return level_words(line.level)[0]
        if column == 2:
            return line.logger
        first, more, _ = line.text.partition("\n")
        return f"{first} …" if more else first


class LogFilter(QSortFilterProxyModel):
    """Lets through lines from a level on that hold a text in logger or text, in any case."""

    def __init__(self, lines: LogModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log = lines
        self._least = 0
        self._wanted = ""
        self.setSourceModel(lines)

    def set_least_level(self, level: int) -> None:
        """Show lines of ``level`` and above only."""
        self._least = level
        self.invalidateFilter()

    def set_wanted_text(self, text: str) -> None:
        """Show lines that hold ``text`` only."""
        self._wanted = text.strip().casefold()
        self.invalidateFilter()

    def line(self, row: int) -> LogLine:
        """The line of a visible row."""
        return self._log.line(self.mapToSource(self.index(row, 0)).row())

    def filterAcceptsRow(self, source_row: int, _source_parent: QModelIndex) -> bool:
        """Whether the line is shown."""
        line = self._log.line(source_row)
        if line.level < self._least:
            return False
        return not self._wanted or (
            self._wanted in line.text.casefold() or self._wanted in line.logger.casefold()
        )
