"""Requests that are written so that two programs could read them differently."""

from __future__ import annotations

import pytest
import requests

from tests.api.house import House
from tests.security.wire import answered, assert_refused, is_alive

HOST = b"Host: localhost\r\n"
START = b"POST /api/sync/numbered HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
BODY = b'{"number": 1}'
SECOND = b"GET /api/sync/active HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def get(target: bytes, rest: bytes = b"") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + rest + b"Connection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (START + CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n" + SECOND, 400),
        (START + b"Content-Length: 0\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + SECOND, 400),
        (START.replace(b"/1.1", b"/1.0") + CHUNKED + b"\r\n0\r\n\r\n" + SECOND, 400),
        (START + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345" + SECOND, 400),
        (START + b"Content-Length: 0, 0\r\n\r\n" + SECOND, 400),
        (START + b"Content-Length: +5\r\n\r\n12345" + SECOND, 400),
        (START + b"Content-Length: 0x5\r\n\r\n12345" + SECOND, 400),
        (START + b"Content-Length: 1_0\r\n\r\n12345" + SECOND, 400),
        (START + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + SECOND, 400),
        (START + b"Content-Length : 5\r\n\r\n12345" + SECOND, 400),
        (START + b"Content-Length: 5\r\n\t0\r\n\r\n12345" + SECOND, 400),
        (START + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n" + SECOND, 501),
        (START + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + SECOND, 501),
        (START + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + SECOND, 501),
        (START + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND, 501),
        (START + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SECOND, 501),
        (START + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SECOND, 501),
        (START + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + SECOND, 400),
        (START + CHUNKED + b"\r\n-1\r\n\r\n0\r\n\r\n" + SECOND, 400),
        (START + CHUNKED + b"\r\n0x2\r\n{}\r\n0\r\n\r\n" + SECOND, 400),
        (START + CHUNKED + b"\r\n2 ;x\r\n{}\r\n0\r\n\r\n" + SECOND, 400),
        (START + CHUNKED + b"\r\n2\r\n{}XX\r\n0\r\n\r\n" + SECOND, 400),
    ],
    ids=range(22),
)
def test_request_hidden_in_a_body(house: House, sent: bytes, status: int) -> None:
    """One answer only: nobody reads the second request."""
    assert_refused(sent, house, status, "invalid_request" if status == 400 else "not_implemented")
    assert house.raw(sent).count(b"HTTP/1.") == 1
    assert requests.get(f"{house.server.url}/api/sync/history").json()["count"] == 0


@pytest.mark.parametrize(
    "line",
    [
        b"X-A: b\rX-Evil: 1",
        b"X-A: b\nX-Evil: 1",
        b"X-A: b\x00c",
        b"X-A: b\x1b[31m",
        b"X-A: b\x7f",
        b"X\xc3\xa4: b",
        b"X A: b",
        b": b",
        b"X-A",
        b"X-A: b\r\n folded: c",
        b" X-A: b",
        b'"X": b',
        b"X-A\x00: b",
    ],
    ids=range(13),
)
def test_header_lines_that_are_none(house: House, line: bytes) -> None:
    assert_refused(get(b"/health", line + b"\r\n"), house, 400, "invalid_request")


@pytest.mark.parametrize(
    "value", ["a%0d%0aX-Evil:%201", "a\u2028X-Evil: 1", "ä", "😀" * 20, "a\x85X-Evil: 1", "\x9b31m"]
)
def test_nothing_sent_comes_back_as_a_header(house: House, value: str) -> None:
    raw = value.encode()
    for sent in (
        get(b"/health", b"X-Request-ID: " + raw + b"\r\n"),
        get(b"/health", b"Origin: " + raw + b"\r\n"),
        get(b"/api/sync/status/" + requests.utils.quote(value, safe="%").encode()),
        get(b"/health", b"Prefer: wait=" + raw + b"\r\nIdempotency-Key: " + raw + b"\r\n"),
    ):
        status, headers, _ = answered(sent, house)
        assert status in (200, 400, 403, 404)
        assert "x-evil" not in headers
        assert "Evil" not in str(headers)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /health\r\n\r\n",
        b"GET /health\r\n" + HOST + b"\r\n",
        b"GET /health HTTP/0.9\r\n" + HOST + b"\r\n",
        b"GET /health HTTP/1.2\r\n" + HOST + b"\r\n",
        b"GET /health HTTP/3.0\r\n" + HOST + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"get /health HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET  /health HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /health HTTP/1.1 \r\n\x0b" + HOST + b"\r\n",
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the beginning of TLS
        b"\x00" * 100,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    ],
    ids=range(13),
)
def test_other_languages_than_ours(house: House, sent: bytes) -> None:
    assert_refused(sent, house, 400, "invalid_request")


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        (b"http://evil.example/health", 400, "invalid_request"),
        (b"http://localhost@evil.example/health", 400, "invalid_request"),
        (b"https://localhost/health", 400, "invalid_request"),
        (b"file:///etc/passwd", 400, "invalid_request"),
        (b"http://[", 400, "invalid_request"),
        (b"localhost:80", 400, "invalid_request"),
        (b"*", 400, "invalid_request"),
        (b"health", 400, "invalid_request"),
        (b"/health#part", 400, "invalid_request"),
        (b"/health\x00", 400, "invalid_request"),
        (b"/health\t", 400, "invalid_request"),
        (b"/h\xc3\xa4", 400, "invalid_request"),
        (b"/\\evil.example", 404, "not_found"),
        (b"//evil.example/health", 404, "not_found"),
        (b"/health/..%2fapi%2fsync%2factive", 404, "not_found"),
        (b"/api/docs/%2e%2e/sync/active", 404, "not_found"),
        (b"/api/docs/..%5c..%5csetup.py", 404, "not_found"),
        (b"/api/docs/%00swagger-ui.css", 404, "not_found"),
        (b"/api/docs/swagger-ui.css%00.png", 404, "not_found"),
        (b"/api/docs//etc/passwd", 404, "not_found"),
        (b"/" + b"a" * 30_000, 404, "not_found"),
        (b"/api/sync/history?page=1?page=2", 400, "invalid_request"),
        (b"/api/sync/history?page=1&page=2", 400, "invalid_request"),
        (b"/api/sync/history?page%00=1", 400, "invalid_request"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else "",
)
def test_targets_that_lead_astray(house: House, target: bytes, status: int, code: str) -> None:
    assert_refused(get(target), house, status, code)


def test_targets_that_are_right(house: House) -> None:
    assert answered(get(b"http://localhost/health"), house)[0] == 200
    sent = b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    status, headers, _ = answered(sent, house)
    assert (status, headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PROPFIND", b"X" * 5000])
def test_other_methods(house: House, method: bytes) -> None:
    sent = method + b" /health HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    assert_refused(sent, house, 405, "method_not_allowed")
    sent = b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST + b"\r\n"
    assert_refused(sent, house, 400, "invalid_request")


@pytest.mark.parametrize(
    "lines",
    [b"X: " + b"x" * 33_000 + b"\r\n", b"X: x\r\n" * 200, b"a:\r\n" * 5000],
    ids=["long", "many", "empty ones"],
)
def test_oversized_header(house: House, lines: bytes) -> None:
    assert_refused(get(b"/health", lines), house, 431, "headers_too_large")
    assert answered(get(b"/health", b"X: " + b"x" * 20_000 + b"\r\n"), house)[0] == 200


def test_oversized_body(house: House) -> None:
    for size in (64 * 1024 + 1, 10**9, 10**18):
        sent = START + b"Content-Length: " + str(size).encode() + b"\r\n"
        begun = b"Connection: close\r\n\r\n" + b" " * min(size, 64 * 1024 + 1)
        assert_refused(sent + begun, house, 413, "body_too_large")
    chunks = (
        START + CHUNKED + b"Connection: close\r\n\r\n" + (b"400\r\n" + b" " * 1024 + b"\r\n") * 65
    )
    assert_refused(chunks + b"0\r\n\r\n", house, 413, "body_too_large")
    assert is_alive(house)


TASK_IDS = (
    *("..", ".", "%2e%2e", "..%2f..%2fhealth", "%2fetc%2fpasswd", "..%5c..%5cboot.ini"),
    *("%00", "a%00b", "%0d%0aX-Evil:1", "%c3%a4", "%ff%fe", "%f0%9f%98%80", "%e2%80%ae"),
    *("a" * 10_000, "%25" * 3000, "'%20OR%201=1%20--", "%27;DROP%20TABLE%20task--", "{{7*7}}"),
)


def test_path_tricks_in_the_task_id(house: House) -> None:
    for target, method in (("status", "GET"), ("cancel", "POST")):
        for task_id in TASK_IDS:
            line = f"{method} /api/sync/{target}/{task_id} HTTP/1.1\r\n".encode()
            sent = line + HOST + b"Connection: close\r\n\r\n"
            status, headers, document = answered(sent, house)
            assert (status, document["code"]) in ((404, "task_not_found"), (404, "not_found"))
            assert document["detail"].isascii()
            assert len(str(document)) < 600
            assert "x-evil" not in headers
