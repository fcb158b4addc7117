"""Every fault of CallDoc, seen from a raw socket or a plain HTTP client."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from typing import Any

import pytest

from demo.calldoc_server import STRANGERS_APPOINTMENT_ID
from demo.faults import ENDPOINT_MODES, EndpointFault, FaultBoard, FaultError, Faults, parse_faults
from demo.systems import DemoSystems
from tests.clock import AT_ONCE, PATIENCE
from tests.demo.client import appointments_url, call, request

ENDPOINTS = ("appointments", "patients")


def set_faults(systems: DemoSystems, document: Any) -> Any:
    return call("PUT", f"{systems.control_url}/faults", document)


def ask(systems: DemoSystems, endpoint: str) -> tuple[int, bytes]:
    if endpoint == "appointments":
        return request("GET", appointments_url(systems.calldoc_base_url, appointment_type_id=24))
    return request("POST", f"{systems.patient_url}/patients/search", {"piz": "1234567"})


def raw_question(systems: DemoSystems, endpoint: str) -> socket.socket:
    """A socket on which the question has been sent, with a short read time-out."""
    connection = socket.create_connection(("127.0.0.1", systems.calldoc.port), timeout=10)
    if endpoint == "appointments":
        target = appointments_url("/api/v1/frontend")
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    else:
        body = b'{"piz": "1234567"}'
        head = f"POST /patients/search HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
    return connection


def wait_for_calls(systems: DemoSystems, number: int) -> None:
    """Until so many calls run."""
    deadline = time.monotonic() + PATIENCE
    while call("GET", f"{systems.control_url}/state")["running"] != number:
        assert time.monotonic() < deadline, "another number of calls runs"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_none(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {})
    status, body = ask(systems, endpoint)
    assert status == 200
    assert json.loads(body)["data" if endpoint == "appointments" else "patients"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_slow(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {endpoint: {"mode": "slow", "seconds": 0.2}})
    begin = time.monotonic()
    status, body = ask(systems, endpoint)
    assert 0.2 <= time.monotonic() - begin < AT_ONCE
    assert status == 200
    json.loads(body)


def test_held_calls_overlap_and_are_answered_when_they_may(systems: DemoSystems) -> None:
    right = [ask(systems, endpoint) for endpoint in ENDPOINTS]
    set_faults(systems, {"both": {"mode": "hold"}})
    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(ask, systems, endpoint) for endpoint in ENDPOINTS]
        wait_for_calls(systems, 2)
        assert not any(answer.done() for answer in answers)
        set_faults(systems, {"patients": {"mode": "hold"}})
        assert answers[ENDPOINTS.index("appointments")].result(PATIENCE)[0] == 200
        set_faults(systems, {"appointments": {"mode": "html"}})
        assert [answer.result(PATIENCE) for answer in answers] == right
    assert call("GET", f"{systems.control_url}/state")["most_at_once"] == 2


@pytest.mark.parametrize("mode", ["hang", "hold"])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_neither_hung_nor_held_calls_are_answered(
    systems: DemoSystems, endpoint: str, mode: str
) -> None:
    set_faults(systems, {endpoint: {"mode": mode}})
    with raw_question(systems, endpoint) as connection:
        wait_for_calls(systems, 1)
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert call("GET", f"{systems.control_url}/state")["running"] == 1
    wait_for_calls(systems, 0)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_drip_header(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {endpoint: {"mode": "drip_header", "interval": 0.05}})
    with raw_question(systems, endpoint) as connection:
        assert [connection.recv(100) for _ in range(4)] == [b"H", b"T", b"T", b"P"]
    wait_for_calls(systems, 0)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_drip_body(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {endpoint: {"mode": "drip_body", "interval": 0.05}})
    with raw_question(systems, endpoint) as connection:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        assert b"200 OK" in head
        assert [connection.recv(100) for _ in range(3)] == [b"{", b'"', head_letter(endpoint)]
    wait_for_calls(systems, 0)


def head_letter(endpoint: str) -> bytes:
    return b"c" if endpoint == "appointments" else b"p"


@pytest.mark.parametrize("mode", ["drip_header", "drip_body"])
def test_dripped_answers_are_whole(systems: DemoSystems, mode: str) -> None:
    right = ask(systems, "patients")
    set_faults(systems, {"patients": {"mode": mode, "interval": 0}})
    assert ask(systems, "patients") == right


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_close(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {endpoint: {"mode": "close"}})
    with raw_question(systems, endpoint) as connection:
        assert connection.recv(1) == b""
    with pytest.raises(RemoteDisconnected):
        ask(systems, endpoint)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_reset(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {endpoint: {"mode": "reset"}})
    with raw_question(systems, endpoint) as connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("status", [500, 404, 503, 204, 302])
def test_status(systems: DemoSystems, endpoint: str, status: int) -> None:
    set_faults(systems, {endpoint: {"mode": "status", "status": status}})
    assert ask(systems, endpoint)[0] == status


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_html(systems: DemoSystems, endpoint: str) -> None:
    set_faults(systems, {endpoint: {"mode": "html"}})
    status, body = ask(systems, endpoint)
    assert status == 200
    assert body.startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_half_json(systems: DemoSystems, endpoint: str) -> None:
    _, right = ask(systems, endpoint)
    set_faults(systems, {endpoint: {"mode": "half_json"}})
    status, body = ask(systems, endpoint)
    assert status == 200
    assert body == right[: len(right) // 2]
    with pytest.raises(ValueError):
        json.loads(body)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("mode", ["error_200", "data_null", "data_missing"])
def test_shapes_without_a_list(systems: DemoSystems, endpoint: str, mode: str) -> None:
    set_faults(systems, {endpoint: {"mode": mode}})
    status, body = ask(systems, endpoint)
    document = json.loads(body)
    name = "data" if endpoint == "appointments" else "patients"
    assert status == 200
    if mode == "error_200":
        assert document["error"] is True
        assert document["message"]
    if mode == "data_null":
        assert document[name] is None
    else:
        assert name not in document


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_wrong_types(systems: DemoSystems, endpoint: str) -> None:
    name = "data" if endpoint == "appointments" else "patients"
    right = json.loads(ask(systems, endpoint)[1])[name]
    set_faults(systems, {endpoint: {"mode": "wrong_types"}})
    wrong = json.loads(ask(systems, endpoint)[1])[name]
    assert len(right) == len(wrong)
    for before, after in zip(right, wrong, strict=True):
        assert before.keys() == after.keys()
        for field, value in before.items():
            assert type(after[field]) is not type(value), field


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_foreign_patient(systems: DemoSystems, endpoint: str) -> None:
    name = "data" if endpoint == "appointments" else "patients"
    right = json.loads(ask(systems, endpoint)[1])[name]
    set_faults(systems, {endpoint: {"mode": "foreign_patient"}})
    stranger, *others = json.loads(ask(systems, endpoint)[1])[name]
    assert others == right
    assert stranger["piz"] == "1399999"
    if endpoint == "appointments":
        assert stranger["id"] == STRANGERS_APPOINTMENT_ID
        assert stranger["appointment_type"] == 24
        assert stranger["scheduled_for_datetime"].startswith("2025-10-06T")


@pytest.mark.parametrize("mode", ["close", "status"])
def test_only_the_next_calls(systems: DemoSystems, mode: str) -> None:
    right = ask(systems, "appointments")
    set_faults(systems, {"appointments": {"mode": mode, "times": 2}})
    for left in (1, None):
        if mode == "close":
            with pytest.raises(RemoteDisconnected):
                ask(systems, "appointments")
        else:
            assert ask(systems, "appointments")[0] == 500
        shown = call("GET", f"{systems.control_url}/faults")["appointments"]
        assert shown.get("times") == left
    assert shown == {"mode": "none"}
    assert ask(systems, "appointments") == right


def test_one_endpoint_leaves_the_other_alone(systems: DemoSystems) -> None:
    set_faults(systems, {"patients": {"mode": "status"}})
    assert ask(systems, "appointments")[0] == 200
    assert ask(systems, "patients")[0] == 500


def test_listener_down_and_up(systems: DemoSystems) -> None:
    right = ask(systems, "patients")
    with raw_question(systems, "patients") as idle:
        while not idle.recv(65536).endswith(b"}"):
            pass
        set_faults(systems, {"listener": "down"})
        assert idle.recv(1) == b"", "open connections must end"
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            ask(systems, "patients")
        set_faults(systems, {"listener": "down"})
    assert call("GET", f"{systems.control_url}/faults")["listener"] == "down"
    set_faults(systems, {})
    assert ask(systems, "patients") == right


@pytest.mark.parametrize("mode", ["hang", "hold", "drip_header", "drip_body", "slow"])
def test_stop_ends_held_calls_at_once(systems: DemoSystems, mode: str) -> None:
    extra = {"slow": {"seconds": 60}, "hang": {}, "hold": {}}.get(mode, {"interval": 60})
    set_faults(systems, {"both": {"mode": mode, **extra}})
    held = [raw_question(systems, endpoint) for endpoint in ENDPOINTS for _ in range(4)]
    wait_for_calls(systems, len(held))
    begin = time.monotonic()
    systems.stop()
    assert time.monotonic() - begin < AT_ONCE
    for connection in held:
        while connection.recv(65536):
            pass
        connection.close()


def test_clients_that_go_away_are_no_news(
    systems: DemoSystems, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(20):
        raw_question(systems, "appointments").close()
    set_faults(systems, {"both": {"mode": "drip_body", "interval": 0.01}})
    for endpoint in ENDPOINTS:
        raw_question(systems, endpoint).close()
    wait_for_calls(systems, 0)
    systems.stop()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "faults"),
        ({"colour": 1}, "colour"),
        ({"appointments": "hang"}, "appointments"),
        ({"appointments": {"mode": "burn"}}, "burn"),
        ({"appointments": {"mode": "hang", "status": 500}}, "status"),
        ({"appointments": {"mode": "status", "status": 99}}, "status"),
        ({"appointments": {"mode": "status", "status": True}}, "status"),
        ({"patients": {"mode": "slow", "seconds": "2"}}, "seconds"),
        ({"patients": {"mode": "slow", "seconds": -1}}, "seconds"),
        ({"patients": {"mode": "drip_body", "interval": 1e9}}, "interval"),
        ({"patients": {"mode": "hang", "times": 0}}, "times"),
        ({"patients": {"mode": "none", "times": 1}}, "times"),
        ({"patients": {"mode": "hold", "times": 1}}, "times"),
        ({"patients": {"mode": []}}, "mode"),
        ({"both": {"mode": "hang"}, "patients": {}}, "both"),
        ({"sqlhk": "on fire"}, "on fire"),
        ({"listener": None}, "listener"),
    ],
)
def test_refused_documents(systems: DemoSystems, document: Any, told: str) -> None:
    with pytest.raises(FaultError, match=told):
        parse_faults(document)
    status, body = request("PUT", f"{systems.control_url}/faults", document)
    assert status == 400
    assert told in json.loads(body)["error"]
    assert call("GET", f"{systems.control_url}/faults") == Faults().as_json()


def test_broken_json_is_refused(systems: DemoSystems) -> None:
    with socket.create_connection(systems_control(systems), timeout=10) as connection:
        connection.sendall(b"PUT /_demo/faults HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{,}")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def systems_control(systems: DemoSystems) -> tuple[str, int]:
    return "127.0.0.1", int(systems.control_url.split(":")[2].split("/")[0])


@pytest.mark.parametrize("mode", ENDPOINT_MODES)
def test_documents_are_read_back(mode: str) -> None:
    faults = parse_faults({"both": {"mode": mode}, "sqlhk": "locked", "listener": "down"})
    assert faults.appointments == faults.patients == EndpointFault(mode)
    assert parse_faults(faults.as_json()) == faults


def test_board_counts_across_threads() -> None:
    board = FaultBoard()
    board.replace(Faults(patients=EndpointFault("hang", times=50)))
    with ThreadPoolExecutor(8) as pool:
        modes = list(pool.map(lambda _: board.take("patients").mode, range(80)))
    assert modes.count("hang") == 50
    assert board.current() == Faults()
