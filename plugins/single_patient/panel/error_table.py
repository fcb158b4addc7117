"""The table of failed syncs: its columns' widths, and rows as high as their texts need."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFont, QFontMetrics, QResizeEvent, QShowEvent, QTextLayout
from PyQt5.QtWidgets import QAbstractItemView, QHeaderView, QStyle, QTableView

from plugins.single_patient.panel.column_widths import ColumnWidth, fitted
from plugins.single_patient.panel.error_log_model import ErrorLogModel, ErrorTexts
from sync_core.error_catalogue import TASK_ERRORS

_MOMENT = "● 00.00. 00:00"
_WORDS = (
    ("● 00:00:00",),
    ("00000000",),
    ("00.00.0000",),
    tuple(word for entry in TASK_ERRORS for word in entry.short_de.split()),
    tuple(word for entry in TASK_ERRORS for word in entry.advice_de.split()),
)
"""For each column what must stand in one line even where there is little room."""

_WANTED = (
    _MOMENT,
    "000000000",
    "00.00.0000",
    "Patientendaten unvollständig",
    "Geburtsdaten vergleichen, PIZ prüfen, den falschen",
)
"""For each column what would stand in one line where there is room."""

_PADDING_IN_EMS = 0.3
_ROOM_IN_EMS = 0.5
_TIME, _REASON, _ADVICE = 0, 3, 4


class ErrorTable(QTableView):
    """Shows an error log's model. Its texts are wrapped and never cut.

    There may be thousands of failures, but only so many different texts as there are error codes:
    each is measured once.
    """

    def __init__(self, model: ErrorLogModel) -> None:
        super().__init__()
        self._model = model
        self._heights: dict[ErrorTexts, int] = {}
        self.setModel(model)
        self.setAccessibleName("Fehlgeschlagene Abgleiche")
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setProperty("role", "dense")
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.Fixed)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        columns.setSectionResizeMode(QHeaderView.Fixed)
        model.rowsInserted.connect(lambda _parent, first, last: self._fit(first, last))
        model.dataChanged.connect(lambda first, last: self._fit(first.row(), last.row()))
        model.modelReset.connect(self._fit_all)

    def showEvent(self, event: QShowEvent) -> None:
        """Only now the style sheet's font and edges are known."""
        super().showEvent(event)
        self._fit_anew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width and wrap the texts at it."""
        super().resizeEvent(event)
        self._fit_anew()

    def _fit_anew(self) -> None:
        """Measure again; most often no text needs more lines or fewer, and no row is touched."""
        self._fit_columns()
        before, self._heights = self._heights, {}
        for row in range(self._model.rowCount()):
            self._height_of(row)
        if self._heights != before:
            self._fit_all()

    def _fit_all(self) -> None:
        self._fit(0, self._model.rowCount() - 1)

    def _fit(self, first: int, last: int) -> None:
        rows = self.verticalHeader()
        rows.setUpdatesEnabled(False)  # or Qt adds up all rows' heights after each one
        for row in range(first, last + 1):
            rows.resizeSection(row, self._height_of(row))
        rows.setUpdatesEnabled(True)

    def _height_of(self, row: int) -> int:
        texts = self._model.texts_at(row)
        height = self._heights.get(texts)
        if height is None:
            height = self._heights[texts] = self._measured(texts)
        return height

    def _measured(self, texts: ErrorTexts) -> int:
        """What the texts need. Qt's own answer wraps them as if the cells had no edges."""
        shown = ((_TIME, _MOMENT), (_REASON, texts.reason), (_ADVICE, texts.advice))
        lines = (self._wrapped(column, text, bold=texts.is_fresh) for column, text in shown)
        return max(lines) + round(self.fontMetrics().height() * _ROOM_IN_EMS)

    def _wrapped(self, column: int, text: str, *, bold: bool) -> int:
        layout = QTextLayout(text, self._font(bold=bold and column != _ADVICE))
        layout.beginLayout()
        height = 0.0
        while (line := layout.createLine()).isValid():  # as the cells do it, line by line
            line.setLineWidth(self.columnWidth(column) - self._edges())
            height += line.height()
        layout.endLayout()
        return ceil(height)

    def _fit_columns(self) -> None:
        needs = map(self._needs_of, range(len(_WORDS)), _WORDS, _WANTED)
        for column, width in enumerate(fitted(list(needs), self.viewport().width())):
            self.setColumnWidth(column, width)

    def _needs_of(self, column: int, words: Sequence[str], wanted: str) -> ColumnWidth:
        width_of = QFontMetrics(self._font(bold=column != _ADVICE)).horizontalAdvance
        least = max(map(width_of, words)) + self._edges()
        return ColumnWidth(least, width_of(wanted) + self._edges(), int(column == _ADVICE))

    def _font(self, *, bold: bool) -> QFont:
        font = self.font()
        font.setBold(bold)
        return font

    def _edges(self) -> int:
        edge = self.style().pixelMetric(QStyle.PM_FocusFrameHMargin) + 1
        return 2 * edge + round(self.fontMetrics().height() * _PADDING_IN_EMS)
