"""The table with its filter line, and the progress bar inside a cell."""

from __future__ import annotations

from PyQt5.QtCore import QModelIndex, QRectF, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from plugins.single_patient.panel.column_widths import ColumnWidth, fitted
from plugins.single_patient.panel.task_columns import HEADINGS, Column
from plugins.single_patient.panel.task_facts import StateFilter
from plugins.single_patient.panel.task_filter import TaskFilter
from plugins.single_patient.panel.task_table_model import (
    PERCENT_ROLE,
    TASK_ROLE,
    TaskTableModel,
)
from plugins.single_patient.panel.widgets import field_label
from sync_core.task_model import TaskView

_SAMPLES = {
    Column.TIME: ("00:00", "00.00. 00:00"),
    Column.PIZ: ("000000000", "000000000"),
    Column.PATIENT: ("Mustermann", "Mustermann, Max"),
    Column.DAY: ("00.00.0000", "00.00.0000"),
    Column.TYPE: ("Herzka…", "Herzkatheter"),
    Column.PROGRESS: ("bis: Zuordnen", "bis: CallDoc fragen"),
    Column.RESULT: ("kein passender Termin", "Patientendaten unvollständig"),
    Column.SOURCE: ("API 127.0.0.1", "API 192.168.100.100"),
    Column.DURATION: ("00,0 s", "1 min 00 s"),
}
"""For each column a text that always fits, and one that fits where there is room."""

_SHARES = {Column.PATIENT: 2, Column.RESULT: 3}
"""Names and results may be of any length, so they share what is left."""

_PADDING_IN_EMS = 0.3
_ICON_IN_EMS = 1.4
_VISUAL_ORDER = (Column.TIME, Column.PIZ, Column.PATIENT, Column.RESULT, Column.PROGRESS)
"""What staff look for stands left, so that a narrow window shows it without scrolling."""


class TaskTable(QWidget):
    """Filter line and table.

    Signals: ``chosen(TaskView | None)`` another task was chosen, or none any more.
    """

    chosen = pyqtSignal(object)

    def __init__(self, model: TaskTableModel) -> None:
        super().__init__()
        self._model = model
        self.filter = TaskFilter(model, self)
        self.text = QLineEdit()
        self.text.setPlaceholderText("PIZ, Name, Tag, Ergebnis …")
        self.text.setClearButtonEnabled(True)
        self.text.textChanged.connect(self.filter.set_text)
        self.state = QComboBox()
        self.state.setItemDelegate(
            QStyledItemDelegate(self.state)
        )  # roomy, as the style sheet says
        self.state.addItems([choice.value for choice in StateFilter])
        self.state.currentTextChanged.connect(
            lambda words: self.filter.set_state(StateFilter(words))
        )
        self.view = _TableView(self.filter)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self._chosen_id: str | None = None
        line = QHBoxLayout()
        line.addWidget(field_label("&Suche", self.text))
        line.addWidget(self.text, 1)
        line.addWidget(field_label("Z&ustand", self.state))
        line.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(line)
        layout.addWidget(self.view, 1)

    def choose(self, task_id: str) -> None:
        """Choose a task, if the filter shows it."""
        row = self._model.row_of(task_id)
        if row is None:
            return
        index = self.filter.mapFromSource(self._model.index(row, 0))
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    def choose_again(self) -> None:
        """Choose the same task as before the table was loaded anew."""
        if self._chosen_id is not None:
            self.choose(self._chosen_id)

    def _selection_changed(self) -> None:
        rows = self.view.selectionModel().selectedRows()
        view: TaskView | None = rows[0].data(TASK_ROLE) if rows else None
        if view is not None:
            self._chosen_id = view.task_id
        self.chosen.emit(view)


class ProgressDelegate(QStyledItemDelegate):
    """Paints the stage in words with a bar below, in the cells of living tasks."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Paint the cell, and the bar when the model gives a percentage."""
        super().paint(painter, option, index)
        percent = index.data(PERCENT_ROLE)
        if percent is None:
            return
        whole = QRectF(option.rect).adjusted(4, option.rect.height() - 5, -4, -2)
        done = QRectF(whole)
        done.setWidth(whole.width() * min(max(percent, 0), 100) / 100)
        palette = option.palette
        selected = bool(option.state & QStyle.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        painter.setBrush(palette.brush(QPalette.Mid))
        painter.drawRoundedRect(whole, 1.5, 1.5)
        painter.setBrush(palette.brush(QPalette.HighlightedText if selected else QPalette.Link))
        painter.drawRoundedRect(done, 1.5, 1.5)
        painter.restore()


class _TableView(QTableView):
    """A table that says what it is for while it is empty."""

    def __init__(self, model: TaskFilter) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setAccessibleName("Abgleiche einzelner Patienten")
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.SingleSelection)
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setProperty("role", "dense")
        self.setItemDelegateForColumn(Column.PROGRESS, ProgressDelegate(self))
        metrics = self.fontMetrics()
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.Fixed)
        rows.setDefaultSectionSize(metrics.height() + 12)
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        columns.setMinimumSectionSize(metrics.averageCharWidth() * 6)
        for place, column in enumerate(_VISUAL_ORDER):
            columns.moveSection(columns.visualIndex(column), place)
        self._chosen_widths: dict[int, int] = {}
        self._fitting = False
        self._fit_later = QTimer(self)
        self._fit_later.setSingleShot(True)
        self._fit_later.setInterval(0)
        self._fit_later.timeout.connect(self._fit_columns)
        self._fit_columns()
        columns.sectionResized.connect(self._width_chosen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns; a scroll bar comes only where that fails."""
        super().resizeEvent(event)
        self._fit_columns()

    def _width_chosen(self, column: int, _before: int, width: int) -> None:
        """Somebody dragged a column's edge, or gave it the width it had in an earlier run.

        That is what the column would like from now on; but the least it needs is what it has where
        there is no room, and nobody's wish. While the edge is being dragged the others stay, or it
        would slip from under the mouse.
        """
        if self._fitting:
            return
        if width == self._width_of(Column(column), _SAMPLES[Column(column)][0]):
            self._chosen_widths.pop(column, None)
        else:
            self._chosen_widths[column] = width
        if not QApplication.mouseButtons():
            self._fit_later.start()

    def _fit_columns(self) -> None:
        widths = fitted([self._needs_of(column) for column in Column], self.viewport().width())
        self._fitting = True
        for column, width in zip(Column, widths, strict=True):
            self.setColumnWidth(column, width)
        self._fitting = False

    def _needs_of(self, column: Column) -> ColumnWidth:
        least, wanted = (self._width_of(column, sample) for sample in _SAMPLES[column])
        wanted = self._chosen_widths.get(column, wanted)
        return ColumnWidth(min(least, wanted), wanted, _SHARES.get(column, 0))

    def _width_of(self, column: Column, sample: str) -> int:
        font = self.font()
        font.setBold(True)
        heading = QFontMetrics(font).horizontalAdvance(HEADINGS[column])
        metrics = self.fontMetrics()
        text = metrics.horizontalAdvance(sample)
        if column is Column.RESULT:
            text += round(metrics.height() * _ICON_IN_EMS)
        edges = 2 * (self.style().pixelMetric(QStyle.PM_FocusFrameHMargin) + 1)
        return max(text, heading) + edges + round(metrics.height() * _PADDING_IN_EMS)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the table, or the reason why there is nothing in it."""
        super().paintEvent(event)
        if self._model.rowCount():
            return
        everything = self._model.sourceModel().rowCount()
        words = (
            "Kein Abgleich passt zu Suche und Zustand." if everything else "Noch keine Abgleiche."
        )
        painter = QPainter(self.viewport())
        painter.setPen(QApplication.palette().color(QPalette.PlaceholderText))
        painter.drawText(self.viewport().rect(), Qt.AlignCenter, words)
        painter.end()
