"""The fields in which settings are edited, one for each kind of value."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import (
    QAction,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from sync_core.key_store import has_password
from sync_gui.icons import icon
from sync_gui.settings_dialog.entries import Entry
from sync_gui.settings_dialog.notation import Reading, checked, nothing, read_text, text_of

_NUMBER_WIDTH = 8
"""Of a field for numbers, in heights of the font."""


class Editor(QWidget):
    """A field for the value of ``entry``; ``changed`` comes with every key stroke.

    Attributes: ``field`` is what takes the focus and is marked when the value is wrong;
    ``is_short`` says that it takes no more width than it needs, ``is_high`` that it has lines.
    """

    is_short = False
    is_high = False

    changed = pyqtSignal()

    def __init__(self, entry: Entry, field: QWidget) -> None:
        super().__init__()
        self.entry = entry
        self.field = field
        field.setAccessibleName(entry.label)
        field.setAccessibleDescription(entry.explanation)
        self.setFocusProxy(field)

    def show_value(self, value: Any) -> None:
        """Show a value in TOML's types, also one that is not allowed; ``None`` is none."""
        raise NotImplementedError  # each kind's own; Qt's metaclass does not go with abc's

    def reading(self) -> Reading:
        """What the field says now."""
        raise NotImplementedError  # each kind's own; Qt's metaclass does not go with abc's

    def mark(self, problem: str) -> None:
        """Show at the field itself that it is wrong, or that it no longer is."""
        wrong = bool(problem)
        if bool(self.field.property("invalid")) == wrong:
            return
        self.field.setProperty("invalid", wrong)
        style = self.field.style()
        if style is not None:
            style.unpolish(self.field)
            style.polish(self.field)


class LineEditor(Editor):
    """One line of text: texts, numbers, addresses, and values in TOML's notation."""

    def __init__(self, entry: Entry) -> None:
        self.line = QLineEdit()
        super().__init__(entry, self.line)
        self.line.textChanged.connect(self.changed)
        if entry.default is None and not entry.required:
            self.line.setPlaceholderText("nicht eingestellt")
        self.is_short = entry.kind in ("integer", "number")
        if self.is_short:
            self.line.setFixedWidth(self.fontMetrics().height() * _NUMBER_WIDTH)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.line, 1)

    def show_value(self, value: Any) -> None:
        """See :class:`Editor`."""
        self.line.setText(text_of(self.entry, value))
        self.line.setCursorPosition(0)

    def reading(self) -> Reading:
        """See :class:`Editor`."""
        return read_text(self.entry, self.line.text())


class SecretEditor(LineEditor):
    """A line that hides what it holds, with a switch to show it.

    A database address is hidden only if it holds a password.
    """

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry)
        self.show_it = QAction("Anzeigen", self.line)
        self.show_it.setCheckable(True)
        self.show_it.toggled.connect(self._show)
        self.line.addAction(self.show_it, QLineEdit.ActionPosition.TrailingPosition)
        self._show(False)

    def show_value(self, value: Any) -> None:
        """See :class:`Editor`."""
        super().show_value(value)
        hidden = self.entry.kind == "secret" or has_password(self.line.text())
        self.show_it.setChecked(not hidden)
        self._show(not hidden)

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.line.setEchoMode(mode)
        self.show_it.setIcon(icon("eye_off" if shown else "eye"))
        self.show_it.setToolTip("Verbergen" if shown else "Anzeigen")


class FolderEditor(LineEditor):
    """A folder's path, typed or chosen."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry)
        choose = QPushButton("Auswählen …")
        choose.setAccessibleName(f"{entry.label} auswählen")
        choose.clicked.connect(self._choose)
        self._row.addWidget(choose)

    def _choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.entry.label, self.line.text())
        if folder:
            self.line.setText(folder)


class _LinesField(QPlainTextEdit):
    """As high as a few lines."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), round(self.fontMetrics().height() * 4.2))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class LinesEditor(Editor):
    """A list of texts, one in each line."""

    is_high = True

    def __init__(self, entry: Entry) -> None:
        self.lines = _LinesField()
        super().__init__(entry, self.lines)
        self.lines.setTabChangesFocus(True)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setPlaceholderText("leer")
        self.lines.setFixedHeight(self.lines.sizeHint().height())
        self.lines.textChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.lines)

    def show_value(self, value: Any) -> None:
        """See :class:`Editor`."""
        items = value if isinstance(value, list) else [] if value is None else [value]
        self.lines.setPlainText("\n".join(str(item) for item in items))

    def reading(self) -> Reading:
        """See :class:`Editor`. An empty field is an empty list."""
        typed = [line.strip() for line in self.lines.toPlainText().splitlines()]
        return checked(self.entry, [line for line in typed if line])


class _Choice(QComboBox):
    """Turns with the wheel only when it has the focus: scrolling must not change a setting."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().height() * _NUMBER_WIDTH, super().minimumSizeHint().height()
        )

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None and not self.hasFocus():
            event.ignore()
            return
        super().wheelEvent(event)  # type: ignore[arg-type]  # the stubs know no null pointer


class ChoiceEditor(Editor):
    """One of several values. A value that is none of them is shown as it stands in the file."""

    is_short = True

    def __init__(self, entry: Entry) -> None:
        self.box = _Choice()
        super().__init__(entry, self.box)
        if entry.default is None:
            self.box.addItem("nicht eingestellt", None)
        for value, word in entry.choices.items():
            self.box.addItem(word, value)
        self.box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)

    def show_value(self, value: Any) -> None:
        """See :class:`Editor`."""
        for index in range(self.box.count()):
            there = self.box.itemData(index)
            if type(there) is type(value) and there == value:
                self.box.setCurrentIndex(index)
                return
        self.box.addItem(str(value), value)
        self.box.setCurrentIndex(self.box.count() - 1)

    def reading(self) -> Reading:
        """See :class:`Editor`."""
        value = self.box.currentData()
        return nothing(self.entry) if value is None else checked(self.entry, value)
