"""The counts of a day: a table, and beside it the same numbers as bars."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QBrush, QFontMetrics, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from sync_core.german import counted
from sync_gui.day_panel.day_facts import CountRow
from sync_gui.day_panel.day_words import NOTHING
from sync_gui.icons import icon
from sync_gui.style import colour

HEADINGS = ("Ergebnis", "Patienten", "Untersuchungen")
_SHORT_HEADINGS = ("Pat.", "Unters.")
_ROW_IN_EMS = 1.4


class Counts(QWidget):
    """Table and bars side by side, line by line at the same height."""

    def __init__(self) -> None:
        super().__init__()
        row_height = round(self.fontMetrics().height() * _ROW_IN_EMS)
        self.table = _CountsTable(row_height)
        self.chart = CountsChart(row_height)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self.fontMetrics().height())
        row.addWidget(self.table, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.chart, 1, Qt.AlignmentFlag.AlignTop)

    def show_rows(self, rows: Sequence[CountRow]) -> None:
        """Show these counts; the last line is the sum and has no bar."""
        self.table.show_rows(rows)
        self.chart.show_rows(rows[:-1])


class _CountsTable(QTableWidget):
    """What came out of how many patients and examinations."""

    def __init__(self, row_height: int) -> None:
        super().__init__(0, len(HEADINGS))
        self._row_height = row_height
        self.setAccessibleName("Zahlen des Tages")
        self.setHorizontalHeaderLabels(list(HEADINGS))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        if rows is not None:
            rows.hide()
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            rows.setMinimumSectionSize(row_height)
            rows.setDefaultSectionSize(row_height)
        if columns is not None:
            columns.setHighlightSections(False)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            columns.setFixedHeight(row_height)
        bold = self.font()
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        for column, sample in enumerate(("nicht übernommen", *HEADINGS[1:])):
            extra = round(metrics.height() * (2.4 if column == 0 else 1.4))
            self.setColumnWidth(column, metrics.horizontalAdvance(sample) + extra)
            heading = self.horizontalHeaderItem(column)
            if heading is not None:
                heading.setTextAlignment(_alignment(column))

    def show_rows(self, rows: Sequence[CountRow]) -> None:
        """Show these lines."""
        self.setRowCount(len(rows))
        for number, row in enumerate(rows):
            is_sum = number == len(rows) - 1
            for column, text in enumerate(
                (row.words, _shown(row.patients), _shown(row.examinations))
            ):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_alignment(column))
                if column == 0 and row.picture:
                    item.setIcon(icon(row.picture))
                if is_sum:
                    font = self.font()
                    font.setBold(True)
                    item.setFont(font)
                self.setItem(number, column, item)
        width = sum(self.columnWidth(column) for column in range(len(HEADINGS)))
        edge = 2 * self.frameWidth() + 2
        self.setFixedSize(width + edge, self._row_height * (len(rows) + 1) + edge)


class CountsChart(QWidget):
    """Two bars for each line: patients hatched, examinations filled, the number behind each.

    Pattern, place and number say what colour says, too.
    """

    def __init__(self, row_height: int) -> None:
        super().__init__()
        self._row_height = row_height
        self._rows: Sequence[CountRow] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Zahlen des Tages als Balken")

    def show_rows(self, rows: Sequence[CountRow]) -> None:
        """Show these counts."""
        self._rows = tuple(rows)
        self.setAccessibleDescription(chart_words(rows))
        self.setToolTip(chart_words(rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As high as its lines and the legend."""
        return QSize(self.fontMetrics().height() * 16, self._row_height * (len(self._rows) + 2))

    def minimumSizeHint(self) -> QSize:
        """The same height, and room for short bars."""
        return QSize(self.fontMetrics().height() * 8, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the legend, the base line and the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_legend(painter)
        high = self._row_height
        metrics = self.fontMetrics()
        most = max((number for row in self._rows for number in _numbers(row)), default=0)
        room = self.width() - metrics.horizontalAdvance(str(most)) - metrics.height()
        painter.setPen(QPen(colour("line"), 1))
        painter.drawLine(1, high, 1, high * (len(self._rows) + 1))
        for line, row in enumerate(self._rows, start=1):
            bar = (high - 4) / 2
            for place, number in enumerate((row.patients, row.examinations)):
                if number is None:
                    continue
                top = line * high + 2 + place * bar
                width = room * number / most if most else 0
                area = QRectF(2, top + 1, max(width, 2 if number else 0), bar - 2)
                _paint_bar(painter, area, hatched=place == 0)
                self._paint_number(painter, area, str(number), faint=not number)
        painter.end()

    def _paint_number(self, painter: QPainter, bar: QRectF, text: str, *, faint: bool) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 0.8)
        painter.setFont(font)
        painter.setPen(colour("pale" if faint else "text"))
        place = QRectF(bar.right() + 5, bar.top() - 3, self.width(), bar.height() + 6)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.setFont(self.font())

    def _paint_legend(self, painter: QPainter) -> None:
        metrics = self.fontMetrics()
        sample, left = metrics.height() * 0.7, 2.0
        needed = metrics.horizontalAdvance("".join(HEADINGS[1:])) + metrics.height() * 5
        for place, words in enumerate(HEADINGS[1:] if needed < self.width() else _SHORT_HEADINGS):
            area = QRectF(left, (self._row_height - sample) / 2, sample * 1.6, sample)
            _paint_bar(painter, area, hatched=place == 0)
            painter.setPen(colour("muted"))
            text = QRectF(area.right() + 6, 0, self.width(), self._row_height)
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), words)
            left = area.right() + 6 + metrics.horizontalAdvance(words) + metrics.height()


def chart_words(rows: Sequence[CountRow]) -> str:
    """The chart in words, without the lines of which there is nothing."""
    parts = [
        f"{row.words}: {counted(row.patients or 0, 'Patient', 'Patienten')}, "
        f"{counted(row.examinations or 0, 'Untersuchung', 'Untersuchungen')}"
        for row in rows
        if row.patients or row.examinations
    ]
    return "; ".join(parts) or "Nichts zu zählen"


def _paint_bar(painter: QPainter, area: QRectF, *, hatched: bool) -> None:
    if area.width() <= 0:
        return
    ink = colour("calm" if hatched else "info")
    painter.setPen(QPen(ink, 1))
    pattern = Qt.BrushStyle.BDiagPattern if hatched else Qt.BrushStyle.SolidPattern
    painter.setBrush(QBrush(ink, pattern))
    painter.drawRect(area)


def _numbers(row: CountRow) -> tuple[int, int]:
    return row.patients or 0, row.examinations or 0


def _shown(number: int | None) -> str:
    return NOTHING if number is None else str(number)


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
