"""Small parts that every piece of the panel is built from.

Looks come from the application's stylesheet through dynamic properties (``role``, ``invalid``);
sizes set here are what is left without one; colours come from the palette.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

from PyQt5 import sip
from PyQt5.QtCore import QObject, QSize, Qt
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

_SCALES = {"big": 1.6, "heading": 1.15}
_TABLE_IN_EMS = 5
"""How high a table wants to be: it takes more where there is room, and scrolls where not."""


def while_alive(owner: QObject, receiver: Callable[[Any], None]) -> Callable[[Any], None]:
    """``receiver``, but silent once Qt has deleted ``owner``: answers may come after the panel."""

    def guarded(value: Any) -> None:
        if not sip.isdeleted(owner):
            receiver(value)

    return guarded


def text_label(text: str = "", role: str = "", *, selectable: bool = False) -> QLabel:
    """A wrapping label that never takes its text for rich text."""
    label = QLabel()
    label.setTextFormat(Qt.PlainText)
    label.setText(text)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    if role in _SCALES:
        font = label.font()
        font.setPointSizeF(font.pointSizeF() * _SCALES[role])
        font.setBold(True)
        label.setFont(font)
    if selectable:
        label.setTextInteractionFlags(Qt.TextSelectableByMouse | Qt.TextSelectableByKeyboard)
    return label


def field_label(text: str, buddy: QWidget) -> QLabel:
    """A field's name with its mnemonic; the field gets the name for screen readers too."""
    label = QLabel(text)
    label.setTextFormat(Qt.PlainText)
    label.setBuddy(buddy)
    buddy.setAccessibleName(text.replace("&", ""))
    return label


def push_button(
    text: str,
    clicked: Callable[[], None],
    role: str = "",
    kind: Callable[[str], QPushButton] = QPushButton,
) -> QPushButton:
    """A button that Enter presses only when it has the focus and its window says so."""
    button = kind(text)
    button.setAutoDefault(False)
    button.setDefault(False)
    button.setAccessibleName(text.replace("&", "").rstrip(" …"))
    if role:
        button.setProperty("role", role)
    button.clicked.connect(lambda _checked: clicked())
    return button


def card(role: str = "card") -> QFrame:
    """A framed surface."""
    frame = QFrame()
    frame.setFrameShape(QFrame.StyledPanel)
    frame.setProperty("role", role)
    return frame


def set_shown_text(label: QLabel, text: str) -> None:
    """Show the text, or no label at all for an empty one."""
    label.setText(text)
    label.setVisible(bool(text))


def restyle(widget: QWidget) -> None:
    """Let the stylesheet look at the widget's dynamic properties again."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def reserve_lines(label: QLabel, lines: int) -> None:
    """Keep room for so many lines with a warning sign, so that words that come move nothing."""
    sample = QLabel("\n".join("⚠" * lines))
    label.setMinimumHeight(sample.sizeHint().height())
    label.setAlignment(Qt.AlignLeft | Qt.AlignTop)


def plain_tooltip(text: str) -> str:
    """Foreign text for a tooltip; Qt would take something that looks like HTML for HTML."""
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>" if text else ""


class PlainTable(QTableWidget):
    """A read-only table of texts whose last column takes the space that is left."""

    def __init__(self, name: str, headings: Sequence[str], *, stretch: int | None = None) -> None:
        super().__init__(0, len(headings))
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(headings))
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectRows)
        self.setSelectionMode(QAbstractItemView.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeToContents)
        header.setSectionResizeMode(
            len(headings) - 1 if stretch is None else stretch, QHeaderView.Stretch
        )

    def show_rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Show these rows instead of the ones before; same rows leave the selection alone."""
        wanted = [tuple(row) for row in rows]
        if wanted == self._texts():
            return
        self.setRowCount(len(wanted))
        for number, row in enumerate(wanted):
            for column, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tooltip(text))
                self.setItem(number, column, item)
        self.fit_rows()

    def fit_rows(self) -> None:
        """Make each row as high as its texts need at the columns' widths."""
        self.resizeRowsToContents()

    def sizeHint(self) -> QSize:
        """A few rows."""
        return QSize(super().sizeHint().width(), self.fontMetrics().height() * _TABLE_IN_EMS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the texts anew."""
        super().resizeEvent(event)
        self.fit_rows()

    def cell(self, row: int, column: int) -> QTableWidgetItem:
        """A cell that has been filled; ``IndexError`` for any other."""
        item = self.item(row, column)
        if item is None:
            raise IndexError((row, column))
        return item

    def _texts(self) -> list[tuple[str, ...]]:
        return [
            tuple(
                item.text() if (item := self.item(row, column)) else ""
                for column in range(self.columnCount())
            )
            for row in range(self.rowCount())
        ]
