"""The list of failed syncs, with what to do about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QFont
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from plugins.single_patient.panel.result_texts import advice_for, moment_words, reason_words
from plugins.single_patient.panel.task_facts import KIND, day_of, is_dry_run, piz_of
from plugins.single_patient.panel.task_table_model import LIMIT, TASK_ROLE
from plugins.single_patient.panel.widgets import plain_tooltip, push_button, text_label
from sync_core.task_model import TaskStatus, TaskView

HEADINGS = ("Zeit", "PIZ", "Tag", "Grund", "Was tun")
_SAMPLES = ("● 00.00. 00:00", "000000000", "00.00.0000", "CallDoc nicht erreichbar")
_NO_INDEX = QModelIndex()


class ErrorLogModel(QAbstractTableModel):
    """Failed tasks, the newest first; new ones since the log was last left are bold."""

    def __init__(
        self, *, now: Callable[[], datetime], limit: int = LIMIT, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._limit = limit
        self._views: list[TaskView] = []
        self._ids: set[str] = set()
        self._fresh: set[str] = set()

    def views(self) -> list[TaskView]:
        """The failed tasks, the newest first."""
        return list(self._views)

    def load(self, views: Iterable[TaskView]) -> None:
        """Take over failed tasks of earlier runs, the newest first, below those of this run."""
        self.beginResetModel()
        for view in views:
            if _is_failed(view) and view.task_id not in self._ids:
                self._views.append(view)
                self._ids.add(view.task_id)
        for view in self._views[self._limit :]:
            self._ids.discard(view.task_id)
        del self._views[self._limit :]
        self.endResetModel()

    def put(self, view: TaskView) -> bool:
        """Add a failed task or show its new picture; True when it was not here before."""
        if not _is_failed(view):
            return False
        if view.task_id in self._ids:
            row = next(n for n, old in enumerate(self._views) if old.task_id == view.task_id)
            self._views[row] = view
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADINGS) - 1))
            return False
        self.beginInsertRows(_NO_INDEX, 0, 0)
        self._views.insert(0, view)
        self._ids.add(view.task_id)
        self._fresh.add(view.task_id)
        self.endInsertRows()
        if len(self._views) > self._limit:
            last = len(self._views) - 1
            self.beginRemoveRows(_NO_INDEX, last, last)
            self._ids.discard(self._views.pop().task_id)
            self.endRemoveRows()
        return True

    def forget_fresh(self) -> None:
        """Nothing is new any more."""
        self._fresh.clear()
        if self._views:
            last = self.index(len(self._views) - 1, len(HEADINGS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of failed tasks."""
        return 0 if parent.isValid() else len(self._views)

    def columnCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.DisplayRole
    ) -> Any:
        """The headings."""
        if role == Qt.DisplayRole and orientation == Qt.Horizontal and 0 <= section < len(HEADINGS):
            return HEADINGS[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        """A cell's text, its tooltip, its font while it is new, or the task."""
        if not index.isValid() or index.row() >= len(self._views):
            return None
        view = self._views[index.row()]
        if role == Qt.DisplayRole:
            return self._text(view, index.column())
        if role == Qt.ToolTipRole:
            text = (view.error or "") if index.column() == 3 else self._text(view, index.column())
            return plain_tooltip(text)
        if role == Qt.FontRole and index.column() in (0, 3) and view.task_id in self._fresh:
            font = QFont()
            font.setBold(True)
            return font
        if role == TASK_ROLE:
            return view
        return None

    def _text(self, view: TaskView, column: int) -> str:
        code = view.error_code or ""
        preview = " (Vorschau)" if is_dry_run(view) else ""
        fresh = "● " if view.task_id in self._fresh else ""
        return (
            fresh + moment_words(view.finished_at or view.created_at, self._now()),
            piz_of(view),
            day_of(view),
            reason_words(code) + preview,
            advice_for(code),
        )[column]


class ErrorLog(QWidget):
    """The error log.

    Signals: ``unread_changed(int)``, ``chosen(str)`` show this task's details,
    ``export_wanted`` write the log to a file.
    """

    unread_changed = pyqtSignal(int)
    chosen = pyqtSignal(str)
    export_wanted = pyqtSignal()

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.model = ErrorLogModel(now=now, parent=self)
        self._unread = 0
        self._open = False
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName("Fehlgeschlagene Abgleiche")
        self.table.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() * 3 + 8)
        self._size_columns()
        self.table.activated.connect(self._activated)
        self.export_button = push_button("Als CSV e&xportieren …", self.export_wanted.emit)
        self.export_button.setEnabled(False)
        self.model.rowsInserted.connect(self._count_changed)
        self.model.modelReset.connect(self._count_changed)
        foot = QHBoxLayout()
        hint = text_label("Eingabetaste oder Doppelklick zeigt die Einzelheiten.", "hint")
        foot.addWidget(hint, 1)
        foot.addWidget(self.export_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addWidget(self.table, 1)
        layout.addLayout(foot)

    def load(self, views: Iterable[TaskView]) -> None:
        """Take over failed tasks of earlier runs; they count as read."""
        self.model.load(views)

    def put(self, view: TaskView) -> None:
        """Take note of a task's new picture."""
        if self.model.put(view) and not self._open:
            self._unread += 1
            self.unread_changed.emit(self._unread)

    def opened(self) -> None:
        """The log is in front: nothing is unread any more."""
        self._open = True
        self._unread = 0
        self.unread_changed.emit(0)

    def left(self) -> None:
        """The log is no longer in front: what was new has been seen."""
        if self._open:
            self._open = False
            self.model.forget_fresh()

    def _size_columns(self) -> None:
        metrics = self.fontMetrics()
        for column, sample in enumerate(_SAMPLES):
            width = metrics.horizontalAdvance(sample) + round(metrics.height() * 1.4)
            self.table.setColumnWidth(column, width)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        header.setSectionResizeMode(len(HEADINGS) - 1, QHeaderView.Stretch)

    def _activated(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(TASK_ROLE).task_id)

    def _count_changed(self) -> None:
        self.export_button.setEnabled(self.model.rowCount() > 0)


def _is_failed(view: TaskView) -> bool:
    return view.kind == KIND and view.status is TaskStatus.FAILED
