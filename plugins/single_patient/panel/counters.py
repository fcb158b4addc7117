"""The strip with today's numbers."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from plugins.single_patient.panel.result_texts import NOTHING, duration_words
from plugins.single_patient.panel.today_counts import TodayCounts
from plugins.single_patient.panel.widgets import ElidedLabel, card, text_label

_NAMES = ("angelegt", "aktualisiert", "unverändert", "fehlgeschlagen", "mittlere Dauer")


class Counters(QWidget):
    """Five small cards: a number and what it counts. All of today."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Zähler von heute")
        self._numbers: dict[str, QLabel] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for name in _NAMES:
            frame = card("counter")
            inner = QVBoxLayout(frame)
            inner.setContentsMargins(8, 4, 8, 4)
            inner.setSpacing(0)
            number = text_label(role="heading")
            number.setWordWrap(False)
            number.setAlignment(Qt.AlignCenter)
            words = ElidedLabel(f"heute {name}" if name == _NAMES[0] else name)
            inner.addWidget(number)
            inner.addWidget(words)
            frame.setToolTip(f"Heute {name}")
            layout.addWidget(frame, 1)
            self._numbers[name] = number
        self.show_counts(TodayCounts())

    def show_counts(self, counts: TodayCounts) -> None:
        """Show these numbers."""
        texts = (
            str(counts.created),
            str(counts.updated),
            str(counts.unchanged),
            str(counts.failed),
            duration_words(counts.median_ms) or NOTHING,
        )
        for name, text in zip(_NAMES, texts, strict=True):
            label = self._numbers[name]
            label.setText(text)
            label.setAccessibleName(f"Heute {name}: {text}")

    def text_of(self, name: str) -> str:
        """The number shown under a name."""
        return self._numbers[name].text()
