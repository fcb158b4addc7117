"""Carries log records to the window. Knows no Qt."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

TOPIC = "log_line"
KEPT_LINES = 5000


@dataclass(frozen=True)
class LogLine:
    """One log record: ``number`` counts from 1, ``moment`` is local time, ``level`` logging's."""

    number: int
    moment: datetime
    level: int
    logger: str
    text: str


class LogHandler(logging.Handler):
    """Sends each record as a :class:`LogLine` to ``send(topic, line)`` and keeps the last ones.

    ``send`` is the bridge's ``emit``. The kept lines let a panel built later show what came
    before it.
    """

    def __init__(self, send: Callable[[str, object], None], *, kept: int = KEPT_LINES) -> None:
        super().__init__()
        self._send = send
        self._numbers = itertools.count(1)
        self._lines: deque[LogLine] = deque(maxlen=kept)

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record; called by :mod:`logging` on the thread that logs, under its lock."""
        try:
            line = LogLine(
                next(self._numbers),
                datetime.fromtimestamp(record.created),
                record.levelno,
                record.name,
                self.format(record),
            )
            self._lines.append(line)
            self._send(TOPIC, line)
        except Exception:  # noqa: BLE001 - the edge: logging must never break what it reports on
            self.handleError(record)

    def recent(self) -> tuple[LogLine, ...]:
        """The kept lines, oldest first. From any thread."""
        self.acquire()
        try:
            return tuple(self._lines)
        finally:
            self.release()
