"""The panel *Protokoll*: what the program logs, live."""

from __future__ import annotations

import logging

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QGuiApplication, QKeySequence, QPaintEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QShortcut,
    QStyledItemDelegate,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hookspecs import Bridge
from sync_gui.icons import icon
from sync_gui.log_handler import TOPIC, LogHandler, LogLine
from sync_gui.log_model import LogFilter, LogModel, line_text
from sync_gui.plain_text import plain_label

_LEVELS = (
    ("Alles", 0),
    ("Ab Info", logging.INFO),
    ("Ab Warnung", logging.WARNING),
    ("Nur Fehler", logging.ERROR),
)
_GATHER_MS = 100
_HINT = (
    "Technische Aufzeichnung für die IT, auf Englisch. Was aus einem Abgleich geworden ist, steht "
    "in den anderen Ansichten."
)


class LogPanel(QWidget):
    """Shows the lines that ``handler`` kept and those that come over ``bridge``.

    Lines are gathered for a tenth of a second, so that a flood of them costs few repaints.
    """

    def __init__(self, bridge: Bridge, handler: LogHandler) -> None:
        super().__init__()
        self.lines = LogModel(self)
        self.shown = LogFilter(self.lines, self)
        self._last = 0
        self._gathered: list[LogLine] = []
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.timeout.connect(self._add_gathered)

        self.level = QComboBox()
        self.level.setItemDelegate(QStyledItemDelegate(self.level))  # roomy, as the sheet says
        for words, level in _LEVELS:
            self.level.addItem(words, level)
        self.level.setCurrentIndex(1)
        self.shown.set_least_level(logging.INFO)
        self.level.setAccessibleName("Stufe")
        self.level.currentIndexChanged.connect(self._filter_level)
        self.text = QLineEdit()
        self.text.setPlaceholderText("Suche in Quelle und Text")
        self.text.setClearButtonEnabled(True)
        self.text.setAccessibleName("Suche")
        self.text.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.text.textChanged.connect(self._filter_text)
        self.copy = QPushButton("&Kopieren")
        self.copy.setToolTip("Die gewählten Zeilen kopieren; ohne Auswahl alle gezeigten")
        self.copy.clicked.connect(self.copy_lines)
        self.count = plain_label(role="hint")
        self.table = self._make_table()
        self._lay_out()

        bridge.subscribe(TOPIC, self._receive)
        for line in handler.recent():
            self._receive(line)
        self._add_gathered()

    def copy_lines(self) -> None:
        """Put the chosen lines on the clipboard; all that are shown when none is chosen."""
        selection = self.table.selectionModel()
        rows = sorted(index.row() for index in selection.selectedRows()) if selection else []
        lines = [self.shown.line(row) for row in rows or range(self.shown.rowCount())]
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None and lines:
            clipboard.setText("\n".join(line_text(line) for line in lines))

    def _receive(self, line: LogLine) -> None:
        if line.number <= self._last:  # came with the kept lines, too
            return
        self._last = line.number
        self._gathered.append(line)
        if not self._gather.isActive():
            self._gather.start(_GATHER_MS)

    def _add_gathered(self) -> None:
        gathered, self._gathered = self._gathered, []
        bar = self.table.verticalScrollBar()
        at_end = bar is None or bar.value() >= bar.maximum()
        self.lines.add(gathered)
        if at_end:
            self.table.scrollToBottom()
        self._show_count()

    def _filter_level(self, index: int) -> None:
        self.shown.set_least_level(self.level.itemData(index))
        self._show_count()

    def _filter_text(self, text: str) -> None:
        self.shown.set_wanted_text(text)
        self._show_count()

    def _show_count(self) -> None:
        shown, total = self.shown.rowCount(), self.lines.rowCount()
        self.count.setText(f"{shown} von {total} Zeilen")

    def _make_table(self) -> QTableView:
        table = _LinesTable()
        table.setModel(self.shown)
        table.setAccessibleName("Protokoll")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        em = table.fontMetrics().height()
        rows = table.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            rows.setDefaultSectionSize(round(em * 1.6))
        columns = table.horizontalHeader()
        if columns is not None:
            columns.setHighlightSections(False)
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            columns.setStretchLastSection(True)
        for column, width in enumerate((5.5, 7, 13)):
            table.setColumnWidth(column, round(em * width))
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy_lines)
        return table

    def _lay_out(self) -> None:
        em = self.fontMetrics().height()
        level_label = QLabel("S&tufe")
        level_label.setBuddy(self.level)
        bar = QHBoxLayout()
        bar.setSpacing(em // 2)
        bar.addWidget(level_label)
        bar.addWidget(self.level)
        bar.addWidget(self.text, 1)
        bar.addWidget(self.count)
        bar.addWidget(self.copy)
        hint = plain_label(_HINT, role="hint")
        hint.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em // 2)
        box.addWidget(hint)
        box.addLayout(bar)
        box.addWidget(self.table)


class _LinesTable(QTableView):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint from within Python, which keeps Python's lock until the table is painted.

        Called by Qt itself, it would have to win the lock anew for each of a thousand questions to
        the model, while syncs and requests want it, too.
        """
        super().paintEvent(event)
