"""Which appointments are taken on past days, today and in the future."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_core.appointments import read_appointment
from sync_core.day_selection import DayScope, DaySelection, StatusFilter, select_day
from tests.day_sync.conftest import FUTURE, entry

STATUSES = (
    "created",
    "confirmed",
    "completed",
    "finished_final",
    "no_show",
    "canceled",
    "cancelled",
    "arrived",
)
OPEN = {"created", "confirmed", "completed", "finished_final", "arrived"}
CLOSED = {"completed", "finished_final"}


def select(
    *entries: Any, days_away: int = 0, types: tuple[int, ...] = (24, 25), smart: bool = True
) -> DaySelection:
    """Select on ``FUTURE`` as seen from so many days before it (negative: after it)."""
    scope = DayScope(FUTURE, frozenset(types), FUTURE - timedelta(days=days_away))
    chosen = StatusFilter.SMART if smart else StatusFilter.PLAIN
    return select_day(scope, [read_appointment(raw) for raw in entries], chosen)


def taken(selection: DaySelection) -> list[int]:
    return [item.appointment_id for item in selection.taken]


def reasons(selection: DaySelection) -> dict[int | None, str]:
    return {item.appointment_id: item.reason for item in selection.left_out}


def of_status(*statuses: str, **fields: Any) -> list[dict[str, Any]]:
    return [entry(n, n, status=status, **fields) for n, status in enumerate(statuses, 1)]


@pytest.mark.parametrize("days_away", [0, 1, 30])
def test_today_and_later_take_all_but_cancelled_and_absent(days_away: int) -> None:
    selection = select(*of_status(*STATUSES), days_away=days_away)
    assert taken(selection) == [1, 2, 3, 4, 8]
    assert reasons(selection) == {5: "no_show", 6: "cancelled", 7: "cancelled"}
    assert [warning.code for warning in selection.warnings] == ["unknown_status"]


def test_a_closed_past_day_takes_what_took_place() -> None:
    selection = select(*of_status(*STATUSES), days_away=-1)
    assert taken(selection) == [3, 4]
    assert Counter(reasons(selection).values()) == {
        "did_not_take_place": 3,
        "cancelled": 2,
        "no_show": 1,
    }


def test_a_past_day_that_nobody_closed_takes_everything_open() -> None:
    assert taken(select(*of_status("created", "no_show", "arrived"), days_away=-1)) == [1, 3]


def test_each_type_is_closed_by_itself() -> None:
    ablation = {"appointment_type": 25}
    entries = [entry(1, 1), entry(2, 2, status="completed"), entry(3, 3, **ablation)]
    assert taken(select(*entries, days_away=-1)) == [2, 3]
    entries.append(entry(4, 4, status="completed", appointment_type=4))  # not asked for
    assert taken(select(*entries, days_away=-1, types=(25,))) == [3]


def test_without_the_smart_filter_the_past_is_like_today() -> None:
    selection = select(*of_status(*STATUSES), days_away=-5, smart=False)
    assert taken(selection) == [1, 2, 3, 4, 8]


def test_other_types_and_days_are_not_spoken_of() -> None:
    late = {"scheduled_for_datetime": f"{FUTURE}T22:30:00Z"}  # the next day in Germany
    early = {"scheduled_for_datetime": f"{FUTURE - timedelta(days=1)}T22:30:00Z"}
    selection = select(entry(1, 1, appointment_type=4), entry(2, 2, **late), entry(3, 3, **early))
    assert (taken(selection), selection.left_out) == ([3], ())


def test_listed_twice() -> None:
    same = entry(1, 1)
    selection = select(same, same, entry(2, 2), entry(2, 2, room=18), entry(3, 3, emails=[]))
    assert taken(selection) == [1, 3]
    assert [(item.reason, item.piz) for item in selection.left_out] == [("unreadable", None)]


def test_unreadable_ones_spoil_no_other() -> None:
    broken = [None, 7, {}, entry(1, 1, id=None), entry(2, 2, appointment_type=None)]
    broken.append(entry(3, 3, scheduled_for_datetime="soon"))
    selection = select(*broken, entry(4, 4))
    assert taken(selection) == [4]
    assert [item.piz for item in selection.left_out] == [None, None, None, 1, 2, 3]
    assert "unreadable_appointment" in {warning.code for warning in selection.warnings}


def test_by_time_of_day() -> None:
    times = ("12:00", "07:30", "12:00", "09:15")
    entries = [
        entry(n, n, scheduled_for_datetime=f"{FUTURE}T{time}:00")
        for n, time in zip((4, 3, 2, 1), times, strict=True)
    ]
    assert taken(select(*entries)) == [3, 1, 2, 4]


@given(
    st.lists(st.tuples(st.sampled_from(STATUSES), st.sampled_from((24, 25, 4)))),
    st.integers(-3, 3),
    st.booleans(),
)
def test_the_rule(days: list[tuple[str, int]], days_away: int, smart: bool) -> None:
    entries = [
        entry(n, n, status=status, appointment_type=kind)
        for n, (status, kind) in enumerate(days, 1)
    ]
    expected = set()
    for n, (status, kind) in enumerate(days, 1):
        closed = any(s in CLOSED for s, other in days if other == kind)
        only_closed = smart and days_away < 0 and closed
        if kind != 4 and status in (CLOSED if only_closed else OPEN):
            expected.add(n)
    selection = select(*entries, days_away=days_away, smart=smart)
    assert set(taken(selection)) == expected
    asked = {n for n, (_, kind) in enumerate(days, 1) if kind != 4}
    assert set(reasons(selection)) == asked - expected
