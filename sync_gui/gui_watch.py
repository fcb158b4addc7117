"""Notices that the window has stopped to answer, and whose code keeps it from doing so.

A timer of the GUI thread beats; a thread beside it counts how often it looked since the last beat.
It counts looks and not seconds, so a computer that slept, or a process that was stopped, is no
alarm: the looks stood still as well. A dialog's own event loop lets the timer beat.
"""

from __future__ import annotations

import logging
import sys
import threading
import time

from PyQt5.QtCore import QObject, QTimer

from plugin_host.blame import stack_of
from plugin_host.complaints import Complaints

LOGGER = logging.getLogger("sync_gui.window")
BEAT_MS = 200
LOOK_SECONDS = 0.25
ALARM_SECONDS, OUR_ALARM_SECONDS = 1.5, 4.0
"""How long the window may be silent before somebody is named: a plugin, and one that ships with the
program, whose panels may take a while on a slow computer and are known to come to an end."""


class GuiWatch(QObject):
    """Watches the thread it is made on, from :meth:`start` to :meth:`stop`.

    Each time the window is blocked by a plugin's code, ``complaints`` is told once. What is blocked
    by anything else is logged only.
    """

    def __init__(
        self,
        complaints: Complaints,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._complaints = complaints
        self._watched = threading.get_ident()
        self._beats = 0
        self._ended = threading.Event()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._beat)
        self._thread = threading.Thread(target=self._run, name="gui-watch", daemon=True)

    def start(self) -> None:
        """Begin; the event loop must run soon."""
        self._timer.start(BEAT_MS)
        self._thread.start()

    def stop(self) -> None:
        """End the timer and the thread."""
        self._timer.stop()
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _beat(self) -> None:
        self._beats += 1

    def _run(self) -> None:
        alarm, our_alarm = (
            round(seconds / LOOK_SECONDS) for seconds in (ALARM_SECONDS, OUR_ALARM_SECONDS)
        )
        seen, silent, told = self._beats, 0, False
        silent_since = time.monotonic()
        while not self._ended.wait(LOOK_SECONDS):
            if self._beats != seen:
                if told:
                    took = time.monotonic() - silent_since
                    LOGGER.warning("the window answers again after %.1f s", took)
                seen, silent, told = self._beats, 0, False
                silent_since = time.monotonic()
                continue
            silent += 1
            if not told and silent in (alarm, our_alarm):
                told = self._name(patient=silent == alarm)

    def _name(self, *, patient: bool) -> bool:
        """Name who blocks; with ``patient``, only a plugin that is not ours. Whether it did."""
        stack = stack_of(sys._current_frames().get(self._watched))
        owner_of = self._complaints.owner_of
        owner = owner_of(stack)
        if patient and (owner is None or self._complaints.is_ours(owner)):
            return False
        if owner is None:
            where = str(stack[0]) if stack else "native code"
            LOGGER.warning("the window does not answer (in %s)", where)
            return True
        call = next(line for line in stack if owner_of([line]) == owner)
        self._complaints.failure(owner, f"blocks the window in {call}")
        return True
