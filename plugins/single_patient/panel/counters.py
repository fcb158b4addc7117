"""The strip with today's numbers."""

from __future__ import annotations

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QGridLayout, QLabel, QLayout, QVBoxLayout, QWidget

from plugins.single_patient.panel.result_texts import NOTHING, duration_words
from plugins.single_patient.panel.today_counts import TodayCounts
from plugins.single_patient.panel.widgets import card, text_label

_IN_TWO_ROWS = 3
_NAMES = ("angelegt", "aktualisiert", "unverändert", "fehlgeschlagen", "mittlere Dauer")


class Counters(QWidget):
    """Five small cards: a number and what it counts. All of today."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Zähler von heute")
        self._numbers: dict[str, QLabel] = {}
        self._cards: list[QFrame] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSizeConstraint(QLayout.SetNoConstraint)  # one row must be able to become two
        for name in _NAMES:
            frame = card("counter")
            inner = QVBoxLayout(frame)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(0)
            number = text_label(role="heading")
            words = text_label(f"heute {name}" if name == _NAMES[0] else name, "fine")
            for label in (number, words):
                label.setWordWrap(False)  # so that the cards ask for the room that they need
                label.setAlignment(Qt.AlignCenter)
                inner.addWidget(label)
            frame.setToolTip(f"{_of_today(name)}; Vorschauen zählen nicht")
            self._cards.append(frame)
            self._numbers[name] = number
        self._columns = 0
        self._arrange(len(_NAMES))
        self.show_counts(TodayCounts())

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for two rows, high enough for the rows that there are."""
        return QSize(self._width_of(_IN_TWO_ROWS), self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in two rows where one would cut the words."""
        super().resizeEvent(event)
        has_room = event.size().width() >= self._width_of(len(_NAMES))
        self._arrange(len(_NAMES) if has_room else _IN_TWO_ROWS)

    def _width_of(self, columns: int) -> int:
        widest = max(card.minimumSizeHint().width() for card in self._cards)
        return widest * columns + self._grid.horizontalSpacing() * (columns - 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for place, frame in enumerate(self._cards):
            self._grid.addWidget(frame, *divmod(place, columns))
        for column in range(len(_NAMES)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.updateGeometry()

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
            label.setAccessibleName(f"{_of_today(name)}: {text}")

    def text_of(self, name: str) -> str:
        """The number shown under a name."""
        return self._numbers[name].text()


def _of_today(name: str) -> str:
    return "Mittlere Dauer heute" if name == _NAMES[-1] else f"Heute {name}"
