"""The list of plugins: what is loaded, what is not, and why; and switching them on and off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from hookspecs import Bridge
from sync_core.errors import SettingsError
from sync_core.plugin_report import PluginReport
from sync_gui.plain_text import plain_label
from sync_gui.plugin_words import (
    details_words,
    short_reason,
    start_words,
    state_words,
    switch_words,
)
from sync_gui.read_only_table import Cell, ReadOnlyTable
from sync_gui.services import PluginControl
from sync_gui.sizes import fit

LOGGER = logging.getLogger("sync_gui.window")
_HEADINGS = ("Name", "Version", "Zustand", "Grund", "Ansichten", "Endpunkte", "Startzeit")
_REFRESH_MS = 1000


class PluginDialog(QDialog):
    """Shows what ``reports`` returns, anew every second while open (a plugin may still start).

    With ``control``, whose file is written through ``bridge`` in the background, the chosen plugin
    can be switched on and off; that counts from the next start on.
    """

    def __init__(
        self,
        reports: Callable[[], Sequence[PluginReport]],
        parent: QWidget | None = None,
        control: PluginControl | None = None,
        bridge: Bridge | None = None,
    ) -> None:
        super().__init__(parent)
        self._reports = reports
        self._control = control
        self._bridge = bridge
        self._shown: tuple[PluginReport, ...] | None = None
        self._problem = ""
        self._open = True
        self.setWindowTitle("Erweiterungen")
        em = self.fontMetrics().height()
        self.table = ReadOnlyTable("Erweiterungen", _HEADINGS, wide=3)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Einzelheiten der gewählten Erweiterung")
        self.switch = QPushButton("&Abschalten")
        self.switch.setAutoDefault(False)
        self.switch.clicked.connect(self._switch)
        self.hint = plain_label(role="hint")
        self.hint.setWordWrap(True)
        close = QPushButton("&Schließen")
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.switch)
        buttons.addWidget(self.hint, 1)
        buttons.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(em, em, em, em)
        box.setSpacing(em * 2 // 3)
        box.addWidget(plain_label("Erweiterungen", role="heading"))
        box.addWidget(self.table, 3)
        box.addWidget(self.details, 2)
        box.addLayout(buttons)
        fit(self, 60, 32)
        self.table.currentCellChanged.connect(self._choose)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._refresh)
        self._timer.start(_REFRESH_MS)
        self._refresh()
        self.table.setFocus()

    def done(self, result: int) -> None:
        """Close and ask no more."""
        self._open = False
        self._timer.stop()
        super().done(result)

    def _chosen(self) -> PluginReport | None:
        row = self.table.currentRow()
        return self._shown[row] if self._shown and 0 <= row < len(self._shown) else None

    def _refresh(self) -> None:
        reports = tuple(self._reports())
        if reports == self._shown:
            return
        self._shown = reports
        self.table.fill([_row(report) for report in reports])
        self._show_details()

    def _choose(self, *_cells: int) -> None:
        self._problem = ""
        self._show_details()

    def _show_details(self) -> None:
        report = self._chosen()
        text = details_words(report) if report else "Es ist keine Erweiterung vorhanden."
        if text != self.details.toPlainText():  # setting it anew would lose place and selection
            self.details.setPlainText(text)
        self._show_switch(report)

    def _show_switch(self, report: PluginReport | None) -> None:
        self.switch.setVisible(self._control is not None)
        self.hint.setVisible(self._control is not None)
        if self._control is None or report is None:
            self.switch.setEnabled(False)
            return
        words = switch_words(
            report,
            out_next=self._control.is_out_next(report.name),
            fixed_by=self._control.fixed_by(),
        )
        self.switch.setText(words.label)
        self.switch.setAccessibleName(f"{words.label.replace('&', '')}: {report.name}")
        self.switch.setAccessibleDescription(words.hint)
        self.switch.setEnabled(words.possible)
        self.hint.setText(self._problem or words.hint)

    def _switch(self) -> None:
        report, control = self._chosen(), self._control
        if report is None or control is None or self._bridge is None:
            return
        change = control.disable
        if report.set_aside:
            change = control.retry
        elif control.is_out_next(report.name):
            change = control.enable
        name = report.name

        def work() -> str:
            try:
                change(name)
            except (SettingsError, OSError) as error:
                LOGGER.warning("plugin %s could not be switched: %s", name, error)
                return f"Das ließ sich nicht speichern: {error}"
            return ""

        self.switch.setEnabled(False)
        self._bridge.in_background(work, self._switched)

    def _switched(self, problem: str) -> None:
        if self._open:
            self._problem = problem
            self._show_details()


def _row(report: PluginReport) -> list[Cell]:
    picture, state = state_words(report)
    return [
        Cell(report.name),
        Cell(report.version or "–"),
        Cell(state, picture),
        Cell(short_reason(report), hint=short_reason(report) if report.reason else ""),
        Cell(str(len(report.panels)), hint=", ".join(report.panels)),
        Cell(str(len(report.routes)), hint=", ".join(report.routes)),
        Cell(start_words(report.start_ms)),
    ]
