"""Asks the health checks from time to time, on a worker thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from time import monotonic

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from hookspecs import Bridge, HealthResult
from sync_core.task_model import TaskStatus, TaskView
from sync_gui.setup_words import NOT_ASKED, not_set_up
from sync_gui.status_words import Reach, advance

LOGGER = logging.getLogger("sync_gui.window")
TOPIC = "health"
INTERVAL_MS = 15_000
SOON_MS = 100
"""So long the ends of tasks are gathered before their round."""
GAP_SECONDS = 1.5
"""At least so long after the beginning of one round comes the next that tasks ask for."""

_OUTAGES = frozenset(
    {
        *("calldoc_unavailable", "calldoc_error", "sqlhk_unavailable", "sqlhk_error"),
        *("timeout", "outcome_unknown", "journal_unavailable"),
    }
)
"""Codes of failed tasks that may mean that a system is out of order."""


class HealthWatch(QObject):
    """Asks every 15 seconds, on demand, and soon after a task's end that the lights do not tell of;
    one round at a time.

    ``expected`` names the checks that have a light whether or not somebody asks, ``missing`` the
    addresses (by the settings' full names) that are not set. Signals: ``checked`` after each round.
    Attributes: ``reaches``, what is known of each check and of what nobody asks. The results also
    go over the bridge as ``health``, for panels.
    """

    checked = pyqtSignal()

    def __init__(
        self,
        check: Callable[[], Mapping[str, HealthResult]],
        bridge: Bridge,
        parent: QObject | None = None,
        *,
        expected: Collection[str] = (),
        missing: Collection[str] = (),
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._bridge = bridge
        self._asking = False
        self._again = False
        self._stopped = False
        self._begun = -GAP_SECONDS
        self._expected = tuple(expected)
        self._not_set = not_set_up(missing)
        self.reaches: Mapping[str, Reach] = dict(self._not_set)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.ask)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask_fresh)

    def start(self) -> None:
        """Ask now and from now on."""
        self._timer.start(INTERVAL_MS)
        self.ask()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped = True
        self._timer.stop()
        self._soon.stop()

    def ask(self) -> None:
        """Ask now, unless a round is under way."""
        if self._asking or self._stopped:
            return
        self._asking = True
        self._begun = monotonic()
        self._bridge.in_background(self._run, self._receive)

    def task_changed(self, view: TaskView) -> None:
        """Ask soon if the task has ended otherwise than the lights would have it."""
        if view.status is TaskStatus.FAILED:
            wanted = view.error_code in _OUTAGES
        else:
            red = any(not reach.ok for reach in self.reaches.values())
            wanted = view.status is TaskStatus.COMPLETED and red
        if wanted and not self._stopped and not self._soon.isActive():
            rest = self._begun + GAP_SECONDS - monotonic()
            self._soon.start(max(SOON_MS, round(rest * 1000)))

    def _ask_fresh(self) -> None:
        if self._asking:
            self._again = True  # the round under way may have asked before the task ended
        else:
            self.ask()

    def _run(self) -> Mapping[str, HealthResult] | None:
        try:
            return dict(self._check())
        except Exception:  # the edge: without an answer no further round would be asked
            LOGGER.exception("the health checks could not be asked")
            return None

    def _receive(self, results: Mapping[str, HealthResult] | None) -> None:
        self._asking = False
        if self._stopped:
            return
        if results is not None:
            told = advance(self.reaches, results, datetime.now())
            self.reaches = {**dict.fromkeys(self._expected, NOT_ASKED), **self._not_set, **told}
            self._bridge.emit(TOPIC, results)
        self.checked.emit()
        if self._again:
            self._again = False
            self.ask()
