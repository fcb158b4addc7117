"""A plugin that measures how promptly the window's thread answers; benchmarks and tests load it.

``GET /api/heartbeat`` answers ``{"gaps_ms": [...], "delays_ms": [...]}``: the milliseconds between
the beats of a timer of ten milliseconds on the window's thread, all since its panel was built, and
how many of each the thread could have run but got no processor, because the machine had other work
(known on Linux only, else 0).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hookspecs import HostContext, PanelSpec, hookimpl

if TYPE_CHECKING:
    from flask_smorest import Blueprint
    from PyQt5.QtWidgets import QWidget

BEAT_MS = 10
_SCHEDULED = Path("/proc/thread-self/schedstat")


class HeartbeatPlugin:
    """Beats while the window's loop runs."""

    sync_gui_contract = 1

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._delays: list[float] = []
        self._last = 0.0
        self._delayed = 0.0

    @hookimpl
    def sync_gui_panels(self, context: HostContext) -> Sequence[PanelSpec]:
        """A small panel that holds the timer."""
        return (PanelSpec("heartbeat", "Herzschlag", self._panel, "bottom"),)

    @hookimpl
    def sync_gui_blueprints(self, context: HostContext) -> Sequence[Blueprint]:
        """The call that tells the gaps."""
        blueprint = context.api.blueprint("heartbeat", "How promptly the window answers")

        @blueprint.route("/api/heartbeat", methods=["GET"])
        def heartbeat() -> dict[str, Any]:
            """The gaps so far."""
            return {"gaps_ms": list(self._gaps), "delays_ms": list(self._delays)}

        return (blueprint,)

    def _panel(self) -> QWidget:
        from PyQt5.QtCore import Qt, QTimer  # noqa: PLC0415 - Qt only with a window
        from PyQt5.QtWidgets import QLabel  # noqa: PLC0415 - Qt only with a window

        label = QLabel("Misst, wie flüssig das Fenster ist.")
        timer = QTimer(label)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._beat)
        self._last = time.perf_counter()
        timer.start(BEAT_MS)
        return label

    def _beat(self) -> None:
        now = time.perf_counter()
        delayed = _delayed_ms()
        self._delays.append(delayed - self._delayed)
        self._gaps.append((now - self._last) * 1000)
        self._last, self._delayed = now, delayed


def _delayed_ms() -> float:
    """How long this thread has waited for a processor altogether."""
    if sys.platform != "linux":
        return 0.0
    return int(_SCHEDULED.read_text().split()[1]) / 1e6


plugin = HeartbeatPlugin()
