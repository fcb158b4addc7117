"""German words that depend on a number of things."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str) -> str:
    """``number`` and its noun, which may have more words: ``1 Termin``, ``0 Termine``."""
    return f"{number} {by_number(number, one, many)}"


def by_number(number: int, one: str, many: str) -> str:
    """The words for one thing or for any other number of them: ``ist`` or ``sind``."""
    return one if number == 1 else many


def listed(items: Sequence[str]) -> str:
    """Things one after the other, as in a sentence: ``A``, ``A und B``, ``A, B und C``."""
    *first, last = items or [""]
    return f"{', '.join(first)} und {last}" if first else last
