"""What the panel asks the program for, and how the answers come back to the GUI thread.

Every call goes through the bridge to a worker thread, because accepting a task writes to disk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError
from PyQt5.QtCore import QElapsedTimer, QObject, pyqtSignal

from plugins.single_patient.panel.form_rules import FormInput
from plugins.single_patient.panel.refusal_texts import PATIENT_WORDS
from plugins.single_patient.panel.task_facts import KIND, is_dry_run, supersedes
from plugins.single_patient.panel.widgets import while_alive
from sync_core.errors import Refusal
from sync_core.refusal_words import INTERNAL, Refused
from sync_core.task_model import TaskView

if TYPE_CHECKING:
    from hookspecs import HostContext

_UNANSWERED_MS = 5000
"""After this time a start without an answer no longer swallows the same order again."""


class Purpose(Enum):
    """What the window started a task for."""

    PREVIEW = "preview"
    APPLY = "apply"
    SYNC = "sync"


@dataclass(frozen=True)
class Order:
    """A task as the window asked for it."""

    purpose: Purpose
    request: Mapping[str, Any]


class Controller(QObject):
    """Starts, follows and stops tasks for the panel. Lives on the GUI thread.

    Signals: ``starting(Order)`` an order is on its way, ``followed(Order, TaskView)`` a new
    picture of the task that the window started last, ``refused(Order, Refused)`` it was not
    taken, ``told(str)`` a German sentence for the panel's message line.

    ``known`` looks up the newest picture that the window already has of a task: its events may
    be here before the answer to the call that started it.
    """

    starting = pyqtSignal(object)
    followed = pyqtSignal(object, object)
    refused = pyqtSignal(object, object)
    told = pyqtSignal(str)

    def __init__(
        self, context: HostContext, known: Callable[[str], TaskView | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._known = known
        self._pending: Order | None = None
        self._pending_since = QElapsedTimer()
        self._order: Order | None = None
        self._view: TaskView | None = None

    def preview(self, filled: FormInput) -> None:
        """Work out what would be written."""
        self._start(Order(Purpose.PREVIEW, {**filled.request(), "dry_run": True}))

    def apply(self, preview: TaskView) -> None:
        """Carry out exactly the plan of a completed dry run."""
        request = _repeatable(preview.request)
        request.pop("dry_run", None)
        request["plan_token"] = preview.body["plan_token"]
        self._start(Order(Purpose.APPLY, request))

    def synchronise(self, filled: FormInput) -> None:
        """Sync at once."""
        self._start(Order(Purpose.SYNC, filled.request()))

    def retry(self, view: TaskView) -> None:
        """Do a task again.

        What may not simply be repeated begins with a new preview, so that somebody looks first.
        """
        request = _repeatable(view.request)
        if is_dry_run(view) or view.safe_to_retry is False:
            request.pop("plan_token", None)
            self._start(Order(Purpose.PREVIEW, {**request, "dry_run": True}))
        else:
            request.pop("dry_run", None)
            self._start(Order(Purpose.SYNC, request))

    def cancel(self, task_id: str) -> None:
        """Ask a task to stop."""

        def work() -> str:
            if self._context.tasks.cancel(task_id):
                return "Der Abgleich wird abgebrochen; was nicht gespeichert ist, verfällt."
            return "Dieser Abgleich ist schon beendet oder speichert gerade."

        self._context.bridge.in_background(work, while_alive(self, self.told.emit))

    def task_changed(self, view: TaskView) -> None:
        """Take note of a task's new picture."""
        shown = self._view
        if (
            self._order is not None
            and shown is not None
            and view.task_id == shown.task_id
            and supersedes(view, shown)
        ):
            self._view = view
            self.followed.emit(self._order, view)

    def forget(self) -> None:
        """Follow nothing any more; what runs goes on."""
        self._pending = self._order = self._view = None

    def _start(self, order: Order) -> None:
        if self._is_under_way(order):
            return
        self._pending = order
        self._pending_since.start()
        self._order = self._view = None
        self.starting.emit(order)
        self._context.bridge.in_background(
            lambda: self._ask(order),
            while_alive(self, lambda answer: self._answered(order, answer)),
        )

    def _is_under_way(self, order: Order) -> bool:
        """Whether the very same order is being started or runs: a key pressed twice."""
        if order == self._pending:
            return not self._pending_since.hasExpired(_UNANSWERED_MS)
        return order == self._order and self._view is not None and not self._view.status.ended

    def _ask(self, order: Order) -> TaskView | Refused:
        try:
            return self._context.tasks.start(KIND, order.request, self._context.window)
        except Refusal as refusal:
            return PATIENT_WORDS.explain_refusal(refusal)
        except ValidationError as error:
            return PATIENT_WORDS.explain_invalid(error)
        except Exception:  # the edge: the window must learn that nothing was started
            self._context.logger.exception("The window could not start a task")
            return INTERNAL

    def _answered(self, order: Order, answer: TaskView | Refused) -> None:
        if order is not self._pending:
            return  # something else was asked for meanwhile; the table shows this one too
        self._pending = None
        if isinstance(answer, Refused):
            self.refused.emit(order, answer)
            return
        known = self._known(answer.task_id)
        self._order = order
        self._view = known if known is not None and supersedes(known, answer) else answer
        self.followed.emit(order, self._view)


def _repeatable(request: Mapping[str, Any]) -> dict[str, Any]:
    """A task's request as it may be sent again: fields that were not given are left out."""
    return {name: value for name, value in request.items() if value is not None}
