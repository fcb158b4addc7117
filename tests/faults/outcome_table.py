"""What became of the injected faults, counted over a whole test run and printed at its end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping


class OutcomeTable:
    """Fault by outcome: how often, and that each case kept what must hold."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, fault: str, outcome: str, registry: str) -> None:
        """One case that passed; ``registry`` is ``written`` or ``untouched``."""
        self._counts[fault][f"{outcome}/{registry}"] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        """What was counted, in a form that goes from one process to another."""
        return {fault: dict(counts) for fault, counts in self._counts.items()}

    def merge(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """Add what another process counted."""
        for fault, outcomes in counts.items():
            self._counts[fault].update(outcomes)

    def lines(self) -> list[str]:
        """The table as text."""
        if not self._counts:
            return []
        width = max(map(len, self._counts))
        lines = [
            f"{fault:<{width}}  "
            + ", ".join(f"{count}x {outcome}" for outcome, count in sorted(counts.items()))
            for fault, counts in self._counts.items()
        ]
        total = sum(sum(counts.values()) for counts in self._counts.values())
        return [
            *lines,
            f"{total} cases as they should be; a case that failed is not counted here",
        ]


TABLE = OutcomeTable()
"""Of this test run."""
