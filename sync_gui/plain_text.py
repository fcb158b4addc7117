"""Foreign text stays text: Qt would otherwise guess and render tags found in it."""

from __future__ import annotations

import html

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QLabel, QSizePolicy, QWidget


def plain_label(text: str = "", *, role: str = "") -> QLabel:
    """A label that shows ``text`` literally; ``role`` is a role of the style sheet."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label


def tool_tip(text: str) -> str:
    """``text`` as a tool tip that shows it literally, wrapped at the window's width."""
    return f"<span>{html.escape(text)}</span>" if text else ""


def menu_text(text: str) -> str:
    """``text`` for menus and tabs, where a single ampersand would mark a mnemonic."""
    return text.replace("&", "&&")


class ElidedLabel(QLabel):
    """A one-line label that gives way: too long a text ends in an ellipsis."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few letters."""
        metrics = self.fontMetrics()
        return QSize(min(self.sizeHint().width(), metrics.averageCharWidth() * 6), metrics.height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()
