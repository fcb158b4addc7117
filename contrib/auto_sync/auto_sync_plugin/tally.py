"""Counts of what became of the patients that changed, in German words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_WORDS = {
    "created": "angelegt",
    "updated": "aktualisiert",
    "unchanged": "unverändert",
    "failed": "fehlgeschlagen",
    "cancelled": "abgebrochen",
}


@dataclass
class Tally:
    """One batch. ``outcomes`` by the words of the status call, ``reasons`` by error code."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Whether nothing failed for good."""
        return not self.outcomes["failed"]

    def __bool__(self) -> bool:
        return bool(self.outcomes)

    def words(self) -> str:
        """``2 aktualisiert, 1 fehlgeschlagen (mapping_missing)``."""
        told = [
            f"{self.outcomes[name]} {word}" for name, word in _WORDS.items() if self.outcomes[name]
        ]
        reasons = ", ".join(sorted(self.reasons))
        return ", ".join(told) + (f" ({reasons})" if reasons else "")

    def what(self) -> str:
        """How many patients it is about."""
        count = sum(self.outcomes.values())
        return "Änderung: 1 Patient" if count == 1 else f"Änderung: {count} Patienten"
