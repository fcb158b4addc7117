"""What people call the rows that SQLHK's keys stand for: labs, examiners, kinds of examination.

Names are for people who read a status, and for nothing else. They travel beside the plan and not
in it, so they can decide nothing and enter neither the plan token nor an intent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sync_core.mapping import MappingRow, MappingTables


@dataclass(frozen=True)
class RegistryNames:
    """The names by column of Untersuchung and key; equal to all others, and printed nowhere."""

    by_column: Mapping[str, Mapping[int, str]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def of(self, table: str, column: str, key: object) -> str | None:
        """The name of what stands in a column; None where there is none."""
        if table != "Untersuchung" or not isinstance(key, int):
            return None
        return self.by_column.get(column, {}).get(key)


NO_NAMES = RegistryNames()
"""Before SQLHK was asked."""


def registry_names(tables: MappingTables) -> RegistryNames:
    """The names that stand in the mapping tables."""
    return RegistryNames(
        {
            "UntersuchungartID": _named(tables.kinds),
            "HerzkatheterID": _named(tables.rooms),
            "UntersucherAbrechnungID": _named(tables.doctors),
        }
    )


def joined_name(parts: Iterable[object]) -> str | None:
    """A name in one line from its columns; None when all are NULL, empty or no text."""
    words = [word for part in parts if isinstance(part, str) for word in part.split()]
    return " ".join(words) or None


def _named(rows: Sequence[MappingRow]) -> Mapping[int, str]:
    return {row.key: row.name for row in rows if row.name is not None}
