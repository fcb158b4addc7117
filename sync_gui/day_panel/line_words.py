"""What is to be said of the line that was chosen in a day's lists: its reason, and what to do."""

from __future__ import annotations

from collections.abc import Set

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel

from sync_gui.day_panel.lines import Line
from sync_gui.day_panel.widgets import restyle

CHOOSE = "Wählen Sie eine Zeile, um Grund und Rat ganz zu lesen."


def words_of(line: Line) -> str:
    """The line's reason and advice in German; empty when there is nothing to say."""
    advice = f"Was tun: {line.advice}" if line.advice else ""
    return "\n".join(part for part in (line.reason, advice) if part)


class LineWords(QLabel):
    """Shows the words; it has room for the longest, so that nothing moves for a chosen line."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Gewählte Zeile")
        _let_read(self)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)  # Qt does so with the first words only
        self.setSizePolicy(policy)
        self._texts: Set[str] = frozenset()
        self._heights: dict[tuple[int, str], int] = {}
        self._measure = QLabel(self)
        self._measure.hide()
        _let_read(self._measure)

    def keep_room(self, texts: Set[str]) -> None:
        """From now on the words are one of these, the invitation to choose, or none."""
        if texts != self._texts:
            self._texts = texts
            self._heights.clear()
            self.updateGeometry()

    def show_words(self, words: str) -> None:
        """Show what is to be said of a line."""
        self._show(words, "")

    def invite(self) -> None:
        """Say that a line can be chosen."""
        self._show(CHOOSE, "hint")

    def heightForWidth(self, width: int) -> int:
        """The height of the text that needs the most of it."""
        key = (width, self.font().key())
        if key not in self._heights:
            self._heights[key] = max(
                self._height_of(text, width) for text in {CHOOSE, *self._texts}
            )
        return self._heights[key]

    def _show(self, words: str, role: str) -> None:
        if (self.property("role") or "") != role:
            self.setProperty("role", role)
            restyle(self)
        self.setText(words)

    def _height_of(self, text: str, width: int) -> int:
        self._measure.setText(text)
        return self._measure.heightForWidth(width)


def _let_read(label: QLabel) -> None:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
