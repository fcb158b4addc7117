"""Counts what was asked of the simulated CallDoc, so that tests can say how much a sync may ask."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from demo.faults import ENDPOINTS

_KEPT_REQUESTS = 200


class CallLog:
    """Calls per endpoint, connections, the most calls at one time, and the last request lines."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running = 0
        self.reset()

    def reset(self) -> None:
        """Begin counting from zero; calls that are running now are still running."""
        with self._lock:
            self._calls: Counter[str] = Counter()
            self._connections = 0
            self._most_at_once = self._running
            self._requests: deque[str] = deque(maxlen=_KEPT_REQUESTS)

    def connection(self) -> None:
        """Count a connection that a client opened."""
        with self._lock:
            self._connections += 1

    @contextmanager
    def call(self, endpoint: str, request_line: str) -> Iterator[None]:
        """Count a call for as long as the block runs."""
        with self._lock:
            self._calls[endpoint] += 1
            self._requests.append(request_line)
            self._running += 1
            self._most_at_once = max(self._most_at_once, self._running)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def as_json(self) -> dict[str, Any]:
        """All counts, as the control endpoint shows them."""
        with self._lock:
            return {
                "calls": {endpoint: self._calls[endpoint] for endpoint in ENDPOINTS},
                "running": self._running,
                "most_at_once": self._most_at_once,
                "connections": self._connections,
                "requests": list(self._requests),
            }
