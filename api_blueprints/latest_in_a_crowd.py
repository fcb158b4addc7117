"""A slow question that many ask at once: a few wait for its answer, the others get the latest one.

Each asker keeps one of the server's threads waiting, and those are for everybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class LatestInACrowd(Generic[Answer]):
    """Asks ``ask`` for at most ``places`` callers at a time. Safe to use from any thread."""

    def __init__(self, ask: Callable[[], Answer], places: int) -> None:
        self._ask = ask
        self._places = threading.Semaphore(places)
        self._latest: list[Answer] = []

    def __call__(self) -> Answer:
        """A new answer or, in a crowd, the latest; before there is one everybody waits."""
        if not self._places.acquire(blocking=not self._latest):
            return self._latest[0]
        try:
            answer = self._ask()
        finally:
            self._places.release()
        self._latest = [answer]
        return answer
