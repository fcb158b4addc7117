"""The panel *Tagesabgleich*: form and list of syncs on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt5.QtCore import QSize, Qt, QTimer
from PyQt5.QtGui import QResizeEvent, QShowEvent
from PyQt5.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

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
from sync_gui.day_panel.result_view import ResultView
from sync_gui.day_panel.runs_model import LIMIT, RunsModel
from sync_gui.day_panel.runs_view import RunsView
from sync_gui.day_panel.widgets import set_shown_text, text_label, while_alive

if TYPE_CHECKING:
    from hookspecs import HostContext

_LEFT_IN_EMS = 29
_WIDE_IN_EMS = 66
_ANY = 16_777_215  # Qt's own largest width
_MESSAGE_MS = 10_000


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
        self.message = text_label(role="hint", selectable=True)
        self._message_timer = QTimer(self)
        self._message_timer.setSingleShot(True)
        self._message_timer.setInterval(_MESSAGE_MS)
        self._message_timer.timeout.connect(lambda: set_shown_text(self.message, ""))
        self._right = QWidget()
        self._grid = QGridLayout(self)
        self._is_wide: bool | None = None
        set_shown_text(self.message, "")
        self._build()
        self._connect()
        self._load()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what had to wait until somebody looks."""
        super().showEvent(event)
        waiting, self._ask_when_seen = self._ask_when_seen, None
        if waiting is not None:
            self._ask(waiting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand side by side where there is room, one below the other where there is not."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest part: there is room for that on a small or magnified screen."""
        hint = super().minimumSizeHint()
        widest = max(part.minimumSizeHint().width() for part in (self.form, self.runs, self._right))
        margins = self._grid.contentsMargins()
        return QSize(widest + margins.left() + margins.right(), hint.height())

    def _build(self) -> None:
        em = self.fontMetrics().height()
        stack = QVBoxLayout(self._right)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(em // 2)
        stack.addWidget(self.result, 1)
        stack.addWidget(self.message)
        self._grid.setContentsMargins(em // 2, em // 2, em // 2, em // 2)
        self._grid.setSpacing(em // 2)
        self._arrange()
        for before, after in pairwise((self.form.stop_button, self.runs.table, self.result)):
            self.setTabOrder(before, after)
        self.setFocusProxy(self.form)

    def _arrange(self) -> None:
        em = self.fontMetrics().height()
        is_wide = self.width() >= em * _WIDE_IN_EMS
        if is_wide is self._is_wide:
            return
        self._is_wide = is_wide
        grid = self._grid
        left = max(em * _LEFT_IN_EMS, self.form.minimumSizeHint().width())
        for part in (self.form, self.runs, self._right):
            grid.removeWidget(part)
            part.setMaximumWidth(left if is_wide and part is not self._right else _ANY)
        grid.addWidget(self.form, 0, 0)
        if is_wide:
            grid.addWidget(self.runs, 1, 0)
            grid.addWidget(self._right, 0, 1, 2, 1)
        else:
            grid.addWidget(self._right, 1, 0)
            grid.addWidget(self.runs, 2, 0)
        grid.setColumnMinimumWidth(0, left if is_wide else 0)
        grid.setColumnStretch(0, 0 if is_wide else 1)
        grid.setColumnStretch(1, 1 if is_wide else 0)
        grid.setRowStretch(1, 1)

    def _connect(self) -> None:
        self.form.start_wanted.connect(self._start)
        self.form.stop_wanted.connect(self._stop)
        self.controller.starting.connect(self._starting)
        self.controller.started.connect(self._started)
        self.controller.refused.connect(self._refused)
        self.controller.told.connect(self._tell)
        self.runs.chosen.connect(self._show)
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
            self._tell("Frühere Abgleiche konnten nicht aus dem Journal gelesen werden.")
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
        self.form.mark({})
        self.result.show_starting()
        self.form.show_stoppable("")
        self._bring_result_into_sight()

    def _bring_result_into_sight(self) -> None:
        """Where it stands below the form, it may be out of sight."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if isinstance(area, QScrollArea) and not self._is_wide:
            area.ensureWidgetVisible(self.result.title)

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
            self._tell(f"{refused.sentence} {refused.advice}")
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
        elif before is None and not self.controller.is_own(view.task_id):
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
            self._tell(
                f"{source_of(view)} hat den Abgleich vom {day} begonnen; er steht in der Liste."
            )

    def _show(self, view: TaskView) -> None:
        self.result.show_task(view)
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
        reason = why_no_deletion(deletion.day, self._now().date())
        if reason:
            self._tell(f"Dieser Tag hat begonnen; gelöscht wird nichts mehr. {reason}")
            return
        question = self.question = ConfirmDialog(deletion, self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.finished.connect(lambda answer: self._answered(view, deletion, answer))
        question.open()

    def _answered(self, view: TaskView, deletion: Deletion, answer: int) -> None:
        self.question = None
        if answer == ConfirmDialog.DialogCode.Accepted:
            self.controller.confirm(view, deletion)
        else:
            self._tell("Es wurde nichts gelöscht.")

    def _tell(self, sentence: str) -> None:
        set_shown_text(self.message, sentence)
        self._message_timer.start()
