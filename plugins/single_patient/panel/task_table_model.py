"""The table of single-patient syncs as a Qt model."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from plugins.single_patient.panel.icons import mark_icons
from plugins.single_patient.panel.task_columns import HEADINGS, Column, cell_text, tooltip_text
from plugins.single_patient.panel.task_facts import (
    KIND,
    patient_of,
    progress_words,
    result_of,
    search_words,
    supersedes,
)
from plugins.single_patient.panel.widgets import plain_tooltip
from sync_core.task_model import TaskStatus, TaskView

LIMIT = 10_000
TASK_ROLE = Qt.UserRole
PERCENT_ROLE = Qt.UserRole + 1
_NO_INDEX = QModelIndex()
_Key = tuple[int, datetime, str]
_ENDED, _WAITING, _RUNNING = range(3)


class TaskTableModel(QAbstractTableModel):
    """Running tasks on top, then waiting ones, then ended ones, the newest first in each group.

    They are kept sorted the other way round and shown backwards, so that a new task is inserted
    near the end and a task is found by bisection. At most ``limit`` tasks are kept; the oldest
    ended ones go first. Lives on the GUI thread.
    """

    def __init__(
        self,
        *,
        names_hidden: bool,
        now: Callable[[], datetime],
        limit: int = LIMIT,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._names_hidden = names_hidden
        self._now = now
        self._limit = limit
        self._views: dict[str, TaskView] = {}
        self._searched: dict[str, str] = {}
        self._keys: list[_Key] = []
        self._icons = mark_icons()

    def task(self, task_id: str) -> TaskView | None:
        """The newest picture of a task in the table."""
        return self._views.get(task_id)

    def task_at(self, row: int) -> TaskView:
        """The task in a row."""
        return self._views[self._id_at(row)]

    def search_text(self, row: int) -> str:
        """Everything that the text filter looks at, in small letters; no names while hidden."""
        task_id = self._id_at(row)
        text = self._searched.get(task_id)
        if text is None:
            text = self._searched[task_id] = search_words(self._views[task_id])
        if self._names_hidden:
            return text
        return f"{text} {patient_of(self._views[task_id], names_hidden=False).casefold()}"

    def newest_first(self) -> Iterator[TaskView]:
        """The ended tasks, the newest first."""
        ended = bisect_left(self._keys, (_WAITING,))
        return (self._views[self._keys[n][-1]] for n in range(ended - 1, -1, -1))

    def row_of(self, task_id: str) -> int | None:
        """The row of a task."""
        view = self._views.get(task_id)
        if view is None:
            return None
        return len(self._keys) - 1 - bisect_left(self._keys, _key(view))

    def load(self, views: Iterable[TaskView], searched: Mapping[str, str]) -> None:
        """Take over many tasks at once, those of earlier runs.

        ``searched`` holds their :func:`search_words` by task id, made on a worker thread.
        """
        self.beginResetModel()
        for view in views:
            known = self.task(view.task_id)
            if view.kind == KIND and (known is None or supersedes(view, known)):
                self._keep(view)
                if view.task_id in searched:
                    self._searched[view.task_id] = searched[view.task_id]
        self._keys = sorted(map(_key, self._views.values()))
        surplus = max(0, len(self._keys) - self._limit)
        old = [task_id for group, _moment, task_id in self._keys[:surplus] if group == _ENDED]
        for task_id in old:
            self._drop(task_id)
        del self._keys[: len(old)]
        self.endResetModel()

    def put(self, view: TaskView) -> None:
        """Insert a task, or show its new picture; an outdated picture is passed over."""
        if view.kind != KIND:
            return
        known = self.task(view.task_id)
        if known is None:
            self._insert(view)
        elif supersedes(view, known):
            self._replace(known, view)

    def set_names_hidden(self, hidden: bool) -> None:
        """Mask the patients' names, or show them; the text filter follows."""
        self._names_hidden = hidden
        if self._views:
            last = self.rowCount() - 1
            self.dataChanged.emit(self.index(0, Column.PATIENT), self.index(last, Column.PATIENT))

    def rowCount(self, parent: QModelIndex = _NO_INDEX) -> int:
        """Number of tasks."""
        return 0 if parent.isValid() else len(self._keys)

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
        """A cell's text, icon or tooltip, the task itself, or the percent of a living one.

        The percent is a bar on the screen, so a screen reader is told it in words.
        """
        if not index.isValid() or index.row() >= self.rowCount():
            return None
        view = self.task_at(index.row())
        column = index.column()
        if role == Qt.DisplayRole:
            return self._text(view, column)
        if role == Qt.DecorationRole and column == Column.RESULT:
            return self._icons[result_of(view).mark]
        if role == Qt.ToolTipRole:
            told = tooltip_text(view, column, now=self._now())
            return plain_tooltip(told or self._text(view, column))
        if role == Qt.AccessibleTextRole and column == Column.PROGRESS:
            return progress_words(view)
        if role == TASK_ROLE:
            return view
        if role == PERCENT_ROLE and column == Column.PROGRESS and not view.status.ended:
            return view.progress.percent
        return None

    def _text(self, view: TaskView, column: int) -> str:
        return cell_text(view, column, names_hidden=self._names_hidden, now=self._now())

    def _insert(self, view: TaskView) -> None:
        key = _key(view)
        row = len(self._keys) - bisect_left(self._keys, key)
        self.beginInsertRows(_NO_INDEX, row, row)
        insort(self._keys, key)
        self._keep(view)
        self.endInsertRows()
        if len(self._keys) > self._limit and self._keys[0][0] == _ENDED:
            last = self.rowCount() - 1
            self.beginRemoveRows(_NO_INDEX, last, last)
            self._drop(self._keys.pop(0)[-1])
            self.endRemoveRows()

    def _replace(self, known: TaskView, view: TaskView) -> None:
        if _key(view) != _key(known):
            self._move(known, view)
        else:
            self._keep(view)
        row = self.row_of(view.task_id)
        if row is not None:
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADINGS) - 1))

    def _move(self, known: TaskView, view: TaskView) -> None:
        """Show a task that has begun or ended in its new group."""
        place = bisect_left(self._keys, _key(known))
        source = len(self._keys) - 1 - place
        target = len(self._keys) - bisect_left(self._keys, _key(view))
        moves = target not in (source, source + 1) and self.beginMoveRows(
            _NO_INDEX, source, source, _NO_INDEX, target
        )
        self._keep(view)
        del self._keys[place]
        insort(self._keys, _key(view))
        if moves:
            self.endMoveRows()

    def _id_at(self, row: int) -> str:
        return self._keys[len(self._keys) - 1 - row][-1]

    def _keep(self, view: TaskView) -> None:
        self._views[view.task_id] = view
        self._searched.pop(view.task_id, None)

    def _drop(self, task_id: str) -> None:
        del self._views[task_id]
        self._searched.pop(task_id, None)


def _key(view: TaskView) -> _Key:
    if view.status.ended:
        group = _ENDED
    else:
        group = _RUNNING if view.status is TaskStatus.RUNNING else _WAITING
    return group, view.created_at, view.task_id
