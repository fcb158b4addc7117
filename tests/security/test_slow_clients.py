"""Clients that hold on to what is for everybody: connections, threads, memory."""

from __future__ import annotations

import logging
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import Any

import pytest
import requests

from api_blueprints.latest_in_a_crowd import LatestInACrowd
from api_blueprints.limits import Limits
from tests.api.house import House, Starter
from tests.clock import AT_ONCE, PATIENCE
from tests.security.wire import connect, is_alive, is_closed, seconds_until

BRIEF = Limits(first_request=0.4, idle=0.4, header=0.4, request=0.8, reader=0.6, linger=0.3)
HEAD = b"POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def seconds_of_life(house: House, begin: bytes, drop: bytes) -> float:
    """How long a connection lives that sends ``begin`` and then ``drop`` again and again."""
    started = time.monotonic()
    with closing(connect(house)) as client:
        client.sendall(begin)

        def look() -> bool:
            with suppress(OSError):
                client.sendall(drop)
            return is_closed(client)

        seconds_until(look, "the server holds on")
        return time.monotonic() - started


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"", b""),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n", b"X: y\r\n"),
        (b"G", b"E"),
    ],
    ids=["silent", "a line at a time", "a letter at a time"],
)
def test_header_that_never_ends(start: Starter, begin: bytes, drop: bytes) -> None:
    house = start(limits=BRIEF)
    assert 0.3 < seconds_of_life(house, begin, drop) < 0.4 + AT_ONCE
    assert is_alive(house)


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (HEAD + b"Content-Length: 60000\r\n\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        (HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", b""),
    ],
    ids=["with a length", "chunked", "trailers", "expects to continue"],
)
def test_body_that_never_ends(start: Starter, begin: bytes, drop: bytes) -> None:
    house = start(limits=BRIEF)
    assert 0.7 < seconds_of_life(house, begin, drop) < 0.8 + AT_ONCE
    assert is_alive(house)


def test_client_that_does_not_read_its_answer(start: Starter) -> None:
    house = start(limits=BRIEF)
    with closing(connect(house, receive_buffer=4096)) as client:
        client.sendall(
            b"GET /api/echo/large HTTP/1.1\r\nHost: localhost\r\nX-Size: 60000000\r\n\r\n"
        )
        assert client.recv(100)
        seconds_until(lambda: not connections(house), "the server holds on to the answer")
    assert is_alive(house)


def test_client_that_reads_slowly_but_reads(start: Starter) -> None:
    """Beyond the time for a reader, but fast enough: it gets all of its answer."""
    house = start(limits=Limits(reader=2.0, reader_rate=1_000_000))
    size, received, pause = 12_000_000, 0, threading.Event()
    begin = time.monotonic()
    with closing(connect(house, receive_buffer=65536)) as client:
        head = f"GET /api/echo/large HTTP/1.1\r\nHost: localhost\r\nX-Size: {size}\r\n\r\n"
        client.sendall(head.encode())
        while received < size:
            chunk = client.recv(65536)
            assert chunk, f"cut off after {received} bytes"
            received += len(chunk)
            pause.wait(0.015)
    assert time.monotonic() - begin > 2.0


def connections(house: House) -> int:
    run = house.server._run
    return 0 if run is None else len(run._channels())


def test_many_requests_sent_ahead(start: Starter) -> None:
    """No more of them are answered than the limit, however many come at once."""
    house = start(limits=Limits(pipelined=8))
    one = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert 1 <= house.raw(one * 150).count(b"HTTP/1.1 200") <= 16
    assert (
        house.raw(one * 7 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")).count(
            b"HTTP/1.1 200"
        )
        == 8
    )
    assert is_alive(house)


@pytest.mark.parametrize("sent", [b"", b"GET /health HTTP/1.1\r\nHost: 127", HEAD])
def test_connection_flood(house: House, sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Idle and half-said connections make room for new clients; those being served stay."""
    with ExitStack() as clients, caplog.at_level(logging.WARNING, "test.api"):
        served = clients.enter_context(closing(connect(house)))
        served.sendall(b"GET /api/echo/slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert house.gates.entered.wait(PATIENCE)
        for _ in range(450):
            client = clients.enter_context(closing(connect(house)))
            client.sendall(sent)
        for _ in range(10):
            assert is_alive(house)
        assert connections(house) <= Limits().connections
        house.gates.leave.set()
        assert b"200 OK" in served.recv(200)
    words = [record for record in caplog.records if "too many connections" in record.message]
    assert len(words) == 1


def test_crowded_address_gives_way_first(start: Starter) -> None:
    """Whoever has many connections loses one before somebody who has a few."""
    house = start(limits=Limits(connections=40))
    with ExitStack() as clients:
        other = clients.enter_context(closing(socket.socket()))
        other.bind(("127.0.0.2", 0))
        other.settimeout(PATIENCE)
        other.connect(("127.0.0.1", house.port))
        seconds_until(lambda: connections(house) == 1, "not accepted")
        for _ in range(100):
            clients.enter_context(closing(connect(house)))
        assert is_alive(house)
        other.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200")


def test_waiting_calls_are_never_cut_off(start: Starter) -> None:
    """Beyond every time limit, with half a request behind it and in the middle of a flood."""
    house = start(limits=replace(BRIEF, header=1.5))
    started = requests.post(f"{house.server.url}/api/sync/numbered", json={"number": 1}).json()
    path = f"GET {started['status_url']}?wait=30 HTTP/1.1\r\nHost: localhost\r\n"
    with ExitStack() as clients:
        waiting = clients.enter_context(closing(connect(house)))
        waiting.sendall(f"{path}\r\nGET /health HTTP/1.1\r\n".encode())
        begin = time.monotonic()
        for _ in range(250):
            clients.enter_context(closing(connect(house)))
        while time.monotonic() - begin < 2.5:
            assert not is_closed(waiting)
        waiting.settimeout(PATIENCE)
        house.gates.leave.set()
        answer = b""
        while b'"completed"' not in answer:  # head and body may come in two pieces
            piece = waiting.recv(65536)
            assert piece, answer
            answer += piece
        waiting.sendall(b"Host: localhost\r\n\r\n")
        assert waiting.recv(100).startswith(b"HTTP/1.1 200")


def test_slow_health_checks_leave_threads_for_others() -> None:
    """Whoever asks in a crowd gets the latest answer instead of a thread."""
    leave, asked = threading.Event(), threading.Semaphore(0)

    def ask() -> str:
        asked.release()
        leave.wait(3 * PATIENCE)
        return "answer"

    leave.set()
    question = LatestInACrowd(ask, places=2)
    assert question() == "answer"
    assert asked.acquire(timeout=PATIENCE)
    leave.clear()
    with ThreadPoolExecutor(2) as pool:
        slow: list[Any] = [pool.submit(question) for _ in range(2)]
        assert all(asked.acquire(timeout=PATIENCE) for _ in slow)
        begin = time.monotonic()
        assert [question() for _ in range(50)] == ["answer"] * 50
        assert time.monotonic() - begin < AT_ONCE
        leave.set()
        assert [answer.result(PATIENCE) for answer in slow] == ["answer"] * 2


def test_refused_client_that_stays_is_let_go(start: Starter) -> None:
    house = start(limits=BRIEF)
    with closing(connect(house)) as client:
        client.sendall(b"nonsense\r\n\r\n")
        assert b"400" in client.recv(200)
        seconds_until(lambda: not connections(house), "the server lingers on")
