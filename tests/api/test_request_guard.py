"""The checks before everything else: names, origins, keys, sizes, request ids."""

from __future__ import annotations

import logging

import pytest
import requests

from api_blueprints.request_rules import AccessRules, loggable_path, parse_authority
from sync_core.settings import ApiSettings
from tests.api.house import House, Starter
from tests.api.problems import assert_problem

EVERY_PATH = (
    "/health",
    "/api/docs",
    "/api/docs/swagger-ui.css",
    "/api/openapi.json",
    "/api/sync/active",
    "/api/nothing",
)


@pytest.mark.parametrize("path", EVERY_PATH)
def test_foreign_host_on_every_path(house: House, path: str) -> None:
    answer = requests.get(f"{house.server.url}{path}", headers={"Host": "evil.example:5555"})
    assert_problem(answer, "host_not_allowed")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil@127.0.0.1",
        "127.0.0.1:5555@evil.example",
        "127.0.0.1, evil.example",
        "127.0.0.1:x",
        "127.0.0.1:123456",
        "[::1",
        "[::2]",
        "::1",
        "0.0.0.0",
        "127.0.0.1/",
        "",
    ],
)
def test_names_that_are_not_ours(house: House, host: str) -> None:
    sent = f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert b"host_not_allowed" in house.raw(sent.encode())


def test_missing_or_double_host(house: House) -> None:
    for hosts in ("", "Host: 127.0.0.1\r\nHost: evil.example\r\n"):
        sent = f"GET /health HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"
        assert b"host_not_allowed" in house.raw(sent.encode())
    assert b"host_not_allowed" in house.raw(b"GET /health HTTP/1.0\r\n\r\n")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST:5555", "[::1]:80", "[0:0:0:0:0:0:0:1]"]
)
def test_our_names(house: House, host: str) -> None:
    assert requests.get(f"{house.server.url}/health", headers={"Host": host}).status_code == 200


def test_configured_names(start: Starter) -> None:
    house = start(allowed_hosts=("Sync.klinik.example", "fd00::7"))
    for host in ("sync.KLINIK.example:8080", "[fd00::7]:5555", "127.0.0.1"):
        answer = requests.get(f"{house.server.url}/health", headers={"Host": host})
        assert answer.status_code == 200
    answer = requests.get(f"{house.server.url}/health", headers={"Host": "klinik.example"})
    assert_problem(answer, "host_not_allowed")


def test_own_address_is_ours_and_the_wildcard_is_not() -> None:
    assert AccessRules.from_settings(ApiSettings(host="192.0.2.4")).host_is_ours("192.0.2.4:5555")
    assert AccessRules.from_settings(ApiSettings(host="fd00::7")).host_is_ours("[fd00::7]")
    assert not AccessRules.from_settings(ApiSettings(host="0.0.0.0")).host_is_ours("0.0.0.0")


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://localhost:1", ""])
def test_foreign_origin_on_every_path(house: House, path: str, origin: str) -> None:
    answer = requests.get(f"{house.server.url}{path}", headers={"Origin": origin})
    assert_problem(answer, "origin_not_allowed")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
def test_own_origins(house: House, name: str) -> None:
    origin = f"http://{name}:{house.port}"
    answer = requests.get(f"{house.server.url}/health", headers={"Origin": origin})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer = requests.get(
        f"{house.server.url}/health", headers={"Origin": origin.replace("http:", "https:")}
    )
    assert_problem(answer, "origin_not_allowed")


def test_origin_behind_a_forwarded_port(house: House) -> None:
    headers = {"Host": "localhost:9000", "Origin": "http://localhost:9000"}
    assert requests.get(f"{house.server.url}/health", headers=headers).status_code == 200


def test_listed_origin_may_call_and_read(start: Starter) -> None:
    house = start(allowed_origins=("https://intranet.example/",), key="geheim")
    origin = {"Origin": "https://intranet.example"}
    url = f"{house.server.url}/api/sync/active"
    preflight = requests.options(url, headers={**origin, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://intranet.example"
    assert "X-API-Key" in preflight.headers["Access-Control-Allow-Headers"]
    answer = requests.get(url, headers={**origin, "X-API-Key": "geheim"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://intranet.example"
    assert "Origin" in answer.headers["Vary"]
    assert_problem(requests.get(url, headers=origin), "key_required")
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    assert_problem(requests.options(url, headers=foreign), "origin_not_allowed")


def test_key(start: Starter) -> None:
    house = start(key="geheimer Schlüssel")
    key = "geheimer Schlüssel".encode()
    for path in ("/api/sync/active", "/health/ready", "/api/plugins", "/api/nothing"):
        url = f"{house.server.url}{path}"
        missing = requests.get(url)
        assert_problem(missing, "key_required")
        assert missing.headers["WWW-Authenticate"] == "Bearer"
        assert_problem(requests.get(url, headers={"X-API-Key": "falsch"}), "key_invalid")
        assert_problem(requests.get(url, headers={"Authorization": "Bearer x"}), "key_invalid")
        assert_problem(requests.get(url, headers={"Authorization": "Basic eA=="}), "key_required")
    url = f"{house.server.url}/api/sync/active"
    assert requests.get(url, headers={"X-API-Key": key}).status_code == 200
    assert requests.get(url, headers={"Authorization": b"bearer " + key}).status_code == 200


def test_open_paths_need_no_key(start: Starter) -> None:
    house = start(key="geheim")
    for path in (
        "/health",
        "/api/docs",
        "/api/docs/errors",
        "/api/docs/start.js",
        "/api/docs/swagger-ui.css",
        "/api/openapi.json",
    ):
        assert requests.get(f"{house.server.url}{path}").status_code == 200
    for path in ("/health", "/api/docs", "/api/docs/x"):
        assert_problem(requests.post(f"{house.server.url}{path}"), "key_required")
    for path in ("/api/docs../sync/active", "/healthx", "/api/docsx"):
        assert_problem(requests.get(f"{house.server.url}{path}"), "key_required")


def test_body_limit(house: House) -> None:
    url = f"{house.server.url}/api/echo"
    headers = {"Content-Type": "application/json"}
    word = b"x" * (64 * 1024 - len(b'{"word": ""}'))
    fitting = b'{"word": "' + word + b'"}'
    assert len(fitting) == 64 * 1024
    assert requests.post(url, data=fitting, headers=headers).status_code == 200
    answer = requests.post(url, data=fitting + b" ", headers=headers)
    assert_problem(answer, "body_too_large")


def test_chunked_bodies(house: House) -> None:
    url = f"{house.server.url}/api/echo"
    headers = {"Content-Type": "application/json"}
    small = (bytes([byte]) for byte in b'{"word": "a"}')
    assert requests.post(url, data=small, headers=headers).json()["words"] == ["a"]
    fitting = b'{"word": "' + b"x" * (64 * 1024 - 12) + b'"}'
    whole = (fitting[i : i + 100] for i in range(0, len(fitting), 100))
    assert requests.post(url, data=whole, headers=headers).status_code == 200
    single = (fitting[i : i + 1] for i in range(len(fitting)))
    assert requests.post(url, data=single, headers=headers).status_code == 200
    answer = requests.post(url, data=iter([fitting, b" "]), headers=headers)
    assert_problem(answer, "body_too_large")


@pytest.mark.parametrize("size", [600 * 1024, 20 * 1024 * 1024])
def test_client_learns_why_a_huge_body_is_refused(house: House, size: int) -> None:
    url = f"{house.server.url}/api/echo"
    headers = {"Content-Type": "application/json"}
    answer = requests.post(url, data=b"x" * size, headers=headers)
    assert_problem(answer, "body_too_large")
    chunks = (b"x" * 65536 for _ in range(size // 65536))
    answer = requests.post(url, data=chunks, headers=headers)
    assert_problem(answer, "body_too_large")


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
        b"POST /api/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
    ],
)
def test_what_is_no_http_is_refused_with_a_problem_too(house: House, sent: bytes) -> None:
    head, _, body = house.raw(sent).partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert b"Content-Type: application/problem+json" in head
    assert b'"code": "invalid_request"' in body
    assert b"waitress" not in head + body
    assert requests.get(f"{house.server.url}/health").status_code == 200


def test_sane_request_id_is_kept(house: House) -> None:
    for request_id in ("abc", "6f1c-4.2_x:9", "x" * 128):
        answer = requests.get(
            f"{house.server.url}/api/nothing", headers={"X-Request-ID": request_id}
        )
        assert answer.headers["X-Request-ID"] == request_id
        assert_problem(answer, "not_found")


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 129, "a\tb", "ä", 'a"b', "a,b", "<b>"])
def test_other_request_ids_are_replaced(house: House, request_id: str) -> None:
    sent = (
        f"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-ID: {request_id}\r\n"
        "Connection: close\r\n\r\n"
    )
    head = house.raw(sent.encode("latin-1")).partition(b"\r\n\r\n")[0].decode("latin-1")
    found = [line for line in head.split("\r\n") if line.startswith("X-Request-Id: ")]
    assert len(found) == 1
    assert found[0].removeprefix("X-Request-Id: ").isalnum()


def test_every_answer_carries_the_headers(house: House) -> None:
    for path in EVERY_PATH:
        headers = requests.get(f"{house.server.url}{path}").headers
        assert headers["X-Request-ID"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers
        if path.startswith("/api/sync"):
            assert headers["Cache-Control"] == "no-store"


def test_one_log_line_per_request_without_foreign_words(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "test.api"):
        requests.get(f"{house.server.url}/api/sync/status/a%0D%0AFALSCH%1b%C3%A4?name=Geheim")
        requests.get(f"{house.server.url}/api/Geheim")
        requests.post(f"{house.server.url}/api/echo", json={"word": "Geheim"})
        house.raw(b"Geheim\r\n\r\n")
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 4
    assert lines[0].startswith("GET /api/sync/status/a%0D%0AFALSCH%1B%C3%A4 400 invalid_request ")
    assert lines[1].startswith("GET - 404 not_found ")
    assert lines[2].startswith("POST /api/echo 200 ")
    assert lines[3].startswith("- - 400 invalid_request ")
    assert not any("Geheim" in line or "\n" in line for line in lines)


def test_rules_in_the_small() -> None:
    assert parse_authority("[::1]:5555") is not None
    assert parse_authority("a b") is None
    assert loggable_path("/a\r\nb\u00e4" + "x" * 500).startswith("/a%0D%0Ab%E4x")
    assert len(loggable_path("/" + "x" * 500)) == 200
