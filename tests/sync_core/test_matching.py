"""Which appointment is which examination: nothing twice, nothing lost, nothing guessed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from sync_core.errors import AmbiguousExaminationError
from sync_core.mapping import ExaminationValues
from sync_core.matching import (
    ExaminationRow,
    ExaminationsNotAssignedError,
    Matching,
    Wanted,
    match_examinations,
)
from tests.sync_core.calldoc_samples import DAY

OTHER_DAY = DAY + timedelta(days=1)
PATIENT = 815


def wanted(number: int, lab: int, doctor: int, kind: int = 1, day: date = DAY) -> Wanted:
    return Wanted(number, ExaminationValues(day, kind, lab, doctor, 2, 1, 1, 0.0, 1))


def row(
    key: int,
    lab: int | None,
    doctor: int | None,
    kind: int | None = 1,
    text: str | None = "06.10.2025",
) -> ExaminationRow:
    return ExaminationRow(key, PATIENT, text, kind, lab, doctor)


def summary(
    matching: Matching,
) -> tuple[list[tuple[int, int]], list[int], dict[int, int], list[int]]:
    return (
        sorted((pair.wanted.appointment_id, pair.row.untersuchung_id) for pair in matching.pairs),
        sorted(item.appointment_id for item in matching.new),
        matching.same_as,
        sorted(item.untersuchung_id for item in matching.left_over),
    )


@pytest.mark.parametrize(
    ("appointments", "rows", "pairs", "new", "left_over"),
    [
        pytest.param([], [], [], [], [], id="nothing"),
        pytest.param([wanted(1, 3, 2)], [], [], [1], [], id="new"),
        pytest.param([wanted(1, 3, 2)], [row(7, 3, 2)], [(1, 7)], [], [], id="unchanged"),
        pytest.param([wanted(1, 3, 2)], [row(7, 1, 2)], [(1, 7)], [], [], id="other lab"),
        pytest.param([wanted(1, 3, 2)], [row(7, 3, 9)], [(1, 7)], [], [], id="other doctor"),
        pytest.param(
            [wanted(1, 3, 2)], [row(7, 8, 9)], [(1, 7)], [], [], id="one left on each side"
        ),
        pytest.param(
            [wanted(1, 3, 2)], [row(7, None, None)], [(1, 7)], [], [], id="lab and doctor empty"
        ),
        pytest.param(
            [wanted(1, 3, 2)], [row(7, 8, 9, text="6.10.2025")], [(1, 7)], [], [], id="typed date"
        ),
        pytest.param(
            [wanted(1, 3, 2)], [row(7, 3, 2), row(8, 3, 2)], [(1, 7)], [], [8], id="double stays"
        ),
        pytest.param(
            [wanted(1, 3, 2)],
            [row(8, 3, 2), row(7, 3, 2)],
            [(1, 7)],
            [],
            [8],
            id="whichever is read first",
        ),
        pytest.param(
            [wanted(1, 3, 2)],
            [row(7, 3, 2), row(8, 1, 1)],
            [(1, 7)],
            [],
            [8],
            id="cancelled one stays",
        ),
        pytest.param(
            [wanted(1, 3, 2)],
            [row(7, 1, 1), row(8, 3, 9)],
            [(1, 8)],
            [],
            [7],
            id="the one that agrees in one of the two",
        ),
        pytest.param(
            [wanted(1, 3, 2), wanted(2, 1, 1)],
            [row(7, 1, 1)],
            [(2, 7)],
            [1],
            [],
            id="one there, one new",
        ),
        pytest.param(
            [wanted(1, 3, 2), wanted(2, 1, 1)],
            [row(7, 1, 9), row(8, 8, 2)],
            [(1, 8), (2, 7)],
            [],
            [],
            id="both changed, each recognised",
        ),
        pytest.param(
            [wanted(1, 3, 2), wanted(2, 1, 1)],
            [row(7, 3, 2), row(8, 8, 9)],
            [(1, 7), (2, 8)],
            [],
            [],
            id="exact first, then the last two",
        ),
        pytest.param(
            [wanted(1, 3, 2)],
            [
                row(7, 3, 2, kind=8),
                row(8, 3, 2, text="07.10.2025"),
                row(9, 3, 2, text="?"),
                row(10, 3, 2, text=None),
                row(11, 3, 2, kind=None),
            ],
            [],
            [1],
            [],
            id="other kinds and days are not looked at",
        ),
        pytest.param(
            [wanted(1, 3, 2, kind=1), wanted(2, 3, 2, kind=8)],
            [row(7, 3, 2, kind=8)],
            [(2, 7)],
            [1],
            [],
            id="kinds do not mix",
        ),
    ],
)
def test_cases(
    appointments: list[Wanted],
    rows: list[ExaminationRow],
    pairs: list[tuple[int, int]],
    new: list[int],
    left_over: list[int],
) -> None:
    assert summary(match_examinations(appointments, rows)) == (pairs, new, {}, left_over)


@pytest.mark.parametrize(
    ("appointments", "rows"),
    [
        pytest.param([wanted(1, 3, 2)], [row(7, 1, 1), row(8, 9, 9)], id="two strange rows"),
        pytest.param([wanted(1, 3, 2)], [row(7, 3, 1), row(8, 9, 2)], id="two half rows"),
        pytest.param([wanted(1, 3, 2)], [row(7, 3, 1), row(8, 3, 9)], id="same lab twice"),
        pytest.param(
            [wanted(1, 3, 2), wanted(2, 1, 1)], [row(7, 8, 9)], id="two for a strange row"
        ),
        pytest.param([wanted(1, 3, 2), wanted(2, 3, 1)], [row(7, 3, 9)], id="two for half a row"),
        pytest.param(
            [wanted(1, 3, 2), wanted(2, 1, 1)],
            [row(7, 8, 8), row(8, 9, 9)],
            id="two and two strangers",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(
    appointments: list[Wanted], rows: list[ExaminationRow]
) -> None:
    with pytest.raises(AmbiguousExaminationError):
        match_examinations(appointments, rows)


def test_the_error_names_the_appointments_that_could_not_be_assigned() -> None:
    appointments = [wanted(1, 3, 2), wanted(2, 1, 1), wanted(3, 1, 1), wanted(4, 5, 5, kind=8)]
    with pytest.raises(ExaminationsNotAssignedError) as caught:
        match_examinations(appointments, [row(7, 3, 2), row(8, 8, 8), row(9, 9, 9)])
    assert caught.value.guilty == {2, 3}
    assert caught.value.code == "ambiguous_examination"


def test_two_appointments_of_the_very_same_row_are_one_examination() -> None:
    matching = match_examinations([wanted(1, 3, 2), wanted(2, 1, 1), wanted(3, 3, 2)], [])
    assert summary(matching) == ([], [1, 2], {3: 1}, [])


def test_the_same_row_twice_needs_lab_doctor_and_kind() -> None:
    items = [wanted(1, 3, 2), wanted(2, 3, 2, kind=8), wanted(3, 3, 1), wanted(4, 1, 2)]
    assert summary(match_examinations(items, [])) == ([], [1, 2, 3, 4], {}, [])


@pytest.mark.parametrize(
    ("lab", "doctor", "differs"),
    [(3, 2, False), (1, 2, True), (3, 1, True), (None, 2, True), (3, None, True), (1, 1, True)],
)
def test_a_pair_differs_in_lab_or_doctor(
    lab: int | None, doctor: int | None, differs: bool
) -> None:
    (pair,) = match_examinations([wanted(1, 3, 2)], [row(7, lab, doctor)]).pairs
    assert pair.differs is differs


# Whatever the day looks like

NUMBERS = st.integers(1, 3)
WANTED = st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from([1, 1, 8])), max_size=5).map(
    lambda values: [wanted(number, *value) for number, value in enumerate(values, 100)]
)
TEXTS = st.sampled_from(
    ["06.10.2025", "06.10.2025", "6.10.2025", "2025-10-06", "07.10.2025", "Montag", None]
)
ROWS = st.lists(
    st.tuples(st.none() | NUMBERS, st.none() | NUMBERS, st.sampled_from([1, 1, 1, 8, None]), TEXTS),
    max_size=5,
).map(lambda values: [row(key, *value) for key, value in enumerate(values, 1)])
MANY = settings(max_examples=400)


def outcome(items: list[Wanted], rows: list[ExaminationRow]) -> Matching | None:
    """None stands for the refusal."""
    try:
        return match_examinations(items, rows)
    except AmbiguousExaminationError:
        event("ambiguous")
        return None


def relevant(items: list[Wanted], rows: list[ExaminationRow]) -> list[ExaminationRow]:
    kinds = {item.values.kind_id for item in items}
    return [item for item in rows if item.day == DAY and item.kind_id in kinds]


@MANY
@given(WANTED, ROWS)
def test_nothing_is_used_twice_and_nothing_is_lost(
    items: list[Wanted], rows: list[ExaminationRow]
) -> None:
    matching = outcome(items, rows)
    if matching is None:
        return
    paired_rows = [pair.row for pair in matching.pairs]
    accounted = Counter(item.untersuchung_id for item in [*paired_rows, *matching.left_over])
    assert accounted == Counter(item.untersuchung_id for item in relevant(items, rows))

    places = [pair.wanted.appointment_id for pair in matching.pairs]
    places += [item.appointment_id for item in matching.new]
    places += list(matching.same_as)
    assert Counter(places) == Counter(item.appointment_id for item in items)

    by_id = {item.appointment_id: item for item in items}
    assert all(by_id[one].values == by_id[other].values for one, other in matching.same_as.items())
    assert not set(matching.same_as) & set(matching.same_as.values())

    for pair in matching.pairs:
        assert pair.row.kind_id == pair.wanted.values.kind_id
        assert pair.row.day == pair.wanted.values.day
    open_kinds = {item.values.kind_id for item in matching.new}
    assert not open_kinds & {item.kind_id for item in matching.left_over}


def agreement(item: Wanted, existing: ExaminationRow) -> int:
    return (item.values.lab_id == existing.lab_id) + (item.values.doctor_id == existing.doctor_id)


@MANY
@given(WANTED, ROWS)
def test_refused_exactly_where_more_than_one_reading_is_left(
    items: list[Wanted], rows: list[ExaminationRow]
) -> None:
    certain = True
    unchanged = 0
    for kind in {item.values.kind_id for item in items}:
        spots = {
            (item.values.lab_id, item.values.doctor_id): item
            for item in items
            if item.values.kind_id == kind
        }
        free = [item for item in relevant(items, rows) if item.kind_id == kind]
        for spot in list(spots):
            exact = [item for item in free if (item.lab_id, item.doctor_id) == spot]
            if exact:
                free.remove(exact[0])
                del spots[spot]
                unchanged += 1
        half = {
            (spot, item.untersuchung_id)
            for spot, want in spots.items()
            for item in free
            if agreement(want, item)
        }
        unique = [
            (spot, key)
            for spot, key in half
            if sum(spot in edge for edge in half) == 1 and sum(key == edge[1] for edge in half) == 1
        ]
        left = len(spots) - len(unique), len(free) - len(unique)
        certain &= 0 in left or left == (1, 1)
    matching = outcome(items, rows)
    assert (matching is not None) == certain
    if matching is not None:
        assert sum(not pair.differs for pair in matching.pairs) == unchanged


@MANY
@given(WANTED, ROWS)
def test_after_it_is_carried_out_everything_is_unchanged(
    items: list[Wanted], rows: list[ExaminationRow]
) -> None:
    matching = outcome(items, rows)
    if matching is None:
        return
    changed = {
        pair.row.untersuchung_id: replace(
            pair.row, lab_id=pair.wanted.values.lab_id, doctor_id=pair.wanted.values.doctor_id
        )
        for pair in matching.pairs
    }
    later = [changed.get(item.untersuchung_id, item) for item in rows]
    later += [
        row(1000 + number, item.values.lab_id, item.values.doctor_id, item.values.kind_id)
        for number, item in enumerate(matching.new)
    ]
    again = match_examinations(items, later)
    assert again.new == ()
    assert not [pair for pair in again.pairs if pair.differs]
    assert again.same_as == matching.same_as
    assert set(again.left_over) == set(matching.left_over)


@MANY
@given(WANTED, ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(
    items: list[Wanted], rows: list[ExaminationRow], random: object
) -> None:
    def told(matching: Matching | None) -> object:
        return matching and (
            Counter((pair.wanted.values, pair.row) for pair in matching.pairs),
            Counter(item.values for item in matching.new),
            Counter(matching.left_over),
            len(matching.same_as),
        )

    before = told(outcome(items, rows))
    shuffled_items, shuffled_rows = list(items), list(rows)
    random.shuffle(shuffled_items)  # type: ignore[attr-defined]
    random.shuffle(shuffled_rows)  # type: ignore[attr-defined]
    assert told(outcome(shuffled_items, shuffled_rows)) == before


def test_days_are_matched_separately() -> None:
    items = [wanted(1, 3, 2), wanted(2, 3, 2, day=OTHER_DAY)]
    matching = match_examinations(items, [row(7, 1, 1, text="07.10.2025")])
    assert summary(matching) == ([(2, 7)], [1], {}, [])
