"""The filter over the table of single-patient syncs."""

from __future__ import annotations

from PyQt5.QtCore import QModelIndex, QObject, QSortFilterProxyModel

from plugins.single_patient.panel.task_facts import StateFilter, in_state
from plugins.single_patient.panel.task_table_model import TaskTableModel


class TaskFilter(QSortFilterProxyModel):
    """Lets tasks through by state, and by words that must all occur somewhere in the row."""

    def __init__(self, model: TaskTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._words: tuple[str, ...] = ()
        self._state = StateFilter.ALL
        self.setSourceModel(model)

    def set_text(self, text: str) -> None:
        """Show only rows that hold each of the words."""
        self._words = tuple(text.casefold().split())
        self.invalidateFilter()

    def set_state(self, state: StateFilter) -> None:
        """Show only tasks in this state."""
        self._state = state
        self.invalidateFilter()

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:
        """Whether a row of the model is shown."""
        if self._state is not StateFilter.ALL and not in_state(
            self._model.task_at(source_row), self._state
        ):
            return False
        if not self._words:
            return True
        text = self._model.search_text(source_row)
        return all(word in text for word in self._words)
