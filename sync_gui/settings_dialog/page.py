"""The settings of one section, one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from sync_core.settings_edit import setting_path
from sync_core.settings_place import Origin
from sync_gui.plain_text import plain_label
from sync_gui.settings_dialog.entries import Entry, Page
from sync_gui.settings_dialog.row import SettingRow
from sync_gui.settings_dialog.words import PAGES


class SettingsPage(QWidget):
    """The rows of ``page``; ``fixed`` are the settings that the file does not decide."""

    changed = pyqtSignal()

    def __init__(self, page: Page, fixed: Mapping[str, Origin]) -> None:
        super().__init__()
        self.page = page
        self.rows = {entry.name: SettingRow(entry, _origin(entry, fixed)) for entry in page.entries}
        self._problem = plain_label(role="error")
        self._problem.setWordWrap(True)
        self._problem.hide()
        em = self.fontMetrics().height()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, em)
        box.setSpacing(em // 3)
        box.addWidget(plain_label(page.title, role="heading"))
        box.addSpacing(em // 3)
        if page.note:
            note = plain_label(page.note, role="hint")
            note.setWordWrap(True)
            box.addWidget(note)
        elif not page.entries:
            box.addWidget(plain_label("Hier gibt es nichts einzustellen.", role="hint"))
        box.addWidget(self._problem)
        for row in self.rows.values():
            box.addWidget(row)
            row.changed.connect(self.changed)

    def load(self, document: Mapping[str, Any], *, keep_changes: bool = False) -> None:
        """Show what the file says; with ``keep_changes`` only where nothing else was entered."""
        for name, row in self.rows.items():
            if not (keep_changes and row.is_changed):
                row.load(_value_at(document, setting_path(name)))

    @property
    def is_changed(self) -> bool:
        """Whether anything was entered here."""
        return any(row.is_changed for row in self.rows.values())

    @property
    def is_plugins(self) -> bool:
        """Whether a plugin declared these settings."""
        return self.page.key not in PAGES

    def changes(self) -> dict[str, Any]:
        """What has to be changed in the file, by full name."""
        return {name: row.value_for_file() for name, row in self.rows.items() if row.is_changed}

    def check(self) -> list[str]:
        """Mark what is wrong; the labels of the settings concerned."""
        readings = {name: row.reading() for name, row in self.rows.items()}
        problems = {name: reading.problem for name, reading in readings.items() if reading.problem}
        told = ""
        if not problems:
            values = {
                name: reading.value
                for name, reading in readings.items()
                if reading.value is not None and reading.value != self.rows[name].entry.default
            }
            refused = dict(self.page.refusal(values))
            told = refused.pop("", "")
            told += " ".join(text for name, text in refused.items() if name not in self.rows)
            problems = {name: text for name, text in refused.items() if name in self.rows}
        for name, row in self.rows.items():
            row.show_problem(problems.get(name, ""))
        self._problem.setText(told)
        self._problem.setVisible(bool(told))
        labels = [self.rows[name].entry.label for name in problems]
        return [*labels, self.page.title] if told else labels

    def search(self, words: str) -> bool:
        """Show only what fits ``words`` (in small letters; empty: all); whether anything does."""
        whole = not words or words in self.page.title.casefold()
        shown = False
        for row in self.rows.values():
            fits = whole or row.fits(words)
            row.setVisible(fits)
            shown = shown or fits
        return shown or whole


def _origin(entry: Entry, fixed: Mapping[str, Origin]) -> Origin | None:
    # A plugin's variables know neither capitals nor hyphens.
    return fixed.get(entry.name) or fixed.get(entry.name.lower().replace("-", "_"))


def _value_at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value
