"""The form: which day, which appointment types, how; *Start* and *Stopp*."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from sync_gui.day_panel.day_field import DayField
from sync_gui.day_panel.form_rules import (
    ALL_TYPES,
    DEFAULT_TYPES,
    KNOWN_TYPES,
    NO_TYPES,
    FormInput,
    day_hint,
    read_numbers,
    why_no_deletion,
)
from sync_gui.day_panel.widgets import (
    card,
    field_label,
    mark_invalid,
    push_button,
    reserve_lines,
    restyle,
    text_label,
)
from sync_gui.plain_text import plain_label

DEMO_DAY = date(2025, 10, 6)
_MINUTE_MS = 60_000
_WHAT_IS_DELETED = "Ohne gültigen Termin in CallDoc und nie von Hand bearbeitet."
_TYPE_MNEMONICS: Mapping[int, str] = {24: "&24", 25: "2&5"}


class DayForm(QWidget):
    """The form.

    Signals: ``start_wanted`` carries a ``FormInput``, ``stop_wanted`` nothing. Wrong input is
    marked with its reason while one types, missing input when one wants to start.
    """

    start_wanted = pyqtSignal(object)
    stop_wanted = pyqtSignal()

    def __init__(self, *, demo: bool, today: Callable[[], date]) -> None:
        super().__init__()
        self._today = today
        self.day = DayField(DEMO_DAY if demo else today(), today)
        self.day_hint = plain_label(role="hint")
        self.yesterday_button = self._day_button("&Gestern", -1)
        self.today_button = self._day_button("He&ute", 0)
        self.tomorrow_button = self._day_button("&Morgen", 1)
        self.types = {
            number: _box(f"{_TYPE_MNEMONICS[number]} {name}", on=number in DEFAULT_TYPES)
            for number, name in KNOWN_TYPES.items()
        }
        self.all_types = _box("Alle &zugeordneten", on=False)
        self.all_types.setToolTip(
            "Alle Terminarten, die in SQLHK einer Untersuchung zugeordnet sind"
        )
        self.more_types = QLineEdit()
        self.more_types.setPlaceholderText("z. B. 31, 32 (freiwillig)")
        self.types_reason = text_label(role="error")
        self.smart_filter = _box("Nur abgeschlossene Termine &vergangener Tage", on=True)
        self.smart_filter.setToolTip(
            "Ist an einem vergangenen Tag kein Termin abgeschlossen, zählen alle nicht abgesagten"
        )
        self.delete_obsolete = _box("Überf&lüssige Untersuchungen löschen", on=False)
        self.delete_obsolete.setToolTip(
            "Löscht Untersuchungen, zu denen CallDoc keinen Termin zeigt"
        )
        self.delete_reason = text_label(role="hint")
        self.start_button = push_button("&Start", self._ask_start, "primary")
        self.start_button.setToolTip("Überträgt den Tag von CallDoc nach SQLHK")
        self.stop_button = push_button("St&opp", self.stop_wanted.emit)
        self._build()
        self.day.textChanged.connect(self._day_changed)
        self.day.editingFinished.connect(self._leave_day)
        self.more_types.textChanged.connect(self._types_changed)
        for box in (*self.types.values(), self.all_types):
            box.toggled.connect(self._types_changed)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._time_passed)
        self._clock.start(_MINUTE_MS)
        self._day_changed()
        self.show_stoppable("")

    def current(self) -> FormInput | None:
        """What is filled in, or None while something is missing or wrong."""
        types, day = self._types(), self.day.typed().day
        if day is None or (isinstance(types, str) and types != ALL_TYPES):
            return None
        deletes = self.delete_obsolete.isChecked() and not why_no_deletion(day, self._today())
        return FormInput(day, types, deletes, self.smart_filter.isChecked())

    def mark(self, reasons: Mapping[str, str]) -> None:
        """Show why the program refused fields, by their names in the request."""
        if "appointment_type_id" in reasons:
            self._mark_types(reasons["appointment_type_id"])
        if "date" in reasons:
            self._show_day_hint(reasons["date"], "error")

    def show_stoppable(self, day: str) -> None:
        """Allow *Stopp* for the sync of ``day`` (German), or forbid it for an empty one."""
        self.stop_button.setEnabled(bool(day))
        words = f"Hält den Abgleich vom {day} nach dem Termin an, der gerade übertragen wird"
        self.stop_button.setToolTip(words if day else "Es läuft kein Abgleich, der gezeigt wird")
        self.stop_button.setAccessibleDescription(self.stop_button.toolTip())

    def _day_button(self, text: str, days: int) -> QWidget:
        return push_button(text, lambda: self.day.show_day(self._today() + timedelta(days=days)))

    def _build(self) -> None:
        em = self.fontMetrics().height()
        frame = card()
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(em, em * 3 // 4, em, em)
        inner.setSpacing(em // 2)
        inner.addWidget(text_label("Einen Tag übertragen", "heading"))
        inner.addLayout(self._build_day(em))
        inner.addSpacing(em // 4)
        inner.addLayout(self._build_types(em))
        inner.addWidget(self.smart_filter)
        inner.addWidget(self.delete_obsolete)
        self.delete_reason.setIndent(em * 3 // 2)
        inner.addWidget(self.delete_reason)
        buttons = QHBoxLayout()
        buttons.setSpacing(em // 2)
        buttons.addWidget(self.start_button, 2)
        buttons.addWidget(self.stop_button, 1)
        inner.addSpacing(em // 4)
        inner.addLayout(buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        order = (
            *(self.day, self.yesterday_button, self.today_button, self.tomorrow_button),
            *(*self.types.values(), self.all_types, self.more_types, self.smart_filter),
            *(self.delete_obsolete, self.start_button, self.stop_button),
        )
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        self.setFocusProxy(self.day)

    def _build_day(self, em: int) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(em // 2)
        grid.setVerticalSpacing(em // 3)
        grid.addWidget(field_label("Da&tum", self.day), 0, 0)
        self.day.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        grid.addWidget(self.day, 0, 1)
        grid.addWidget(self.day_hint, 0, 2)
        row = QHBoxLayout()
        row.setSpacing(em // 2)
        for button in (self.yesterday_button, self.today_button, self.tomorrow_button):
            row.addWidget(button, 1)
        grid.addLayout(row, 1, 0, 1, 3)
        grid.setColumnStretch(2, 1)
        return grid

    def _build_types(self, em: int) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(em // 3)
        boxes = QHBoxLayout()
        boxes.setSpacing(em)
        for box in (*self.types.values(), self.all_types):
            boxes.addWidget(box)
        boxes.addStretch(1)
        more = QHBoxLayout()
        more.setSpacing(em // 2)
        more.addWidget(field_label("&Weitere Terminarten", self.more_types))
        more.addWidget(self.more_types, 1)
        column.addWidget(plain_label("Terminarten"))
        column.addLayout(boxes)
        column.addLayout(more)
        column.addWidget(self.types_reason)
        reserve_lines(self.types_reason, 1)
        return column

    def _types(self) -> tuple[int, ...] | Literal["all"] | str:
        """The chosen types, or the German reason why there are none."""
        if self.all_types.isChecked():
            return ALL_TYPES
        typed = read_numbers(self.more_types.text())
        if typed.reason:
            return typed.reason
        ticked = [number for number, box in self.types.items() if box.isChecked()]
        return tuple(sorted({*ticked, *typed.values})) or NO_TYPES

    def _day_changed(self) -> None:
        """Nobody is scolded while the text may still become a day."""
        typed = self.day.typed()
        if typed.day is not None:
            self._show_day_hint(day_hint(typed.day, self._today()), "hint")
        elif typed.unfinished:
            self._show_day_hint("", "hint")
        else:
            self._show_day_hint(typed.reason, "error")
        self._permit_deletion()

    def _leave_day(self) -> None:
        reason = self.day.typed().reason
        if reason:
            self._show_day_hint(reason, "error")

    def _time_passed(self) -> None:
        """Midnight makes today a past day."""
        day = self.day.typed().day
        if day is not None and not self.day.property("invalid"):
            self._show_day_hint(day_hint(day, self._today()), "hint")
        self._permit_deletion()

    def _show_day_hint(self, words: str, role: Literal["hint", "error"]) -> None:
        is_wrong = role == "error"
        mark_invalid(self.day, is_wrong)
        self.day.setAccessibleDescription(words)
        self.day_hint.setText(f"⚠ {words}" if is_wrong else words)
        if self.day_hint.property("role") != role:
            self.day_hint.setProperty("role", role)
            restyle(self.day_hint)

    def _permit_deletion(self) -> None:
        reason = why_no_deletion(self.day.typed().day, self._today())
        self.delete_obsolete.setEnabled(not reason)
        if reason:
            self.delete_obsolete.setChecked(False)  # not to come back on another day unnoticed
        self.delete_reason.setText(reason or _WHAT_IS_DELETED)
        self.delete_obsolete.setAccessibleDescription(self.delete_reason.text())

    def _types_changed(self) -> None:
        everything = self.all_types.isChecked()
        for field in (*self.types.values(), self.more_types):
            field.setEnabled(not everything)
        types = self._types()
        self._mark_types(
            "" if types in (ALL_TYPES, NO_TYPES) or isinstance(types, tuple) else types
        )

    def _mark_types(self, reason: str) -> None:
        mark_invalid(self.more_types, bool(reason))
        self.more_types.setAccessibleDescription(reason)
        self.types_reason.setText(f"⚠ {reason}" if reason else "")  # in place, so nothing jumps

    def _ask_start(self) -> None:
        self._day_changed()  # midnight may have passed since the day was chosen
        self.day.tidy()
        filled = self.current()
        if filled is not None:
            self.start_wanted.emit(filled)
            return
        self._leave_day()
        types = self._types()
        if isinstance(types, str) and types != ALL_TYPES:
            self._mark_types(types)
            self.more_types.setFocus()
        if self.day.typed().day is None:
            self.day.setFocus()


def _box(text: str, *, on: bool) -> QCheckBox:
    box = QCheckBox(text)
    box.setAccessibleName(text.replace("&", ""))
    box.setChecked(on)
    return box
