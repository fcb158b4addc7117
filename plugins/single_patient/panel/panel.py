"""The panel *Einzelpatient*: form and preview on the left, table, details and error log right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QApplication, QSplitter, QTabWidget, QVBoxLayout, QWidget

from plugins.single_patient.panel.controller import Controller, Order
from plugins.single_patient.panel.counters import Counters
from plugins.single_patient.panel.details import Details
from plugins.single_patient.panel.error_log import ErrorLog, unread_words
from plugins.single_patient.panel.exports import Exports
from plugins.single_patient.panel.files import AskPath, SaveQuestion
from plugins.single_patient.panel.form import SyncForm
from plugins.single_patient.panel.note import Note, Tone
from plugins.single_patient.panel.note_line import NoteLine
from plugins.single_patient.panel.preview import Preview
from plugins.single_patient.panel.seen_mark import SeenMark
from plugins.single_patient.panel.sides import Sides
from plugins.single_patient.panel.task_facts import KIND, search_words
from plugins.single_patient.panel.task_table import TaskTable
from plugins.single_patient.panel.task_table_model import LIMIT, TaskTableModel
from plugins.single_patient.panel.today_counts import count_today
from plugins.single_patient.panel.widgets import while_alive
from sync_core.errors import JournalError
from sync_core.refusal_words import Refused
from sync_core.task_model import TaskView

if TYPE_CHECKING:
    from hookspecs import HostContext

_RIGHT_HEIGHT_IN_EMS = 34
_COUNT_SOON_MS = 150
_COUNT_AGAIN_MS = 60_000
_SEEN_SOON_MS = 150
_PORTION = 2_000
"""So many earlier tasks the table takes over at once, in well under a tenth of a second."""


@dataclass(frozen=True)
class _Earlier:
    """Some tasks that were there before the window, with their texts for the filter."""

    views: tuple[TaskView, ...]
    searched: Mapping[str, str]


def _earlier(views: tuple[TaskView, ...]) -> _Earlier:
    return _Earlier(views, {view.task_id: search_words(view) for view in views})


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
        ask_file: AskPath | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        super().__init__()
        self._context = context
        self._exports = Exports(context, self, ask_file or SaveQuestion(), self._tell)
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
        self.message = NoteLine()
        self._count_timer = self._timer(_COUNT_SOON_MS, self._count)
        self._seen = SeenMark(context.own_folder, context.logger)
        self._seen_until: datetime | None = None
        self._seen_timer = self._timer(_SEEN_SOON_MS, self._keep_seen)
        self._to_load: list[_Earlier] = []
        self._was_shown = False
        self._edited_since = False
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
        edges = column.contentsMargins()
        edges.setRight(0)  # the splitter is between the two sides already
        column.setContentsMargins(edges)
        column.addWidget(self.form)
        column.addWidget(self.preview, 1)
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
        edges = stack.contentsMargins()
        edges.setLeft(0)
        stack.setContentsMargins(edges)
        stack.addWidget(self.counters)
        stack.addWidget(self.tabs, 1)
        right.setMinimumHeight(self.fontMetrics().height() * _RIGHT_HEIGHT_IN_EMS)
        self.sides = Sides(left, right)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sides, 1)
        foot = QVBoxLayout()  # outside of what scrolls, so it is seen at any size
        em = self.fontMetrics().height()
        foot.setContentsMargins(em // 2, 0, em // 2, em // 4)
        foot.addWidget(self.message)
        layout.addLayout(foot)
        self.setFocusProxy(self.form)

    def showEvent(self, event: QShowEvent) -> None:
        """Give the details the most room, the first time."""
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self._below.setSizes([self.height() * 2 // 5, self.height() * 3 // 5])

    def _connect(self) -> None:
        controller = self.controller
        self.form.preview_wanted.connect(controller.preview)
        self.form.sync_wanted.connect(controller.synchronise)
        self.form.sync_wanted.connect(self.form.offer_next)
        self.form.edited.connect(self._edited)
        controller.starting.connect(self._starting)
        controller.followed.connect(self._followed)
        controller.refused.connect(self._refused)
        controller.told.connect(self._hint)
        self.preview.apply_wanted.connect(controller.apply)
        self.preview.cancel_wanted.connect(controller.cancel)
        self.preview.discarded.connect(controller.forget)
        # These buttons vanish when they have done their work, and would leave the focus anywhere.
        self.preview.apply_wanted.connect(self.form.offer_next)
        self.preview.cancel_wanted.connect(self.form.offer_next)
        self.preview.discarded.connect(self.form.offer_next)
        for begun in (
            self.preview.discarded,
            self.details.save_wanted,
            self.errors.export_wanted,
            self.tabs.currentChanged,
        ):
            begun.connect(self.message.clear)
        self.table.chosen.connect(self._chosen)
        self.details.retry_wanted.connect(self._retry)
        self.details.cancel_wanted.connect(self._cancel)
        self.details.copy_wanted.connect(self._exports.copy_address)
        self.details.save_wanted.connect(self._exports.save_status)
        self.errors.unread_changed.connect(self._unread_changed)
        self.errors.seen.connect(self._seen_now)
        self.errors.chosen.connect(self._show_failed)
        self.errors.export_wanted.connect(
            lambda: self._exports.save_errors(self.errors.model.views(), self._now())
        )

    def _subscribe(self) -> None:
        bridge = self._context.bridge
        stops = (
            bridge.subscribe("task_changed", while_alive(self, self._task_changed)),
            bridge.subscribe("names_hidden", while_alive(self, self._names_hidden)),
        )
        self.destroyed.connect(lambda: [stop() for stop in stops])

    def _load(self) -> None:
        tasks = self._context.tasks

        def read() -> list[_Earlier] | None:
            # Ended ones are read last: a task that ends between the two calls is in both.
            active = tuple(tasks.active())
            try:
                views = (*tasks.ended(kind=KIND, limit=LIMIT), *active)
                return [_earlier(views[n : n + _PORTION]) for n in range(0, len(views), _PORTION)]
            except JournalError:
                self._context.logger.exception("The window could not read earlier tasks")
                return None

        self._context.bridge.in_background(read, while_alive(self, self._loaded))

    def _loaded(self, earlier: list[_Earlier] | None) -> None:
        if earlier is None:
            sentence = "Frühere Abgleiche konnten nicht aus dem Journal gelesen werden."
            self._tell(Note(Tone.REFUSED, sentence))
            return
        self._to_load = earlier
        self._load_next()

    def _load_next(self) -> None:
        """Take over one portion in this turn of the event loop, the rest in later ones."""
        if self._to_load:
            portion = self._to_load.pop(0)
            self.model.load(portion.views, portion.searched)
            self.table.choose_again()
            QTimer.singleShot(0, self._load_next)
        else:
            self._count()
            now = self._now()
            self._context.bridge.in_background(
                lambda: self._seen.read(now), while_alive(self, self._load_failed)
            )

    def _load_failed(self, seen_until: datetime | None) -> None:
        self.errors.load(self.model.newest_first(), seen_until)

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
        self.message.clear()
        self.preview.show_starting(order)
        self._compare()
        self._edited_since = False
        self._show_outcome_later()

    def _edited(self) -> None:
        """Show what somebody types where it was scrolled out of sight."""
        self._edited_since = True
        self._compare()
        field = QApplication.focusWidget()
        if field is not None and self.form.isAncestorOf(field):
            self.sides.bring_into_sight(field)

    def _compare(self) -> None:
        self.preview.compare_with(self.form.current())

    def _followed(self, order: Order, view: TaskView) -> None:
        is_new = self.model.task(view.task_id) is None or view.task_id != self.details.shown_id()
        self.model.put(view)
        self.preview.show_task(order, view)
        if is_new or view.status.ended:
            self._show_outcome_later()
        if is_new:
            self.table.choose(view.task_id)

    def _show_outcome_later(self) -> None:
        QTimer.singleShot(0, self._show_outcome)  # when the layout knows the new sizes

    def _show_outcome(self) -> None:
        """On a small screen it stands below the form; whoever types already is not disturbed."""
        preview = self.preview
        if self._edited_since:
            return
        if preview.apply_button.isVisible():
            self.sides.bring_into_sight(preview.apply_button, preview.title)
        else:
            buttons = (preview.cancel_button, preview.discard_button)
            self.sides.bring_into_sight(preview.title, *buttons, preview.progress)

    def _refused(self, order: Order, refused: Refused) -> None:
        self.preview.show_refused(order, refused)
        self.form.mark(refused.fields)
        self._show_outcome_later()
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
        self.message.clear()
        if view is not None or self.model.task(self.details.shown_id() or "") is None:
            self.details.show_task(view)

    def _show_failed(self, task_id: str) -> None:
        self.table.text.clear()
        self.table.state.setCurrentIndex(0)
        self.tabs.setCurrentIndex(0)
        self.table.choose(task_id)
        self.table.view.setFocus()

    def _tell(self, note: Note) -> None:
        self.message.tell(note)

    def _hint(self, sentence: str) -> None:
        self._tell(Note(Tone.HINT, sentence))

    def _unread_changed(self, unread: int) -> None:
        self.tabs.setTabText(1, f"Fehlerliste ({unread})" if unread else "Fehlerliste")
        self.tabs.setTabToolTip(1, unread_words(unread))

    def _seen_now(self, until: datetime) -> None:
        self._seen_until = until
        if not self._seen_timer.isActive():  # many may fail in a moment while somebody looks
            self._seen_timer.start()

    def _keep_seen(self) -> None:
        until = self._seen_until
        if until is not None:
            self._context.bridge.in_background(lambda: self._seen.keep(until), lambda _kept: None)

    def _count(self) -> None:
        self._count_timer.stop()
        self.counters.show_counts(count_today(self.model.newest_first(), self._now()))
