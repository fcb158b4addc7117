"""Requests that are not as documented are refused, each with the right code and nothing done."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from demo.sqlhk_database import fingerprint
from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract, problem
from tests.end_to_end.program import Demo, Program

PATH = "/api/sync/patient"
JSON = "application/json"


@pytest.fixture(autouse=True, scope="module")
def nothing_happens(program: Program, demo: Demo) -> Iterator[None]:
    """No task was started by any of the refused requests, and nothing written."""

    def accepted() -> int:
        log = (program.data_dir / "sync_gui.log").read_text(encoding="utf-8")
        return log.count(" accepted kind=")

    tasks, rows = accepted(), fingerprint(demo.database)
    yield
    assert (accepted(), fingerprint(demo.database)) == (tasks, rows)


def _post(program: Program, body: bytes | str, content_type: str | None = JSON, **headers: str):
    sent = {**headers, **({} if content_type is None else {"Content-Type": content_type})}
    return requests.post(program.url + PATH, data=body, headers=sent, timeout=PATIENCE)


TO_START = (
    b"POST /api/sync/patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
)
CHUNKED = TO_START + b"Transfer-Encoding: chunked\r\n"
GOOD = {"piz": "8999999", "date": "2027-02-03"}

WRONG_FIELDS: list[tuple[str, Any]] = [
    *(
        ("piz", value)
        for value in (
            None,
            "",
            "   ",
            "0",
            "000",
            0,
            -1,
            "-1",
            "+1",
            "1234567890",
            "0000000001",
            1234567890,
            1.0,
            1234567.5,
            True,
            False,
            "12a",
            "12 34",
            "1_000",
            "1.0",
            "1e3",
            "٣٤٥",
            "１２３",
            "12\u0000",
            [],
            ["1234567"],
            {"piz": 1},
            "'; DROP TABLE Patient --",
        )
    ),
    *(
        ("date", value)
        for value in (
            None,
            "",
            20251006,
            True,
            "2025-02-29",
            "2025-13-01",
            "2025-00-10",
            "2025-10-6",
            "06.10.2025",
            "20251006",
            "2025-W41-1",
            "2025-10-06T00:00:00",
            " 2025-10-06",
            "2025-10-06\n",
            "٢٠٢٥-10-06",
            "0000-01-01",
            [],
            {},
        )
    ),
    *(
        ("appointment_type_id", value)
        for value in (None, "24", "", 24.0, 24.5, True, 0, -24, [24], {}, 2**31, 10**30)
    ),
    *(("dry_run", value) for value in (None, "true", "false", 0, 1, "", [], {})),
    *(("plan_token", value) for value in (None, "", "abc", 5, True, [], "0" * 65, "'" * 64)),
    *(
        ("expected_birth_date", value)
        for value in (None, "", "31.01.1950", "1950-02-30", 1950, True, [])
    ),
    *(("unknown", value) for value in (None, 1, "x")),
    ("PIZ", "1"),
    ("Date", "2025-10-06"),
    ("", ""),
    ("__proto__", {}),
]


@pytest.mark.parametrize(("name", "value"), WRONG_FIELDS, ids=lambda value: repr(value)[:24])
def test_wrong_field(program: Program, contract: Contract, name: str, value: Any) -> None:
    answer = program.send({**GOOD, name: value})
    document = problem(answer, 400, "invalid_request")
    assert document["errors"]["json"].keys() == {name}
    contract.check("Problem", document)
    contract.check_answer(answer, PATH, "post")


@pytest.mark.parametrize("name", GOOD)
def test_missing_field(program: Program, name: str) -> None:
    body = {key: value for key, value in GOOD.items() if key != name}
    document = problem(program.send(body), 400, "invalid_request")
    assert document["errors"]["json"].keys() == {name}


def test_every_wrong_field_is_named(program: Program) -> None:
    body = {"piz": "x", "date": "y", "appointment_type_id": "z", "dry_run": 1, "more": 2}
    document = problem(program.send(body), 400, "invalid_request")
    assert document["errors"]["json"].keys() == body.keys()


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "null",
        "[]",
        '[{"piz": "1", "date": "2025-10-06"}]',
        '"text"',
        "7",
        "true",
        "{",
        '{"piz": "1", "date": "2025-10-06"',
        '{"piz": "1", "date": "2025-10-06"} {}',
        "{'piz': '1', 'date': '2025-10-06'}",
        '{"piz": "1", "date": "2025-10-06", "appointment_type_id": NaN}',
        '{"piz": "1", "date": "2025-10-06", "appointment_type_id": Infinity}',
        '{"piz": "1", "piz": "2", "date": "2025-10-06"}',
        '{"piz": "\\ud800", "date": "2025-10-06"}',
        "piz=1&date=2025-10-06",
        "<piz>1</piz>",
        "[" * 5000,
        '{"a":' * 5000,
        '{"piz": ' + "9" * 5000 + ', "date": "2025-10-06"}',
        b'{"piz": "1\xff", "date": "2025-10-06"}',
        '{"piz": "1", "date": "2025-10-06"}'.encode("utf-16"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_body_that_is_no_object(program: Program, body: str | bytes) -> None:
    problem(_post(program, body), 400, "invalid_request")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/problem+json",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/json;charset=us-ascii",
    ],
)
def test_not_declared_as_json(program: Program, content_type: str | None) -> None:
    problem(_post(program, json.dumps(GOOD), content_type), 415, "json_required")


def test_compressed_body(program: Program) -> None:
    answer = _post(program, json.dumps(GOOD), JSON, **{"Content-Encoding": "gzip"})
    problem(answer, 415, "json_required")


def test_no_body_at_all(program: Program) -> None:
    problem(requests.post(program.url + PATH, timeout=PATIENCE), 415, "json_required")
    problem(_post(program, b""), 400, "invalid_request")


@pytest.mark.parametrize("query", ["?x=1", "?piz=1", "?dry_run=true", "?=", "?piz", "?wait=1"])
def test_query_is_refused(program: Program, query: str) -> None:
    answer = requests.post(program.url + PATH + query, json=GOOD, timeout=PATIENCE)
    document = problem(answer, 400, "invalid_request")
    assert document["errors"].keys() == {"query"}


def test_body_too_large(program: Program) -> None:
    body = json.dumps({**GOOD, "unknown": "x" * 70_000})
    problem(_post(program, body), 413, "body_too_large")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods(program: Program, method: str) -> None:
    answer = requests.request(method, program.url + PATH, timeout=PATIENCE)
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/",
        "/api/sync/",
        "/api/sync/patient/",
        "/api/sync/patient/1",
        "/API/sync/patient",
        "/api/sync/../sync/nowhere",
        "/api/sync/status/",
        "/%00",
        "/%ff%fe",
        "/api/docs/../../../etc/passwd",
        "/api/docs/%2e%2e/%2e%2e/setup.py",
    ],
)
def test_unknown_paths(program: Program, path: str) -> None:
    parts = urlsplit(program.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode("ascii"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    status, _, body = answer.partition(b"\r\n\r\n")
    assert status.split()[1] == b"404", answer
    assert b"application/problem+json" in status
    assert json.loads(body)["code"] == "not_found"


@pytest.mark.parametrize(
    "task_id",
    ["unknown", "patient_sync_1_2025-10-06_20250101000000", "' OR 1=1 --", "ü%20", "%00"],
)
def test_unknown_task(program: Program, task_id: str) -> None:
    answer = program.get(f"/api/sync/status/{task_id}")
    problem(answer, 404, "task_not_found")
    assert answer.headers["Cache-Control"] == "no-store"
    cancelled = requests.post(f"{program.url}/api/sync/cancel/{task_id}", timeout=PATIENCE)
    problem(cancelled, 404, "task_not_found")


def test_foreign_host_and_origin(program: Program) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"):
        problem(
            requests.post(program.url + PATH, json=GOOD, headers={"Host": host}, timeout=PATIENCE),
            400,
            "host_not_allowed",
        )
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", "file://"):
        problem(
            requests.post(
                program.url + PATH, json=GOOD, headers={"Origin": origin}, timeout=PATIENCE
            ),
            403,
            "origin_not_allowed",
        )


def test_request_id_is_the_clients_if_it_is_sane(program: Program) -> None:
    def request_id(sent: str) -> str:
        answer = program.send({}, headers={"X-Request-ID": sent})
        return problem(answer, 400, "invalid_request")["request_id"]

    assert request_id("my-id_1.2") == "my-id_1.2"
    for insane in ("a b", "x" * 300, "<script>", "a;b\tc", "'"):
        assert request_id(insane) != insane


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"POST /api/sync/patient HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST /api/sync/patient HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
        CHUNKED + b"\r\nzz\r\nnonsense\r\n0\r\n\r\n",
        CHUNKED + b"\r\n11170\r\n" + b"x" * 70_000 + b"\r\n0\r\n\r\n",
        TO_START + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
        TO_START + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        TO_START + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=range(12),
)
def test_broken_http(program: Program, raw: bytes) -> None:
    parts = urlsplit(program.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        except ConnectionError:
            answer = b""  # cut off while still sending: an answer as good as any
    assert re.match(rb"HTTP/1\.[01] (4\d\d|501) |$", answer), answer[:200]
    if answer:
        assert b"application/problem+json" in answer
    assert program.get("/health").status_code == 200
