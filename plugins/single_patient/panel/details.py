"""Everything about the chosen task."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PyQt5.QtCore import Qt, pyqtBoundSignal, pyqtSignal
from PyQt5.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from plugins.single_patient.panel.changes_table import ChangesTable
from plugins.single_patient.panel.failure_words import (
    advice_of,
    can_be_retried,
    error_of,
    must_be_mended_first,
    retry_hint,
)
from plugins.single_patient.panel.icons import MarkPicture
from plugins.single_patient.panel.preview import LEDGER_HEADINGS
from plugins.single_patient.panel.result_texts import (
    NOTHING,
    PATIENT_ACTIONS,
    TIMES,
    day_words,
    duration_words,
    full_moment_words,
    ledger_rows,
    mismatch_rows,
    row_changes,
)
from plugins.single_patient.panel.task_facts import (
    birth_date_of,
    changes_of,
    day_of,
    is_dry_run,
    ledger_of,
    mismatch_of,
    patient_action_of,
    patient_of,
    piz_of,
    result_of,
    source_of,
    type_of,
)
from plugins.single_patient.panel.widgets import (
    PlainTable,
    plain_tooltip,
    push_button,
    restyle,
    set_shown_text,
    text_label,
)
from sync_core.task_model import TaskStatus, TaskView

_EMPTY = "Einen Abgleich in der Tabelle wählen, um Einzelheiten zu sehen."
_FACTS = (
    "Patient",
    "PIZ",
    "Tag und Art",
    "In SQLHK",
    "Beginn",
    "Ende",
    "Dauer",
    "Quelle",
    "Anfragenummer",
    "Aufgabe",
)
_RESOLUTIONS = {
    "written": "Inzwischen geklärt: Es wurde geschrieben.",
    "not_written": "Inzwischen geklärt: Es wurde nichts geschrieben.",
}


class Details(QWidget):
    """Details of one task.

    Signals, each with the task's picture: ``retry_wanted``, ``cancel_wanted``, ``copy_wanted``
    (the address of its status), ``save_wanted`` (its status as JSON).
    """

    retry_wanted = pyqtSignal(object)
    cancel_wanted = pyqtSignal(object)
    copy_wanted = pyqtSignal(object)
    save_wanted = pyqtSignal(object)

    def __init__(self, *, names_hidden: bool, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._names_hidden = names_hidden
        self._now = now
        self._view: TaskView | None = None
        self.icon = MarkPicture(24)
        self.result = text_label(role="heading")
        self.empty = text_label(_EMPTY, "hint")
        self.error = text_label(role="error", selectable=True)
        self.advice = text_label(selectable=True)
        self.warnings = text_label(selectable=True)
        self.mismatch_title = text_label("Geburtsdaten im Vergleich", "hint")
        self.mismatch = [(text_label(), text_label(selectable=True)) for _ in range(4)]
        self.facts = {name: text_label(selectable=True) for name in _FACTS}
        self.changes = ChangesTable("Änderungen, Feld für Feld")
        self.ledger = PlainTable("Termine mit Ergebnis und Grund", LEDGER_HEADINGS)
        self.times = PlainTable("Zeiten", ("Abschnitt", "Dauer"))
        self.tabs = QTabWidget()
        self.retry_button = push_button("Er&neut versuchen", self._sender(self.retry_wanted))
        self.cancel_button = push_button("Abbre&chen", self._sender(self.cancel_wanted), "danger")
        self.copy_button = push_button("Status-Adresse &kopieren", self._sender(self.copy_wanted))
        self.save_button = push_button("Als &JSON speichern …", self._sender(self.save_wanted))
        self.cancel_button.setToolTip(
            "Hält diesen Abgleich an, solange noch nichts gespeichert ist"
        )
        self.copy_button.setToolTip(
            "Für die IT: die Adresse, unter der die API diesen Abgleich zeigt"
        )
        self.save_button.setToolTip("Für die IT: alle Angaben zu diesem Abgleich in eine Datei")
        self._build()
        self.show_task(None)

    def show_task(self, view: TaskView | None) -> None:
        """Show a task, a newer picture of it, or that none is chosen."""
        if view is not None and view.status is TaskStatus.FAILED and not self._tells_why(view):
            self.tabs.setCurrentIndex(0)
        self._view = view
        self.tabs.setVisible(view is not None)
        self.icon.setVisible(view is not None)
        self.result.setVisible(view is not None)
        self.empty.setVisible(view is None)
        self._show_retry(view)
        self.cancel_button.setEnabled(view is not None and not view.status.ended)
        self.copy_button.setEnabled(view is not None)
        self.save_button.setEnabled(view is not None)
        if view is None:
            return
        result = result_of(view)
        self.icon.show_mark(result.mark)
        self.result.setText(result.words[:1].upper() + result.words[1:])
        self._show_error(view)
        self._show_mismatch(view)
        self._show_facts(view)
        self._show_tables(view)

    def set_names_hidden(self, hidden: bool) -> None:
        """Mask the patient's name, or show it."""
        self._names_hidden = hidden
        self.show_task(self._view)

    def shown_id(self) -> str | None:
        """The shown task's id."""
        return None if self._view is None else self._view.task_id

    def _tells_why(self, view: TaskView) -> bool:
        """Whether the same failure is shown already; then the tab is somebody's own choice."""
        shown = self._view
        return (
            shown is not None
            and shown.task_id == view.task_id
            and shown.status is TaskStatus.FAILED
        )

    def _build(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.icon)
        head.addWidget(self.result, 1)
        overview = QWidget()
        inner = QVBoxLayout(overview)
        for label in (self.error, self.advice, self.warnings, self.mismatch_title):
            inner.addWidget(label)
        dates = QGridLayout()
        for row, (where, born) in enumerate(self.mismatch):
            dates.addWidget(where, row, 0)
            dates.addWidget(born, row, 1)
        dates.setColumnStretch(1, 1)
        inner.addLayout(dates)
        facts = QGridLayout()
        facts.setHorizontalSpacing(12)
        for row, (name, label) in enumerate(self.facts.items()):
            hint = text_label(name, "hint")
            hint.setWordWrap(False)
            facts.addWidget(hint, row, 0, Qt.AlignTop)
            label.setSizePolicy(QSizePolicy.Ignored, QSizePolicy.Preferred)
            facts.addWidget(label, row, 1)
        facts.setColumnStretch(1, 1)
        inner.addLayout(facts)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setWidget(overview)
        scroll.setProperty("role", "page")  # keys scroll it, so it shows that it has the focus
        scroll.setAccessibleName("Überblick")
        for page, title in (
            (scroll, "Überblick"),
            (self.changes, "Änderungen"),
            (self.ledger, "Termine"),
            (self.times, "Zeiten"),
        ):
            self.tabs.addTab(page, title)
        buttons = QVBoxLayout()
        for button in (self.retry_button, self.cancel_button, self.copy_button, self.save_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        below = QHBoxLayout()
        below.addWidget(self.empty, 1, Qt.AlignTop)
        below.addWidget(self.tabs, 1)
        below.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head)
        layout.addLayout(below, 1)

    def _show_retry(self, view: TaskView | None) -> None:
        """Quiet where it would fail again; what was corrected meanwhile only people know."""
        button = self.retry_button
        button.setEnabled(can_be_retried(view))
        button.setToolTip(retry_hint(view))
        button.setAccessibleDescription(retry_hint(view))
        role = "quiet" if must_be_mended_first(view) else ""
        if button.property("role") != role:
            button.setProperty("role", role)
            restyle(button)

    def _show_error(self, view: TaskView) -> None:
        error = error_of(view)
        set_shown_text(self.error, f"⚠ {error}" if error else "")
        advice = f"Was tun: {advice_of(view)}" if view.error_code else ""
        set_shown_text(self.advice, _RESOLUTIONS.get(view.resolution or "", advice))
        set_shown_text(self.warnings, "\n".join(f"⚠ {note.message}" for note in view.warnings))

    def _show_mismatch(self, view: TaskView) -> None:
        mismatch = mismatch_of(view)
        rows = mismatch_rows(mismatch) if mismatch else [("", "")] * len(self.mismatch)
        self.mismatch_title.setVisible(mismatch is not None)
        for (where, born), (place, words) in zip(self.mismatch, rows, strict=True):
            set_shown_text(where, place)
            set_shown_text(born, words)

    def _show_facts(self, view: TaskView) -> None:
        now = self._now()
        name = patient_of(view, names_hidden=self._names_hidden)
        born = birth_date_of(view)
        texts = (
            ", ".join(part for part in (name, f"geb. {day_words(born)}" if born else "") if part),
            piz_of(view),
            f"{day_of(view)} · {type_of(view)}" + (" · nur Vorschau" if is_dry_run(view) else ""),
            PATIENT_ACTIONS.get(patient_action_of(view) or "", NOTHING),
            full_moment_words(view.created_at, now),
            full_moment_words(view.finished_at, now),
            duration_words(view.execution_time_ms) or NOTHING,
            source_of(view),
            view.request_id,
            view.task_id,
        )
        for label, text in zip(self.facts.values(), texts, strict=True):
            label.setText(text or NOTHING)
            label.setToolTip(plain_tooltip(text))

    def _show_tables(self, view: TaskView) -> None:
        changes = changes_of(view)
        ledger = ledger_rows(ledger_of(view))
        patient = patient_of(view, names_hidden=self._names_hidden)
        self.changes.show_changes(
            row_changes(changes, patient=patient, names_hidden=self._names_hidden)
        )
        self.ledger.show_rows(ledger)
        self.times.show_rows(
            (TIMES.get(name, name), duration_words(spent)) for name, spent in view.timing_ms.items()
        )
        self.tabs.setTabText(1, f"Änderungen ({len(changes)})")
        self.tabs.setTabText(2, f"Termine ({len(ledger)})")

    def _sender(self, signal: pyqtBoundSignal) -> Callable[[], None]:
        def send() -> None:
            if self._view is not None:
                signal.emit(self._view)

        return send
