"""The list of failed syncs, with what to do about each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from PyQt5.QtCore import QModelIndex, pyqtSignal
from PyQt5.QtGui import QHideEvent, QShowEvent
from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from plugins.single_patient.panel.error_log_model import ErrorLogModel
from plugins.single_patient.panel.error_table import ErrorTable
from plugins.single_patient.panel.task_table_model import TASK_ROLE
from plugins.single_patient.panel.widgets import push_button, text_label
from sync_core.task_model import TaskView


class ErrorLog(QWidget):
    """The error log.

    Signals: ``unread_changed(int)``, ``seen(datetime)`` everything up to this moment has been in
    front, ``chosen(str)`` show this task's details, ``export_wanted`` write the log to a file.
    """

    unread_changed = pyqtSignal(int)
    seen = pyqtSignal(object)
    chosen = pyqtSignal(str)
    export_wanted = pyqtSignal()

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.model = ErrorLogModel(now=now, parent=self)
        self._open = False
        self.table = ErrorTable(self.model)
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

    def load(self, views: Iterable[TaskView], seen_until: datetime | None) -> None:
        """Take over failed tasks of earlier runs; ``seen_until`` as ``seen`` told it then."""
        self.model.load(views, seen_until)
        self._tell()

    def put(self, view: TaskView) -> None:
        """Take note of a task's new picture."""
        if self.model.put(view):
            self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        """The log is in front: nothing is unread any more."""
        super().showEvent(event)
        self._open = True
        self._tell()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another tab or panel is in front, or the window is minimised: what was new was seen."""
        super().hideEvent(event)
        if self._open:
            self._open = False
            self.model.forget_fresh()

    def _tell(self) -> None:
        self.unread_changed.emit(0 if self._open else self.model.fresh())
        seen_until = self.model.seen_until() if self._open else None
        if seen_until is not None:
            self.seen.emit(seen_until)

    def _activated(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(TASK_ROLE).task_id)

    def _count_changed(self) -> None:
        self.export_button.setEnabled(self.model.rowCount() > 0)


def unread_words(unread: int) -> str:
    """What the number on the log's tab counts; the numbers of today above it count otherwise."""
    if not unread:
        return "Alles Fehlgeschlagene, auch aus früheren Tagen; Sie haben alles gesehen"
    return (
        f"{unread} Fehler noch nicht gesehen; "
        "auch frühere Tage und Vorschauen anderer Programme zählen"
    )
