"""The header Idempotency-Key over real connections."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from sync_core.task_service import RegistryTaskService
from tests.api.house import House
from tests.api.problems import assert_problem
from tests.clock import PATIENCE


def send(house: House, body: dict[str, Any], **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"{house.server.url}/api/sync/numbered"
    return requests.post(url, json=body, headers=named, timeout=PATIENCE)


def ended(house: House, service: RegistryTaskService, task_id: str) -> None:
    house.gates.leave.set()
    view = service.wait(task_id, 5)
    assert view is not None
    assert view.status.ended


def test_the_same_again(house: House, service: RegistryTaskService) -> None:
    first = send(house, {"number": 1}, Idempotency_Key="key")
    assert first.status_code == 202
    running = send(house, {"note": "none", "number": 1}, Idempotency_Key="key")
    task_id = first.json()["task_id"]
    ended(house, service, task_id)
    afterwards = send(house, {"number": 1}, Idempotency_Key="key")
    for again in (running, afterwards):
        assert again.status_code == 202
        assert again.json() == first.json()
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Retry-After"] == "1"
    waited = send(house, {"number": 1}, Idempotency_Key="key", Prefer="wait=5")
    assert waited.status_code == 200
    assert waited.json()["task_id"] == task_id
    assert waited.headers["Preference-Applied"] == "wait=5"
    other = send(house, {"number": 1, "note": "other"}, Idempotency_Key="key")
    assert_problem(other, "idempotency_key_reused", 422)
    assert requests.get(f"{house.server.url}/api/sync/history").json()["count"] == 1


def test_it_is_looked_at_before_409(house: House) -> None:
    first = send(house, {"number": 1}, Idempotency_Key="mine").json()
    assert_problem(send(house, {"number": 1}), "already_running")
    assert_problem(send(house, {"number": 1}, Idempotency_Key="new"), "already_running")
    assert send(house, {"number": 1}, Idempotency_Key="mine").json() == first
    assert send(house, {"number": 2}, Idempotency_Key="new").status_code == 202


def test_refused_requests_use_up_no_key(house: House) -> None:
    url = f"{house.server.url}/api/sync/numbered"
    headers = {"Idempotency-Key": "key"}
    assert_problem(send(house, {"number": "1"}, **headers), "invalid_request")
    assert_problem(requests.post(url, data="{}", headers=headers), "json_required")
    assert send(house, {"number": 1}, **headers).status_code == 202


def test_sixteen_at_once_are_one_task(house: House) -> None:
    answers: list[requests.Response] = []
    start = threading.Barrier(16)

    def one() -> None:
        start.wait(PATIENCE)
        answers.append(send(house, {"number": 1}, Idempotency_Key="key"))

    threads = [threading.Thread(target=one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [answer.status_code for answer in answers] == [202] * 16
    assert len({answer.json()["task_id"] for answer in answers}) == 1
    assert requests.get(f"{house.server.url}/api/sync/active").json()["count"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        *(b"", b" ", b"a b", b"a" * 129, b"\xc3\xa4", b"a\tb"),
        b"one\r\nIdempotency-Key: two",
    ],
)
def test_texts_that_are_no_keys(house: House, sent: bytes) -> None:
    body = b'{"number": 1}'
    answer = house.raw(
        b"POST /api/sync/numbered HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nIdempotency-Key: %s\r\n\r\n%s"
        % (len(body), sent, body)
    )
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert b'"code": "invalid_request"' in answer
    assert b'"headers": {"Idempotency-Key": ["Must be' in answer
    assert requests.get(f"{house.server.url}/api/sync/active").json()["count"] == 0
