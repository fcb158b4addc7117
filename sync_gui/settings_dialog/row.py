"""One setting in the dialog: its name, its field, what it is for, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from sync_core.settings_edit import toml_value
from sync_core.settings_place import Origin
from sync_gui.icons import icon
from sync_gui.plain_text import ElidedLabel, plain_label, tool_tip
from sync_gui.settings_dialog.editors import (
    ChoiceEditor,
    Editor,
    FolderEditor,
    LineEditor,
    LinesEditor,
    SecretEditor,
)
from sync_gui.settings_dialog.entries import Entry
from sync_gui.settings_dialog.notation import Reading, default_words
from sync_gui.settings_dialog.rules_editor import RulesEditor, rules_for_file

_GAP_BETWEEN_SETTINGS = 0.8
"""In heights of the font; larger than any gap within a setting, so that it is seen as one."""


class SettingRow(QWidget):
    """Edits ``entry``. ``origin`` decides its value instead of the file, if there is one.

    ``changed`` comes with every key stroke.
    """

    changed = pyqtSignal()

    def __init__(self, entry: Entry, origin: Origin | None) -> None:
        super().__init__()
        self.entry = entry
        self.editor = _editor(entry)
        self._origin = origin
        self._in_file: Any = None
        self._loaded = Reading()
        self.problem = plain_label(role="error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._reset = QToolButton()
        self._reset.setIcon(icon("retry"))
        self._reset.setAccessibleName(f"{entry.label}: auf Standard zurücksetzen")
        words = default_words(entry)
        told = f"Auf Standard zurücksetzen ({words})" if words else "Auf Standard zurücksetzen"
        self._reset.setToolTip(tool_tip(told))
        self._reset.clicked.connect(self.reset)
        self._lay_out()
        self.editor.changed.connect(self._look)
        self.editor.setEnabled(origin is None)
        keeps_its_place = self._reset.sizePolicy()
        keeps_its_place.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(keeps_its_place)

    def load(self, in_file: Any) -> None:
        """Show what stands in the file (``None``: nothing) or comes from elsewhere."""
        self._in_file = in_file
        value = in_file if self._origin is None else toml_value(self._origin.value)
        default = self.entry.default
        if self.entry.kind == "type_rules":
            value = {**default, **value} if isinstance(value, dict) else default
        elif value is None:
            value = default
        self.editor.show_value(value)
        self._loaded = self.editor.reading()
        self._look()

    def reset(self) -> None:
        """Show the default."""
        self.editor.field.setFocus()  # the button that was pressed is about to go
        self.editor.show_value(self.entry.default)

    def reading(self) -> Reading:
        """What the field says now."""
        return self.editor.reading()

    @property
    def is_changed(self) -> bool:
        """Whether the field says something else than when it was loaded."""
        return self._origin is None and self.reading() != self._loaded

    def value_for_file(self) -> Any:
        """What the file must say; ``None`` when the default holds."""
        value = self.reading().value
        if self.entry.kind == "type_rules" and value is not None:
            in_file = self._in_file if isinstance(self._in_file, dict) else {}
            return rules_for_file(value, self.entry.default, in_file)
        return None if value == self.entry.default else value

    def show_problem(self, problem: str) -> None:
        """Say below the field what is wrong with it; nothing when it is right."""
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.editor.mark(problem)
        self.editor.field.setAccessibleDescription(problem or self.entry.explanation)

    def fits(self, words: str) -> bool:
        """Whether the setting has to do with what is searched (in small letters)."""
        entry = self.entry
        return words in f"{entry.label} {entry.name} {entry.explanation}".casefold()

    def _look(self) -> None:
        differs = self.reading() != Reading(self.entry.default)
        self._reset.setVisible(self._origin is None and differs)
        self.changed.emit()

    def _lay_out(self) -> None:
        entry = self.entry
        em = self.fontMetrics().height()
        label = QLabel(entry.label.replace("&", "&&"))
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setBuddy(self.editor.field)
        name = ElidedLabel(entry.name)
        name.setProperty("role", "fine")
        name.setToolTip(tool_tip(f"So heißt es in der Einstellungsdatei: {entry.name}"))
        head = QHBoxLayout()
        head.setSpacing(em)
        head.addWidget(label, 1)
        head.addWidget(name, 0, Qt.AlignmentFlag.AlignBottom)
        line = QHBoxLayout()
        line.setSpacing(em // 3)
        line.addWidget(self.editor, 0 if self.editor.is_short else 1)
        at = Qt.AlignmentFlag.AlignTop if self.editor.is_high else Qt.AlignmentFlag.AlignVCenter
        line.addWidget(self._reset, 0, at)
        if self.editor.is_short:
            line.addStretch(1)
        self._hint = plain_label(self._hint_words(), role="hint")
        self._hint.setWordWrap(True)
        self._hint.setVisible(bool(self._hint.text()))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, round(em * _GAP_BETWEEN_SETTINGS))
        self._column.setSpacing(em // 5)
        self._column.addLayout(head)
        self._column.addLayout(line)
        self._column.addWidget(self.problem)
        self._column.addWidget(self._hint)

    def add_below(self, widget: QWidget) -> None:
        """Put something further below the field."""
        self._column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)

    def _hint_words(self) -> str:
        entry = self.entry
        words = default_words(entry)
        lines = [f"{entry.explanation} Standard: {words}" if words else entry.explanation]
        if self._origin is not None:
            name = self._origin.name
            by = "von der Kommandozeile" if name.startswith("-") else "von der Umgebungsvariablen"
            lines.append(f"Wird {by} bestimmt ({name}) und ist hier nicht änderbar.")
        return "\n".join(line.strip() for line in lines if line)


def _editor(entry: Entry) -> Editor:
    if entry.secret:
        return SecretEditor(entry)
    if entry.kind in ("choice", "boolean"):
        return ChoiceEditor(entry)
    if entry.kind == "text_list":
        return LinesEditor(entry)
    if entry.kind == "type_rules":
        return RulesEditor(entry)
    return FolderEditor(entry) if entry.kind == "path" else LineEditor(entry)
