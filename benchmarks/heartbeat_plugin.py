"""A plugin that measures how promptly the window's thread answers; benchmarks and tests load it.

``GET /api/heartbeat`` answers ``{"gaps_ms": [...], "delays_ms": [...]}``: the milliseconds between
the beats of a timer of ten milliseconds on the window's thread, all since its panel was built, and
how many of each the thread could have run but got no processor, because the machine had other work
(known on Linux only, else 0). ``GET /api/heartbeat/panels`` names the panels that are tabs, and
``PUT /api/heartbeat/front/<panel>`` brings one to the front, because what is seen is painted; both
answer ``{"panels": [...], "front": ...}``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from hookspecs import HostContext, PanelSpec, hookimpl

if TYPE_CHECKING:
    from flask_smorest import Blueprint
    from PyQt5.QtWidgets import QWidget

BEAT_MS = 10
_SCHEDULED = Path("/proc/thread-self/schedstat")
_TOPIC = "heartbeat_front"
_ANSWER_SECONDS = 10.0


class HeartbeatPlugin:
    """Beats while the window's loop runs."""

    sync_gui_contract = 1

    def __init__(self) -> None:
        self._gaps: list[float] = []
        self._delays: list[float] = []
        self._last = 0.0
        self._delay = _Delay()
        self._label: Any = None

    @hookimpl
    def sync_gui_panels(self, context: HostContext) -> Sequence[PanelSpec]:
        """A small panel that holds the timer."""
        context.bridge.subscribe(_TOPIC, self._bring_to_front)
        return (PanelSpec("heartbeat", "Herzschlag", self._panel, "bottom"),)

    @hookimpl
    def sync_gui_blueprints(self, context: HostContext) -> Sequence[Blueprint]:
        """The calls that tell the gaps and choose what is seen."""
        blueprint = context.api.blueprint("heartbeat", "How promptly the window answers")

        @blueprint.route("/api/heartbeat", methods=["GET"])
        def heartbeat() -> dict[str, Any]:
            """The gaps so far."""
            return {"gaps_ms": list(self._gaps), "delays_ms": list(self._delays)}

        def arrangement(wanted: str | None) -> dict[str, Any]:
            answer: SimpleQueue[dict[str, Any]] = SimpleQueue()
            context.bridge.emit(_TOPIC, (wanted, answer))
            return answer.get(timeout=_ANSWER_SECONDS)

        @blueprint.route("/api/heartbeat/panels", methods=["GET"])
        def panels() -> dict[str, Any]:
            """The panels that are tabs."""
            return arrangement(None)

        @blueprint.route("/api/heartbeat/front/<string:panel>", methods=["PUT"])
        def front(panel: str) -> dict[str, Any]:
            """Bring a tab to the front."""
            return arrangement(panel)

        return (blueprint,)

    def _panel(self) -> QWidget:
        from PyQt5.QtCore import Qt, QTimer  # noqa: PLC0415 - Qt only with a window
        from PyQt5.QtWidgets import QLabel  # noqa: PLC0415 - Qt only with a window

        label = self._label = QLabel("Misst, wie flüssig das Fenster ist.")
        timer = QTimer(label)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._beat)
        self._delay.begin()
        self._last = time.perf_counter()
        timer.start(BEAT_MS)
        return label

    def _beat(self) -> None:
        now = time.perf_counter()
        self._delays.append(self._delay.since_last_ms())
        self._gaps.append((now - self._last) * 1000)
        self._last = now

    def _bring_to_front(self, wanted: tuple[str | None, SimpleQueue[dict[str, Any]]]) -> None:
        panel, answer = wanted
        area = self._label.window().panels
        if panel is not None:
            area.choose_tab(panel)
        tabs = [frame.spec.id for frame in area.frames if frame.spec.area == "centre"]
        answer.put({"panels": tabs, "front": area.tab})


class _Delay:
    """How long one thread has waited for a processor; it is that of :meth:`begin`."""

    def __init__(self) -> None:
        self._file: int | None = None
        self._told = 0.0

    def begin(self) -> None:
        """Begin to measure the thread that calls this."""
        if sys.platform == "linux":
            # Kept open, as each further call of the system would give Python's lock away.
            self._file = os.open(_SCHEDULED, os.O_RDONLY)
            self.since_last_ms()

    def since_last_ms(self) -> float:
        """The milliseconds since this was asked last."""
        if self._file is None:
            return 0.0
        before, self._told = self._told, int(os.pread(self._file, 100, 0).split()[1]) / 1e6
        return self._told - before


plugin = HeartbeatPlugin()
