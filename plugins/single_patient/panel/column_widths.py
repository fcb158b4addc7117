"""How a table's columns share its width. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ColumnWidth:
    """In pixels: what a column must have, what it would like, and its share of what is left."""

    least: int
    wanted: int
    share: int = 0

    @property
    def can_give(self) -> int:
        """What it can do without."""
        return max(0, self.wanted - self.least)


def fitted(columns: Sequence[ColumnWidth], available: int) -> list[int]:
    """A width for each column, together no more than ``available`` where that is possible.

    With room to spare the shares get it. With too little, columns without a share give first,
    each in proportion to what it can do without, then those with one. None goes below its least:
    where that is too much the sum is larger than ``available``.
    """
    spare = available - sum(column.wanted for column in columns)
    if spare >= 0:
        shares = sum(column.share for column in columns) or 1
        return [column.wanted + spare * column.share // shares for column in columns]
    widths = [column.wanted for column in columns]
    missing = -spare
    for shares_in_the_rest in (False, True):
        giving = [n for n, column in enumerate(columns) if (column.share > 0) is shares_in_the_rest]
        most = sum(columns[n].can_give for n in giving)
        given = min(missing, most)
        for n in giving:
            widths[n] -= -(-given * columns[n].can_give // (most or 1))  # never a pixel too many
        missing -= given
    return widths
