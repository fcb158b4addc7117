"""What the chosen sync does or came to: state, progress, error, counts, lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from sync_core.german import by_number
from sync_core.refusal_words import Refused
from sync_core.task_model import TaskStatus, TaskView
from sync_gui.day_panel.counts import Counts
from sync_gui.day_panel.day_facts import (
    Deletion,
    count_rows,
    deletion_to_confirm,
    examination_lines,
    is_agreed,
    iso_day,
    left_out_lines,
    patient_lines,
    result_of,
    source_of,
    summary_words,
    types_of,
    written_words,
)
from sync_gui.day_panel.day_words import (
    NOBODY_WANTED,
    STAGES,
    advice_for,
    duration_words,
    moment_words,
)
from sync_gui.day_panel.form_rules import long_day
from sync_gui.day_panel.lines_view import LinesView
from sync_gui.day_panel.widgets import card, push_button, set_shown_text, text_label
from sync_gui.icons import Picture

_MOST_WARNINGS = 3
_IDLE = "Tag und Terminarten wählen, dann „Start“. Hier steht, was daraus wird."


class ResultView(QWidget):
    """Shows one task.

    Signals: ``confirm_wanted(TaskView)`` somebody wants to agree to its deletion.
    """

    confirm_wanted = pyqtSignal(object)

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now
        self.view: TaskView | None = None
        self.picture = Picture("idle", round(self.fontMetrics().height() * 1.5))
        self.title = text_label(role="heading")
        self.subtitle = text_label(role="hint", selectable=True)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Fortschritt")
        self.step = text_label()
        self.error = text_label(role="error", selectable=True)
        self.advice = text_label(selectable=True)
        self.summary = text_label(selectable=True)
        self.warnings = text_label(selectable=True)
        self.confirm_words = text_label()
        self.confirm_button = push_button("Löschen &bestätigen …", self._confirm)
        self.confirm_frame = QFrame()
        self.confirm_frame.setProperty("role", "warning")
        self.counts = Counts()
        self.lines = LinesView()
        self._build()
        self.show_nothing()

    def show_nothing(self) -> None:
        """No task is chosen."""
        self.view = None
        self._show_head("idle", "Noch kein Abgleich gewählt", _IDLE)
        self._show_parts()

    def show_starting(self) -> None:
        """An order is on its way."""
        self.view = None
        self._show_head("clock", "Wird begonnen …", "")
        self._show_parts()

    def show_refused(self, refused: Refused) -> None:
        """The order was not taken."""
        self.view = None
        self._show_head("error", "Nicht begonnen", "")
        self._show_parts()
        set_shown_text(self.error, f"⚠ {refused.sentence}")
        set_shown_text(self.advice, f"Was tun: {refused.advice}")

    def show_task(self, view: TaskView, answer: TaskView | None = None) -> None:
        """Show a task, or a newer picture of it; ``answer`` is what took up its deletion."""
        self.view = view
        result = result_of(view, answer)
        title = f"{long_day(iso_day(view))}: {result.title}"
        self._show_head(result.picture, title, self._origin(view))
        self._show_parts()
        if not view.status.ended:
            self._show_progress(view)
            return
        self._show_end(view, answer)
        self.counts.show_rows(count_rows(view))
        self.lines.show_task(view)

    def _origin(self, view: TaskView) -> str:
        parts = [
            f"Terminarten: {types_of(view)}",
            f"{source_of(view)}, {moment_words(view.created_at, self._now())}",
            duration_words(view.execution_time_ms),
            f"Anfrage {view.request_id}" if view.status is TaskStatus.FAILED else "",
        ]
        return " · ".join(part for part in parts if part)

    def _show_head(self, picture: str, title: str, subtitle: str) -> None:
        self.picture.show_icon(picture)
        self.title.setText(title)
        set_shown_text(self.subtitle, subtitle)

    def _show_parts(self) -> None:
        """Empty everything, and leave room for what is about to be shown only."""
        for label in (self.error, self.advice, self.summary, self.warnings, self.step):
            set_shown_text(label, "")
        self.progress.setVisible(self.view is not None and not self.view.status.ended)
        self.confirm_frame.hide()
        has_lines = self.view is not None and self.view.status.ended and _has_lines(self.view)
        self.counts.setVisible(has_lines)
        self.lines.setVisible(has_lines)

    def _show_progress(self, view: TaskView) -> None:
        stage = STAGES.get(view.progress.stage, view.progress.stage)
        self.progress.setValue(view.progress.percent)
        set_shown_text(self.step, f"{stage} · {view.progress.message}")

    def _show_end(self, view: TaskView, answer: TaskView | None) -> None:
        if view.status is TaskStatus.FAILED:
            set_shown_text(self.error, f"⚠ {view.error}")
            set_shown_text(self.advice, f"Was tun: {advice_for(view.error_code or '')}")
        set_shown_text(self.summary, _summary(view))
        set_shown_text(self.warnings, "\n".join(_warning_lines(view)))
        if answer is not None:
            set_shown_text(self.advice, self._answer_words(answer))
            return
        deletion = deletion_to_confirm(view)
        self.confirm_frame.setVisible(deletion is not None)
        if deletion is not None:
            self.confirm_words.setText(_confirm_words(deletion))

    def _answer_words(self, answer: TaskView) -> str:
        begun = moment_words(answer.created_at, self._now())
        said = "Das Löschen wurde bestätigt" if is_agreed(answer) else "Der Tag wurde neu geprüft"
        return f"{said}. Was daraus wurde, zeigt der Abgleich von {begun} in der Liste."

    def _build(self) -> None:
        em = self.fontMetrics().height()
        head = QHBoxLayout()
        head.setSpacing(em // 2)
        words = QVBoxLayout()
        words.setSpacing(em // 6)
        words.addWidget(self.title)
        words.addWidget(self.subtitle)
        head.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        confirm = QHBoxLayout(self.confirm_frame)
        confirm.setContentsMargins(em // 2, em // 2, em // 2, em // 2)
        confirm.addWidget(self.confirm_words, 1)
        confirm.addWidget(self.confirm_button)
        frame = card()
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(em, em * 3 // 4, em, em)
        inner.setSpacing(em // 2)
        inner.addLayout(head)
        for widget in (self.progress, self.step, self.error, self.advice, self.summary):
            inner.addWidget(widget)
        inner.addWidget(self.warnings)
        inner.addWidget(self.confirm_frame)
        inner.addWidget(self.counts)
        inner.addWidget(self.lines, 1)
        inner.addStretch(0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    def _confirm(self) -> None:
        if self.view is not None:
            self.confirm_wanted.emit(self.view)


def _has_lines(view: TaskView) -> bool:
    return bool(patient_lines(view) or examination_lines(view) or left_out_lines(view))


def _summary(view: TaskView) -> str:
    written = written_words(view)
    if view.status is not TaskStatus.COMPLETED:
        told = view.progress.message if view.status is TaskStatus.CANCELLED else ""
        done = f"Übertragen wurde: {written}. Ein neuer Abgleich macht dort weiter."
        return " ".join(part for part in (told, done if written else "") if part)
    return summary_words(view)


def _warning_lines(view: TaskView) -> list[str]:
    # What is to be confirmed has its own frame; what nobody wanted stands among the remarks.
    elsewhere = {"obsolete_not_confirmed", *NOBODY_WANTED}
    notes = [note.message for note in view.warnings if note.code not in elsewhere]
    lines = [f"⚠ {message}" for message in notes]
    if len(lines) <= _MOST_WARNINGS:
        return lines
    shown = lines[: _MOST_WARNINGS - 1]
    return [*shown, f"⚠ … und {len(lines) - len(shown)} weitere unter „Bemerkungen“."]


def _confirm_words(deletion: Deletion) -> str:
    return (
        f"{deletion.count} von {deletion.known} Untersuchungen "
        f"{by_number(deletion.count, 'wäre', 'wären')} zu löschen: mehr als die Hälfte des Tages, "
        "oder andere als zuletzt bestätigt. Ohne Bestätigung wurde keine gelöscht, alles andere "
        "ist übertragen."
    )
