"""A CallDoc, a proxy or a neighbour on this computer that means harm."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import pytest

from api_blueprints import listening
from api_blueprints.listening import PortInUseError, bind_listeners
from calldoc_interface import CallDocInterface
from sync_core import http_calls
from sync_core.errors import CallDocError
from sync_core.http_calls import HttpCalls
from sync_core.run_control import RunControl
from sync_core.settings import CallDocSettings
from tests.api.house import House
from tests.calldoc.raw_server import RawConnection, RawServer, Serve
from tests.clock import PATIENCE

STEAL = """
import socket, sys
sock = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
for name in sys.argv[3:]:
    if hasattr(socket, name):
        sock.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1)
try:
    sock.bind((sys.argv[1], int(sys.argv[2])))
    sock.listen()
except OSError:
    print("refused")
else:
    print("stolen")
"""


@pytest.fixture
def calls() -> Iterator[HttpCalls]:
    calls = HttpCalls(connect_timeout=2, read_timeout=2, largest_answer=200_000)
    yield calls
    calls.close()


def calldoc(server: RawServer, calls: HttpCalls) -> CallDocInterface:
    settings = CallDocSettings(base_url=server.url + "frontend", patient_url=server.url + "patient")
    return CallDocInterface(
        "2025-10-06", "2025-10-06", settings=settings, calls=calls, control=RunControl(PATIENCE)
    )


def always(body: bytes, *headers: str, status: str = "200 OK") -> Serve:
    def serve(connection: RawConnection) -> None:
        while connection.read_request():
            connection.answer(body, *headers, status=status)

    return serve


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_redirect_to_somewhere_else(calls: HttpCalls, status: str) -> None:
    """The patient's number goes to CallDoc and to nobody that CallDoc or a proxy names."""
    with RawServer(always(b'{"data": []}')) as elsewhere:
        location = f"Location: {elsewhere.url}frontend/appointment_search/"
        with RawServer(always(b"", location, status=status)) as server:
            with pytest.raises(CallDocError):
                calldoc(server, calls).appointment_search()
            with pytest.raises(CallDocError):
                calldoc(server, calls).patient_search(piz=1234567)
        assert elsewhere.connections == 0


def test_proxy_settings_of_the_environment_are_ignored(
    calls: HttpCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RawServer(always(b'{"data": []}')) as proxy, RawServer(always(b'{"data": []}')) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        calldoc(server, calls).appointment_search()
        assert (proxy.connections, server.connections) == (0, 1)


def test_answer_that_is_huge_or_never_ends(calls: HttpCalls) -> None:
    def endless(connection: RawConnection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.send(b"10000\r\n" + b" " * 65536 + b"\r\n")

    for serve in (
        endless,
        always(b'{"data": [' + b'"x",' * 100_000 + b"0]}"),
        always(b"[" * 190_000),
    ):
        with RawServer(serve) as server, pytest.raises(CallDocError):
            calldoc(server, calls).appointment_search()
    assert http_calls.LARGEST_ANSWER <= 64 * 1024 * 1024


def test_answer_about_somebody_else(calls: HttpCalls) -> None:
    other = {"id": 1, "piz": "7654321", "surname": "Fremd", "date_of_birth": "1950-01-01"}
    with RawServer(always(json.dumps({"patients": [other], "data": [other]}).encode())) as server:
        interface: Any = calldoc(server, calls)
        assert interface.get_patient_by_piz("1234567")["patients"] == []


@pytest.mark.parametrize(
    "options", [(), ("SO_REUSEADDR",), ("SO_REUSEPORT",), ("SO_REUSEADDR", "SO_REUSEPORT")]
)
def test_second_program_cannot_steal_the_port(house: House, options: tuple[str, ...]) -> None:
    """Neither our addresses nor the one that means all of them."""
    for address in ("127.0.0.1", "0.0.0.0", "::1", "::"):
        done = subprocess.run(
            [sys.executable, "-c", STEAL, address, str(house.port), *options],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert done.stdout == "refused\n", (address, options)


def test_port_that_somebody_shares_is_not_ours() -> None:
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortInUseError):
            bind_listeners("127.0.0.1", other.getsockname()[1])


def test_windows_is_asked_for_the_port_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the usual option would let others in; the exclusive one must be set before binding."""
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", ~socket.SO_REUSEADDR)
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", exclusive, raising=False)
    monkeypatch.setattr(listening, "os", Windows())
    steps: list[tuple[Any, ...]] = []

    class Recorder:
        def setsockopt(self, *option: int) -> None:
            steps.append(option)

        def bind(self, address: tuple[str, int]) -> None:
            steps.append(("bind", *address))

    listening._bind(Recorder(), socket.AF_INET, "127.0.0.1", 5555)  # type: ignore[arg-type]
    assert steps == [(socket.SOL_SOCKET, exclusive, 1), ("bind", "127.0.0.1", 5555)]


class Windows:
    """The one thing that the module asks of ``os`` here."""

    name = "nt"
    strerror = staticmethod(os.strerror)


def test_both_loopback_addresses_are_ours(house: House) -> None:
    """Who asks for localhost must not reach somebody else's server on the other address."""
    with ExitStack() as clients:
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            if family == socket.AF_INET6 and not listening._ipv6_loopback_exists():
                continue
            client = clients.enter_context(closing(socket.socket(family)))
            client.settimeout(PATIENCE)
            client.connect((address, house.port))
            client.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert b"9.8.7" in b"".join(iter(partial(client.recv, 65536), b""))
