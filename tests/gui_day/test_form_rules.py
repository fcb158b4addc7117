from __future__ import annotations

from datetime import date

import pytest

from sync_gui.day_panel.form_rules import (
    FormInput,
    Numbers,
    day_hint,
    long_day,
    read_numbers,
    shortest_day,
    type_words,
    why_no_deletion,
)

TODAY = date(2025, 10, 6)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", ()),
        ("  ", ()),
        ("31", (31,)),
        ("31,32", (31, 32)),
        (" 31 ; 32 33,", (31, 32, 33)),
        ("31, 31, 024", (31, 24)),
        ("2147483647", (2147483647,)),
    ],
)
def test_numbers_are_read_with_anything_usual_between_them(text, values) -> None:
    assert read_numbers(text) == Numbers(values)


@pytest.mark.parametrize("text", ["x", "31 x", "-1", "3.1", "٣", "0", "2147483648", "9" * 4000])
def test_what_no_type_can_be_has_a_reason(text) -> None:
    found = read_numbers(text)
    assert found.values == ()
    assert found.reason
    assert len(found.reason) < 60


def test_not_more_types_than_a_request_may_hold() -> None:
    assert len(read_numbers(" ".join(map(str, range(1, 99)))).values) == 98
    assert "98" in read_numbers(" ".join(map(str, range(1, 100)))).reason


def test_the_request_in_json_types() -> None:
    both = FormInput(TODAY, (24, 25)).request()
    assert both == {
        "date": "2025-10-06",
        "appointment_type_id": [24, 25],
        "delete_obsolete": False,
        "smart_status_filter": True,
    }
    assert FormInput(TODAY, (31,)).request()["appointment_type_id"] == 31
    everything = FormInput(TODAY, "all", delete_obsolete=True, smart_status_filter=False).request()
    assert everything["appointment_type_id"] == "all"
    assert everything["delete_obsolete"] is True
    assert everything["smart_status_filter"] is False


def test_deleting_is_for_days_in_the_future() -> None:
    assert why_no_deletion(date(2025, 10, 5), TODAY)
    assert why_no_deletion(TODAY, TODAY)
    assert why_no_deletion(date(2025, 10, 7), TODAY) == ""


def test_days_in_words() -> None:
    assert day_hint(TODAY, TODAY) == "Montag, heute"
    assert day_hint(date(2025, 10, 5), TODAY) == "Sonntag, vergangener Tag"
    assert day_hint(date(2025, 10, 7), TODAY) == "Dienstag, künftiger Tag"
    assert long_day("2025-10-06") == "Montag, 06.10.2025"
    assert shortest_day("2025-10-06") == "06.10.25"
    assert (long_day("soon"), long_day(None), shortest_day("soon")) == ("soon", "–", "soon")


def test_types_in_words() -> None:
    assert type_words([24, 25, 31]) == "24 Herzkatheter, 25 Ablation, 31"
    assert type_words(24) == "24 Herzkatheter"
    assert type_words("all") == "alle zugeordneten Terminarten"
