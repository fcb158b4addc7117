"""What a request may hold: the page on the API, field by field."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugins.single_patient.request import SyncRequest
from plugins.single_patient.schemas import SyncRequestSchema

TOKEN = "0123456789abcdef" * 4
LEAST: dict[str, Any] = {"piz": "1234567", "date": "2025-10-06"}


def load(**changes: Any) -> SyncRequest:
    body = {name: value for name, value in (LEAST | changes).items() if value is not ...}
    loaded: SyncRequest = SyncRequestSchema().load(body)
    return loaded


def refused(**changes: Any) -> list[str]:
    """The names of the fields that are complained about."""
    with pytest.raises(ValidationError) as caught:
        load(**changes)
    assert isinstance(caught.value.messages, dict)
    return list(caught.value.messages)


def test_least_and_defaults() -> None:
    assert load() == SyncRequest(1234567, date(2025, 10, 6), 24, False, None, None)


def test_everything() -> None:
    request = load(
        appointment_type_id=25,
        dry_run=False,
        plan_token=TOKEN,
        expected_birth_date="1950-01-31",
    )
    assert request == SyncRequest(1234567, date(2025, 10, 6), 25, False, TOKEN, date(1950, 1, 31))


@pytest.mark.parametrize("piz", ["1234567", 1234567, " 1234567 ", "001234567", "\t1234567\n"])
def test_one_number_in_many_forms(piz: object) -> None:
    request = load(piz=piz)
    assert request.piz == 1234567
    assert request.id_stem == "patient_sync_1234567_2025-10-06"
    assert request.as_json()["piz"] == "1234567"


@pytest.mark.parametrize("piz", [1, "1", 999_999_999, "999999999", "000000001"])
def test_numbers_at_the_edge(piz: object) -> None:
    assert load(piz=piz).piz == int(str(piz))


@pytest.mark.parametrize(
    "piz",
    [
        None,
        ...,
        "",
        " ",
        "0",
        "000",
        0,
        -1,
        "-1",
        "+1",
        "1234567890",
        1234567890,
        "0001234567",  # ten digits
        "12 34",
        "12a",
        "1.0",
        1.0,
        1234567.5,
        True,
        False,
        "١٢٣",
        [],
        ["1234567"],
        {"piz": 1},
    ],
)
def test_what_is_no_number(piz: object) -> None:
    assert refused(piz=piz) == ["piz"]


DAYS_THAT_ARE_NONE = [
    None,
    "",
    "06.10.2025",
    "2025-10-6",
    "2025-02-30",
    "2023-02-29",
    "2025-13-01",
    "0000-01-01",
    "2025-10-06T00:00:00",
    "2025-10-06 ",
    " 2025-10-06",
    "2025-10-06\n",
    "20251006",
    "2025-W41-1",
    "٢٠٢٥-10-06",
    20251006,
    1759730400.0,
    True,
    [],
    {},
]


@pytest.mark.parametrize("day", [*DAYS_THAT_ARE_NONE, ...])
def test_what_is_no_day(day: object) -> None:
    assert refused(date=day) == ["date"]


@pytest.mark.parametrize("day", DAYS_THAT_ARE_NONE)
def test_what_is_no_birth_date(day: object) -> None:
    assert refused(expected_birth_date=day) == ["expected_birth_date"]


def test_a_leap_day() -> None:
    assert load(date="2024-02-29").day == date(2024, 2, 29)


@pytest.mark.parametrize("value", [1, 24, 25, 2**31 - 1])
def test_types(value: int) -> None:
    assert load(appointment_type_id=value).appointment_type_id == value


@pytest.mark.parametrize("value", [None, 0, -24, "24", 24.0, 24.5, True, [], [24], {}, 1e300])
def test_what_is_no_type(value: object) -> None:
    assert refused(appointment_type_id=value) == ["appointment_type_id"]


@pytest.mark.parametrize("value", [None, "true", "false", 1, 0, "", [], {}])
def test_dry_run_is_true_or_false(value: object) -> None:
    assert refused(dry_run=value) == ["dry_run"]


@pytest.mark.parametrize("value", [None, 5, True, [], {}, ["x"]])
def test_a_token_is_text(value: object) -> None:
    assert refused(plan_token=value) == ["plan_token"]


def test_a_plan_is_made_or_carried_out() -> None:
    assert refused(dry_run=True, plan_token=TOKEN) == ["plan_token"]
    assert load(dry_run=True).dry_run
    assert load(dry_run=False, plan_token=TOKEN).plan_token == TOKEN


@pytest.mark.parametrize("name", ["PIZ", "patient", "day", "appointment_type", "", "dry-run"])
def test_an_unknown_field(name: str) -> None:
    assert refused(**{name: None}) == [name]
    assert refused(**{name: 1}) == [name]


@pytest.mark.parametrize("body", [{}, [], [LEAST], "x", 5, None, True])
def test_a_body_that_is_none(body: Any) -> None:
    with pytest.raises(ValidationError):
        SyncRequestSchema().load(body)


def test_every_fault_is_told_at_once() -> None:
    assert sorted(refused(piz="x", date="y", colour="blue")) == ["colour", "date", "piz"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
NAMES = st.sampled_from([*SyncRequestSchema().fields, "more"])


@given(st.dictionaries(NAMES, ANYTHING))
def test_nothing_but_a_validation_error(changes: dict[str, Any]) -> None:
    try:
        request = load(**changes)
    except ValidationError:
        return
    assert 1 <= request.piz <= 999_999_999
    assert request.appointment_type_id >= 1
    assert not (request.dry_run and request.plan_token)


@given(
    st.integers(1, 999_999_999),
    st.dates(),
    st.integers(1, 2**31 - 1),
    st.booleans(),
    st.none() | st.dates(),
)
def test_a_request_survives_its_own_writing(
    piz: int, day: date, type_id: int, dry_run: bool, born: date | None
) -> None:
    request = SyncRequest(piz, day, type_id, dry_run, None if dry_run else TOKEN, born)
    assert SyncRequestSchema().load(dict(request.as_json())) == request


@given(st.text(alphabet="0019 \ta-", max_size=12))
@example("1234567890")
@example("0000000000")
@example(" 000000001 ")
def test_the_published_pattern_says_what_is_accepted(text: str) -> None:
    forms = SyncRequestSchema().fields["piz"].metadata["oneOf"]
    pattern = next(form["pattern"] for form in forms if form["type"] == "string")
    try:
        load(piz=text)
        accepted = True
    except ValidationError:
        accepted = False
    assert bool(re.search(pattern, text)) == accepted


def test_what_excludes_another_sync() -> None:
    def exclusion(**changes: Any) -> str | None:
        return load(**changes).exclusion

    assert exclusion() == exclusion(piz=" 001234567", expected_birth_date="1950-01-31")
    different = {exclusion(), exclusion(piz="1"), exclusion(date="2025-10-07")}
    assert len({*different, exclusion(appointment_type_id=25)}) == 4
    assert exclusion(dry_run=True) is None
