"""Calls that wait for a task's end: who waits, how long, and who lets them go."""

from __future__ import annotations

import queue
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any

import pytest
import requests

import sync_api_server
from api_blueprints import waiting_room
from sync_core.task_service import RegistryTaskService
from tests.api.house import House
from tests.api.problems import assert_problem
from tests.clock import AT_ONCE, PATIENCE

PLACES = 16


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    """Threads for clients that wait."""
    with ThreadPoolExecutor(40) as pool:
        yield pool


@pytest.fixture
def woken_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits does not look up by itself, so that it must be told."""
    monkeypatch.setattr(waiting_room, "_LOOK_SECONDS", 60.0)


def start(house: House, prefer: str | None = None, number: int = 1) -> requests.Response:
    headers = {} if prefer is None else {"Prefer": prefer}
    url = f"{house.server.url}/api/sync/numbered"
    return requests.post(url, json={"number": number}, headers=headers, timeout=40)


def status(house: House, task_id: str, query: str = "") -> requests.Response:
    return requests.get(f"{house.server.url}/api/sync/status/{task_id}{query}", timeout=40)


def waits(answer: Future[requests.Response]) -> bool:
    """Whether the answer is still out after a moment."""
    try:
        answer.result(0.2)
    except TimeoutError:
        return True
    return False


# --- Prefer: wait --------------------------------------------------------------------------------


@pytest.mark.usefixtures("woken_only")
def test_the_answer_comes_with_the_end(house: House, crowd: ThreadPoolExecutor) -> None:
    answer = crowd.submit(start, house, "wait=30")
    assert waits(answer)
    house.gates.leave.set()
    ended = answer.result(AT_ONCE)
    assert ended.status_code == 200
    assert ended.json()["status"] == "completed"
    assert ended.headers["Preference-Applied"] == "wait=30"
    assert ended.headers["Cache-Control"] == "no-store"
    assert "Retry-After" not in ended.headers
    assert ended.json() == status(house, ended.json()["task_id"]).json()


def test_the_time_is_over(house: House) -> None:
    begin = time.monotonic()
    answer = start(house, "wait=1")
    assert 1.0 <= time.monotonic() - begin < 1.0 + AT_ONCE
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert answer.headers["Location"] == answer.json()["status_url"]
    assert answer.headers["Retry-After"] == "1"
    assert set(answer.json()) == {"message", "task_id", "status_url", "deadline_at"}


def test_too_long_a_wait_is_cut(house: House, crowd: ThreadPoolExecutor) -> None:
    answer = crowd.submit(start, house, "respond-async, wait=86400")
    assert waits(answer)
    house.gates.leave.set()
    assert answer.result(AT_ONCE).headers["Preference-Applied"] == "wait=30"


def test_no_wait_at_all(house: House) -> None:
    answer = start(house, "wait=0")
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (202, "wait=0")
    for number, prefer in enumerate(("wait=soon", "wait", "respond-async", ""), 2):
        begin = time.monotonic()
        answer = start(house, prefer, number)
        assert time.monotonic() - begin < AT_ONCE
        assert answer.status_code == 202
        assert "Preference-Applied" not in answer.headers


def test_a_refusal_does_not_wait(house: House) -> None:
    start(house)
    begin = time.monotonic()
    answer = start(house, "wait=30")
    assert_problem(answer, "already_running")
    assert "Preference-Applied" not in answer.headers
    assert_problem(start(house, "wait=30", number="x"), "invalid_request")  # type: ignore[arg-type]
    assert time.monotonic() - begin < AT_ONCE


def test_cancelling_lets_go(house: House, crowd: ThreadPoolExecutor) -> None:
    answer = crowd.submit(start, house, "wait=30")
    assert waits(answer)
    [task] = requests.get(f"{house.server.url}/api/sync/active").json()["tasks"]
    requests.post(f"{house.server.url}/api/sync/cancel/{task['task_id']}")
    assert answer.result(PATIENCE).status_code == 200
    assert answer.result().json()["status"] == "cancelled"


# --- ?wait= --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("woken_only")
def test_the_status_comes_with_the_end(house: House, crowd: ThreadPoolExecutor) -> None:
    task_id = start(house).json()["task_id"]
    begin = time.monotonic()
    running = status(house, task_id, "?wait=1")
    assert 1.0 <= time.monotonic() - begin < 1.0 + AT_ONCE
    assert running.json()["status"] == "running"
    assert running.headers["Retry-After"] == "1"
    answer = crowd.submit(status, house, task_id, "?wait=30")
    assert waits(answer)
    house.gates.leave.set()
    assert answer.result(AT_ONCE).json()["status"] == "completed"
    assert "Preference-Applied" not in answer.result().headers
    begin = time.monotonic()
    assert status(house, task_id, "?wait=30").json()["status"] == "completed"
    assert_problem(status(house, "nothing", "?wait=30"), "task_not_found")
    assert time.monotonic() - begin < AT_ONCE


@pytest.mark.parametrize(
    "query",
    [
        *("wait=31", "wait=-1", "wait=", "wait=1.5", "wait=soon", "wait=1_0", "wait=%2B5"),
        *("wait=" + "9" * 5000, "wait=1&wait=1", "Wait=1", "prefer=wait"),
    ],
    ids=lambda text: text[:16],
)
def test_bad_waits(house: House, query: str) -> None:
    answer = status(house, "nothing", f"?{query}")
    assert "query" in assert_problem(answer, "invalid_request")["errors"]


# --- the room ------------------------------------------------------------------------------------


class Crowd:
    """Forty clients that wait for one task; their answers as they come."""

    def __init__(self, house: House, task_id: str, pool: ThreadPoolExecutor) -> None:
        self.answers: queue.Queue[requests.Response] = queue.Queue()

        def ask(number: int) -> None:
            if number % 2:
                self.answers.put(status(house, task_id, "?wait=30"))
            else:
                headers = {"Prefer": "wait=30", "Idempotency-Key": "key"}
                url = f"{house.server.url}/api/sync/numbered"
                self.answers.put(
                    requests.post(url, json={"number": 1}, headers=headers, timeout=40)
                )

        for number in range(40):
            pool.submit(ask, number)

    def next(self, count: int) -> list[requests.Response]:
        return [self.answers.get(timeout=PATIENCE) for _ in range(count)]


def slowest(calls: Any) -> float:
    """The longest of ten calls, in seconds."""
    taken = []
    for number in range(10):
        begin = time.monotonic()
        assert calls(number).status_code in (200, 202)
        taken.append(time.monotonic() - begin)
    return max(taken)


def test_forty_clients_wait_and_everybody_else_is_answered(
    house: House, crowd: ThreadPoolExecutor
) -> None:
    url = house.server.url
    first = requests.post(
        f"{url}/api/sync/numbered", json={"number": 1}, headers={"Idempotency-Key": "key"}
    )
    forty = Crowd(house, first.json()["task_id"], crowd)
    sent_away = forty.next(40 - PLACES)
    for answer in sent_away:
        assert answer.status_code in (200, 202)
        assert answer.headers["Retry-After"] == "1"
        assert "Preference-Applied" not in answer.headers
    assert slowest(lambda _number: requests.get(f"{url}/health", timeout=PATIENCE)) < AT_ONCE
    assert slowest(lambda number: start(house, number=number + 2)) < AT_ONCE
    assert forty.answers.empty(), "somebody who waits was sent away"
    house.gates.leave.set()
    waited = forty.next(PLACES)
    assert {answer.status_code for answer in waited} == {200}
    assert {answer.json()["status"] for answer in waited} == {"completed"}
    for answer in waited:
        asked = answer.request.method == "POST"
        assert answer.headers.get("Preference-Applied") == ("wait=30" if asked else None)


def test_clients_that_hang_up_free_their_places(house: House) -> None:
    task_id = start(house).json()["task_id"]
    sent = f"GET /api/sync/status/{task_id}?wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as clients:
        waiting = []
        for _ in range(PLACES + 8):
            client = socket.create_connection(("127.0.0.1", house.port), timeout=PATIENCE)
            waiting.append(clients.enter_context(closing(client)))
            client.sendall(sent)
        until = time.monotonic() + PATIENCE
        while len(waiting) > PLACES:  # all places are taken once the others have been sent away
            answered, _, _ = select.select(waiting, [], [], PATIENCE)
            waiting = [client for client in waiting if client not in answered]
            assert time.monotonic() < until
    assert len(waiting) == PLACES
    until = time.monotonic() + PATIENCE
    while not waited(house, task_id):
        assert time.monotonic() < until, "they hold their places"


def waited(house: House, task_id: str) -> bool:
    """Whether there is a place to wait on."""
    begin = time.monotonic()
    assert status(house, task_id, "?wait=1").status_code == 200
    return time.monotonic() - begin >= 1.0


def test_a_client_that_has_said_its_last_word_is_answered(house: House) -> None:
    task_id = start(house).json()["task_id"]
    with closing(socket.create_connection(("127.0.0.1", house.port), timeout=PATIENCE)) as client:
        client.sendall(
            f"GET /api/sync/status/{task_id}?wait=30 HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()
        )
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100).startswith(b"HTTP/1.0 200 OK")


def test_a_client_that_sends_its_next_request_early_is_still_there(house: House) -> None:
    task_id = start(house).json()["task_id"]
    path = f"GET /api/sync/status/{task_id}?wait=1 HTTP/1.1\r\nHost: localhost\r\n".encode()
    begin = time.monotonic()
    received = house.raw(path + b"\r\n" + path + b"Connection: close\r\n\r\n")
    assert time.monotonic() - begin >= 2.0
    assert received.count(b"HTTP/1.1 200 OK") == 2


# --- the end -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("woken_only")
def test_stopping_the_server_lets_all_go(
    house: House, crowd: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tasks go on: the window can switch the API off by itself."""
    first = crowd.submit(start, house, "wait=30")
    assert waits(first)
    [task] = requests.get(f"{house.server.url}/api/sync/active").json()["tasks"]
    others = [crowd.submit(status, house, task["task_id"], "?wait=30") for _ in range(5)]
    assert all(waits(answer) for answer in others)
    monkeypatch.setattr(sync_api_server, "DRAIN_SECONDS", 2 * PATIENCE)
    begin = time.monotonic()
    assert house.server.stop(PATIENCE)
    assert time.monotonic() - begin < AT_ONCE
    accepted = first.result(AT_ONCE)
    assert accepted.status_code == 202
    assert "Preference-Applied" not in accepted.headers
    assert {answer.result(AT_ONCE).json()["status"] for answer in others} == {"running"}
    house.server.start()
    again = crowd.submit(status, house, task["task_id"], "?wait=30")
    assert waits(again)
    house.gates.leave.set()
    assert again.result(AT_ONCE).json()["status"] == "completed"


@pytest.mark.usefixtures("woken_only")
def test_the_end_of_the_program_lets_all_go(
    house: House, service: RegistryTaskService, crowd: ThreadPoolExecutor
) -> None:
    answer = crowd.submit(start, house, "wait=30")
    assert waits(answer)
    ending = threading.Thread(target=service._registry.shutdown, args=(2,))
    ending.start()
    ended = answer.result(AT_ONCE)
    ending.join(PATIENCE)
    assert ended.status_code == 200
    assert (ended.json()["status"], ended.json()["error_code"]) == ("failed", "interrupted")
    assert ended.headers["Preference-Applied"] == "wait=30"
