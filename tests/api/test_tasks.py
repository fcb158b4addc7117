"""Status, active tasks and cancelling, on the real registry."""

from __future__ import annotations

import requests

from sync_core.task_service import RegistryTaskService
from sync_core.task_status import COMMON_FIELDS
from tests.api.house import House
from tests.api.problems import assert_problem


def test_life_of_a_task(house: House, service: RegistryTaskService) -> None:
    url = house.server.url
    accepted = requests.post(f"{url}/api/sync/waiting", headers={"X-Request-ID": "mine-1"})
    assert accepted.status_code == 202
    body = accepted.json()
    assert set(body) == {"message", "task_id", "status_url", "deadline_at"}
    assert accepted.headers["Location"] == body["status_url"]
    assert accepted.headers["Retry-After"] == "1"
    assert accepted.headers["Cache-Control"] == "no-store"
    assert body["status_url"] == f"/api/sync/status/{body['task_id']}"

    view = service.get(body["task_id"])
    assert view is not None
    assert view.request_id == "mine-1"
    assert (view.source.channel, view.source.client) == ("api", "127.0.0.1")

    running = requests.get(f"{url}{body['status_url']}")
    assert running.json()["status"] in ("pending", "running")
    assert running.headers["Retry-After"] == "1"
    active = requests.get(f"{url}/api/sync/active").json()
    assert active["count"] == 1
    assert active["tasks"][0]["task_id"] == body["task_id"]
    assert requests.get(f"{url}/health").json()["active_syncs"] == 1

    again = requests.post(f"{url}/api/sync/waiting")
    problem = assert_problem(again, "already_running")
    assert problem["task_id"] == body["task_id"]
    assert problem["status_url"] == body["status_url"]

    house.gates.leave.set()
    service.wait(body["task_id"], 5)
    ended = requests.get(f"{url}{body['status_url']}")
    assert ended.json()["status"] == "completed"
    assert ended.json()["waited"] is True
    assert set(COMMON_FIELDS) < set(ended.json())
    assert "Retry-After" not in ended.headers
    assert requests.get(f"{url}/api/sync/active").json() == {"count": 0, "tasks": []}
    assert_problem(requests.post(f"{url}/api/sync/cancel/{body['task_id']}"), "not_running")


def test_cancel(house: House, service: RegistryTaskService) -> None:
    url = house.server.url
    task_id = requests.post(f"{url}/api/sync/waiting").json()["task_id"]
    cancelled = requests.post(f"{url}/api/sync/cancel/{task_id}")
    assert cancelled.status_code == 202
    assert cancelled.json()["status_url"] == f"/api/sync/status/{task_id}"
    service.wait(task_id, 5)
    status = requests.get(f"{url}/api/sync/status/{task_id}").json()
    assert status["status"] == "cancelled"
    assert status["error_code"] is None


def test_unknown_tasks(house: House) -> None:
    url = house.server.url
    for task_id in ("nothing", "%00", "a%20b", "%F0%9F%99%82", "x" * 5000, "'; DROP TABLE task--"):
        assert_problem(requests.get(f"{url}/api/sync/status/{task_id}"), "task_not_found")
        assert_problem(requests.post(f"{url}/api/sync/cancel/{task_id}"), "task_not_found")
    assert_problem(requests.get(f"{url}/api/sync/status/"), "not_found")
    assert_problem(requests.get(f"{url}/api/sync/status/a/b"), "not_found")
    assert_problem(requests.get(f"{url}/api/sync/cancel/x"), "method_not_allowed")


def test_journal_that_cannot_be_read(house: House, service: RegistryTaskService) -> None:
    service._registry._journal.close()
    try:
        answer = requests.get(f"{house.server.url}/api/sync/status/unknown")
        problem = assert_problem(answer, "journal_unavailable")
        assert ".db" not in str(problem)
    finally:
        service._registry._journal.__init__(service._registry._journal.file.path)
