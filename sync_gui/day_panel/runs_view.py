"""The list of syncs, with who began them and what came of them."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from sync_gui.day_panel.runs_model import TASK_ROLE, RunsModel
from sync_gui.day_panel.widgets import RowsView, card, field_label

_SAMPLES = ("00.00. 00:00", "00.00.00", "Fenster")
_LEAST_ROWS = 5


class RunsView(QWidget):
    """The list in a card.

    Signals: ``chosen(TaskView)`` somebody, or :meth:`choose`, chose a task.
    """

    chosen = pyqtSignal(object)

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self._model = model
        self._chosen_id = ""
        self.table = RowsView("Abgleiche", lambda: "Noch kein Tagesabgleich.")
        self.table.setModel(model)
        self.table.size_columns(_SAMPLES)
        em = self.fontMetrics().height()
        self.table.setMinimumHeight(round(em * 1.7 * _LEAST_ROWS))
        heading = field_label("Bishe&rige Abgleiche", self.table)
        heading.setProperty("role", "heading")
        frame = card()
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(em, em * 3 // 4, em, em)
        inner.setSpacing(em // 2)
        inner.addWidget(heading)
        inner.addWidget(self.table, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        selection = self.table.selectionModel()
        if selection is not None:
            selection.selectionChanged.connect(self._selection_changed)
        model.modelReset.connect(self._choose_again)

    def choose(self, task_id: str) -> None:
        """Choose a task of the list; one that is not there is passed over."""
        row = self._model.row_of(task_id)
        if row is not None:
            self.table.selectRow(row)
            self.table.scrollTo(self._model.index(row, 0))

    def _selection_changed(self) -> None:
        selection = self.table.selectionModel()
        rows = selection.selectedRows() if selection is not None else []
        if rows:
            view = rows[0].data(TASK_ROLE)
            self._chosen_id = view.task_id
            self.chosen.emit(view)

    def _choose_again(self) -> None:
        self.choose(self._chosen_id)
