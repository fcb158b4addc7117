"""What the window's last order came to: the preview with *Übernehmen*, progress, result, error."""

from __future__ import annotations

from PyQt5.QtCore import QTimer, pyqtSignal
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from plugins.single_patient.panel.changes_table import ChangesTable
from plugins.single_patient.panel.controller import Order, Purpose
from plugins.single_patient.panel.failure_words import advice_of, error_of
from plugins.single_patient.panel.form_rules import FormInput
from plugins.single_patient.panel.icons import MarkPicture
from plugins.single_patient.panel.preview_words import (
    NOT_WRITTEN,
    PREVIEW,
    looked_heading,
    outcome_words,
    would_write,
    written_heading,
)
from plugins.single_patient.panel.result_texts import (
    comparison_words,
    day_words,
    ledger_rows,
    row_changes,
)
from plugins.single_patient.panel.settled_button import SettledButton
from plugins.single_patient.panel.task_facts import (
    Mark,
    birth_date_of,
    changes_of,
    day_of,
    ledger_of,
    mismatch_of,
    patient_of,
    piz_of,
    progress_words,
    short_type_of,
)
from plugins.single_patient.panel.widgets import (
    PlainTable,
    card,
    push_button,
    set_shown_text,
    text_label,
)
from sync_core.refusal_words import Refused
from sync_core.task_model import TaskStatus, TaskView

MAX_AGE_MS = 5 * 60 * 1000
LEDGER_HEADINGS = ("Termin", "Ergebnis", "Untersuchung", "Grund")
_MARK_SIZE = 20
_IDLE = "Die Eingabetaste zeigt, was geschrieben würde. Geschrieben wird erst mit „Übernehmen“."


class Preview(QWidget):
    """Shows the order that the window gave last.

    Signals: ``apply_wanted(TaskView)`` carry out this dry run's plan, ``cancel_wanted(str)`` stop
    the task with this id, ``discarded`` the preview was put away.

    A plan can be carried out for ``max_age_ms``, and only while the form still asks for it.
    """

    apply_wanted = pyqtSignal(object)
    cancel_wanted = pyqtSignal(str)
    discarded = pyqtSignal()

    def __init__(self, *, names_hidden: bool, max_age_ms: int = MAX_AGE_MS) -> None:
        super().__init__()
        self._names_hidden = names_hidden
        self._order: Order | None = None
        self._view: TaskView | None = None
        self._form_differs = False
        self._too_old = False
        self._age = QTimer(self)
        self._age.setSingleShot(True)
        self._age.setInterval(max_age_ms)
        self._age.timeout.connect(self._grow_old)
        self.mark = MarkPicture(_MARK_SIZE)
        self.title = text_label(PREVIEW, "heading")
        self.title.setMinimumHeight(_MARK_SIZE)
        self.name = text_label(role="big", selectable=True)
        self.birth = text_label(role="big", selectable=True)
        self.subject = text_label(role="hint")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Fortschritt")
        self.outcome = text_label()
        self.error = text_label(role="error")
        self.advice = text_label()
        self.comparison = text_label(selectable=True)
        self.warnings = text_label()
        self.changes = ChangesTable("Was geschrieben wird, Feld für Feld")
        self.ledger = PlainTable("Termine des Tages", LEDGER_HEADINGS)
        self.tables = QTabWidget()
        self.tables.addTab(self.changes, "Änderungen")
        self.tables.addTab(self.ledger, "Termine")
        self.reason = text_label(role="hint")
        self.apply_button = push_button("Ü&bernehmen", self._apply, "primary", SettledButton)
        self.discard_button = push_button("Ver&werfen", self.show_nothing, kind=SettledButton)
        self.cancel_button = push_button("Abb&rechen", self._cancel, kind=SettledButton)
        self._build()
        self.show_nothing()

    def show_nothing(self) -> None:
        """Put away what is shown."""
        self._order = self._view = None
        self._age.stop()
        self._render()
        self.discarded.emit()

    def show_starting(self, order: Order) -> None:
        """An order is on its way."""
        self._order, self._view = order, None
        self._too_old = self._form_differs = False
        self._age.stop()
        self._render()

    def show_task(self, order: Order, view: TaskView) -> None:
        """A new picture of the ordered task."""
        ended_now = view.status.ended and not (self._view and self._view.status.ended)
        self._order, self._view = order, view
        if ended_now and order.purpose is Purpose.PREVIEW:
            self._age.start()
        self._render()

    def show_refused(self, order: Order, refused: Refused) -> None:
        """The order was not taken."""
        self._order, self._view = order, None
        self._render()
        self.progress.hide()
        self.discard_button.show()
        if order.purpose is not Purpose.PREVIEW:
            self.title.setText(NOT_WRITTEN)
        self.mark.show_mark(Mark.FAILED)
        set_shown_text(self.error, f"⚠ {refused.sentence}")
        set_shown_text(self.advice, refused.advice)

    def compare_with(self, filled: FormInput | None) -> None:
        """Tell what the form asks for now."""
        if self._order is None or self._order.purpose is not Purpose.PREVIEW:
            return
        asked = {name: value for name, value in self._order.request.items() if name != "dry_run"}
        self._form_differs = filled is None or filled.request() != asked
        self._render_apply()

    def set_names_hidden(self, hidden: bool) -> None:
        """Mask the patient's name, or show it."""
        self._names_hidden = hidden
        if self._view is not None:
            self._render_person(self._view)
            self._render_tables(self._view)

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.apply_button, 2)
        buttons.addWidget(self.discard_button, 1)
        buttons.addWidget(self.cancel_button, 1)
        head = QHBoxLayout()
        head.addWidget(self.mark)
        head.addWidget(self.title, 1)
        frame = card()
        layout = QVBoxLayout(frame)
        layout.addLayout(head)
        for widget in (
            self.subject,
            self.progress,
            self.error,
            self.advice,
            self.comparison,
            self.outcome,
            self.warnings,
        ):
            layout.addWidget(widget)
        layout.addWidget(self.tables, 1)
        for widget in (self.name, self.birth, self.reason):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addStretch(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.tables.setMinimumHeight(self.fontMetrics().height() * 7)

    def _render(self) -> None:
        order, view = self._order, self._view
        running = order is not None and (view is None or not view.status.ended)
        self._render_heading()
        set_shown_text(self.outcome, _IDLE if order is None else "")
        for label in (self.name, self.birth, self.subject, self.error, self.advice):
            set_shown_text(label, "")
        for label in (self.comparison, self.warnings):
            set_shown_text(label, "")
        self.progress.setVisible(running)
        self.progress.setRange(0, 0 if view is None else 100)
        self.cancel_button.setVisible(running and view is not None)
        self.discard_button.setVisible(order is not None and not running)
        self.tables.hide()
        if view is not None:
            self._render_task(view)
        self._render_apply()

    def _render_heading(self) -> None:
        order = self._order
        looks = order is None or order.purpose is Purpose.PREVIEW
        heading = looked_heading(self._view) if looks else written_heading(self._view)
        self.title.setText(heading.words)
        self.mark.show_mark(heading.mark)
        self.mark.setVisible(order is not None)

    def _render_task(self, view: TaskView) -> None:
        set_shown_text(self.subject, f"PIZ {piz_of(view)} · {day_of(view)} · {short_type_of(view)}")
        if not view.status.ended:
            self.progress.setValue(view.progress.percent)
            self.progress.setFormat(progress_words(view))
            return
        self._render_person(view)
        self._render_tables(view)
        if view.status is TaskStatus.FAILED:
            set_shown_text(self.error, f"⚠ {error_of(view)}")
            set_shown_text(self.advice, f"Was tun: {advice_of(view)}")
            set_shown_text(self.comparison, comparison_words(mismatch_of(view) or {}))
        elif view.status is TaskStatus.CANCELLED:
            set_shown_text(self.outcome, "Abgebrochen; es wurde nichts geschrieben.")
        else:
            set_shown_text(self.outcome, outcome_words(view))
        set_shown_text(self.warnings, "\n".join(f"⚠ {note.message}" for note in view.warnings))

    def _render_person(self, view: TaskView) -> None:
        name = patient_of(view, names_hidden=self._names_hidden)
        if not view.status.ended or (view.status is not TaskStatus.COMPLETED and not name):
            return
        set_shown_text(self.name, name or "Name nicht bekannt")
        if view.status is TaskStatus.COMPLETED:
            born = birth_date_of(view)
            set_shown_text(
                self.birth, f"geb. {day_words(born)}" if born else "Geburtsdatum nicht bekannt"
            )

    def _render_tables(self, view: TaskView) -> None:
        if not view.status.ended:
            return
        changes = changes_of(view)
        ledger = ledger_rows(ledger_of(view))
        patient = patient_of(view, names_hidden=self._names_hidden)
        self.changes.show_changes(
            row_changes(changes, patient=patient, names_hidden=self._names_hidden)
        )
        self.ledger.show_rows(ledger)
        self.tables.setTabText(0, f"Änderungen ({len(changes)})")
        self.tables.setTabText(1, f"Termine ({len(ledger)})")
        self.tables.setCurrentWidget(self.changes if changes else self.ledger)
        self.tables.setVisible(bool(changes or ledger))

    def _render_apply(self) -> None:
        view = self._view
        offered = (
            self._order is not None
            and self._order.purpose is Purpose.PREVIEW
            and view is not None
            and would_write(view)
        )
        reason = ""
        if offered and self._form_differs:
            reason = (
                "Die Eingaben wurden seit der Vorschau geändert. Bitte eine neue Vorschau machen."
            )
        elif offered and self._too_old:
            reason = "Die Vorschau ist älter als 5 Minuten. Bitte eine neue Vorschau machen."
        _name(self.discard_button, "Ver&werfen" if offered else "Sch&ließen")
        self.apply_button.setVisible(offered)
        self.apply_button.setEnabled(offered and not reason)
        self.apply_button.setAccessibleDescription(reason)
        set_shown_text(self.reason, reason)

    def _grow_old(self) -> None:
        self._too_old = True
        self._render_apply()

    def _apply(self) -> None:
        if self._view is not None:
            self.apply_wanted.emit(self._view)

    def _cancel(self) -> None:
        if self._view is not None:
            self.cancel_wanted.emit(self._view.task_id)


def _name(button: QPushButton, text: str) -> None:
    button.setText(text)
    button.setAccessibleName(text.replace("&", ""))
