"""Waits for something with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from benchmarks.results import BenchmarkError

Value = TypeVar("Value")


def wait_for(
    look: Callable[[], Value | None], what: str, *, seconds: float = 30.0, pause: float = 0.005
) -> Value:
    """What ``look`` returns as soon as it is not None, asked every ``pause`` seconds.

    Raises ``BenchmarkError`` when that takes longer than ``seconds``.
    """
    until = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > until:
            raise BenchmarkError(f"after {seconds:.0f} s: {what}")
        time.sleep(pause)
    return found
