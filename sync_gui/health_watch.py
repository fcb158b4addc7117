"""Asks the health checks from time to time, on a worker thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from hookspecs import Bridge, HealthResult
from sync_gui.status_words import Reach, advance

LOGGER = logging.getLogger("sync_gui.window")
TOPIC = "health"
INTERVAL_MS = 15_000


class HealthWatch(QObject):
    """Asks every 15 seconds and on demand; one round at a time.

    Signals: ``checked`` after each round. Attributes: ``reaches``, what is known of each check.
    The results also go over the bridge as ``health``, for panels.
    """

    checked = pyqtSignal()

    def __init__(
        self,
        check: Callable[[], Mapping[str, HealthResult]],
        bridge: Bridge,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._bridge = bridge
        self._asking = False
        self._stopped = False
        self.reaches: Mapping[str, Reach] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.ask)

    def start(self) -> None:
        """Ask now and from now on."""
        self._timer.start(INTERVAL_MS)
        self.ask()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped = True
        self._timer.stop()

    def ask(self) -> None:
        """Ask now, unless a round is under way."""
        if self._asking or self._stopped:
            return
        self._asking = True
        self._bridge.in_background(self._run, self._receive)

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
            self.reaches = advance(self.reaches, results, datetime.now())
            self._bridge.emit(TOPIC, results)
        self.checked.emit()
