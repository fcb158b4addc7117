"""The values that single appointment types prescribe, as a small table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from sync_gui.settings_dialog.editors import Editor
from sync_gui.settings_dialog.entries import Entry
from sync_gui.settings_dialog.notation import Reading, checked

_COLUMNS = {"": "Terminart", "zuweiser_id": "ZuweiserID", "herzkatheter_id": "HerzkatheterID"}
_KEYS = tuple(_COLUMNS)[1:]
_SHOWN_ROWS = 4


class RulesEditor(Editor):
    """A row for each appointment type; an empty cell leaves the general value in force."""

    is_high = True

    def __init__(self, entry: Entry) -> None:
        self.table = QTableWidget(0, len(_COLUMNS))
        super().__init__(entry, self.table)
        self._set_up_table()
        self.add = QPushButton("Regel &hinzufügen")
        self.add.clicked.connect(self._add_row)
        self.remove = QPushButton("Regel &entfernen")
        self.remove.clicked.connect(self._remove_row)
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.table)
        box.addLayout(buttons)
        self.table.itemChanged.connect(lambda _item: self.changed.emit())
        self.table.currentCellChanged.connect(lambda *_cells: self._allow())
        self._allow()

    def show_value(self, value: Any) -> None:
        """See :class:`~sync_gui.settings_dialog.editors.Editor`."""
        rules = value if isinstance(value, Mapping) else {}
        self.table.blockSignals(True)
        self.table.setRowCount(0)
        for number in sorted(rules, key=lambda name: (len(name), name)):
            rule = rules[number] if isinstance(rules[number], Mapping) else {}
            self._append([number, *(str(rule.get(key, "")) for key in _KEYS)])
        self.table.blockSignals(False)
        self._allow()
        self.changed.emit()

    def reading(self) -> Reading:
        """See :class:`~sync_gui.settings_dialog.editors.Editor`. Empty rows count for nothing."""
        rules: dict[str, dict[str, Any]] = {}
        for row in range(self.table.rowCount()):
            number, *values = (self._text(row, column) for column in range(len(_COLUMNS)))
            if not number and not any(values):
                continue
            if number in rules:
                return Reading(problem=f"Die Terminart {number} steht zweimal in der Tabelle.")
            pairs = zip(_KEYS, values, strict=True)
            rules[number] = {key: _number(text) for key, text in pairs if text}
        return checked(self.entry, rules)

    def _set_up_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(list(_COLUMNS.values()))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        em = table.fontMetrics().height()
        rows, columns = table.verticalHeader(), table.horizontalHeader()
        if rows is not None:
            rows.hide()
            rows.setDefaultSectionSize(em * 2)
        if columns is not None:
            columns.setHighlightSections(False)
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.setFixedHeight(em * 2 * (_SHOWN_ROWS + 1) + em // 2)

    def _append(self, texts: list[str]) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate(texts):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def _add_row(self) -> None:
        self.table.blockSignals(True)
        self._append([""] * len(_COLUMNS))
        self.table.blockSignals(False)
        last = self.table.rowCount() - 1
        self.table.setCurrentCell(last, 0)
        self.table.setFocus()
        self.table.edit(self.table.model().index(last, 0))
        self.changed.emit()

    def _remove_row(self) -> None:
        self.table.removeRow(self.table.currentRow())
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        self.remove.setEnabled(self.table.currentRow() >= 0)

    def _text(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return "" if item is None else item.text().strip()


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 30 else text


def rules_for_file(
    wanted: Mapping[str, Any], shipped: Mapping[str, Any], in_file: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What the file must say so that exactly ``wanted`` is in force; ``None``: nothing.

    A rule of the file replaces the shipped one of its type, so a shipped rule that is not wanted
    needs an empty one.
    """
    rules = {
        number: rule
        for number, rule in wanted.items()
        if number in in_file or shipped.get(number) != rule
    }
    rules |= {number: {} for number in shipped if number not in wanted}
    return rules or None
