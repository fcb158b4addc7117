"""Plugins whose start takes longer than the program waits: taken in as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from plugin_host.call import PluginCall
from plugin_host.offer import Offer
from plugin_host.record import PluginRecord

Settle = Callable[[PluginRecord, PluginCall[Offer]], None]


class Latecomers:
    """Waits for the starts that :meth:`add` named, on one daemon thread.

    ``settle`` takes a plugin in or gives it up, as its call's outcome says; ``on_settled`` is
    called after each. :meth:`add` and :meth:`begin` are for one thread, the rest for any.
    """

    def __init__(self, settle: Settle, on_settled: Callable[[], None]) -> None:
        self._settle = settle
        self._on_settled = on_settled
        self._waiting: list[tuple[PluginRecord, PluginCall[Offer]]] = []
        self._ended: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="plugin latecomers", daemon=True)

    def add(self, record: PluginRecord, call: PluginCall[Offer]) -> None:
        """Wait for this start, too."""
        self._waiting.append((record, call))

    def begin(self) -> None:
        """Wait from now on, if there is anything to wait for."""
        if self._waiting:
            self._thread.start()

    def join(self, seconds: float) -> None:
        """Return when nothing is waited for any more, or after ``seconds``."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def end(self, seconds: float) -> None:
        """Wait no longer; return when the thread has ended, or after ``seconds``."""
        if not self._ended.done():
            self._ended.set_result(None)
        self.join(seconds)

    def _run(self) -> None:
        while self._waiting and not self._ended.done():
            soonest = min(call.seconds_left() for _, call in self._waiting)
            awaited: list[Future[Any]] = [call.future for _, call in self._waiting]
            wait([*awaited, self._ended], timeout=soonest, return_when=FIRST_COMPLETED)
            over = [item for item in self._waiting if item[1].is_over_within(0.0)]
            for record, call in over:
                if self._ended.done():
                    return
                self._waiting.remove((record, call))
                self._settle(record, call)
                self._on_settled()
