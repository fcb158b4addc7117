"""Each documented refusal, over a real connection."""

from __future__ import annotations

import json
import logging

import pytest
import requests

from tests.api.house import CANARY, House
from tests.api.problems import assert_problem

JSON = {"Content-Type": "application/json"}


def test_unknown_path(house: House) -> None:
    assert_problem(requests.get(f"{house.server.url}/api/nothing"), "not_found")
    assert_problem(requests.get(f"{house.server.url}/health/"), "not_found")
    assert_problem(requests.post(f"{house.server.url}/x", data="y"), "not_found")


def test_wrong_method_names_the_right_ones(house: House) -> None:
    answer = requests.delete(f"{house.server.url}/api/echo")
    assert_problem(answer, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"null",
        b"[]",
        b'"word"',
        b"7",
        b"{",
        b'{"word": "a",}',
        b'{"word": "a"} x',
        b'{"word": "\xff"}',
        b'{"word": "\\ud800"}',
        b'{"word": "a", "word": "b"}',
        b'{"word": "a", "times": NaN}',
        b'{"word": "a", "times": 1e999}',
        b'{"word": "a", "times": ' + b"9" * 5000 + b"}",
        b"[" * 60000,
        b'{"word":' * 7000,
        b"\xef\xbb\xbf{}",
    ],
)
def test_body_that_is_no_object(house: House, body: bytes) -> None:
    answer = requests.post(f"{house.server.url}/api/echo", data=body, headers=JSON)
    problem = assert_problem(answer, "invalid_request")
    assert list(problem["errors"]["json"]) == ["_schema"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"word"}),
        ({"word": "a", "wort": "b"}, {"wort"}),
        ({"word": 7, "times": "1"}, {"word", "times"}),
        ({"word": None}, {"word"}),
        ({"word": "a", "times": 1.5}, {"times"}),
    ],
)
def test_each_wrong_field_is_named(house: House, body: dict, fields: set[str]) -> None:
    answer = requests.post(f"{house.server.url}/api/echo", json=body)
    assert set(assert_problem(answer, "invalid_request")["errors"]["json"]) == fields


@pytest.mark.parametrize("path", ["/health", "/health/ready", "/api/sync/active", "/api/plugins"])
def test_unknown_query_name(house: House, path: str) -> None:
    answer = requests.get(f"{house.server.url}{path}?wait=1&x=")
    problem = assert_problem(answer, "invalid_request")
    assert problem["errors"] == {"query": {"wait": ["Unknown field."], "x": ["Unknown field."]}}


def test_query_of_a_post_is_refused_before_the_work(house: House) -> None:
    answer = requests.post(f"{house.server.url}/api/sync/waiting?dry_run=true")
    assert_problem(answer, "invalid_request")
    assert requests.get(f"{house.server.url}/api/sync/active").json()["count"] == 0


def test_declared_query_names_pass(house: House) -> None:
    url = f"{house.server.url}/api/echo/query"
    assert requests.get(f"{url}?seite=3").json() == {"asked": {"page": 3}}
    assert_problem(requests.get(f"{url}?page=3"), "invalid_request")
    problem = assert_problem(requests.get(f"{url}?seite=x"), "invalid_request")
    assert set(problem["errors"]["query"]) == {"seite"}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/vnd.api+json",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json, text/plain",
    ],
)
def test_other_content_types(house: House, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    for path in ("/api/echo", "/api/sync/cancel/x", "/api/sync/waiting"):
        answer = requests.post(f"{house.server.url}{path}", data=b'{"word": "a"}', headers=headers)
        assert_problem(answer, "json_required")
    assert requests.get(f"{house.server.url}/api/sync/active").json()["count"] == 0


def test_compressed_body(house: House) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    answer = requests.post(f"{house.server.url}/api/echo", data=b"x", headers=headers)
    assert_problem(answer, "json_required")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf-8"',
    ],
)
def test_json_in_utf8(house: House, content_type: str) -> None:
    body = json.dumps({"word": "Grüße"}, ensure_ascii=False).encode()
    answer = requests.post(
        f"{house.server.url}/api/echo", data=body, headers={"Content-Type": content_type}
    )
    assert answer.json()["words"] == ["Grüße"]
    assert "Grüße".encode() in answer.content


def test_call_without_body_takes_an_empty_object_only(house: House) -> None:
    url = f"{house.server.url}/api/sync/cancel/unknown"
    assert_problem(requests.post(url), "task_not_found")
    assert_problem(requests.post(url, json={}), "task_not_found")
    problem = assert_problem(requests.post(url, json={"force": True}), "invalid_request")
    assert problem["errors"] == {"json": {"force": ["Unknown field."]}}


def test_refusal_of_a_plugin_keeps_members_and_retry_after(house: House) -> None:
    answer = requests.get(f"{house.server.url}/api/echo/refused")
    assert assert_problem(answer, "queue_full")["waiting"] == 200
    assert answer.headers["Retry-After"] == "5"


def test_validation_error_of_a_kind(house: House) -> None:
    answer = requests.post(f"{house.server.url}/api/sync/waiting/badly")
    problem = assert_problem(answer, "invalid_request")
    assert set(problem["errors"]["json"]) == {"number"}


def test_fault_tells_nothing_and_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "test.api"):
        answer = requests.get(f"{house.server.url}/api/echo/fault")
    assert_problem(answer, "internal_error")
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert any(record.exc_info for record in caplog.records)


def test_head_of_a_refusal_has_no_body(house: House) -> None:
    for path in ("/api/nothing", "/health?x=1"):
        answer = requests.head(f"{house.server.url}{path}")
        assert answer.status_code in (400, 404)
        assert answer.content == b""
    raw = house.raw(b"HEAD /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert raw.startswith(b"HTTP/1.1 400")
    assert raw.endswith(b"\r\n\r\n")
