"""Finding words in the pages of the help: where they stand, which comes next, and in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NOT_FOUND = "Nicht gefunden"
TOO_SHORT = "Noch zu kurz"
_LEAST_LETTERS = 2


@dataclass(frozen=True)
class Match:
    """Words that were found on ``page``, from letter ``start`` to before letter ``end``."""

    page: str
    start: int
    end: int


def find_matches(texts: Mapping[str, str], words: str) -> tuple[Match, ...]:
    """Where ``words`` stand in ``texts`` (page: plain text), in the order of the pages.

    Large and small letters are the same, and so are one blank, several and the end of a line. A
    single letter is not searched: it stands everywhere.
    """
    parts = words.split()
    if _is_short(words):
        return ()
    pattern = re.compile(r"\s+".join(map(re.escape, parts)), re.IGNORECASE)
    return tuple(
        Match(page, match.start(), match.end())
        for page, text in texts.items()
        for match in pattern.finditer(text)
    )


def first_from(matches: Sequence[Match], pages: Sequence[str], page: str, position: int) -> int:
    """The number of the first match that does not stand before that position.

    Behind the last one it begins again at the first. ``matches`` are not empty.
    """
    here = (pages.index(page), position)
    for number, match in enumerate(matches):
        if (pages.index(match.page), match.start) >= here:
            return number
    return 0


def told(words: str, matches: Sequence[Match], current: int | None) -> str:
    """What came of searching ``words``, in a few words; empty while nothing is searched.

    ``current`` is the number of the match that is shown.
    """
    if not words.strip():
        return ""
    if _is_short(words):
        return TOO_SHORT
    if not matches:
        return NOT_FOUND
    if current is not None:
        return f"Treffer {current + 1} von {len(matches)}"
    return f"{len(matches)} Treffer"


def _is_short(words: str) -> bool:
    return len("".join(words.split())) < _LEAST_LETTERS
