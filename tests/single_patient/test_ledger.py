"""The ledger: each of the patient's appointments of the day has one line, and a reason."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.single_patient.ledger import (
    SKIP_REASONS,
    LedgerLine,
    Selection,
    select_appointments,
    what_there_is_instead,
)
from sync_core.appointments import Appointment, read_appointment
from tests.sync_core.calldoc_samples import DAY, PIZ, entry

CATHETER = 24


def select(*raw: dict[str, Any], type_id: int = CATHETER) -> Selection:
    return select_appointments(PIZ, DAY, type_id, [read_appointment(item) for item in raw])


def taken_ids(selection: Selection) -> list[int]:
    return [item.appointment_id for item in selection.taken]


def reasons(selection: Selection) -> dict[int | None, str | None]:
    assert all(line.outcome == "skipped" for line in selection.skipped)
    return {line.appointment_id: line.reason for line in selection.skipped}


@pytest.mark.parametrize("status", ["created", "confirmed", "completed", "finished_final"])
def test_an_appointment_that_stands_is_taken(status: str) -> None:
    selection = select(entry(status=status))
    assert taken_ids(selection) == [244092]
    assert selection.found == 1
    assert (selection.skipped, selection.warnings) == ((), ())


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("canceled", "cancelled"),
        ("cancelled", "cancelled"),
        ("Cancelled ", "cancelled"),
        ("no_show", "no_show"),
    ],
)
def test_what_does_not_take_place_is_skipped(status: str, reason: str) -> None:
    selection = select(entry(status=status))
    assert (selection.found, reasons(selection)) == (0, {244092: reason})


@pytest.mark.parametrize("status", ["verschoben", "", None, 7])
def test_an_unknown_status_is_taken_with_a_warning(status: object) -> None:
    selection = select(entry(status=status))
    assert taken_ids(selection) == [244092]
    assert len(selection.warnings) == 1
    assert "244092" in selection.warnings[0].message


@pytest.mark.parametrize("piz", ["1234567", 1234567, " 01234567 "])
def test_numbers_are_compared_as_numbers(piz: object) -> None:
    assert taken_ids(select(entry(piz=piz))) == [244092]


@pytest.mark.parametrize("piz", ["1234568", "12345670", None, "", "x"])
def test_somebody_else_has_no_line(piz: object) -> None:
    assert select(entry(piz=piz)) == Selection((), (), (), ())


@pytest.mark.parametrize("moment", ["2025-10-05T23:59:59+02:00", "2025-10-06T22:00:00Z"])
def test_another_local_day_has_no_line(moment: str) -> None:
    assert select(entry(scheduled_for_datetime=moment)) == Selection((), (), (), ())


@pytest.mark.parametrize("moment", ["2025-10-06T00:00:00", "2025-10-05T22:00:00Z"])
def test_midnight_belongs_to_the_day(moment: str) -> None:
    assert taken_ids(select(entry(scheduled_for_datetime=moment))) == [244092]


def test_another_type_that_came_through_the_filter() -> None:
    selection = select(entry(id=1, appointment_type=25), entry(id=2, appointment_type="24"))
    assert taken_ids(selection) == [2]
    assert reasons(selection) == {1: "other_type"}


def test_a_repeated_id_counts_once() -> None:
    selection = select(entry(), entry(id="244092"), entry(emails=None))
    assert taken_ids(selection) == [244092]
    assert (selection.found, selection.skipped, selection.warnings) == (1, (), ())


@pytest.mark.parametrize(
    "changes", [{"status": "cancelled"}, {"room": 18}, {"date_of_birth": "1951-01-31"}]
)
def test_one_id_with_two_stories_is_not_written(changes: dict[str, Any]) -> None:
    for raw in ([entry(), entry(**changes)], [entry(**changes), entry()]):
        selection = select(*raw)
        assert selection.found == 0
        assert list(reasons(selection)) == [244092]


@pytest.mark.parametrize("value", [None, ..., "x", []])
def test_without_an_id_it_is_unreadable(value: object) -> None:
    selection = select(entry(id=value), entry(id=7))
    assert taken_ids(selection) == [7]
    assert reasons(selection) == {None: "unreadable"}
    assert len(selection.warnings) == 1


def test_an_unreadable_one_spoils_no_other() -> None:
    selection = select(
        entry(id=1, appointment_type=None), entry(id=2), entry(id=3, scheduled_for_datetime=None)
    )
    assert taken_ids(selection) == [2]
    assert reasons(selection) == {1: "unreadable", 3: "unreadable"}


def test_taken_by_time_of_day_not_by_notation() -> None:
    selection = select(
        entry(id=1, scheduled_for_datetime="2025-10-06T11:00:00+02:00"),
        entry(id=2, scheduled_for_datetime="2025-10-06T08:00:00Z"),
        entry(id=3, scheduled_for_datetime="2025-10-06T09:00:00"),
    )
    assert taken_ids(selection) == [3, 2, 1]


def test_what_there_is_instead_is_told_in_words() -> None:
    selection = select(
        entry(id=1, appointment_type=25, scheduled_for_datetime="2025-10-06T09:30:00"),
        entry(id=2, status="cancelled"),
        entry(id=3, status="no_show", scheduled_for_datetime="2025-10-06T14:05:00"),
    )
    words = what_there_is_instead(selection, CATHETER)
    assert "Termin vom Typ 25 um 9:30" in words
    assert "Termin vom Typ 24 um 8:00 (abgesagt)" in words
    assert "Termin vom Typ 24 um 14:05 (nicht erschienen)" in words
    assert "Beispiel" not in words
    assert "24" in what_there_is_instead(select(), CATHETER)


def test_lines_while_nothing_is_written() -> None:
    selection = select(
        entry(id=1), entry(id=2, room=18), entry(id=3, appointment_type=25), entry(id=4, room=19)
    )
    other = LedgerLine(3, "skipped", "other_type")
    assert set(selection.failed_lines("mapping_missing", frozenset({2}))) == {
        LedgerLine(1, "skipped", "not_written"),
        LedgerLine(2, "skipped", "mapping_missing"),
        LedgerLine(4, "skipped", "not_written"),
        other,
    }
    assert {line.reason for line in selection.failed_lines("outcome_unknown")} == {
        "outcome_unknown",
        "other_type",
    }


def test_reasons_are_published() -> None:
    assert set(SKIP_REASONS) == {
        "cancelled",
        "no_show",
        "other_type",
        "same_examination",
        "unreadable",
        "not_written",
    }


ENTRIES = st.lists(
    st.builds(
        entry,
        id=st.integers(1, 6) | st.none(),
        piz=st.sampled_from(["1234567", "1234567", 1234567, "99", None]),
        appointment_type=st.sampled_from([24, 24, 25, None]),
        status=st.sampled_from(["created", "completed", "cancelled", "no_show", "neu", None]),
        room=st.sampled_from([54, 18, None]),
        scheduled_for_datetime=st.sampled_from(
            [
                "2025-10-06T08:00:00+02:00",
                "2025-10-06T06:00:00Z",
                "2025-10-05T22:00:00Z",
                "2025-10-06T23:59:59",
                "2025-10-06T22:00:00Z",
                "2025-10-05T21:59:59Z",
                None,
            ]
        ),
    ),
    max_size=10,
)
MANY = settings(max_examples=250)


@MANY
@given(ENTRIES)
def test_exactly_one_line_for_each_distinct_id(raw: list[dict[str, Any]]) -> None:
    read = [read_appointment(item) for item in raw]
    selection = select_appointments(PIZ, DAY, CATHETER, read)
    lines = selection.failed_lines("not_written")
    told = Counter(line.appointment_id for line in lines if line.appointment_id is not None)
    of_the_day = {item.appointment_id for item in read if item.piz == PIZ and item.day == DAY} - {
        None
    }
    without_a_day = {
        item.appointment_id for item in read if item.piz == PIZ and item.day is None
    } - {None}
    assert set(told) == of_the_day | without_a_day
    assert set(told.values()) <= {1}

    assert selection.found == len(selection.taken)
    for item in selection.taken:
        assert (item.piz, item.day, item.type_id) == (PIZ, DAY, CATHETER)
        assert item.status not in ("cancelled", "canceled", "no_show")
    assert {line.reason for line in selection.skipped} <= set(SKIP_REASONS)
    assert sorted(selection.taken, key=lambda item: item.starts_at) == list(selection.taken)


@MANY
@given(ENTRIES)
def test_nothing_that_stands_is_left_out(raw: list[dict[str, Any]]) -> None:
    read = [read_appointment(item) for item in raw]
    once = Counter(item.appointment_id for item in read)
    should = {
        item.appointment_id
        for item in read
        if isinstance(item, Appointment)
        and once[item.appointment_id] == 1
        and (item.piz, item.day, item.type_id) == (PIZ, DAY, CATHETER)
        and item.status not in ("cancelled", "no_show")
    }
    assert should <= set(taken_ids(select_appointments(PIZ, DAY, CATHETER, read)))


@MANY
@given(ENTRIES, st.randoms(use_true_random=False))
def test_order_and_repetition_of_the_answer_do_not_matter(
    raw: list[dict[str, Any]], random: Any
) -> None:
    with_id = [item for item in raw if item["id"] is not None]
    again = with_id * 2
    random.shuffle(again)
    one, other = select(*with_id), select(*again)
    assert {*one.taken} == {*other.taken}
    assert taken_ids(one) == taken_ids(other)
    assert Counter(one.skipped) == Counter(other.skipped)
    assert Counter(one.warnings) == Counter(other.warnings)
