"""What ``POST /api/sync`` takes and refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from marshmallow import ValidationError

from day_sync import DEFAULT_TYPES
from day_task.schemas import DayRequestSchema, DaySyncSchema
from demo.systems import DemoSystems
from sync_core.day_selection import StatusFilter
from tests.day_task.house import DayProgram, DayStage, settings_of
from tests.end_to_end.answers import Contract, problem

DAY = "2041-01-07"

BAD: list[tuple[str, Any]] = [
    ("date", {}),
    *(
        ("date", {"date": value})
        for value in (
            None,
            "",
            "2041-1-7",
            "07.01.2041",
            "2041-02-30",
            "2041-01-07T00:00",
            20410107,
        )
    ),
    *(
        ("appointment_type_id", {"date": DAY, "appointment_type_id": value})
        for value in (
            *(None, "24", "all", 24.0, True, 0, -1, 2**31, 10**400, {}, {"24": 1}),
            *([], ["24"], [24, None], [24, True], [24, 0], [[24]], [24.5], list(range(1, 102))),
        )
    ),
    *(
        ("delete_obsolete", {"date": DAY, "delete_obsolete": value})
        for value in (None, 0, 1, "true", "yes", [])
    ),
    *(
        ("confirm_delete", {"date": DAY, "delete_obsolete": True, "confirm_delete": value})
        for value in (None, "3", 3.0, True, 0, -1, 2**31)
    ),
    ("confirm_delete", {"date": DAY, "confirm_delete": 3}),
    ("confirm_delete", {"date": DAY, "delete_obsolete": False, "confirm_delete": 3}),
    ("piz", {"date": DAY, "piz": "1"}),
    ("dry_run", {"date": DAY, "dry_run": True}),
    ("smart_status_filter", {"date": DAY, "smart_status_filter": False}),
]


@pytest.mark.parametrize(("field", "body"), BAD, ids=lambda value: str(value)[:60])
def test_bad_input_names_its_field(program: DayProgram, field: str, body: Any) -> None:
    document = problem(program.post_day(body), 400, "invalid_request")
    assert set(document["errors"]["json"]) == {field}


@pytest.mark.parametrize("body", ["", "null", "[]", '"2041-01-07"', "{", '{"date": NaN}'])
def test_a_body_that_is_no_object(program: DayProgram, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{program.url}/api/sync", data=body, headers=headers, timeout=10)
    problem(answer, 400, "invalid_request")


def test_query_type_and_method(program: DayProgram) -> None:
    problem(program.post_day({"date": DAY}, params={"date": DAY}), 400, "invalid_request")
    answer = requests.post(f"{program.url}/api/sync", data={"date": DAY}, timeout=10)
    problem(answer, 415, "json_required")
    answer = program.get("/api/sync")
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("given", "types"),
    [
        ({}, DEFAULT_TYPES),
        ({"appointment_type_id": 25}, {25}),
        ({"appointment_type_id": [25, 24, 25]}, {24, 25}),
    ],
)
def test_what_is_meant(given: dict[str, Any], types: set[int]) -> None:
    request = DaySyncSchema().load({"date": DAY, **given})
    assert request.types == types
    assert (request.delete_obsolete, request.confirm_delete) == (False, None)
    assert request.status_filter is StatusFilter.SMART
    assert DayRequestSchema().load(request.as_json()) == request


def test_the_window_may_say_more() -> None:
    body = {
        "date": DAY,
        "appointment_type_id": "all",
        "smart_status_filter": False,
        "delete_obsolete": True,
        "confirm_delete": 7,
    }
    request = DayRequestSchema().load(body)
    assert (request.types, request.status_filter) == ("all", StatusFilter.PLAIN)
    assert request.as_json() == body
    for wrong in ("ALL", "", ["all"]):
        with pytest.raises(ValidationError):
            DayRequestSchema().load({"date": DAY, "appointment_type_id": wrong})


def test_keys_waiting_and_refusals_come_with_it(
    program: DayProgram, stage: DayStage, contract: Contract
) -> None:
    stage.planned_many(3)
    stage.hold_write()
    key = {"Idempotency-Key": f"day-{stage.day}"}
    first = program.post_day(stage.body(), headers=key)
    contract.check_answer(first, "/api/sync", "post")
    task_id = first.json()["task_id"]
    again = program.post_day(stage.body(appointment_type_id=[25, 24]), headers=key)
    assert (again.status_code, again.json()["task_id"]) == (202, task_id)
    refused = problem(program.post_day(stage.body()), 409, "already_running")
    assert refused["task_id"] == task_id
    assert refused["detail"] == "A sync of this day is pending or running"
    other = program.post_day(stage.body(appointment_type_id=24), headers=key)
    problem(other, 422, "idempotency_key_reused")
    stage.gateway()
    program.wait(task_id)
    waited = program.post_day(stage.body(), headers={"Prefer": "wait=20"})
    contract.check_answer(waited, "/api/sync", "post")
    assert (waited.status_code, waited.json()["status"]) == (200, "completed")
    assert waited.headers["Preference-Applied"] == "wait=20"
    listed = program.get("/api/sync/history?kind=day&page_size=5").json()["tasks"]
    assert waited.json() in listed


def test_what_is_not_configured_is_named(systems: DemoSystems, tmp_path: Path) -> None:
    settings = {**settings_of(systems), "GATEWAY__URL": "", "CALLDOC__BASE_URL": ""}
    settings = {name: value for name, value in settings.items() if value}
    with DayProgram(tmp_path, settings) as program:
        program.wait_until_ready()
        document = problem(program.post_day({"date": DAY}), 503, "not_configured")
        assert document["detail"] == "Not configured: calldoc.base_url, gateway.url"
        problem(program.post_day({"date": "x"}), 400, "invalid_request")
        assert "gateway" not in program.get("/health/ready").json()["checks"]
