"""What the host remembers about one plugin, from its discovery to its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

from marshmallow import Schema

from plugin_host.call import PluginError
from plugin_host.discovery import BUILT_IN, FoundPlugin
from plugin_host.offer import Offer
from sync_core.plugin_report import PluginReport, PluginState


class PluginRecord:
    """One plugin's state; its report may be read and changed from any thread.

    Attributes: ``found`` (where it comes from), ``hooks`` (its marked functions, once it was
    imported), ``schema`` (of its settings), ``offer`` (what it brings, once it is loaded),
    ``begun`` (whether ``sync_gui_start`` was called), ``given_up`` (set when the host no longer
    waits for it).
    """

    def __init__(self, found: FoundPlugin) -> None:
        self.found = found
        self.name = found.name
        self.hooks: ModuleType | None = None
        self.schema: type[Schema] | None = None
        self.offer = Offer()
        self.begun = False
        self.given_up = threading.Event()
        self._stage = "import"
        self._seconds = 0.0
        self._since: float | None = None
        self._lock = threading.Lock()
        self._later_failures = 0
        self._last_failure: str | None = None
        self._steps: dict[str, float] = {}
        self._report = PluginReport(
            name=found.name,
            version=found.version,
            state="starting",
            reason=None,
            panels=(),
            routes=(),
            contract=None,
            start_ms=None,
            distribution=found.distribution,
            ours=found.ours,
            builtin=found.distribution == BUILT_IN,
            distribution_summary=found.summary,
        )

    @property
    def report(self) -> PluginReport:
        """The plugin as others see it now."""
        with self._lock:
            return self._report

    def says_contract(self, contract: int) -> None:
        """Note the contract number that the plugin was written for."""
        with self._lock:
            self._report = replace(self._report, contract=contract)

    def says_summary(self, summary: str) -> None:
        """Note what the plugin brings, in its own German words."""
        with self._lock:
            self._report = replace(self._report, summary_de=summary)

    def at(self, stage: str) -> None:
        """Note the step that the plugin has come to; ``PluginError`` if nobody waits for it."""
        if self.given_up.is_set():
            raise PluginError("start was given up")
        self._stage = stage

    @contextmanager
    def timed(self) -> Iterator[None]:
        """The time of the block counts as start-up time."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._seconds += time.monotonic() - self._since
            self._since = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """The time of the block is told as the cost of the step ``name``."""
        begin = time.monotonic()
        try:
            yield
        finally:
            took = time.monotonic() - begin
            with self._lock:
                self._steps[name] = self._steps.get(name, 0.0) + took
                self._report = replace(self._report, steps=self._told_steps())

    def stage(self) -> str:
        """The step that the plugin has come to."""
        return self._stage

    def is_late(self, seconds: float) -> None:
        """The plugin is still starting after ``seconds``."""
        with self._lock:
            if self._report.state == "starting":
                reason = f"still starting after {seconds:g} s (in {self._stage})"
                self._report = replace(self._report, reason=reason)

    def is_loaded(self, offer: Offer, routes: tuple[str, ...]) -> None:
        """The plugin takes part, with this offer and these routes."""
        self.offer = offer
        panels = tuple(panel.id for panel in offer.panels)
        with self._lock:
            self._report = replace(
                self._report,
                state="loaded",
                reason=None,
                panels=panels,
                routes=routes,
                start_ms=self._milliseconds(),
            )

    def is_out(self, state: PluginState, reason: str) -> None:
        """The plugin does not take part (``disabled`` or ``failed``), and why."""
        self.given_up.set()
        with self._lock:
            self._report = replace(
                self._report, state=state, reason=reason, start_ms=self._milliseconds()
            )

    def is_set_aside(self, reason: str) -> None:
        """The plugin is kept out because it ended an earlier run."""
        self.is_out("disabled", reason)
        with self._lock:
            self._report = replace(self._report, set_aside=True)

    def failed_later(self, reason: str) -> bool:
        """A plugin made a mistake after its start; whether this is news.

        The plugin keeps its state, because the rest of it still works; its reason tells the last
        mistake and how many there were. A plugin that is out keeps the reason it is out for.
        """
        with self._lock:
            if self._report.state != "loaded":
                return True
            self._later_failures += 1
            news = reason != self._last_failure
            self._last_failure = reason
            count = self._later_failures
            text = reason if count == 1 else f"{reason} (failure number {count})"
            self._report = replace(self._report, reason=text)
        return news

    def _told_steps(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, round(seconds * 1000)) for name, seconds in self._steps.items())

    def _milliseconds(self) -> int:
        since = self._since
        running = 0.0 if since is None else time.monotonic() - since
        return round((self._seconds + running) * 1000)
