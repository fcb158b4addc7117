"""Clients that no library would let us be."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from typing import Any

from tests.api.house import House
from tests.clock import AT_ONCE, PATIENCE


def connect(house: House, *, receive_buffer: int | None = None) -> socket.socket:
    """A connection of the test's own."""
    client = socket.socket()
    client.settimeout(PATIENCE)
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.connect(("127.0.0.1", house.port))
    return client


def is_closed(client: socket.socket) -> bool:
    """Whether the server closed the connection; reads what it sent before, for a moment at most."""
    client.settimeout(0.02)
    try:
        return client.recv(65536) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def seconds_until(look: Callable[[], bool], what: str) -> float:
    """How long it takes until ``look`` is true."""
    begin = time.monotonic()
    while not look():
        assert time.monotonic() - begin < PATIENCE, what
    return time.monotonic() - begin


def answered(sent: bytes, house: House) -> tuple[int, dict[str, str], Any]:
    """Send bytes; status, headers (small letters) and decoded body of the one answer."""
    head, _, body = house.raw(sent).partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    with contextlib.suppress(ValueError):
        return int(lines[0].split()[1]), headers, json.loads(body)
    return int(lines[0].split()[1]), headers, body


def assert_refused(sent: bytes, house: House, status: int, code: str) -> None:
    """The bytes get exactly one answer, a problem document, and the connection ends."""
    got, headers, document = answered(sent, house)
    assert (got, document["code"], document["status"]) == (status, code, status)
    assert headers["content-type"] == "application/problem+json"
    assert document["request_id"] == headers["x-request-id"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    assert "waitress" not in str(document).lower()


def is_alive(house: House) -> bool:
    """Whether a new client is answered at once; one that was late itself may try again."""
    for _ in range(3):
        begin = time.monotonic()
        with contextlib.closing(connect(house)) as client, contextlib.suppress(OSError):
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if client.recv(100).startswith(b"HTTP/1.1 200"):
                return time.monotonic() - begin < AT_ONCE
    return False
