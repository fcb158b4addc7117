"""A list of CallDoc's, read as a whole."""

from __future__ import annotations

from typing import Any

from sync_core.listed_appointments import read_list

DAY = "2026-03-02"


def entry(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": number,
        "piz": "4711",
        "appointment_type": 24,
        "scheduled_for_datetime": "2026-03-02T08:00:00+01:00",
        **fields,
    }


def test_each_id_once_and_old_names_too() -> None:
    old = entry(2, appointment_type=None, appointment_type_id=25)
    listed = read_list([entry(1), entry(1), old], DAY, DAY)
    assert [(item.appointment_id, item.type_id) for item in listed.readable] == [(1, 24), (2, 25)]
    assert listed.unreadable == 0


def test_what_cannot_be_trusted_is_counted() -> None:
    entries = [entry(1), entry(1, room=7), entry(2, scheduled_for_datetime=None), None, "nonsense"]
    listed = read_list(entries, DAY, DAY)
    assert listed.readable == ()
    assert listed.unreadable == 4


def test_other_days_are_not_spoken_of() -> None:
    late = entry(1, scheduled_for_datetime="2026-03-02T23:30:00Z")  # the next day in Germany
    broken = entry(2, scheduled_for_datetime="2026-03-03T08:00:00", appointment_type=None)
    assert read_list([late, broken], DAY, DAY) == read_list([], DAY, DAY)
    assert len(read_list([late], DAY, "2026-03-03").readable) == 1
