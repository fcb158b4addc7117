"""The pages of the help: which there are, their headings and anchors, and where links lead.

The pages are Markdown files that are also read on GitHub; anchors are therefore made as there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

PAGES: Mapping[str, str] = MappingProxyType(
    {
        "handbuch.md": "Handbuch",
        "erste-schritte.md": "Erste Schritte",
        "fehlermeldungen.md": "Fehlermeldungen",
    }
)
"""The files that are carried, with their titles, in the order in which they are offered."""
HANDBOOK, FIRST_STEPS, MESSAGES = PAGES
_CHAPTER = 2

_HEADING = re.compile(r" {0,3}(#{1,6}) +(.+?)(?: +#+)? *$")
_NUMBERED = re.compile(r" {0,3}(\d{1,9})[.)] ")
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_LINE_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_LINE_SEPARATOR = "\u2028"


@dataclass(frozen=True)
class Heading:
    """``level`` is 1 to 6; ``text`` has no marks; ``anchor`` is unique on its page."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Place:
    """A carried page, and a heading's anchor on it; without an anchor its beginning."""

    page: str
    anchor: str = ""


@dataclass(frozen=True)
class WebAddress:
    """An address for the browser, ``http`` or ``https``."""

    url: str


def headings(markdown: str) -> tuple[Heading, ...]:
    """A page's headings in their order, with anchors as GitHub gives them.

    Letters become small, what is neither letter, digit, ``_``, blank nor hyphen goes, blanks
    become hyphens; a second heading of the same words gets ``-1``, the next ``-2``.
    """
    found: list[Heading] = []
    taken: dict[str, int] = {}
    for line in _prose(markdown):
        match = _HEADING.match(line)
        if match is None:
            continue
        text = _without_marks(match[2])
        bare = anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        while anchor in taken:
            taken[bare] += 1
            anchor = f"{bare}-{taken[bare]}"
        taken[anchor] = 0
        found.append(Heading(len(match[1]), text, anchor))
    return tuple(found)


def chapter_about(title: str, found: Iterable[Heading]) -> str:
    """The anchor of the chapter with that title; empty when there is none."""
    for heading in found:
        if heading.level == _CHAPTER and heading.text == title:
            return heading.anchor
    return ""


def destination(page: str, target: str) -> Place | WebAddress | None:
    """Where a link on ``page`` leads; None when nothing that is carried is there."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and parts.netloc:
        return WebAddress(target)
    if parts.scheme or parts.netloc or parts.query:
        return None
    path = unquote(parts.path).removeprefix("./")
    if path and path not in PAGES:
        return None
    return Place(path or page, unquote(parts.fragment))


def pictures_of(markdown: str) -> tuple[str, ...]:
    """The pictures that a page shows, each once, as the page names them."""
    found = _PICTURE.finditer("\n".join(_prose(markdown)))
    return tuple(dict.fromkeys(match[2] for match in found))


def without_pictures(markdown: str, missing: Collection[str]) -> str:
    """The page with words in place of the pictures that are ``missing``."""

    def words(match: re.Match[str]) -> str:
        return f"*[Bild fehlt: {match[1]}]*" if match[2] in missing else match[0]

    return _PICTURE.sub(words, markdown)


def list_numbers(markdown: str) -> tuple[int, ...]:
    """The numbers of all items of numbered lists, as they are written.

    Qt 5 begins every list with 1; with these a list that goes on behind a picture keeps counting.
    """
    matches = (_NUMBERED.match(line) for line in _prose(markdown))
    return tuple(int(match[1]) for match in matches if match is not None)


def for_qt(markdown: str) -> str:
    """The text as Qt 5's reader understands it, which swallows what follows a ``<br>``."""
    return _LINE_BREAK.sub(_LINE_SEPARATOR, markdown)


def _prose(markdown: str) -> Iterator[str]:
    """The lines outside blocks of code."""
    fence = ""
    for line in markdown.splitlines():
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~"):
            fence = "" if fence == mark else fence or mark
        elif not fence:
            yield line


def _without_marks(text: str) -> str:
    return re.sub(r"[*`]", "", _LINK.sub(r"\1", text))
