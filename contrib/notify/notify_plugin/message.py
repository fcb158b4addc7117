"""Many lines as one message of a bounded size, in the form that a chat takes: pure rules."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from notify_plugin.news import News

LONGEST_TEXT = 3500
"""Signs in one message; the smallest limit of the chats is 4,000."""

_ORDER = ("failed", "created", "updated", "unchanged")
_WORDS = {
    "failed": "fehlgeschlagen",
    "created": "angelegt",
    "updated": "aktualisiert",
    "unchanged": "unverändert",
}


def compose(news: Sequence[News], most: int, lost: int) -> str:
    """The text of one message: at most ``most`` lines, failures first, the rest as counts.

    ``lost`` are pieces of news that nobody could keep.
    """
    ordered = sorted(news, key=lambda one: _ORDER.index(one.outcome))
    lines: list[str] = []
    length = 0
    for one in ordered[:most]:
        length += len(one.line) + 1
        if length > LONGEST_TEXT and lines:
            break
        lines.append(one.line)
    rest = Counter(one.outcome for one in ordered[len(lines) :])
    if rest:
        counts = ", ".join(f"{rest[name]} {_WORDS[name]}" for name in _ORDER if rest[name])
        lines.append(f"… und {sum(rest.values())} weitere: {counts}")
    if lost:
        lines.append(f"({lost} frühere Meldungen konnten nicht zugestellt werden.)")
    # The sign that some chats take for the beginning of a link or a mention.
    return "\n".join(lines).replace("<", "‹")


def body_of(text: str, form: str) -> bytes:
    """The JSON of a text for ``form`` (``text`` or ``teams``)."""
    return json.dumps(_card(text) if form == "teams" else {"text": text}).encode()


def _card(text: str) -> dict[str, object]:
    blocks = [{"type": "TextBlock", "text": line, "wrap": True} for line in text.split("\n")]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}
