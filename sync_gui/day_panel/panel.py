"""The panel *Tagesabgleich*: form and list of syncs on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from sync_core.dates import BERLIN
from sync_core.errors import JournalError
from sync_core.refusal_words import Refused
from sync_core.task_model import TaskView
from sync_gui.day_panel.confirm_dialog import ConfirmDialog
from sync_gui.day_panel.controller import DayController
from sync_gui.day_panel.day_facts import (
    KIND,
    Deletion,
    deletion_to_confirm,
    iso_day,
    source_of,
)
from sync_gui.day_panel.form import DayForm
from sync_gui.day_panel.form_rules import FormInput, short_day, why_no_deletion
from sync_gui.day_panel.note_line import Note, NoteLine, Tone
from sync_gui.day_panel.page import Page
from sync_gui.day_panel.result_view import ResultView
from sync_gui.day_panel.runs_model import LIMIT, RunsModel
from sync_gui.day_panel.runs_view import RunsView
from sync_gui.day_panel.widgets import while_alive

if TYPE_CHECKING:
    from hookspecs import HostContext


def create_panel(context: HostContext) -> QWidget:
    """Build the panel. On the GUI thread, once."""
    return DayPanel(context)


def _now() -> datetime:
    return datetime.now(BERLIN)


class DayPanel(QWidget):
    """Puts the parts together: who is told about what, and nothing more.

    ``now`` (with its time zone, the one of the days) is handed in by tests.
    """

    def __init__(self, context: HostContext, *, now: Callable[[], datetime] = _now) -> None:
        super().__init__()
        self._context = context
        self._now = now
        self._ask_when_seen: TaskView | None = None
        self.question: ConfirmDialog | None = None
        self.controller = DayController(context, self)
        self.form = DayForm(demo=context.demo, today=lambda: now().date())

        def clock() -> datetime:
            return now().astimezone()  # the computer's time, as everywhere else in the window

        self.model = RunsModel(clock, parent=self)
        self.runs = RunsView(self.model)
        self.result = ResultView(clock)
        self.page = Page(self.form, self.runs, self.result)
        self.message = NoteLine()
        self._build()
        self._connect()
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what had to wait until somebody looks."""
        super().showEvent(event)
        waiting, self._ask_when_seen = self._ask_when_seen, None
        if waiting is not None:
            self._ask(waiting)

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.page, 1)
        foot = QVBoxLayout()  # outside of what scrolls, so it is seen at any size
        em = self.fontMetrics().height()
        foot.setContentsMargins(em // 2, 0, em // 2, em // 4)
        foot.addWidget(self.message)
        box.addLayout(foot)
        for before, after in pairwise((self.form.stop_button, self.runs.table, self.result)):
            self.setTabOrder(before, after)
        self.setFocusProxy(self.form)

    def _connect(self) -> None:
        self.form.start_wanted.connect(self._start)
        self.form.stop_wanted.connect(self._stop)
        self.controller.starting.connect(self._starting)
        self.controller.started.connect(self._started)
        self.controller.refused.connect(self._refused)
        self.controller.told.connect(self._hint)
        self.runs.chosen.connect(self._chosen)
        self.result.confirm_wanted.connect(self._ask)
        stop = self._context.bridge.subscribe("task_changed", while_alive(self, self._task_changed))
        self.destroyed.connect(lambda _gone: stop())

    def _load(self) -> None:
        tasks = self._context.tasks

        def read() -> tuple[TaskView, ...] | None:
            # Ended ones are read last: a task that ends between the two calls is in both.
            active = tuple(view for view in tasks.active() if view.kind == KIND)
            try:
                return (*tasks.ended(kind=KIND, limit=LIMIT), *active)
            except JournalError:
                self._context.logger.exception("The window could not read earlier tasks")
                return None

        self._context.bridge.in_background(read, while_alive(self, self._loaded))

    def _loaded(self, earlier: tuple[TaskView, ...] | None) -> None:
        if earlier is None:
            self._refuse("Frühere Abgleiche konnten nicht aus dem Journal gelesen werden.")
            return
        self.model.load(earlier)
        if self.result.view is None and self.model.rowCount():
            first = self.model.task_at(0)
            if not first.status.ended:
                self.runs.choose(first.task_id)

    def _start(self, filled: FormInput) -> None:
        self.controller.start(filled.request())

    def _stop(self) -> None:
        view = self.result.view
        if view is not None:
            self.controller.stop(view.task_id)

    def _starting(self) -> None:
        self.message.clear()
        self.form.mark({})
        self.result.show_starting()
        self.form.show_stoppable("")
        self.page.bring_into_sight(self.result.title)

    def _started(self, view: TaskView) -> None:
        self.model.put(view)
        newest = self.model.task(view.task_id) or view
        self.runs.choose(view.task_id)
        self._show(newest)
        self._ask_if_needed(newest)

    def _refused(self, refused: Refused) -> None:
        self.form.mark(refused.fields)
        if refused.task_id is not None and self.model.task(refused.task_id) is not None:
            self.runs.table.clearSelection()
            self.runs.choose(refused.task_id)
            self._refuse(f"{refused.sentence} {refused.advice}")
            return
        self.runs.table.clearSelection()
        self.result.show_refused(refused)

    def _task_changed(self, view: TaskView) -> None:
        if view.kind != KIND:
            return
        before = self.model.task(view.task_id)
        self.model.put(view)
        newest = self.model.task(view.task_id)
        if newest is None:
            return
        shown = self.result.view
        if shown is not None and shown.task_id == view.task_id:
            self._show(newest)
        else:
            if shown is not None and deletion_to_confirm(shown) is not None:
                self._show(shown)  # this one may have taken up its deletion
            if before is None and not self.controller.is_own(view.task_id):
                self._begun_elsewhere(newest)
        if before is None or not before.status.ended:
            self._ask_if_needed(newest)

    def _begun_elsewhere(self, view: TaskView) -> None:
        """Show it at once unless somebody looks at another one."""
        if view.status.ended or view.source.channel == "window":
            return
        if self.result.view is None:
            self.runs.choose(view.task_id)
        else:
            day = short_day(iso_day(view))
            self._hint(
                f"{source_of(view)} hat den Abgleich vom {day} begonnen; er steht in der Liste."
            )

    def _chosen(self, view: TaskView) -> None:
        shown = self.result.view
        if shown is None or shown.task_id != view.task_id:
            self.message.clear()  # it was about another one
        self._show(view)

    def _show(self, view: TaskView) -> None:
        self.result.show_task(view, self.model.answer_to(view))
        self.form.show_stoppable("" if view.status.ended else short_day(iso_day(view)))

    def _ask_if_needed(self, view: TaskView) -> None:
        """Ask about a deletion only whoever started the sync here."""
        if not self.controller.is_own(view.task_id) or deletion_to_confirm(view) is None:
            return
        if self.isVisible():
            self._ask(view)
        else:
            self._ask_when_seen = view

    def _ask(self, view: TaskView) -> None:
        deletion = deletion_to_confirm(view)
        if deletion is None or self.question is not None:
            return
        if self.model.answer_to(view) is not None:
            return
        reason = why_no_deletion(deletion.day, self._now().date())
        if reason:
            self._refuse(f"Dieser Tag hat begonnen; gelöscht wird nichts mehr. {reason}")
            return
        self.message.clear()
        question = self.question = ConfirmDialog(deletion, self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.finished.connect(lambda answer: self._answered(view, deletion, answer))
        question.open()

    def _answered(self, view: TaskView, deletion: Deletion, answer: int) -> None:
        self.question = None
        if answer == ConfirmDialog.DialogCode.Accepted:
            self.controller.confirm(view, deletion)
        else:
            self._hint("Es wurde nichts gelöscht.")

    def _hint(self, sentence: str) -> None:
        self.message.tell(Note(Tone.HINT, sentence))

    def _refuse(self, sentence: str) -> None:
        self.message.tell(Note(Tone.REFUSED, sentence))
