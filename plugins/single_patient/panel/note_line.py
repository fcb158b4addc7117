"""The line at the panel's foot that tells what the last action came to."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt, QTimer
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from plugins.single_patient.panel.icons import MarkPicture
from plugins.single_patient.panel.note import Note, Tone
from plugins.single_patient.panel.task_facts import Mark
from plugins.single_patient.panel.widgets import plain_tooltip, restyle

_LINGER_MS = 10_000
_HEIGHT_IN_EMS = 1.7
_MARKS = {Tone.DONE: Mark.DONE, Tone.REFUSED: Mark.FAILED}
_ROLES = {Tone.DONE: "notice", Tone.HINT: "notice", Tone.REFUSED: "warning"}


class NoteLine(QFrame):
    """Shows one note, of one line; its place is kept free, so that nothing moves for it.

    What was done or is worth knowing goes after ``linger_ms``. A refusal stays until the next
    note or :meth:`clear`: nobody may take it for a success by looking too late.
    """

    def __init__(self, linger_ms: int = _LINGER_MS) -> None:
        super().__init__()
        self.setAccessibleName("Meldung")
        em = self.fontMetrics().height()
        self._picture = MarkPicture(em)
        self._words = _ElidedLabel()
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
        mark = _MARKS.get(note.tone)
        if mark is not None:
            self._picture.show_mark(mark)
        self._picture.setVisible(mark is not None)
        self._show(note.text, _ROLES[note.tone])
        if note.tone is Tone.REFUSED:
            self._timer.stop()
        else:
            self._timer.start()

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
        self._words.setToolTip(plain_tooltip(text))
        if self.property("role") != role:
            self.setProperty("role", role)
            restyle(self)


class _ElidedLabel(QLabel):
    """One line that ends in an ellipsis where there is no room for it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.PlainText)
        self.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """No more than there is."""
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignVCenter, text)
        painter.end()
