"""The panel *Automatik*: a switch, what comes next, what the watch sees, and the last runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import Qt, QTimer, pyqtSlot
from PyQt5.QtGui import QHideEvent, QShowEvent
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from auto_sync_plugin.memory import Run
from auto_sync_plugin.state import TOPIC, AutoState
from auto_sync_plugin.words import (
    NOTHING,
    daily_words,
    decided_by,
    headline,
    look_words,
    moment_words,
    needs_attention,
    watch_words,
)
from auto_sync_plugin.worker import Worker, utc_now

if TYPE_CHECKING:
    from hookspecs import HostContext

_COLUMNS = ("Zeit", "Was", "Ergebnis", "Einzelheiten")
_REFRESH_MS = 30_000


class AutoPanel(QWidget):
    """Shows the worker's states as they come; every order goes to the worker at once."""

    def __init__(
        self, context: HostContext, worker: Worker, now: Callable[[], datetime] = utc_now
    ) -> None:
        super().__init__()
        self._worker = worker
        self._now = now
        self._state = worker.state()
        self._shown_runs: tuple[tuple[Run, ...], list[str]] | None = None
        self.switch = QCheckBox("&Automatik eingeschaltet")
        self.switch.setAccessibleName("Automatik eingeschaltet")
        self.switch.clicked.connect(worker.switch)
        self.decided = _label("hint")
        self.headline = _label()
        self.look_button = QPushButton("&Jetzt prüfen")
        self.look_button.setAccessibleName("Jetzt prüfen")
        self.look_button.setAutoDefault(False)
        self.look_button.setToolTip("CallDoc sofort nach geänderten Terminen von heute fragen")
        self.look_button.clicked.connect(lambda _checked: worker.check_now())
        self.facts: dict[str, QLabel] = {}
        self.runs = _table(_COLUMNS)
        self.nothing_yet = _label("hint")
        self.nothing_yet.setText("Noch nichts von selbst abgeglichen.")
        self._build()
        self._timer = QTimer(self)  # "heute" becomes "gestern" without any news
        self._timer.setInterval(_REFRESH_MS)
        # A method that Qt knows: a plain function could be collected before the timer is.
        self._timer.timeout.connect(self._refresh)
        context.bridge.subscribe(TOPIC, self.show_state)
        self.show_state(worker.state())

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the words about times right while somebody may read them."""
        super().showEvent(event)
        self._refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        self._timer.stop()
        super().hideEvent(event)

    def show_state(self, state: AutoState) -> None:
        """Show this state."""
        self._state, now = state, self._now()
        self.switch.setChecked(state.on)
        self.decided.setText(decided_by(state))
        self.headline.setText(headline(state))
        self.headline.setProperty("role", "error" if needs_attention(state) else "")
        self._restyle(self.headline)
        self.look_button.setEnabled(state.on and state.watch is not None)
        watch = state.watch
        for name, text in (
            ("Nächster Tagesabgleich", daily_words(state, now)),
            ("Beobachtung", watch_words(state)),
            ("Letzte Prüfung", look_words(watch)),
            ("Änderungen heute", NOTHING if watch is None else str(watch.changes)),
            ("Ausgelassen", (watch.left_out if watch is not None else "") or NOTHING),
        ):
            self.facts[name].setText(text)
            self.facts[name].setAccessibleName(f"{name}: {text}")
        self._show_runs(state.runs, now)

    @pyqtSlot()
    def _refresh(self) -> None:
        self.show_state(self._state)

    def _build(self) -> None:
        above = QFrame()
        above.setFrameShape(QFrame.StyledPanel)
        above.setProperty("role", "card")
        inner = QVBoxLayout(above)
        first = QHBoxLayout()
        first.addWidget(self.switch)
        first.addWidget(self.decided, 1)
        first.addWidget(self.look_button)
        inner.addLayout(first)
        inner.addWidget(self.headline)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.AllNonFixedFieldsGrow)
        for name in (
            "Nächster Tagesabgleich",
            "Beobachtung",
            "Letzte Prüfung",
            "Änderungen heute",
            "Ausgelassen",
        ):
            words = _label("hint")
            words.setWordWrap(False)
            words.setText(name)
            self.facts[name] = _label()
            self.facts[name].setTextInteractionFlags(Qt.TextSelectableByMouse)
            form.addRow(words, self.facts[name])
        inner.addLayout(form)
        heading = _label("heading")
        heading.setText("Letzte Läufe")
        layout = QVBoxLayout(self)
        layout.addWidget(above)
        layout.addWidget(heading)
        layout.addWidget(self.nothing_yet)
        layout.addWidget(self.runs, 1)
        self.setFocusProxy(self.switch)
        self.setTabOrder(self.switch, self.look_button)
        self.setTabOrder(self.look_button, self.runs)

    def _show_runs(self, runs: tuple[Run, ...], now: datetime) -> None:
        self.nothing_yet.setVisible(not runs)
        self.runs.setVisible(bool(runs))
        times = [moment_words(run.at, now) for run in runs]
        if (runs, times) == self._shown_runs:  # a selection and a scrolled place stay
            return
        self._shown_runs = (runs, times)
        self.runs.setRowCount(len(runs))
        for row, run in enumerate(runs):
            outcome = "✓ gut" if run.ok else "✗ bitte ansehen"
            for column, text in enumerate((times[row], run.what, outcome, run.text)):
                self.runs.setItem(row, column, QTableWidgetItem(text))
        self.runs.resizeRowsToContents()

    @staticmethod
    def _restyle(widget: Any) -> None:
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def _label(role: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label


def _table(columns: Sequence[str]) -> QTableWidget:
    table = QTableWidget(0, len(columns))
    table.setAccessibleName("Letzte Läufe der Automatik")
    table.setHorizontalHeaderLabels(list(columns))
    table.setEditTriggers(QAbstractItemView.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectRows)
    table.setSelectionMode(QAbstractItemView.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setWordWrap(True)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignLeft | Qt.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeToContents)
    header.setSectionResizeMode(len(columns) - 1, QHeaderView.Stretch)
    return table
