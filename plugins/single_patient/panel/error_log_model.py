"""The failed syncs as a Qt model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from PyQt5.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt5.QtGui import QFont

from plugins.single_patient.panel.failure_words import advice_of, error_of
from plugins.single_patient.panel.result_texts import moment_words, reason_words
from plugins.single_patient.panel.task_facts import KIND, day_of, is_dry_run, piz_of
from plugins.single_patient.panel.task_table_model import LIMIT, TASK_ROLE
from plugins.single_patient.panel.widgets import plain_tooltip
from sync_core.task_model import TaskStatus, TaskView

HEADINGS = ("Zeit", "PIZ", "Tag", "Grund", "Was tun")
_REASON = 3
_NO_INDEX = QModelIndex()


class ErrorTexts(NamedTuple):
    """The longer texts of a row, and whether it is new."""

    reason: str
    advice: str
    is_fresh: bool


class ErrorLogModel(QAbstractTableModel):
    """Failed tasks, the newest first; those that nobody has seen in the log yet are bold.

    A preview that was asked for in the window is never new: whoever asked has read beside the
    form what went wrong.
    """

    def __init__(
        self, *, now: Callable[[], datetime], limit: int = LIMIT, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._limit = limit
        self._views: list[TaskView] = []
        self._words: dict[str, tuple[str, str]] = {}
        self._fresh: set[str] = set()

    def views(self) -> list[TaskView]:
        """The failed tasks, the newest first."""
        return list(self._views)

    def load(self, views: Iterable[TaskView], seen_until: datetime | None) -> None:
        """Take over failed tasks of earlier runs, the newest first, below those of this run.

        They are new when they ended after ``seen_until``; None: nothing was ever seen.
        """
        self.beginResetModel()
        for view in views:
            if _is_failed(view) and view.task_id not in self._words:
                self._views.append(view)
                self._words[view.task_id] = _words_of(view)
                if (seen_until is None or ended_at(view) > seen_until) and not _was_shown(view):
                    self._fresh.add(view.task_id)
        for view in self._views[self._limit :]:
            self._forget(view.task_id)
        del self._views[self._limit :]
        self.endResetModel()

    def put(self, view: TaskView) -> bool:
        """Add a failed task or show its new picture; True when it is news to people."""
        if not _is_failed(view):
            return False
        if view.task_id in self._words:
            row = next(n for n, old in enumerate(self._views) if old.task_id == view.task_id)
            self._views[row] = view
            self._words[view.task_id] = _words_of(view)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADINGS) - 1))
            return False
        self.beginInsertRows(_NO_INDEX, 0, 0)
        self._views.insert(0, view)
        self._words[view.task_id] = _words_of(view)
        is_news = not _was_shown(view)
        if is_news:
            self._fresh.add(view.task_id)
        self.endInsertRows()
        if len(self._views) > self._limit:
            last = len(self._views) - 1
            self.beginRemoveRows(_NO_INDEX, last, last)
            self._forget(self._views.pop().task_id)
            self.endRemoveRows()
        return is_news

    def fresh(self) -> int:
        """How many are new."""
        return len(self._fresh)

    def seen_until(self) -> datetime | None:
        """The end of the latest one; None without any."""
        return max(map(ended_at, self._views), default=None)

    def texts_at(self, row: int) -> ErrorTexts:
        """What decides how high the row has to be."""
        task_id = self._views[row].task_id
        return ErrorTexts(*self._words[task_id], task_id in self._fresh)

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
            text = error_of(view) if index.column() == _REASON else self._text(view, index.column())
            return plain_tooltip(text)
        if role == Qt.FontRole and index.column() in (0, _REASON) and view.task_id in self._fresh:
            font = QFont()
            font.setBold(True)
            return font
        if role == TASK_ROLE:
            return view
        return None

    def _text(self, view: TaskView, column: int) -> str:
        fresh = "● " if view.task_id in self._fresh else ""
        return (
            fresh + moment_words(ended_at(view), self._now()),
            piz_of(view),
            day_of(view),
            *self._words[view.task_id],
        )[column]

    def _forget(self, task_id: str) -> None:
        del self._words[task_id]
        self._fresh.discard(task_id)


def _words_of(view: TaskView) -> tuple[str, str]:
    """Reason and advice."""
    words = reason_words(view.error_code or "")
    return (f"{words} (Vorschau)" if is_dry_run(view) else words), advice_of(view)


def ended_at(view: TaskView) -> datetime:
    """When a failed task ended."""
    return view.finished_at or view.created_at


def _was_shown(view: TaskView) -> bool:
    """Whether it failed beside the form, before the eyes of whoever asked; not when the program
    itself ended meanwhile."""
    return view.source.channel == "window" and is_dry_run(view) and view.error_code != "interrupted"


def _is_failed(view: TaskView) -> bool:
    return view.kind == KIND and view.status is TaskStatus.FAILED
