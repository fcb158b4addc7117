"""The form: which patient, which day, which type; *Vorschau* and *Synchronisieren*."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from PyQt5.QtCore import Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from plugins.single_patient.panel.day_field import DayField
from plugins.single_patient.panel.form_rules import (
    DEFAULT_TYPE,
    KNOWN_TYPES,
    FormInput,
    Judged,
    Verdict,
    day_hint,
    judge_appointment_type,
    judge_birth_date,
    judge_day,
    judge_piz,
    type_label,
)
from plugins.single_patient.panel.widgets import (
    card,
    field_label,
    push_button,
    reserve_lines,
    restyle,
    text_label,
)
from sync_core.dates import german_day

DEMO_DAY = date(2025, 10, 6)
_MINUTE_MS = 60_000


class SyncForm(QWidget):
    """The form.

    Signals: ``preview_wanted`` and ``sync_wanted`` carry a ``FormInput``; ``edited`` tells that a
    field changed. A wrong field is marked while one types, an unfinished one when one asks for
    something.
    """

    preview_wanted = pyqtSignal(object)
    sync_wanted = pyqtSignal(object)
    edited = pyqtSignal()

    def __init__(self, *, demo: bool, today: Callable[[], date] = date.today) -> None:
        super().__init__()
        self._today = today
        self.piz = QLineEdit()
        self.piz.setPlaceholderText("z. B. 1234567")
        self.birth_date = QLineEdit()
        self.birth_date.setToolTip(
            "Zur Kontrolle: Bei einem anderen Geburtsdatum wird nichts übertragen"
        )
        self.birth_date.setPlaceholderText("TT.MM.JJJJ (freiwillig)")
        self.day = DayField(DEMO_DAY if demo else today(), today)
        self.appointment_type = _type_field()
        self.preview_button = push_button("&Vorschau", self._ask_preview, "primary")
        self.sync_button = push_button("S&ynchronisieren", self._ask_sync)
        self.preview_button.setToolTip(
            "Zeigt, was geschrieben würde, und schreibt nichts (Eingabetaste)"
        )
        self.sync_button.setToolTip("Schreibt sofort, ohne Vorschau")
        self._reasons: dict[QWidget, QLabel] = {}
        self._build()
        self.piz.textChanged.connect(self._typed)
        self.piz.editingFinished.connect(self._tidy_piz)
        self.birth_date.textChanged.connect(self._typed)
        self.birth_date.editingFinished.connect(self._leave_birth_date)
        self.appointment_type.editTextChanged.connect(self._typed)
        self.day.textChanged.connect(self._typed)
        self.day.editingFinished.connect(self._leave_day)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._show_weekday)
        self._clock.start(_MINUTE_MS)
        self._show_weekday()

    def current(self) -> FormInput | None:
        """What is filled in, or None while something is missing or wrong."""
        piz, born, day, kind = self._judgements().values()
        if piz.value is None or day.value is None or kind.value is None:
            return None
        if born.verdict is not Verdict.GOOD:
            return None
        return FormInput(piz.value, day.value, kind.value, born.value)

    def fill(self, request: Mapping[str, Any]) -> None:
        """Put a request's values into the fields (JSON types, as they are sent)."""
        self.piz.setText(str(request["piz"]))
        self.day.show_day(date.fromisoformat(str(request["date"])))
        _show_type(self.appointment_type, int(request["appointment_type_id"]))
        born = request.get("expected_birth_date")
        self.birth_date.setText(german_day(date.fromisoformat(born)) if born else "")

    def mark(self, reasons: Mapping[str, str]) -> None:
        """Mark the fields that the program refused, by their names in the request."""
        fields: dict[str, QWidget] = {
            "piz": self.piz,
            "expected_birth_date": self.birth_date,
            "date": self.day,
            "appointment_type_id": self.appointment_type,
        }
        for name, reason in reasons.items():
            if name in fields:
                self._mark(fields[name], reason)

    def offer_next(self) -> None:
        """Go to the number, chosen as a whole: typing begins with the next patient."""
        self.piz.setFocus()
        self.piz.selectAll()

    def reason_of(self, field: QWidget) -> str:
        """Why the field is marked; empty when it is not."""
        return self._reasons[field].text() if field.property("invalid") else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter anywhere in the form starts the preview."""
        if event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self._ask_preview()
            event.accept()
            return
        super().keyPressEvent(event)

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        fields = (
            ("PI&Z", self.piz, 1),
            ("&Geburtsdatum", self.birth_date, 1),
            ("Datu&m", self.day, 2),
            ("Terminar&t", self.appointment_type, 2),
        )
        for number, (name, field, lines) in enumerate(fields):
            row, column = divmod(number, 2)
            reason = text_label(role="hint")
            reserve_lines(reason, lines)
            self._reasons[field] = reason
            grid.addWidget(field_label(name, field), row * 4, column)
            grid.addWidget(field, row * 4 + 1, column)
            grid.addWidget(reason, row * 4 + 2, column, Qt.AlignTop)
            grid.setRowMinimumHeight(row * 4 + 3, 4)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 4)
        buttons = QHBoxLayout()
        buttons.addWidget(self.preview_button, 1)
        buttons.addWidget(self.sync_button, 1)
        frame = card()
        inner = QVBoxLayout(frame)
        inner.addWidget(text_label("Einen Patienten übertragen", "heading"))
        inner.addLayout(grid)
        inner.addLayout(buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        for _name, field, _lines in fields:
            field.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        order = [field for _name, field, _lines in fields] + [self.preview_button, self.sync_button]
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        self.setFocusProxy(self.piz)

    def _judgements(self) -> dict[QWidget, Judged[Any]]:
        return {
            self.piz: judge_piz(self.piz.text()),
            self.birth_date: judge_birth_date(self.birth_date.text(), self._today()),
            self.day: judge_day(self.day.text()),
            self.appointment_type: judge_appointment_type(self.appointment_type.currentText()),
        }

    def _typed(self) -> None:
        for field, judged in self._judgements().items():
            self._mark(field, judged.reason if judged.verdict is Verdict.WRONG else "")
        self.edited.emit()

    def _tidy_piz(self) -> None:
        judged = judge_piz(self.piz.text())
        if judged.value is not None and judged.value != self.piz.text():
            self.piz.setText(judged.value)

    def _leave_birth_date(self) -> None:
        judged = judge_birth_date(self.birth_date.text(), self._today())
        self._mark(self.birth_date, judged.reason)
        if judged.value is not None:
            self.birth_date.setText(german_day(judged.value))

    def _leave_day(self) -> None:
        self._mark(self.day, judge_day(self.day.text()).reason)

    def _show_weekday(self) -> None:
        """Below the field, where else its reason stands; midnight makes today a past day."""
        day = judge_day(self.day.text()).value
        if not self.day.property("invalid"):
            self._tell(self.day, day_hint(day, self._today()) if day is not None else "", "hint")

    def _checked(self) -> FormInput | None:
        self.day.tidy()
        filled = self.current()
        if filled is not None:
            return filled
        wrong = {
            field: judged.reason
            for field, judged in self._judgements().items()
            if judged.verdict is not Verdict.GOOD
        }
        for field, reason in wrong.items():
            self._mark(field, reason)
        next(iter(wrong)).setFocus()
        return None

    def _ask_preview(self) -> None:
        filled = self._checked()
        if filled is not None:
            self.preview_wanted.emit(filled)

    def _ask_sync(self) -> None:
        filled = self._checked()
        if filled is not None:
            self.sync_wanted.emit(filled)

    def _mark(self, field: QWidget, reason: str) -> None:
        edit = field.lineEdit() if isinstance(field, QComboBox) else field
        for widget in {field, edit}:
            if bool(widget.property("invalid")) != bool(reason):
                widget.setProperty("invalid", bool(reason))
                restyle(widget)
        self._tell(field, reason, "error" if reason else "hint")
        if field is self.day:
            self._show_weekday()

    def _tell(self, field: QWidget, words: str, role: str) -> None:
        label = self._reasons[field]
        label.setText(f"⚠ {words}" if role == "error" else words)  # in place, so nothing jumps
        field.setAccessibleDescription(words)
        if label.property("role") != role:
            label.setProperty("role", role)
            restyle(label)


def _type_field() -> QComboBox:
    field = QComboBox()
    field.setEditable(True)
    field.setItemDelegate(QStyledItemDelegate(field))  # roomy, as the style sheet says
    field.setSizeAdjustPolicy(QComboBox.AdjustToMinimumContentsLengthWithIcon)
    field.setMinimumContentsLength(12)
    field.setInsertPolicy(QComboBox.NoInsert)
    field.setCompleter(None)  # type: ignore[arg-type]  # stubs;  it would turn a typed "2" into 24
    field.addItems([type_label(number) for number in KNOWN_TYPES])
    _show_type(field, DEFAULT_TYPE)
    field.activated.connect(lambda _index: field.lineEdit().setCursorPosition(0))
    return field


def _show_type(field: QComboBox, appointment_type_id: int) -> None:
    field.setEditText(type_label(appointment_type_id))
    field.lineEdit().setCursorPosition(0)  # a narrow field shows the number, not the word's end
