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
    """What a check returns; it may have a ``message_de``, too, which is what staff read."""

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

    @property
    def needed(self) -> bool:
        """Whether the program is not ready without it."""


@dataclass(frozen=True)
class CheckReport:
    """What became of one check: ``ok``, an English ``message``, and milliseconds.

    ``needed`` false: the program is ready without what was asked for. ``message_de`` is what
    staff read instead of the message; None when nobody told it.
    """

    ok: bool
    message: str
    ms: int
    needed: bool = True
    message_de: str | None = None

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the program is not ready because of it."""
        return self.needed and not self.ok


NO_ANSWER_DE = "Es kommt keine Antwort. Kurz warten; bleibt es so, die IT verständigen."
SHARE = 0.8
"""The part of a round's time that a check is told to take at most."""


class HealthRunner:
    """Runs the checks that ``checks`` lists at the time of asking.

    ``seconds`` is what a round takes at most; each check is told to take a little less, so that
    one that keeps to it is never late. ``on_fault`` gets the name of a check that raised or was
    late, and an English word for it. Safe to use from any thread.
    """

    def __init__(
        self,
        checks: Callable[[], Sequence[Check]],
        logger: logging.Logger,
        *,
        seconds: float = 3.0,
        on_fault: Callable[[str, str], None] = lambda _name, _fault: None,
    ) -> None:
        self._on_fault = on_fault
        self._checks = checks
        self._log = logger
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[str, _Asked] = {}

    def run(self) -> Mapping[str, CheckReport]:
        """The reports by name, in the order of the checks; takes ``seconds`` at most."""
        until = time.monotonic() + self._seconds
        asked = [self._ask(check) for check in self._checks()]
        reports = {question.name: question.report(until) for question in asked}
        for question in asked:
            if not question.answered.is_set():
                self._on_fault(question.name, "did not return in time")
            elif question.fault is not None:
                self._on_fault(question.name, question.fault)
        return reports

    def _ask(self, check: Check) -> _Asked:
        with self._lock:
            running = self._running.get(check.name)
            if running is not None and not running.answered.is_set():
                return running
            question = _Asked(check, self._seconds * SHARE, self._log)
            self._running[check.name] = question
        question.start()
        return question


class _Asked:
    """One run of one check on a thread of its own."""

    def __init__(self, check: Check, seconds: float, logger: logging.Logger) -> None:
        self.name = check.name
        self.answered = threading.Event()
        self.fault: str | None = None
        self._check = check
        self._seconds = seconds
        self._log = logger
        self._started = time.monotonic()
        self._report = CheckReport(False, "no answer", 0, check.needed, NO_ANSWER_DE)

    def start(self) -> None:
        name = f"health-{self.name}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def report(self, until: float) -> CheckReport:
        if self.answered.wait(max(0.0, until - time.monotonic())):
            return self._report
        return CheckReport(
            False, "no answer in time", self._milliseconds(), self._check.needed, NO_ANSWER_DE
        )

    def _run(self) -> None:
        try:
            result = self._check.run(self._seconds)
            ok, message = bool(result.ok), str(result.message)
            german = str(getattr(result, "message_de", None) or "") or None
        except Exception as error:  # noqa: BLE001 - the edge: a check of a plugin
            self._log.warning("health check %s failed: %s", self.name, type(error).__name__)
            ok, message, german = False, f"the check failed ({type(error).__name__})", None
            self.fault = f"raised {type(error).__name__}"
        self._report = CheckReport(ok, message, self._milliseconds(), self._check.needed, german)
        self.answered.set()

    def _milliseconds(self) -> int:
        return round((time.monotonic() - self._started) * 1000)
