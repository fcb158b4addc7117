"""The tables of examinations and patients with their filter, and the remarks on the day."""

from __future__ import annotations

from collections.abc import Set

from PyQt5.QtCore import QModelIndex, QSize, Qt
from PyQt5.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from sync_core.task_model import TaskView
from sync_gui.day_panel.day_facts import examination_lines, left_out_lines, patient_lines
from sync_gui.day_panel.line_words import LineWords, words_of
from sync_gui.day_panel.lines import (
    EXAMINATION_HEADINGS,
    PATIENT_HEADINGS,
    examination_rows,
    patient_rows,
)
from sync_gui.day_panel.lines_model import LinesFilter, LinesModel
from sync_gui.day_panel.widgets import RowsView, field_label

_SAMPLES = ("0000000", "000000000", "nicht übertragen m", "Untersuchung m")
_LEAST_ROWS = 5


class LinesView(QWidget):
    """Two tables with one filter for both, and all warnings, each in a tab."""

    def __init__(self) -> None:
        super().__init__()
        self.only_remarkable = QCheckBox("Nur Au&ffälliges")
        self.only_remarkable.setToolTip(
            "Nur Zeilen, die Sie ansehen sollten: nicht Übertragenes und Hinweise"
        )
        self.text = QLineEdit()
        self.text.setPlaceholderText("PIZ, Termin, Ergebnis, Grund …")
        self.text.setClearButtonEnabled(True)
        self.examinations = _LinesTable("Untersuchungen des Tages", EXAMINATION_HEADINGS)
        self.patients = _LinesTable("Patienten des Tages", PATIENT_HEADINGS)
        self.remarks = QPlainTextEdit()
        self.remarks.setReadOnly(True)
        self.remarks.setTabChangesFocus(True)
        self.remarks.setAccessibleName("Bemerkungen zum Tag")
        self.tabs = _Tabs()
        self.tabs.setAccessibleName("Ergebnis im Einzelnen")
        self.tabs.addTab(self.examinations, "")
        self.tabs.addTab(self.patients, "")
        self.tabs.addTab(self.remarks, "")
        self.details = LineWords()
        for table in (self.examinations, self.patients):
            self.only_remarkable.toggled.connect(table.filter.set_only_remarkable)
            self.text.textChanged.connect(table.filter.set_words)
            selection = table.selectionModel()
            if selection is not None:
                selection.selectionChanged.connect(self._show_details)
        for changed in (
            self.tabs.currentChanged,
            self.only_remarkable.toggled,
            self.text.textChanged,
        ):
            changed.connect(self._show_details)
        self._build()

    def show_task(self, view: TaskView) -> None:
        """Show what became of each patient and appointment."""
        self.examinations.lines.show_lines(
            examination_rows((*examination_lines(view), *left_out_lines(view)))
        )
        self.patients.lines.show_lines(patient_rows(patient_lines(view)))
        self.tabs.setTabText(0, f"Untersuchunge&n ({self.examinations.lines.rowCount()})")
        self.tabs.setTabText(1, f"Patienten ({self.patients.lines.rowCount()})")
        self.remarks.setPlainText("\n".join(note.message for note in view.warnings))
        self.tabs.setTabText(2, f"Bemer&kungen ({len(view.warnings)})")
        remarkable = self.examinations.lines.remarkable() + self.patients.lines.remarkable()
        self.only_remarkable.setText(f"Nur Au&ffälliges ({remarkable})")
        self.only_remarkable.setAccessibleName(f"Nur Auffälliges ({remarkable})")
        self.details.keep_room({*self.examinations.all_words(), *self.patients.all_words()})
        self._show_details()

    def _build(self) -> None:
        em = self.fontMetrics().height()
        line = QHBoxLayout()
        line.setSpacing(em // 2)
        line.addWidget(field_label("Su&che", self.text))
        line.addWidget(self.text, 1)
        line.addWidget(self.only_remarkable)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(em // 3)
        box.addLayout(line)
        box.addWidget(self.tabs, 1)
        box.addWidget(self.details)
        self.setTabOrder(self.text, self.only_remarkable)

    def _show_details(self) -> None:
        table = self.tabs.currentWidget()
        words = table.chosen_words() if isinstance(table, _LinesTable) else ""
        if words is None:
            self.details.invite()
        else:
            self.details.show_words(words)


class _Tabs(QTabWidget):
    """Tabs that take what room there is."""

    def sizeHint(self) -> QSize:
        """What is needed: with what tables like to have, the page would scroll where they can."""
        return self.minimumSizeHint()


class _LinesTable(RowsView):
    """One table of lines."""

    def __init__(self, name: str, headings: tuple[str, ...]) -> None:
        super().__init__(name, self._why_empty)
        self.lines = LinesModel(headings, self)
        self.filter = LinesFilter(self.lines, self)
        self.setModel(self.filter)
        self.setSortingEnabled(True)
        columns = self.horizontalHeader()
        if columns is not None:
            columns.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.filter.sort(-1)
        self.size_columns(_SAMPLES)
        self.setMinimumHeight(round(self.fontMetrics().height() * 1.7 * _LEAST_ROWS))

    def chosen_words(self) -> str | None:
        """Why the chosen line is as it is, and what to do; None when one could still be chosen."""
        selection = self.selectionModel()
        rows: list[QModelIndex] = selection.selectedRows() if selection is not None else []
        if not rows:
            return None if self.filter.rowCount() else ""
        return words_of(self.filter.line(rows[0]))

    def all_words(self) -> Set[str]:
        """All that may be said of one of its lines."""
        return {words_of(self.lines.line(row)) for row in range(self.lines.rowCount())}

    def _why_empty(self) -> str:
        return "Keine Zeile passt zur Suche." if self.lines.rowCount() else "Keine Zeilen."
