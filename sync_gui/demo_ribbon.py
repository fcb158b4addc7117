"""The ribbon DEMO: says what this is, and lets staff see what a failure looks like."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QEvent, QTimer
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from hookspecs import Bridge
from sync_gui.demo_switches import (
    ALL_FINE,
    SYSTEMS,
    DemoState,
    DemoSwitchError,
    DemoSwitches,
    DemoSystem,
    state_words,
)
from sync_gui.flow_layout import FlowLayout
from sync_gui.icons import Picture, icon
from sync_gui.plain_text import plain_label

_WHAT = "Alle Systeme und Personen sind erfunden."
_OTHER = "andere Störung"
_LOOK_MS = 2000


class DemoRibbon(QToolBar):
    """One line with what is switched on; a second one, on demand, to switch it.

    ``control_url`` is where the switches are; without it there is nothing to switch.
    """

    _ready = False
    """Qt sends events while its own part is being built."""

    def __init__(self, control_url: str | None, bridge: Bridge) -> None:
        super().__init__("Demo")
        self.setObjectName("ribbon")
        self.setProperty("role", "ribbon")
        self.setAccessibleName("Demo")
        self.setMovable(False)
        self.setFloatable(False)
        self._bridge = bridge
        self._switches = DemoSwitches(control_url) if control_url else None
        self._busy = False
        self.state: DemoState = ALL_FINE
        em = self.fontMetrics().height()
        self._picture = Picture("ok", em)
        self.words = plain_label(state_words(ALL_FINE))
        self.open_button = QPushButton("Störungen e&instellen")
        self.open_button.setCheckable(True)
        self.open_button.setToolTip(
            "Systeme absichtlich stören und sehen, was das Programm dann zeigt"
        )
        self.open_button.toggled.connect(self._show_choices)
        self.clear_button = QPushButton("Alles wieder in Ordnung")
        self.clear_button.clicked.connect(self.clear)
        self.boxes = tuple(self._box(system) for system in SYSTEMS)
        self._first, self._second = QWidget(), QWidget()
        self._rows = (self._first_row(em), self._second_row(em))
        self._whole = QWidget()
        self._whole.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self._whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._first)
        column.addWidget(self._second)
        self._second.hide()
        self.addWidget(self._whole)
        self._ready = True
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._show(ALL_FINE)
        if self._switches is not None:
            self._timer.start(_LOOK_MS)

    def clear(self) -> None:
        """Put everything in order again."""
        if self._switches is not None:
            self._ask(self._switches.clear)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def event(self, event: QEvent) -> bool:
        """Follow words and style: larger ones may need one more line."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.StyleChange):
            self._fit_height()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many lines as the words need at this width."""
        super().resizeEvent(event)
        self._fit_height()

    def _first_row(self, em: int) -> FlowLayout:
        row = FlowLayout(self._first, em)
        row.setContentsMargins(em, em // 4, em, em // 4)
        row.addWidget(plain_label("DEMO", role="ribbon"))
        row.addWidget(plain_label(_WHAT))
        if self._switches is not None:
            row.addWidget(_together(em // 3, self._picture, self.words))
            # One thing for the layout: what was switched is put right beside where it was.
            row.addWidget(_together(em // 2, self.open_button, self.clear_button))
        return row

    def _second_row(self, em: int) -> FlowLayout:
        row = FlowLayout(self._second, em)
        row.setContentsMargins(em, 0, em, em // 3)
        for system, box in zip(SYSTEMS, self.boxes, strict=True):
            label = plain_label(system.name)
            label.setBuddy(box)
            row.addWidget(_together(em // 2, label, box))
        return row

    def _box(self, system: DemoSystem) -> QComboBox:
        box = QComboBox()
        box.setItemDelegate(QStyledItemDelegate(box))  # roomy, as the style sheet says
        box.setAccessibleName(f"Störung von {system.name}")
        for choice in system.choices:
            box.addItem(icon("warning" if box.count() else "ok"), choice.words)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        # Picture, edges and arrow, which Qt does not count in full under a style sheet.
        metrics = self.fontMetrics()
        longest = max(metrics.horizontalAdvance(choice.words) for choice in system.choices)
        box.setMinimumWidth(longest + 4 * metrics.height())
        box.activated.connect(lambda number: self._choose(system, number))
        return box

    def _choose(self, system: DemoSystem, number: int) -> None:
        switches = self._switches
        if switches is not None and number < len(system.choices):
            self._ask(lambda: switches.choose(system, number))

    def _look(self) -> None:
        if self._switches is not None and not self._busy:
            self._ask(self._switches.read)

    def _ask(self, call: Callable[[], DemoState]) -> None:
        def work() -> DemoState | str:
            try:
                return call()
            except DemoSwitchError as error:
                return str(error)

        self._busy = True
        self._bridge.in_background(work, self._answered)

    def _answered(self, answer: DemoState | str) -> None:
        self._busy = False
        if isinstance(answer, str):
            self._say("warning", answer)
        else:
            self._show(answer)

    def _show(self, state: DemoState) -> None:
        self.state = state
        fine = state == ALL_FINE
        self._say("ok" if fine else "warning", state_words(state))
        self.clear_button.setVisible(not fine)
        for system, box, number in zip(SYSTEMS, self.boxes, state, strict=True):
            if number is None and box.count() == len(system.choices):
                box.addItem(icon("warning"), _OTHER)
            box.setCurrentIndex(len(system.choices) if number is None else number)

    def _say(self, picture: str, words: str) -> None:
        self._picture.show_icon(picture)
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self._fit_height()

    def _show_choices(self, shown: bool) -> None:
        self._second.setVisible(shown)
        self._fit_height()

    def _fit_height(self) -> None:
        if not self._ready:
            return
        height = 0
        for widget, row in zip((self._first, self._second), self._rows, strict=True):
            if not widget.isHidden():
                needed = row.heightForWidth(self.width())
                widget.setFixedHeight(needed)
                height += needed
        self._whole.setFixedHeight(height)


def _together(gap: int, *widgets: QWidget) -> QWidget:
    """Widgets that stay side by side where a line ends."""
    group = QWidget()
    line = QHBoxLayout(group)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(gap)
    for widget in widgets:
        line.addWidget(widget)
    return group
