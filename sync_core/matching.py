"""Which appointment is which existing examination: pure rules, the same for both kinds of sync.

SQLHK keeps no time of day and no appointment id, so an examination is recognised by patient, day
and kind, and told apart by lab and doctor. Where that leaves more than one reading, nothing is
guessed: the caller is refused with ``ambiguous_examination``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sync_core.dates import read_day
from sync_core.errors import AmbiguousExaminationError
from sync_core.german import counted
from sync_core.mapping import ExaminationValues


@dataclass(frozen=True)
class ExaminationRow:
    """One row of SQLHK's table Untersuchung, as far as it decides; ``day_text`` as it stands."""

    untersuchung_id: int
    patient_id: int
    day_text: str | None
    kind_id: int | None
    lab_id: int | None
    doctor_id: int | None

    @property
    def day(self) -> date | None:
        """The calendar day, or None when it is missing or cannot be read."""
        return read_day(self.day_text)


@dataclass(frozen=True)
class Wanted:
    """An examination that should exist. ``appointment_id`` names where it comes from."""

    appointment_id: int
    values: ExaminationValues


@dataclass(frozen=True)
class Pair:
    """An appointment and the existing examination that it is."""

    wanted: Wanted
    row: ExaminationRow

    @property
    def differs(self) -> bool:
        """Whether the row's lab or doctor has to be changed."""
        values = self.wanted.values
        return (self.row.lab_id, self.row.doctor_id) != (values.lab_id, values.doctor_id)


@dataclass(frozen=True)
class Matching:
    """The result: what exists, what is new, what is one and the same, what is left over.

    ``same_as`` maps an appointment to the appointment whose examination it shares.
    ``left_over`` are rows of the day and kind without an appointment.
    """

    pairs: tuple[Pair, ...]
    new: tuple[Wanted, ...]
    same_as: dict[int, int]
    left_over: tuple[ExaminationRow, ...]


class ExaminationsNotAssignedError(AmbiguousExaminationError):
    """Some appointments could be more than one row's; ``guilty`` are their ids."""

    def __init__(self, rows: int, guilty: frozenset[int]) -> None:
        super().__init__(
            f"{counted(len(guilty), 'Termin', 'Termine')} und "
            f"{counted(rows, 'vorhandene Untersuchung', 'vorhandene Untersuchungen')} lassen sich "
            "nicht sicher zuordnen; es wurde nichts geschrieben."
        )
        self.guilty = guilty


def match_examinations(wanted: Sequence[Wanted], rows: Sequence[ExaminationRow]) -> Matching:
    """Match one patient's appointments of one day with the patient's existing rows.

    ``wanted`` in the order of the day (the first of equal ones stands for them all); ``rows`` may
    hold other days and kinds, which are left out. Raises ``ExaminationsNotAssignedError``.
    """
    distinct, same_as = _without_equals(wanted)
    by_kind: dict[tuple[date, int], list[Wanted]] = defaultdict(list)
    for item in distinct:
        by_kind[item.values.day, item.values.kind_id].append(item)
    pairs: list[Pair] = []
    new: list[Wanted] = []
    left_over: list[ExaminationRow] = []
    for (day, kind_id), items in by_kind.items():
        candidates = [row for row in rows if row.day == day and row.kind_id == kind_id]
        found, open_items, open_rows = _match_kind(items, candidates)
        if open_items and open_rows:
            stuck = {item.appointment_id for item in open_items}
            equals = {one for one, other in same_as.items() if other in stuck}
            raise ExaminationsNotAssignedError(len(open_rows), frozenset(stuck | equals))
        pairs += found
        new += open_items
        left_over += open_rows
    return Matching(tuple(pairs), tuple(new), same_as, tuple(left_over))


def _without_equals(wanted: Sequence[Wanted]) -> tuple[list[Wanted], dict[int, int]]:
    first: dict[tuple[date, int, int, int], Wanted] = {}
    same_as: dict[int, int] = {}
    for item in wanted:
        values = item.values
        key = (values.day, values.kind_id, values.lab_id, values.doctor_id)
        if key in first:
            same_as[item.appointment_id] = first[key].appointment_id
        else:
            first[key] = item
    return list(first.values()), same_as


def _match_kind(
    items: Sequence[Wanted], candidates: Sequence[ExaminationRow]
) -> tuple[list[Pair], list[Wanted], list[ExaminationRow]]:
    """Pairs, appointments without a row, rows without an appointment."""
    open_items = list(items)
    open_rows = sorted(candidates, key=lambda row: row.untersuchung_id)
    pairs = _take_exact(open_items, open_rows)
    pairs += _take_half(open_items, open_rows)
    if len(open_items) == 1 and len(open_rows) == 1:
        pairs.append(Pair(open_items.pop(), open_rows.pop()))
    return pairs, open_items, open_rows


def _take_exact(open_items: list[Wanted], open_rows: list[ExaminationRow]) -> list[Pair]:
    pairs = []
    for item in list(open_items):
        row = next((row for row in open_rows if _agreement(item, row) == 2), None)
        if row is not None:
            pairs.append(Pair(item, row))
            open_items.remove(item)
            open_rows.remove(row)
    return pairs


def _take_half(open_items: list[Wanted], open_rows: list[ExaminationRow]) -> list[Pair]:
    """Pairs that agree in lab or doctor, where neither side agrees with anything else."""
    edges = [(item, row) for item in open_items for row in open_rows if _agreement(item, row) == 1]
    items = Counter(item.appointment_id for item, _ in edges)
    rows = Counter(row.untersuchung_id for _, row in edges)
    pairs = [
        Pair(item, row)
        for item, row in edges
        if items[item.appointment_id] == 1 and rows[row.untersuchung_id] == 1
    ]
    for pair in pairs:
        open_items.remove(pair.wanted)
        open_rows.remove(pair.row)
    return pairs


def _agreement(item: Wanted, row: ExaminationRow) -> int:
    return (item.values.lab_id == row.lab_id) + (item.values.doctor_id == row.doctor_id)
