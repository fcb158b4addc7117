"""Starting, stopping and starting again, with clients that hold on."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from contextlib import closing, suppress
from typing import Any

import pytest
import requests

import sync_api_server
from api_blueprints.limits import Limits
from api_blueprints.listening import bind_listeners
from sync_api_server import DRAIN_SECONDS, ApiServer, PortInUseError, ServerStartError
from tests.api.house import House, Starter
from tests.clock import AT_ONCE, PATIENCE


def has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no [::1]")


def connected(house: House) -> http.client.HTTPConnection:
    """A client whose connection stays open after one answer."""
    client = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    client.request("GET", "/health")
    assert client.getresponse().read()
    return client


def port_is_free(port: int) -> bool:
    try:
        for listener in bind_listeners("127.0.0.1", port):
            listener.close()
    except PortInUseError:
        return False
    return True


def stop_in_time(house: House) -> float:
    started = time.monotonic()
    assert house.server.stop(PATIENCE)
    taken = time.monotonic() - started
    assert taken < DRAIN_SECONDS + AT_ONCE
    assert not house.server.running
    return taken


def test_stops_at_once_with_idle_clients(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_api_server, "DRAIN_SECONDS", 2 * PATIENCE)
    clients = [connected(house) for _ in range(20)]
    silent = socket.create_connection(("127.0.0.1", house.port))
    half = socket.create_connection(("127.0.0.1", house.port))
    half.sendall(b"GET /health HTTP/1.1\r\nHost: 127")
    port = house.port
    assert stop_in_time(house) < AT_ONCE
    assert port_is_free(port)
    for client in clients:
        client.close()
    for raw in (silent, half):
        with closing(raw):
            raw.settimeout(PATIENCE)
            with suppress(ConnectionResetError):
                assert raw.recv(10) == b""


def test_stops_in_time_with_busy_clients(house: House) -> None:
    ended = threading.Event()
    ready = threading.Barrier(9)

    def hammer() -> None:
        client = connected(house)
        ready.wait(PATIENCE)
        with closing(client), suppress(OSError, http.client.HTTPException):
            while not ended.is_set():
                client.request("GET", "/health")
                client.getresponse().read()

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        ready.wait(PATIENCE)
        stop_in_time(house)
    finally:
        ended.set()
        for thread in threads:
            thread.join(PATIENCE)


def test_answers_in_flight_arrive(house: House) -> None:
    answers: list[Any] = []
    url = f"{house.server.url}/api/echo/slow"
    asking = threading.Thread(target=lambda: answers.append(requests.get(url, timeout=PATIENCE)))
    asking.start()
    assert house.gates.entered.wait(PATIENCE)
    stopping = threading.Thread(target=lambda: house.server.stop(PATIENCE))
    stopping.start()
    while not port_is_free(int(url.split(":")[2].split("/", maxsplit=1)[0])):
        assert stopping.is_alive()
    house.gates.leave.set()
    stopping.join(PATIENCE)
    asking.join(PATIENCE)
    assert answers[0].json() == {"slow": True}


def test_stops_in_time_with_a_view_that_hangs(house: House) -> None:
    with closing(socket.create_connection(("127.0.0.1", house.port))) as client:
        client.sendall(b"GET /api/echo/slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert house.gates.entered.wait(PATIENCE)
        assert stop_in_time(house) > 0.9


def test_stops_in_time_with_a_client_that_does_not_read(house: House) -> None:
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", house.port))
        client.sendall(
            b"GET /api/echo/large HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Size: 60000000\r\n\r\n"
        )
        assert client.recv(100)
        stop_in_time(house)


def test_starts_again_on_the_same_port(house: House) -> None:
    client = connected(house)
    port = house.port
    for _ in range(3):
        stop_in_time(house)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"http://127.0.0.1:{port}/health")
        house.server._configured_port = port
        house.server.start()
        assert house.server.running
        assert house.port == port
        assert requests.get(f"{house.server.url}/health").status_code == 200
    client.close()


def test_starting_and_stopping_twice_does_nothing(house: House) -> None:
    port = house.port
    house.server.start()
    assert house.port == port
    stop_in_time(house)
    assert house.server.stop()
    assert house.server.port == 0


def test_taken_port(house: House) -> None:
    second = ApiServer(
        lambda environ, start: [], host="127.0.0.1", port=house.port, logger=logging.getLogger()
    )
    with pytest.raises(PortInUseError, match=f"port {house.port} is in use") as caught:
        second.start()
    assert caught.value.port == house.port
    assert not second.running
    assert requests.get(f"{house.server.url}/health").status_code == 200


@needs_ipv6
def test_answers_on_both_loopback_addresses(house: House) -> None:
    sent = b"GET /health HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n"
    assert house.raw(sent, family=socket.AF_INET6).startswith(b"HTTP/1.1 200")
    assert house.raw(sent).startswith(b"HTTP/1.1 200")


@needs_ipv6
def test_port_taken_on_ipv6_alone_is_taken() -> None:
    with closing(socket.socket(socket.AF_INET6, socket.SOCK_STREAM)) as other:
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortInUseError):
            bind_listeners("127.0.0.1", port)
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", port))


def test_client_that_drips_its_request_is_let_go(start: Starter) -> None:
    house = start(limits=Limits(header=0.2))
    idle = connected(house)
    with closing(socket.create_connection(("127.0.0.1", house.port), timeout=PATIENCE)) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: 127")
        assert client.recv(10) == b""
    idle.request("GET", "/health")
    assert idle.getresponse().status == 200
    idle.close()


def test_unknown_address() -> None:
    with pytest.raises(ServerStartError):
        bind_listeners("nowhere.invalid", 0)
    with pytest.raises(ServerStartError) as caught:
        bind_listeners("192.0.2.1", 0)
    assert not isinstance(caught.value, PortInUseError)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:5555"),
        ("localhost", "http://127.0.0.1:5555"),
        ("192.0.2.4", "http://192.0.2.4:5555"),
        ("fd00::7", "http://[fd00::7]:5555"),
    ],
)
def test_address_for_people(host: str, url: str) -> None:
    server = ApiServer(lambda *_: [], host=host, port=5555, logger=logging.getLogger())
    assert server.url == url


def test_many_at_once(house: House) -> None:
    """More clients than threads: all are answered."""
    statuses: list[int] = []
    ready = threading.Barrier(64)

    def ask() -> None:
        ready.wait(PATIENCE)
        statuses.append(requests.get(f"{house.server.url}/api/sync/active").status_code)

    threads = [threading.Thread(target=ask) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert statuses == [200] * 64
