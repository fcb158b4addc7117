"""How wide the columns of a table are: no word is broken while there is room for all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """``least``: its longest word. ``most``: its longest text on one line. In pixels."""

    least: float
    most: float


def column_shares(columns: Sequence[Column], width: float) -> list[float]:
    """The columns' parts of ``width``, in percent; together 100.

    Each gets its longest word first. What is left goes where there is more to read, by the root:
    a text of four times the length takes twice the width and twice the lines.
    """
    needed = sum(column.least for column in columns)
    left = max(0.0, width - needed)
    wishes = [math.sqrt(max(0.0, column.most - column.least)) for column in columns]
    wished = sum(wishes)
    widths = [
        column.least + (left * wish / wished if wished else left / len(columns))
        for column, wish in zip(columns, wishes, strict=True)
    ]
    total = sum(widths)
    return [100 * one / total for one in widths]
