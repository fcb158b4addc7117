"""HTTP calls against servers that behave and servers that do not: each call ends in time."""

from __future__ import annotations

import gzip
import itertools
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sync_core.errors import (
    DeadlineExceededError,
    InterruptedTaskError,
    SyncGuiError,
    TaskCancelledError,
)
from sync_core.http_calls import Answer, AnswerTooLargeError, HttpCalls
from sync_core.run_control import RunControl, StopReason
from tests.calldoc.raw_server import RawConnection, RawServer, Serve
from tests.clock import AT_ONCE, PATIENCE

DEADLINE = 0.4


@pytest.fixture
def calls() -> Iterator[HttpCalls]:
    """Patient calls: nothing but the deadline ends them."""
    calls = HttpCalls(connect_timeout=20, read_timeout=20)
    yield calls
    calls.close()


@pytest.fixture
def hasty() -> Iterator[HttpCalls]:
    """Calls that wait 0.2 seconds for a connection or a sign of life."""
    calls = HttpCalls(connect_timeout=0.2, read_timeout=0.2)
    yield calls
    calls.close()


@pytest.fixture
def modest() -> Iterator[HttpCalls]:
    """Calls that take 100,000 bytes."""
    calls = HttpCalls(connect_timeout=20, read_timeout=20, largest_answer=100_000)
    yield calls
    calls.close()


def get(calls: HttpCalls, server: RawServer, seconds: float = PATIENCE) -> Answer:
    return calls.call("GET", server.url, RunControl(seconds))


def polite(connection: RawConnection) -> None:
    """Answers every request, as often as the client likes."""
    while connection.read_request():
        connection.answer(b'{"a": 1}', "Content-Type: application/json; charset=utf-8")


# --- good servers --------------------------------------------------------------------------------


def test_an_answer(calls: HttpCalls) -> None:
    seen: list[bytes] = []

    def serve(connection: RawConnection) -> None:
        seen.append(connection.read_request())
        connection.answer(b'{"a": 1}', "Content-Type: application/json")

    with RawServer(serve) as server:
        answer = calls.call(
            "GET", f"{server.url}x", RunControl(PATIENCE), params={"day": "2025-10-06"}
        )
    assert answer == Answer(200, "application/json", b'{"a": 1}')
    assert seen[0].startswith(b"GET /x?day=2025-10-06 HTTP/1.1\r\n")
    assert b"accept: application/json" in seen[0].lower()


def test_a_json_body(calls: HttpCalls) -> None:
    seen: list[bytes] = []

    def serve(connection: RawConnection) -> None:
        seen.append(connection.read_request())
        connection.answer()

    with RawServer(serve) as server:
        calls.call("POST", server.url, RunControl(PATIENCE), json={"piz": "1"})
    assert seen[0].endswith(b'\r\n\r\n{"piz": "1"}')
    assert b"content-type: application/json" in seen[0].lower()


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oops", "302 Found"])
def test_any_status_is_an_answer_and_no_redirect_is_followed(calls: HttpCalls, status: str) -> None:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.answer(b"", "Location: /elsewhere", "Retry-After: 3600", status=status)

    with RawServer(serve) as server:
        assert get(calls, server).status == int(status[:3])
        assert server.connections == 1


def test_connections_are_kept_and_reused(calls: HttpCalls) -> None:
    with RawServer(polite) as server:
        for _ in range(5):
            get(calls, server)
        assert server.connections == 1


def test_two_threads_at_once(calls: HttpCalls) -> None:
    both = threading.Barrier(2)

    def serve(connection: RawConnection) -> None:
        while connection.read_request():
            both.wait(PATIENCE)  # each answer waits for the other's question
            connection.answer()

    with RawServer(serve) as server, ThreadPoolExecutor(2) as pool:
        for _ in range(3):
            answers = list(pool.map(lambda _: get(calls, server), range(2)))
            assert [answer.status for answer in answers] == [200, 200]
        assert server.connections == 2


def test_neither_proxies_nor_passwords_of_the_environment_are_used(
    calls: HttpCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with RawServer(polite) as server:
        assert get(calls, server).status == 200


def test_no_thread_is_left(calls: HttpCalls) -> None:
    before = set(threading.enumerate())
    with RawServer(polite) as server:
        for _ in range(20):
            get(calls, server)
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
    assert set(threading.enumerate()) <= before


# --- stale connections ---------------------------------------------------------------------------


@pytest.mark.parametrize("manner", ["close", "reset"])
def test_a_stale_connection_is_replaced_once(calls: HttpCalls, manner: str) -> None:
    requests_read: list[int] = []

    def serve(connection: RawConnection) -> None:
        while connection.read_request():
            requests_read.append(connection.number)
            if len(requests_read) == 2:  # the second question on the kept connection
                if manner == "reset":
                    connection.reset()
                return
            connection.answer()

    with RawServer(serve) as server:
        get(calls, server)
        assert get(calls, server).status == 200
    assert requests_read == [1, 1, 2]


def test_all_kept_connections_may_be_stale(calls: HttpCalls) -> None:
    """A firewall forgets idle connections, and all of them at once."""
    both = threading.Barrier(2)

    def serve(connection: RawConnection) -> None:
        connection.read_request()
        if connection.number <= 2:
            both.wait(PATIENCE)
        connection.answer()
        if connection.number <= 2:
            connection.read_request()
            connection.reset()

    with RawServer(serve) as server, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: get(calls, server), range(2)))
        assert get(calls, server).status == 200
        assert server.connections == 3


def test_it_is_tried_no_more_than_twice(calls: HttpCalls) -> None:
    with RawServer(lambda connection: bool(connection.read_request())) as server:  # type: ignore[arg-type,return-value]
        with pytest.raises(requests.ConnectionError):
            get(calls, server)
        assert server.connections == 2


def test_an_answer_that_broke_off_is_not_asked_for_again(calls: HttpCalls) -> None:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")

    with RawServer(serve) as server:
        with pytest.raises(requests.RequestException):
            get(calls, server)
        assert server.connections == 1


# --- servers that let us wait --------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def silent(connection: RawConnection) -> None:
    connection.read_request()
    connection.hold()


def deaf(connection: RawConnection) -> None:
    connection.ending.wait(PATIENCE)


def drips_the_header(connection: RawConnection) -> None:
    connection.read_request()
    connection.drip(HEAD + b"X-Filler: " + b"x" * 1000)


def drips_the_body(connection: RawConnection) -> None:
    connection.read_request()
    connection.send(HEAD + b"Content-Length: 1000\r\n\r\n")
    connection.drip(b"{" + b" " * 999)


def drips_a_body_without_length(connection: RawConnection) -> None:
    connection.read_request()
    connection.send(HEAD + b"\r\n")
    connection.drip(b"{}" + b" " * 998)


def drips_chunks(connection: RawConnection) -> None:
    connection.read_request()
    connection.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    connection.drip(b"1\r\n \r\n" * 200)


def sends_headers_without_end(connection: RawConnection) -> None:
    connection.read_request()
    connection.send(HEAD)
    connection.drip(b"X-More: x\r\n" * 90)


def holds_back_the_rest(connection: RawConnection) -> None:
    """What has come so far would pass for a whole answer."""
    connection.read_request()
    connection.send(HEAD + b"\r\n{}")
    connection.hold()


SLOW_SERVERS = [
    silent,
    deaf,
    drips_the_header,
    drips_the_body,
    drips_a_body_without_length,
    drips_chunks,
    sends_headers_without_end,
    holds_back_the_rest,
]


@pytest.mark.parametrize("serve", SLOW_SERVERS)
def test_the_deadline_ends_every_call(calls: HttpCalls, serve: Serve) -> None:
    with RawServer(serve) as server:
        begin = time.monotonic()
        with pytest.raises(DeadlineExceededError):
            get(calls, server, DEADLINE)
        assert DEADLINE <= time.monotonic() - begin < DEADLINE + AT_ONCE


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (StopReason.CANCELLED, TaskCancelledError),
        (StopReason.SHUTDOWN, InterruptedTaskError),
        (StopReason.DEADLINE, DeadlineExceededError),
    ],
)
@pytest.mark.parametrize("serve", SLOW_SERVERS)
def test_a_stop_request_ends_every_call_at_once(
    calls: HttpCalls, serve: Serve, reason: StopReason, error: type[SyncGuiError]
) -> None:
    control = RunControl(20)
    asked = threading.Event()

    def tell(connection: RawConnection) -> None:
        asked.set()
        serve(connection)

    with RawServer(tell) as server, ThreadPoolExecutor(1) as pool:
        call = pool.submit(calls.call, "GET", server.url, control)
        assert asked.wait(PATIENCE)
        begin = time.monotonic()
        control.stop(reason)
        with pytest.raises(error):
            call.result(PATIENCE)
        assert time.monotonic() - begin < AT_ONCE


@pytest.mark.parametrize("serve", [silent, deaf, holds_back_the_rest])
def test_a_silent_server_is_not_waited_for_until_the_deadline(
    hasty: HttpCalls, serve: Serve
) -> None:
    with RawServer(serve) as server:
        begin = time.monotonic()
        with pytest.raises((requests.Timeout, requests.ConnectionError)):
            get(hasty, server)
        assert 0.2 <= time.monotonic() - begin < 0.2 + AT_ONCE


def test_nobody_listens(calls: HttpCalls) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    begin = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        calls.call("GET", f"http://127.0.0.1:{port}/", RunControl(PATIENCE))
    assert time.monotonic() - begin < AT_ONCE


@pytest.fixture
def full_port() -> Iterator[str]:
    """A listener that takes up no connection any more: to connect is to wait."""
    if sys.platform == "win32":
        pytest.skip("Windows refuses what does not fit into the queue")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}/"
        for one in waiting:
            one.close()


def test_no_connection_comes_about(hasty: HttpCalls, full_port: str) -> None:
    begin = time.monotonic()
    with pytest.raises(requests.ConnectTimeout):
        hasty.call("GET", full_port, RunControl(PATIENCE))
    assert 0.2 <= time.monotonic() - begin < 0.2 + AT_ONCE


def test_no_connection_comes_about_before_the_deadline(calls: HttpCalls, full_port: str) -> None:
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        calls.call("GET", full_port, RunControl(DEADLINE))
    assert time.monotonic() - begin < DEADLINE + AT_ONCE


@pytest.mark.parametrize("stop", [True, False])
def test_nothing_is_sent_after_the_end(calls: HttpCalls, stop: bool) -> None:
    control = RunControl(20 if stop else 0)
    if stop:
        control.stop(StopReason.CANCELLED)
    with RawServer(polite) as server:
        with pytest.raises(TaskCancelledError if stop else DeadlineExceededError):
            calls.call("GET", server.url, control)
        assert server.connections == 0


def test_a_call_that_was_broken_off_spoils_no_other(calls: HttpCalls) -> None:
    def serve(connection: RawConnection) -> None:
        while request := connection.read_request():
            if b"/slow" in request:
                connection.hold()
            else:
                connection.answer()

    with RawServer(serve) as server:
        get(calls, server)
        with pytest.raises(DeadlineExceededError):
            calls.call("GET", f"{server.url}slow", RunControl(DEADLINE))
        assert get(calls, server).status == 200


def test_a_late_stop_request_does_not_harm_a_kept_connection(calls: HttpCalls) -> None:
    with RawServer(polite) as server:
        for _ in range(20):
            control = RunControl(20)
            calls.call("GET", server.url, control)
            control.stop(StopReason.CANCELLED)
        assert server.connections == 1


# --- servers that talk nonsense ------------------------------------------------------------------


def sends(data: bytes) -> Callable[[RawConnection], None]:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.send(data)

    return serve


def resets(connection: RawConnection) -> None:
    connection.read_request()
    connection.reset()


NONSENSE = {
    "another protocol": sends(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "no status": sends(b"HTTP/1.1 hello\r\n\r\n"),
    "endless status line": sends(b"HTTP/1.1 200 " + b"x" * 200_000),
    "endless headers": sends(HEAD + b"X-More: x\r\n" * 10_000),
    "long header": sends(HEAD + b"X-Long: " + b"x" * 200_000 + b"\r\n\r\n"),
    "chunks of no length": sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n"),
    "broken gzip": sends(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
    "cut off": sends(HEAD + b"Content-Length: 100\r\n\r\n{}"),
    "reset": resets,
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_a_failure_of_the_call(hasty: HttpCalls, name: str) -> None:
    begin = time.monotonic()
    with RawServer(NONSENSE[name]) as server, pytest.raises(requests.RequestException):
        get(hasty, server)
    assert time.monotonic() - begin < AT_ONCE


# --- huge answers --------------------------------------------------------------------------------


def huge(connection: RawConnection) -> None:
    connection.read_request()
    connection.send(HEAD + b"Content-Length: 1000000000\r\n\r\n")
    for _ in itertools.repeat(None, 1000):
        connection.send(b" " * 65536)


def huge_in_chunks(connection: RawConnection) -> None:
    connection.read_request()
    connection.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in itertools.repeat(None, 1000):
        connection.send(b"10000\r\n" + b" " * 65536 + b"\r\n")


PACKED = gzip.compress(b" " * 5_000_000)


def huge_when_unpacked(connection: RawConnection) -> None:
    connection.read_request()
    connection.answer(PACKED, "Content-Encoding: gzip")


@pytest.mark.parametrize("serve", [huge, huge_in_chunks, huge_when_unpacked])
def test_a_huge_answer_is_given_up(modest: HttpCalls, serve: Serve) -> None:
    with RawServer(serve) as server, pytest.raises(AnswerTooLargeError):
        get(modest, server)


def test_the_largest_answer_is_taken(modest: HttpCalls) -> None:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.answer(b" " * 100_000)

    with RawServer(serve) as server:
        assert len(get(modest, server).body) == 100_000
