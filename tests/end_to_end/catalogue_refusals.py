"""How each refusal of the API comes about for real, and what following its advice leads to."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection
from types import MappingProxyType
from urllib.parse import urlsplit

import pytest
import requests

from tests.clock import PATIENCE
from tests.end_to_end.catalogue_stage import KEY, OTHER_NAME, OTHER_ORIGIN, Hall, no_room
from tests.end_to_end.faulty_program import CALL_FAULT, STUBBORN
from tests.end_to_end.program import ENDED, until

Provocation = Callable[[Hall], None]

_provocations: dict[str, Provocation] = {}
REFUSALS: Mapping[str, Provocation] = MappingProxyType(_provocations)
"""By ``code``."""

WITH_KEY = {"Authorization": f"Bearer {KEY}"}
BAD_KEYS = 60


def _of_its_name(provocation: Provocation) -> Provocation:
    _provocations[provocation.__name__] = provocation
    return provocation


def own_address() -> str | None:
    """An address of this machine that is not the loopback one; None if it has none."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith(("127.", "0.")) else address


@_of_its_name
def invalid_request(hall: Hall) -> None:
    refused = hall.refused(hall.program.send(hall.stage.body(date="tomorrow")))
    assert list(refused["errors"]["json"]) == ["date"]
    hall.is_accepted(hall.stage.body())


@_of_its_name
def host_not_allowed(hall: Hall) -> None:
    hall.refused(hall.program.get("/health", headers={"Host": OTHER_NAME}))
    assert hall.program.get("/health", headers={"Host": "localhost"}).status_code == 200
    assert hall.locked.get("/health", headers={"Host": OTHER_NAME}).status_code == 200


@_of_its_name
def key_required(hall: Hall) -> None:
    answer = hall.locked.get("/api/sync/active")
    hall.refused(answer)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    for headers in (WITH_KEY, {"X-API-Key": KEY}):
        assert hall.locked.get("/api/sync/active", headers=headers).status_code == 200


@_of_its_name
def key_invalid(hall: Hall) -> None:
    answer = hall.locked.get("/api/sync/active", headers={"X-API-Key": f"{KEY}-not"})
    hall.refused(answer)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert hall.locked.get("/api/sync/active", headers=WITH_KEY).status_code == 200


@_of_its_name
def too_many_attempts(hall: Hall) -> None:
    address = own_address()
    if address is None:
        pytest.skip("this machine has the loopback address only, which is never locked out")
    url = f"http://{address}:{urlsplit(hall.locked.url).port}/api/sync/active"

    def ask(key: str) -> requests.Response:
        return requests.get(url, headers={"X-API-Key": key, "Host": OTHER_NAME}, timeout=PATIENCE)

    answers = (ask(f"guess-{number}") for number in range(BAD_KEYS))
    locked_out = next(answer for answer in answers if answer.status_code != 401)
    hall.refused(locked_out)
    hall.refused(ask(KEY))
    seconds = int(locked_out.headers["Retry-After"])
    until(lambda: ask(KEY).status_code == 200 or None, seconds + 2, "it stays locked out")


@_of_its_name
def origin_not_allowed(hall: Hall) -> None:
    page = {"Origin": OTHER_ORIGIN}
    hall.refused(hall.program.get("/health", headers=page))
    answer = hall.locked.get("/health", headers=page)
    assert answer.headers["Access-Control-Allow-Origin"] == OTHER_ORIGIN


@_of_its_name
def task_not_found(hall: Hall) -> None:
    hall.refused(hall.program.get("/api/sync/status/patient_sync_1_2025-10-06_20250101000000"))
    task_id = hall.is_accepted(hall.stage.body())["task_id"]
    assert hall.program.get(f"/api/sync/status/{task_id}").status_code == 200


@_of_its_name
def not_found(hall: Hall) -> None:
    hall.refused(hall.program.get("/api/sync/patients"))
    assert hall.program.get("/api/docs").status_code == 200


@_of_its_name
def method_not_allowed(hall: Hall) -> None:
    answer = requests.delete(f"{hall.program.url}/api/sync/patient", timeout=PATIENCE)
    hall.refused(answer)
    assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    hall.is_accepted(hall.stage.body())


@_of_its_name
def already_running(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(both={"mode": "hold"})
    task_id = hall.program.start(hall.stage.body())
    refused = hall.refused(hall.program.send(hall.stage.body()))
    hall.demo.faults()
    assert refused["task_id"] == task_id
    followed = hall.program.get(f"{refused['status_url']}?wait=10").json()
    assert followed["sqlhk_sync"]["action"] == "created"


@_of_its_name
def not_running(hall: Hall) -> None:
    status = hall.program.sync(hall.stage.body())
    hall.refused(hall.program.cancel(status["task_id"]))
    assert hall.program.status(status["task_id"]) == status


@_of_its_name
def headers_too_large(hall: Hall) -> None:
    hall.refused(hall.program.get("/health", headers={"X-Long": "x" * 40_000}))
    assert hall.program.get("/health").status_code == 200


@_of_its_name
def body_too_large(hall: Hall) -> None:
    hall.refused(hall.program.send(hall.stage.body(note="x" * 70_000)))
    hall.is_accepted(hall.stage.body())


@_of_its_name
def json_required(hall: Hall) -> None:
    url, body = f"{hall.program.url}/api/sync/patient", '{"piz": "1", "date": "2025-10-06"}'
    hall.refused(requests.post(url, data=body, timeout=PATIENCE))
    headers = {"Content-Type": "application/json"}
    accepted = requests.post(url, data=body, headers=headers, timeout=PATIENCE)
    assert accepted.status_code == 202
    hall.program.wait(accepted.json()["task_id"])


@_of_its_name
def not_implemented(hall: Hall) -> None:
    parts = urlsplit(hall.program.url)
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "gzip, chunked"}
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)) as connection:
        connection.request("POST", "/api/sync/patient", b"0\r\n\r\n", headers)
        answer = connection.getresponse()
        document = json.loads(answer.read())
    assert (answer.status, document["code"]) == (501, hall.code)
    hall.contract.check("Problem", document)
    hall.is_accepted(hall.stage.body())


@_of_its_name
def idempotency_key_reused(hall: Hall) -> None:
    hall.stage.planned_once()
    body, key = hall.stage.body(), f"catalogue-{hall.stage.piz}"
    first = hall.program.send(body, headers={"Idempotency-Key": key})
    other = hall.stage.body(date="2038-01-01")
    hall.refused(hall.program.send(other, headers={"Idempotency-Key": key}))
    fresh = hall.program.send(other, headers={"Idempotency-Key": f"{key}-new"})
    assert (first.status_code, fresh.status_code) == (202, 202)
    assert first.json()["task_id"] != fresh.json()["task_id"]
    for answer in (first, fresh):
        hall.program.wait(answer.json()["task_id"])


@_of_its_name
def queue_full(hall: Hall) -> None:
    def idle() -> bool | None:
        return hall.program.get("/api/sync/active").json()["count"] == 0 or None

    until(idle, PATIENCE, "tasks of others have not ended")
    hall.demo.faults(both={"mode": "hang"})
    started = [hall.program.start(hall.stage.body(piz=5_500_001 + n)) for n in range(2)]
    for task_id in started:
        hall.program.wait_for_stage(task_id, "calldoc")
    started.append(hall.program.start(hall.stage.body(piz=5_500_003)))
    refused = hall.stage.body(piz=5_500_004)
    answer = hall.program.send(refused)
    hall.refused(answer)
    assert int(answer.headers["Retry-After"]) >= 1
    hall.demo.faults()
    for task_id in started:
        hall.program.cancel(task_id)
        hall.program.wait(task_id)
    hall.is_accepted(refused)


@_of_its_name
def internal_error(hall: Hall) -> None:
    with hall.program.switched_on(CALL_FAULT):
        refused = hall.refused(hall.program.get("/api/sync/active"))
    assert "a fault for the tests" not in str(refused)
    assert f"request={refused['request_id']}" in hall.program.log()
    assert hall.program.get("/api/sync/active").status_code == 200


@_of_its_name
def not_configured(hall: Hall) -> None:
    refused = hall.refused(hall.locked.send(hall.stage.body(), headers=WITH_KEY))
    for setting in ("calldoc.base_url", "sqlhk.url"):
        assert setting in refused["detail"]
    hall.is_accepted(hall.stage.body())


@_of_its_name
def shutting_down(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(both={"mode": "hang"})
    with hall.begin() as ending, ending.switched_on(STUBBORN), requests.Session() as session:
        task_id = ending.start(hall.stage.body())
        ending.wait_for_stage(task_id, "calldoc")
        url, late = f"{ending.url}/api/sync/patient", hall.stage.body(date="2038-01-01")
        ending.process.terminate()

        def told() -> requests.Response | None:
            answer = session.post(url, json=late, timeout=PATIENCE)
            return None if answer.status_code in (202, 409) else answer

        hall.refused(until(told, PATIENCE, "it is not ending"))
        assert ending.ended(PATIENCE) == 0
    hall.demo.faults()
    with hall.begin() as again:
        assert again.sync(late)["status"] in ENDED


@_of_its_name
def journal_unavailable(hall: Hall) -> None:
    hall.stage.planned_once()
    with hall.stage.nothing_written(), no_room(hall.program):
        hall.refused(hall.program.send(hall.stage.body()))
    assert hall.program.sync(hall.stage.body())["sqlhk_sync"]["action"] == "created"
