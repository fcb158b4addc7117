"""Rows of the result: what was measured, what it may be, and how both are shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


class BenchmarkError(Exception):
    """The program did something other than what was to be measured; the text says what."""


class NothingToMeasureError(Exception):
    """What a group measures is not here; the text says what to do about it."""


@dataclass(frozen=True)
class Row:
    """One figure and its budget, both in ``unit``; the figure must not be above the budget.

    ``details`` are further figures of the same measurement, for whoever reads the JSON.
    """

    group: str
    name: str
    measured: float
    budget: float
    unit: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the figure is within its budget."""
        return self.measured <= self.budget

    def as_json(self) -> dict[str, Any]:
        """The row as the result file holds it."""
        return {**asdict(self), "ok": self.ok}


@dataclass(frozen=True)
class Failure:
    """A group that could not be measured to its end, or not at all, and why."""

    group: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The failure as the result file holds it."""
        return asdict(self)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the values that at least ``percent`` of them do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def table(rows: Sequence[Row], failures: Sequence[Failure], skipped: Sequence[Failure]) -> str:
    """The rows as lines of text, below them what is missing."""
    cells = [("", "measured", "budget", "")]
    for row in rows:
        word = "ok" if row.ok else "OVER"
        cells.append((row.name, _figure(row.measured, row), _figure(row.budget, row), word))
    widths = [max(len(cell[column]) for cell in cells) for column in range(3)]
    lines = [
        f"{name:<{widths[0]}}  {measured:>{widths[1]}}  {budget:>{widths[2]}}  {word}".rstrip()
        for name, measured, budget, word in cells
    ]
    lines += [f"{failure.group}: NOT MEASURED: {failure.reason}" for failure in failures]
    lines += [f"{group.group}: skipped: {group.reason}" for group in skipped]
    return "\n".join(lines)


def _figure(value: float, row: Row) -> str:
    decimals = 2 if row.unit == "s" else 0 if float(value).is_integer() else 1
    return f"{value:.{decimals}f} {row.unit}"
