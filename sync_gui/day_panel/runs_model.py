"""The syncs of whole days as a Qt model: those of this run and of earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from sync_core.task_model import TaskView
from sync_gui.day_panel.day_facts import (
    KIND,
    Result,
    answer_to,
    iso_day,
    result_of,
    short_source_of,
    source_of,
    supersedes,
    types_of,
    written_words,
)
from sync_gui.day_panel.day_words import moment_words
from sync_gui.day_panel.form_rules import long_day, shortest_day
from sync_gui.icons import icon
from sync_gui.plain_text import tool_tip

HEADINGS = ("Beginn", "Tag", "Von", "Ergebnis")
RESULT_COLUMN = 3
LIMIT = 200
TASK_ROLE = Qt.ItemDataRole.UserRole
_NO_INDEX = QModelIndex()


class RunsModel(QAbstractTableModel):
    """Pending and running tasks on top, then ended ones, the newest first in each group.

    At most ``limit`` tasks are kept; the oldest ended ones go first. Lives on the GUI thread.
    """

    def __init__(
        self, now: Callable[[], datetime], *, limit: int = LIMIT, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._limit = limit
        self._views: list[TaskView] = []

    def task(self, task_id: str) -> TaskView | None:
        """The newest picture of a task, or None."""
        row = self.row_of(task_id)
        return None if row is None else self._views[row]

    def task_at(self, row: int) -> TaskView:
        """The task of a row."""
        return self._views[row]

    def row_of(self, task_id: str) -> int | None:
        """The row of a task, or None."""
        return next((n for n, view in enumerate(self._views) if view.task_id == task_id), None)

    def answer_to(self, view: TaskView) -> TaskView | None:
        """The later task that took up the deletion which ``view`` asks about, or None."""
        return answer_to(view, self._views)

    def load(self, views: Iterable[TaskView]) -> None:
        """Take over many tasks at once; newer pictures that are here already stay."""
        known = {view.task_id: view for view in self._views}
        for view in views:
            old = known.get(view.task_id)
            if view.kind == KIND and (old is None or supersedes(view, old)):
                known[view.task_id] = view
        self.beginResetModel()
        self._views = sorted(known.values(), key=_place)[: self._limit]
        self.endResetModel()

    def put(self, view: TaskView) -> None:
        """Insert a task, or show its new picture; an outdated picture is passed over."""
        row = self.row_of(view.task_id)
        if row is None:
            self._insert(view)
        elif supersedes(view, self._views[row]):
            self._replace(row, view)
        self._results_changed()

    def rowCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of tasks."""
        return 0 if parent.isValid() else len(self._views)

    def columnCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADINGS[section] if 0 <= section < len(HEADINGS) else None
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, the result's icon, a tool tip, or the task itself."""
        if not index.isValid() or index.row() >= len(self._views):
            return None
        view = self._views[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(view, index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == RESULT_COLUMN:
            return icon(self._result(view).picture)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(self._hint(view, index.column()))
        if role == TASK_ROLE:
            return view
        return None

    def _text(self, view: TaskView, column: int) -> str:
        return (
            moment_words(view.created_at, self._now()),
            shortest_day(iso_day(view)),
            short_source_of(view),
            self._result(view).words,
        )[column]

    def _result(self, view: TaskView) -> Result:
        return result_of(view, self.answer_to(view))

    def _hint(self, view: TaskView, column: int) -> str:
        if column == RESULT_COLUMN:
            written = written_words(view)
            title = self._result(view).title
            return f"{title}: {written}" if written else title
        if column == 1:
            return f"{long_day(iso_day(view))}: {types_of(view)}"
        return source_of(view) if column == 2 else self._text(view, column)

    def _insert(self, view: TaskView) -> None:
        row = self._row_for(view)
        self.beginInsertRows(_NO_INDEX, row, row)
        self._views.insert(row, view)
        self.endInsertRows()
        if len(self._views) > self._limit:
            last = len(self._views) - 1
            self.beginRemoveRows(_NO_INDEX, last, last)
            del self._views[last]
            self.endRemoveRows()

    def _replace(self, row: int, view: TaskView) -> None:
        target = self._row_for(view, besides=row)
        if target != row:
            # Qt counts the place of the row itself, the list without it does not.
            self.beginMoveRows(
                _NO_INDEX, row, row, _NO_INDEX, target + 1 if target > row else target
            )
            del self._views[row]
            self._views.insert(target, view)
            self.endMoveRows()
        self._views[target] = view
        self.dataChanged.emit(self.index(target, 0), self.index(target, len(HEADINGS) - 1))

    def _results_changed(self) -> None:
        """A task may have taken up what another one asked about."""
        last = len(self._views) - 1
        if last >= 0:
            self.dataChanged.emit(self.index(0, RESULT_COLUMN), self.index(last, RESULT_COLUMN))

    def _row_for(self, view: TaskView, besides: int | None = None) -> int:
        place = _place(view)
        return sum(_place(other) < place for n, other in enumerate(self._views) if n != besides)


def _place(view: TaskView) -> tuple[bool, float, str]:
    return view.status.ended, -view.created_at.timestamp(), view.task_id
