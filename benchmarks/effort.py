"""How often each thing is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How often each thing is measured; the budgets are the same for every effort.

    ``post_seconds``: how long requests are posted steadily; ``bursts``: rounds of requests in the
    same instant; ``syncs``: syncs one after the other; ``crowd``: patients posted at once;
    ``ended_tasks``: size of the long journal; ``status_calls``: on it; ``starts`` and ``closes``;
    ``hang_seconds``: how long the simulated systems hang.
    """

    post_seconds: float
    bursts: int
    syncs: int
    crowd: int
    ended_tasks: int
    status_calls: int
    starts: int
    closes: int
    hang_seconds: float


FULL = Effort(
    post_seconds=30,
    bursts=10,
    syncs=40,
    crowd=200,
    ended_tasks=10_000,
    status_calls=2000,
    starts=5,
    closes=3,
    hang_seconds=8,
)
QUICK = Effort(
    post_seconds=6,
    bursts=2,
    syncs=5,
    crowd=40,
    ended_tasks=300,
    status_calls=200,
    starts=3,
    closes=1,
    hang_seconds=2,
)
