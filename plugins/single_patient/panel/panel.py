"""The panel *Einzelpatient*: form and preview on the left, table, details and error log right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QScrollArea, QSplitter, QTabWidget, QVBoxLayout, QWidget

from plugins.single_patient.panel.controller import Controller, Order
from plugins.single_patient.panel.counters import Counters
from plugins.single_patient.panel.details import Details
from plugins.single_patient.panel.error_log import ErrorLog
from plugins.single_patient.panel.exports import Exports
from plugins.single_patient.panel.files import AskPath, ask_path
from plugins.single_patient.panel.form import SyncForm
from plugins.single_patient.panel.preview import Preview
from plugins.single_patient.panel.task_facts import KIND, search_words
from plugins.single_patient.panel.task_table import TaskTable
from plugins.single_patient.panel.task_table_model import LIMIT, TaskTableModel
from plugins.single_patient.panel.today_counts import count_today
from plugins.single_patient.panel.widgets import set_shown_text, text_label, while_alive
from sync_core.errors import JournalError
from sync_core.refusal_words import Refused
from sync_core.task_model import TaskView

if TYPE_CHECKING:
    from hookspecs import HostContext

_LEFT_IN_EMS = 27
_RIGHT_HEIGHT_IN_EMS = 36
_MESSAGE_MS = 10_000
_COUNT_SOON_MS = 150
_COUNT_AGAIN_MS = 60_000


@dataclass(frozen=True)
class _Earlier:
    """Tasks that were there before the window, with their texts for the filter."""

    views: tuple[TaskView, ...]
    searched: Mapping[str, str]


def create_panel(context: HostContext) -> QWidget:
    """Build the panel. On the GUI thread, once."""
    return SinglePatientPanel(context)


def _now() -> datetime:
    return datetime.now().astimezone()


class SinglePatientPanel(QWidget):
    """Puts the parts together: who is told about what, and nothing more.

    ``ask_file`` and ``now`` are handed in by tests.
    """

    def __init__(
        self,
        context: HostContext,
        *,
        ask_file: AskPath = ask_path,
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__()
        self._context = context
        self._exports = Exports(context, self, ask_file, self._tell)
        self._now = now
        hidden = context.names.hidden
        self.model = TaskTableModel(names_hidden=hidden, now=now, parent=self)
        self.controller = Controller(context, self.model.task, self)
        self.form = SyncForm(demo=context.demo, today=lambda: now().date())
        self.preview = Preview(names_hidden=hidden)
        self.counters = Counters()
        self.table = TaskTable(self.model)
        self.details = Details(names_hidden=hidden, now=now)
        self.errors = ErrorLog(now=now)
        self.tabs = QTabWidget()
        self.message = text_label(role="hint", selectable=True)
        self._message_timer = self._timer(_MESSAGE_MS, self._be_silent)
        self._count_timer = self._timer(_COUNT_SOON_MS, self._count)
        self._was_shown = False
        self._be_silent()
        self._build()
        self._connect()
        self._subscribe()
        self._load()

    def _timer(self, milliseconds: int, run: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(run)
        return timer

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.addWidget(self.form)
        column.addWidget(self.preview, 1)
        self._left = _scrolled(left)
        below = self._below = QSplitter(Qt.Vertical)
        below.addWidget(self.table)
        below.addWidget(self.details)
        below.setStretchFactor(0, 2)
        below.setStretchFactor(1, 3)
        below.setChildrenCollapsible(False)
        below.setContentsMargins(0, 6, 0, 0)
        self.tabs.addTab(below, "Abgleiche")
        self.tabs.addTab(self.errors, "Fehlerliste")
        right = QWidget()
        stack = QVBoxLayout(right)
        stack.addWidget(self.counters)
        stack.addWidget(self.tabs, 1)
        stack.addWidget(self.message)
        right.setMinimumHeight(self.fontMetrics().height() * _RIGHT_HEIGHT_IN_EMS)
        whole = self._whole = QSplitter(Qt.Horizontal)
        whole.addWidget(self._left)
        whole.addWidget(_scrolled(right))
        whole.setStretchFactor(0, 0)
        whole.setStretchFactor(1, 1)
        whole.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)
        self.setFocusProxy(self.form)

    def showEvent(self, event: QShowEvent) -> None:
        """Give the form the width that its texts need and the details the most, the first time."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            left = min(self.fontMetrics().height() * _LEFT_IN_EMS, self.width() * 2 // 5)
            self._whole.setSizes([left, self.width() - left])
            self._below.setSizes([self.height() * 2 // 5, self.height() * 3 // 5])

    def _connect(self) -> None:
        controller = self.controller
        self.form.preview_wanted.connect(controller.preview)
        self.form.sync_wanted.connect(controller.synchronise)
        self.form.edited.connect(self._compare)
        controller.starting.connect(self._starting)
        controller.followed.connect(self._followed)
        controller.refused.connect(self._refused)
        controller.told.connect(self._tell)
        self.preview.apply_wanted.connect(controller.apply)
        self.preview.cancel_wanted.connect(controller.cancel)
        self.preview.discarded.connect(controller.forget)
        # These buttons vanish when they have done their work, and would leave the focus anywhere.
        self.preview.apply_wanted.connect(self.form.offer_next)
        self.preview.cancel_wanted.connect(self.form.offer_next)
        self.preview.discarded.connect(self.form.offer_next)
        self.table.chosen.connect(self._chosen)
        self.details.retry_wanted.connect(self._retry)
        self.details.cancel_wanted.connect(self._cancel)
        self.details.copy_wanted.connect(self._exports.copy_address)
        self.details.save_wanted.connect(self._exports.save_status)
        self.errors.unread_changed.connect(self._unread_changed)
        self.errors.chosen.connect(self._show_failed)
        self.errors.export_wanted.connect(
            lambda: self._exports.save_errors(self.errors.model.views(), self._now())
        )
        self.tabs.currentChanged.connect(self._tab_changed)

    def _subscribe(self) -> None:
        bridge = self._context.bridge
        stops = (
            bridge.subscribe("task_changed", while_alive(self, self._task_changed)),
            bridge.subscribe("names_hidden", while_alive(self, self._names_hidden)),
        )
        self.destroyed.connect(lambda: [stop() for stop in stops])

    def _load(self) -> None:
        tasks = self._context.tasks

        def read() -> _Earlier | None:
            # Ended ones are read last: a task that ends between the two calls is in both.
            active = tuple(tasks.active())
            try:
                views = (*tasks.ended(kind=KIND, limit=LIMIT), *active)
                return _Earlier(views, {view.task_id: search_words(view) for view in views})
            except JournalError:
                self._context.logger.exception("The window could not read earlier tasks")
                return None

        self._context.bridge.in_background(read, while_alive(self, self._loaded))

    def _loaded(self, earlier: _Earlier | None) -> None:
        if earlier is None:
            self._tell("Frühere Abgleiche konnten nicht aus dem Journal gelesen werden.")
            return
        self.model.load(earlier.views, earlier.searched)
        self.table.choose_again()
        self.errors.load(self.model.newest_first())
        self._count()

    def _task_changed(self, view: TaskView) -> None:
        if view.kind != KIND:
            return
        self.model.put(view)
        self.errors.put(view)
        self.controller.task_changed(view)
        newest = self.model.task(view.task_id)
        if newest is not None and view.task_id == self.details.shown_id():
            self.details.show_task(newest)
        if view.status.ended and not self._count_timer.isActive():
            self._count_timer.start()

    def _names_hidden(self, hidden: bool) -> None:
        self.model.set_names_hidden(hidden)
        self.table.filter.invalidateFilter()
        self.preview.set_names_hidden(hidden)
        self.details.set_names_hidden(hidden)

    def _starting(self, order: Order) -> None:
        self.preview.show_starting(order)
        self._compare()

    def _compare(self) -> None:
        self.preview.compare_with(self.form.current())

    def _followed(self, order: Order, view: TaskView) -> None:
        is_new = self.model.task(view.task_id) is None or view.task_id != self.details.shown_id()
        self.model.put(view)
        self.preview.show_task(order, view)
        if view.status.ended:  # after the layout knows the new sizes
            QTimer.singleShot(0, self._show_apply_button)
        if is_new:
            self.table.choose(view.task_id)

    def _show_apply_button(self) -> None:
        if self.preview.apply_button.isVisible():
            self._left.ensureWidgetVisible(self.preview.apply_button)

    def _refused(self, order: Order, refused: Refused) -> None:
        self.preview.show_refused(order, refused)
        self.form.mark(refused.fields)
        if refused.task_id is not None:
            self.table.choose(refused.task_id)

    def _retry(self, view: TaskView) -> None:
        self.table.view.setFocus()  # the button is about to be switched off
        self.form.fill(view.request)
        self.controller.retry(view)

    def _cancel(self, view: TaskView) -> None:
        self.table.view.setFocus()
        self.controller.cancel(view.task_id)

    def _chosen(self, view: TaskView | None) -> None:
        if view is not None or self.model.task(self.details.shown_id() or "") is None:
            self.details.show_task(view)

    def _show_failed(self, task_id: str) -> None:
        self.table.text.clear()
        self.table.state.setCurrentIndex(0)
        self.tabs.setCurrentIndex(0)
        self.table.choose(task_id)
        self.table.view.setFocus()

    def _tell(self, sentence: str) -> None:
        set_shown_text(self.message, sentence)
        self._message_timer.start()

    def _be_silent(self) -> None:
        set_shown_text(self.message, "")

    def _unread_changed(self, unread: int) -> None:
        self.tabs.setTabText(1, f"Fehlerliste ({unread})" if unread else "Fehlerliste")

    def _tab_changed(self, index: int) -> None:
        if self.tabs.widget(index) is self.errors:
            self.errors.opened()
        else:
            self.errors.left()

    def _count(self) -> None:
        self._count_timer.stop()
        self.counters.show_counts(count_today(self.model.newest_first(), self._now()))


def _scrolled(content: QWidget) -> QScrollArea:
    """The content, with a scroll bar where a small or magnified screen has no room for it."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QScrollArea.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    scroll.setWidget(content)
    bar = scroll.verticalScrollBar().sizeHint()
    scroll.setMinimumWidth(content.minimumSizeHint().width() + bar.width())
    scroll.setFocusPolicy(Qt.NoFocus)
    return scroll
