"""The document is recorded, complete, and true in itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from openapi_spec_validator import OpenAPIV30SpecValidator

from api_blueprints.documented_refusals import START_REFUSALS
from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS, http_error
from sync_program.openapi_file import text_of
from tests.clock import PATIENCE
from tests.contract.reading import Document, Operation
from tests.end_to_end.program import ROOT, Demo, Program

RECORDED = ROOT / "docs" / "openapi.json"
PROBLEM = "application/problem+json"
STARTING = ("sync_day", "sync_patient")
KEY = "Geheim-42"


@pytest.fixture(scope="module")
def read(document: dict[str, Any]) -> Document:
    return Document(document)


def test_what_is_recorded_is_what_is_served(document: dict[str, Any]) -> None:
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert recorded == document, "run: python3 dev.py docs"
    assert RECORDED.read_text(encoding="utf-8") == text_of(document)


def test_it_is_valid(document: dict[str, Any]) -> None:
    OpenAPIV30SpecValidator(document).validate()


def test_operation_ids_stay(read: Document) -> None:
    """Generated clients call them by these names."""
    assert {str(one): one.told["operationId"] for one in read.operations()} == {
        "GET /api/plugins": "list_plugins",
        "POST /api/sync": "sync_day",
        "GET /api/sync/active": "list_active_tasks",
        "POST /api/sync/cancel/{task_id}": "cancel_task",
        "GET /api/sync/history": "list_ended_tasks",
        "POST /api/sync/patient": "sync_patient",
        "GET /api/sync/status/{task_id}": "get_task_status",
        "GET /health": "get_health",
        "GET /health/ready": "get_readiness",
    }


def test_everything_is_told_with_examples(read: Document) -> None:
    for operation in read.operations():
        assert operation.told["summary"], operation
        for parameter in read.parameters(operation):
            assert parameter["schema"], (operation, parameter)
        body = operation.told.get("requestBody")
        assert (body is not None) == (operation.told["operationId"] in STARTING)
        for place, holder in {**read.answers(operation), "request": body or {}}.items():
            for media in holder.get("content", {}).values():
                assert "example" in media or media.get("examples"), (operation, place)


def test_every_example_is_what_its_schema_says(read: Document) -> None:
    seen = set()
    for operation in read.operations():
        for example in read.examples(operation):
            read.check(example.value, example.schema)
            seen.add(example.where)
    assert len(seen) > 150


def test_no_example_hides_a_field(read: Document) -> None:
    """The check above would find one: a field too many is none that clients may rely on."""
    operation = next(one for one in read.operations() if one.path == "/health")
    (example,) = (
        one for one in read.examples(operation) if one.where.endswith("200 application/json")
    )
    with pytest.raises(Exception, match="surprise"):
        read.check({**example.value, "surprise": 1}, example.schema)


def test_every_refusal_is_an_example_under_its_status(read: Document) -> None:
    told: set[str] = set()
    for operation in read.operations():
        for status, answer in read.answers(operation).items():
            if PROBLEM not in answer["content"]:
                continue
            for code, example in answer["content"][PROBLEM]["examples"].items():
                entry, problem = http_error(code), example["value"]
                assert problem["code"] == code
                assert problem["type"] == f"/api/docs/errors#{code}"
                assert (problem["status"], problem["title"]) == (entry.status, entry.title)
                assert problem["error"] == problem["detail"]
                assert status in (str(entry.status), "default"), (operation, code)
                told.add(code)
    assert told == {entry.code for entry in HTTP_ERRORS}


def codes(read: Document, operation: Operation) -> set[str]:
    return {
        code
        for status, answer in read.answers(operation).items()
        if status != "default"
        for code in answer["content"].get(PROBLEM, {}).get("examples", {})
    }


def test_each_call_has_its_own_refusals(read: Document) -> None:
    everywhere = {"invalid_request", "host_not_allowed", "origin_not_allowed", "internal_error"}
    with_key = {"key_required", "key_invalid", "too_many_attempts"}
    with_body = {"body_too_large", "json_required"}
    about_a_task = {"task_not_found", "journal_unavailable"}
    own = {
        "get_health": set(),
        "get_readiness": with_key,
        "list_plugins": with_key,
        "list_active_tasks": with_key,
        "list_ended_tasks": with_key | {"journal_unavailable"},
        "get_task_status": with_key | about_a_task,
        "cancel_task": with_key | with_body | about_a_task | {"not_running"},
        **dict.fromkeys(STARTING, with_key | with_body | set(START_REFUSALS)),
    }
    for operation in read.operations():
        expected = everywhere | own[operation.told["operationId"]]
        assert codes(read, operation) == expected, operation


def test_headers(read: Document) -> None:
    for operation in read.operations():
        for status, answer in read.answers(operation).items():
            headers = {name: read.follow(one) for name, one in answer["headers"].items()}
            always = {name for name, header in headers.items() if header.get("required")}
            assert {"X-Request-ID", "Cache-Control"} <= always, (operation, status)
            wanted = {
                "202": {"Location", "Retry-After"},
                "401": {"WWW-Authenticate"},
                "429": {"Retry-After"},
            }
            assert wanted.get(status, set()) <= always, (operation, status)
            if operation.told["operationId"] in STARTING and status in ("200", "202"):
                assert "Preference-Applied" in headers
            if status == "default":
                assert "Allow" in headers
        if operation.told["operationId"] == "list_ended_tasks":
            assert "X-Pagination" in read.answers(operation)["200"]["headers"]


def test_a_started_task_can_be_followed_by_links(read: Document) -> None:
    ids = {operation.told["operationId"] for operation in read.operations()}
    for operation in read.operations():
        if operation.told["operationId"] in STARTING:
            links = read.answers(operation)["202"]["links"].values()
            followed = {link["operationId"] for link in links}
            assert followed == {"get_task_status", "cancel_task"}
            assert followed <= ids


def test_answers_may_grow(document: dict[str, Any]) -> None:
    """Fields and codes are only ever added, so nothing may tell clients that there are no more."""
    closed = {
        name
        for name, schema in document["components"]["schemas"].items()
        if schema.get("additionalProperties") is False
    }
    assert closed == {"DaySync", "SyncRequest", "PaginationMetadata"}
    known = {
        "Problem": ("code", {entry.code for entry in HTTP_ERRORS}),
        "SinglePatientTaskStatus": ("error_code", {entry.code for entry in TASK_ERRORS}),
    }
    for name, (field, expected) in known.items():
        told = document["components"]["schemas"][name]["properties"][field]
        assert set(told["x-extensible-enum"]) == expected
        assert "enum" not in told


def test_what_needs_the_key(
    read: Document, document: dict[str, Any], demo: Demo, tmp_path: Path
) -> None:
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"]) == ("http", "bearer")
    assert (schemes["api_key"]["in"], schemes["api_key"]["name"]) == ("header", "X-API-Key")
    assert document["security"] == [{}, {"bearer": []}, {"api_key": []}]
    with Program(tmp_path, {**demo.settings(), "API__KEY": KEY}) as program:
        program.wait_until_ready()
        for operation in read.operations():
            is_open = operation.told.get("security") == []
            url = program.url + operation.path.replace("{task_id}", "unknown")
            bare = requests.request(operation.method, url, timeout=PATIENCE)
            assert (bare.status_code == 401) is not is_open, operation
            if not is_open:
                assert bare.json()["code"] == "key_required"
                assert bare.headers["WWW-Authenticate"] == "Bearer"
                for headers in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}):
                    answer = requests.request(
                        operation.method, url, headers=headers, timeout=PATIENCE
                    )
                    assert answer.status_code in (200, 404, 415), (operation, answer.text)
