"""What the panel asks the program for, and how the answers come back to the GUI thread.

Every call goes through the bridge to a worker thread, because accepting a task writes to disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError
from PyQt5.QtCore import QElapsedTimer, QObject, pyqtSignal

from sync_core.errors import Refusal
from sync_core.refusal_words import INTERNAL, Refused
from sync_core.task_model import TaskView
from sync_gui.day_panel.day_facts import KIND, Deletion
from sync_gui.day_panel.refusals import DAY_WORDS
from sync_gui.day_panel.widgets import while_alive

if TYPE_CHECKING:
    from hookspecs import HostContext

_UNANSWERED_MS = 5000
"""After this time a start without an answer no longer swallows the same order again."""


class DayController(QObject):
    """Starts and stops tasks for the panel. Lives on the GUI thread.

    Signals: ``starting`` an order is on its way, ``started(TaskView)`` it was taken,
    ``refused(Refused)`` it was not, ``told(str)`` a German sentence for the message line.
    """

    starting = pyqtSignal()
    started = pyqtSignal(object)
    refused = pyqtSignal(object)
    told = pyqtSignal(str)

    def __init__(self, context: HostContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._pending: Mapping[str, Any] | None = None
        self._pending_since = QElapsedTimer()
        self._own: set[str] = set()

    def is_own(self, task_id: str) -> bool:
        """Whether this panel started the task."""
        return task_id in self._own

    def start(self, request: Mapping[str, Any]) -> None:
        """Start a task; the very same order given twice in a hurry counts once."""
        if request == self._pending and not self._pending_since.hasExpired(_UNANSWERED_MS):
            return
        self._pending = request
        self._pending_since.start()
        self.starting.emit()
        self._context.bridge.in_background(
            lambda: self._ask(request),
            while_alive(self, lambda answer: self._answered(request, answer)),
        )

    def confirm(self, view: TaskView, deletion: Deletion) -> None:
        """Do an ended task again, agreeing to ``deletion``: its number, and the rows shown."""
        asked = {name: value for name, value in view.request.items() if value is not None}
        agreed: dict[str, Any] = {"confirm_delete": deletion.count}
        if deletion.rows:
            agreed["confirm_rows"] = sorted(key for key, _ in deletion.rows)
        self.start({**asked, **agreed})

    def stop(self, task_id: str) -> None:
        """Ask a task to stop."""

        def work() -> str:
            if self._context.tasks.cancel(task_id):
                return "Der Abgleich wird angehalten; was übertragen ist, bleibt."
            return "Dieser Abgleich ist schon beendet."

        self._context.bridge.in_background(work, while_alive(self, self.told.emit))

    def _ask(self, request: Mapping[str, Any]) -> TaskView | Refused:
        try:
            return self._context.tasks.start(KIND, request, self._context.window)
        except Refusal as refusal:
            return DAY_WORDS.explain_refusal(refusal)
        except ValidationError as error:
            return DAY_WORDS.explain_invalid(error)
        except Exception:  # the edge: the window must learn that nothing was started
            self._context.logger.exception("The window could not start a task")
            return INTERNAL

    def _answered(self, request: Mapping[str, Any], answer: TaskView | Refused) -> None:
        if request is self._pending:
            self._pending = None
        if isinstance(answer, Refused):
            self.refused.emit(answer)
            return
        self._own.add(answer.task_id)
        self.started.emit(answer)
