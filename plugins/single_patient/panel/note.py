"""What an action of the user's came to, in a sentence. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """How a note is meant."""

    DONE = "done"
    HINT = "hint"
    REFUSED = "refused"


@dataclass(frozen=True)
class Note:
    """``text``: a German sentence that can be understood without its tone."""

    tone: Tone
    text: str
