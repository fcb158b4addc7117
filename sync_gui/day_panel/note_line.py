"""The line at the panel's foot that tells what the last action came to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from sync_gui.icons import Picture
from sync_gui.plain_text import ElidedLabel, tool_tip

_LINGER_MS = 10_000
_HEIGHT_IN_EMS = 1.7


class Tone(Enum):
    """How a note is meant; the value is the name of its icon."""

    HINT = "info"
    REFUSED = "error"


@dataclass(frozen=True)
class Note:
    """``text``: a German sentence that can be understood without its tone."""

    tone: Tone
    text: str


class NoteLine(QFrame):
    """Shows one note, of one line; its place is kept free, so that nothing moves for it.

    A hint goes after ``linger_ms``. A refusal stays until the next note or :meth:`clear`: nobody
    may miss it by looking too late.
    """

    def __init__(self, linger_ms: int = _LINGER_MS) -> None:
        super().__init__()
        self.setAccessibleName("Meldung")
        em = self.fontMetrics().height()
        self._picture = Picture("", em)
        self._words = ElidedLabel()
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(linger_ms)
        self._timer.timeout.connect(self.clear)
        line = QHBoxLayout(self)
        line.setContentsMargins(em // 2, 0, em // 2, 0)
        line.setSpacing(em // 3)
        line.addWidget(self._picture)
        line.addWidget(self._words, 1)
        self.setFixedHeight(round(em * _HEIGHT_IN_EMS))
        self.clear()

    def tell(self, note: Note) -> None:
        """Show this note instead of the one before."""
        self._picture.show_icon(note.tone.value)
        self._picture.show()
        self._show(note.text, "notice" if note.tone is Tone.HINT else "warning")
        if note.tone is Tone.HINT:
            self._timer.start()
        else:
            self._timer.stop()

    def clear(self) -> None:
        """Show nothing."""
        self._timer.stop()
        self._picture.hide()
        self._show("", "")

    def text(self) -> str:
        """The sentence shown, as a whole; empty when there is none."""
        return self._words.text()

    def _show(self, text: str, role: str) -> None:
        self._words.setText(text)
        self._words.setToolTip(tool_tip(text))
        style = self.style()
        if self.property("role") != role and style is not None:
            self.setProperty("role", role)
            style.unpolish(self)
            style.polish(self)
