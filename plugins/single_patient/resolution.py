"""What became of a plan whose commit was sent and not answered: the plan is compared with SQLHK.

The comparison is pure; it needs the intent that was written to the journal before the commit, and
the rows as they stand now, read under the patient's lock (which waits for a transaction that the
server may still have open).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from plugins.single_patient.result import Change
from sync_core.task_model import Resolution, TaskWarning

_IDENTITY = {
    "Untersuchung": ("PatientID", "Datum", "UntersuchungartID"),
    "Patient": ("M1Ziffer",),
}
"""What makes a new row ours; a key alone proves nothing, it may have been handed out again."""

_PERSON = ("M1Ziffer", "Nachname", "Geburtsdatum")

EDITED = TaskWarning(
    "edited_meanwhile",
    "Die Daten wurden geschrieben und danach von jemandem geändert; bitte in SQLHK nachsehen.",
)


@dataclass(frozen=True)
class Intent:
    """What a sync was about to commit."""

    piz: int
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """The form in which the journal keeps it."""
        return {"piz": self.piz, "changes": [asdict(change) for change in self.changes]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Intent:
        """The reverse; ``KeyError`` or ``TypeError`` for anything else."""
        return cls(stored["piz"], tuple(Change(**change) for change in stored["changes"]))

    def rows(self) -> dict[tuple[str, int], tuple[Change, ...]]:
        """The changes by table and key."""
        rows: dict[tuple[str, int], tuple[Change, ...]] = {}
        for change in self.changes:
            if change.key is not None:
                place = (change.table, change.key)
                rows[place] = (*rows.get(place, ()), change)
        return rows


class _State(Enum):
    BEFORE = "as before, or not there"
    AFTER = "as intended"
    EDITED = "there, but changed since"
    FOREIGN = "neither"


def refuted(intent: Intent, later: Iterable[Intent]) -> bool:
    """Whether a later intent proves that this one was not written.

    It was made from what stood in SQLHK then: one that was about to write the very same row had
    found it as it was before this intent. The rows as they stand now may be that one's work.
    """
    rows = intent.rows()
    for other in later:
        for place, changes in other.rows().items():
            if place in rows and _found_as_before(rows[place], changes):
                return True
    return False


def resolve(intent: Intent, rows: Mapping[tuple[str, int], Mapping[str, Any] | None]) -> Resolution:
    """Whether the intent was written. ``rows`` holds each row as it stands, None if it is not."""
    strangers = _strangers(intent, rows)
    states = {
        place: (_is_new(changes), _state(place[0], changes, rows[place], strangers))
        for place, changes in intent.rows().items()
    }
    found = {state for _, state in states.values()}
    if found <= {_State.AFTER}:
        return Resolution("written")
    if found <= {_State.BEFORE}:
        return Resolution("not_written")
    new = [state for is_new, state in states.values() if is_new]
    if new and all(state in (_State.AFTER, _State.EDITED) for state in new):
        return Resolution("written", (EDITED,))
    return Resolution("undecided")


def _found_as_before(mine: tuple[Change, ...], later: tuple[Change, ...]) -> bool:
    if _is_new(mine) or _is_new(later):
        return _is_new(mine) and _is_new(later)
    found = {item.column: item.before for item in later}
    return any(
        item.before != item.after and item.column in found and found[item.column] == item.before
        for item in mine
    )


def _is_new(changes: Iterable[Change]) -> bool:
    return any(change.column in ("Nachname", "Datum") for change in changes)


def _strangers(
    intent: Intent, rows: Mapping[tuple[str, int], Mapping[str, Any] | None]
) -> frozenset[int]:
    """The keys under which not the patient we were to create stands, but surely somebody else.

    A key that was rolled back is handed out again. Number, family name and birth date must all
    differ: fewer might be people's corrections of the patient we created.
    """
    found = set()
    for (table, key), changes in intent.rows().items():
        row = rows[table, key]
        if table == "Patient" and row is not None and _is_new(changes):
            intended = {item.column: item.after for item in changes}
            if all(row[column] != intended[column] for column in _PERSON):
                found.add(key)
    return frozenset(found)


def _state(
    table: str,
    changes: tuple[Change, ...],
    row: Mapping[str, Any] | None,
    strangers: frozenset[int],
) -> _State:
    if table == "Untersuchung" and row is not None and _is_new(changes):
        intended = {item.column: item.after for item in changes}
        if row["PatientID"] == intended["PatientID"] and row["PatientID"] in strangers:
            return _State.BEFORE  # written for the stranger, by whomever
    after = row is not None and all(row[item.column] == item.after for item in changes)
    if after:
        return _State.AFTER
    if not _is_new(changes):
        before = row is not None and all(row[item.column] == item.before for item in changes)
        return _State.BEFORE if before else _State.FOREIGN
    if row is None or not _is_ours(table, changes, row):
        return _State.BEFORE
    return _State.EDITED


def _is_ours(table: str, changes: tuple[Change, ...], row: Mapping[str, Any]) -> bool:
    intended = {item.column: item.after for item in changes}
    return all(row[column] == intended[column] for column in _IDENTITY[table])
