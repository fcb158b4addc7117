"""Small parts that every piece of the panel is built from; looks come from the style sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt5 import sip
from PyQt5.QtCore import QObject, Qt
from PyQt5.QtGui import QPainter, QPaintEvent, QPalette
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QWidget,
)

from sync_gui.plain_text import plain_label


def while_alive(owner: QObject, receiver: Callable[[Any], None]) -> Callable[[Any], None]:
    """``receiver``, but silent once Qt has deleted ``owner``: answers may come after the panel."""

    def guarded(value: Any) -> None:
        if not sip.isdeleted(owner):
            receiver(value)

    return guarded


def text_label(text: str = "", role: str = "", *, selectable: bool = False) -> QLabel:
    """A wrapping label of plain text."""
    label = plain_label(text, role=role)
    label.setWordWrap(True)
    if selectable:
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return label


def field_label(text: str, buddy: QWidget) -> QLabel:
    """A field's name with its mnemonic; the field gets the name for screen readers too."""
    label = plain_label(text)
    label.setBuddy(buddy)
    buddy.setAccessibleName(text.replace("&", ""))
    return label


def push_button(text: str, clicked: Callable[[], None], role: str = "") -> QPushButton:
    """A button that Enter presses only when it has the focus and its window says so."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setAccessibleName(text.replace("&", "").rstrip(" …"))
    if role:
        button.setProperty("role", role)
    button.clicked.connect(lambda _checked: clicked())
    return button


def card() -> QFrame:
    """A framed surface."""
    frame = QFrame()
    frame.setProperty("role", "card")
    return frame


def set_shown_text(label: QLabel, text: str) -> None:
    """Show the text, or no label at all for an empty one."""
    label.setText(text)
    label.setVisible(bool(text))


def mark_invalid(field: QWidget, invalid: bool) -> None:
    """Let the style sheet mark the field, or not."""
    if bool(field.property("invalid")) != invalid:
        field.setProperty("invalid", invalid)
        restyle(field)


def restyle(widget: QWidget) -> None:
    """Let the style sheet look at the widget's dynamic properties again."""
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def reserve_lines(label: QLabel, lines: int) -> None:
    """Keep room for so many lines with a warning sign, so that words that come move nothing."""
    sample = plain_label("\n".join("⚠" * lines))
    label.setMinimumHeight(sample.sizeHint().height())


class RowsView(QTableView):
    """A table of whole rows to read, of which one may be chosen, with words for when it is empty.

    ``empty_words`` is asked whenever there is no row.
    """

    def __init__(self, name: str, empty_words: Callable[[], str]) -> None:
        super().__init__()
        self._empty_words = empty_words
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        if rows is not None:
            rows.hide()
            rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.7))
        columns = self.horizontalHeader()
        if columns is not None:
            columns.setHighlightSections(False)
            columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            columns.setStretchLastSection(True)

    def size_columns(self, samples: tuple[str, ...]) -> None:
        """Give the first columns room for these texts, an icon included."""
        metrics = self.fontMetrics()
        for column, sample in enumerate(samples):
            width = metrics.horizontalAdvance(sample) + round(metrics.height() * 1.25)
            self.setColumnWidth(column, width)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the table, or the words for an empty one."""
        super().paintEvent(event)
        model, viewport = self.model(), self.viewport()
        if viewport is None or (model is not None and model.rowCount()):
            return
        painter = QPainter(viewport)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        area = viewport.rect().adjusted(8, 8, -8, -8)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(area, flags, self._empty_words())
        painter.end()
