"""Asking several health checks at once, each within a few seconds.

A check that hangs is reported as not ok and its thread left behind; until that thread has come
back the check is not started again, so that asking often cannot pile up threads.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Result(Protocol):
    """What a check returns."""

    @property
    def ok(self) -> bool:
        """Whether what was asked for is there."""

    @property
    def message(self) -> str:
        """One English line."""


class Check(Protocol):
    """A question whether something foreign is there; ``run`` gets the seconds it may take."""

    @property
    def name(self) -> str:
        """The check's key in the report."""

    @property
    def run(self) -> Callable[[float], Result]:
        """Asks; may raise, which counts as not ok."""


@dataclass(frozen=True)
class CheckReport:
    """What became of one check: ``ok``, an English ``message``, and milliseconds."""

    ok: bool
    message: str
    ms: int


class HealthRunner:
    """Runs the checks that ``checks`` lists at the time of asking.

    ``seconds`` is what each may take. Safe to use from any thread.
    """

    def __init__(
        self,
        checks: Callable[[], Sequence[Check]],
        logger: logging.Logger,
        *,
        seconds: float = 3.0,
    ) -> None:
        self._checks = checks
        self._log = logger
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[str, _Asked] = {}

    def run(self) -> Mapping[str, CheckReport]:
        """The reports by name, in the order of the checks; takes ``seconds`` at most."""
        until = time.monotonic() + self._seconds
        asked = [self._ask(check) for check in self._checks()]
        return {question.name: question.report(until) for question in asked}

    def _ask(self, check: Check) -> _Asked:
        with self._lock:
            running = self._running.get(check.name)
            if running is not None and not running.answered.is_set():
                return running
            question = _Asked(check, self._seconds, self._log)
            self._running[check.name] = question
        question.start()
        return question


class _Asked:
    """One run of one check on a thread of its own."""

    def __init__(self, check: Check, seconds: float, logger: logging.Logger) -> None:
        self.name = check.name
        self.answered = threading.Event()
        self._check = check
        self._seconds = seconds
        self._log = logger
        self._started = time.monotonic()
        self._report = CheckReport(False, "no answer", 0)

    def start(self) -> None:
        name = f"health-{self.name}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def report(self, until: float) -> CheckReport:
        if self.answered.wait(max(0.0, until - time.monotonic())):
            return self._report
        return CheckReport(False, "no answer in time", self._milliseconds())

    def _run(self) -> None:
        try:
            result = self._check.run(self._seconds)
            ok, message = bool(result.ok), str(result.message)
        except Exception as error:  # noqa: BLE001 - the edge: a check of a plugin
            self._log.warning("health check %s failed: %s", self.name, type(error).__name__)
            ok, message = False, f"the check failed ({type(error).__name__})"
        self._report = CheckReport(ok, message, self._milliseconds())
        self.answered.set()

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self._started) * 1000)
