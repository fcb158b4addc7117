"""Ended tasks, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from sync_core.task_model import TaskSource
from sync_core.task_service import RegistryTaskService
from tests.api.house import House
from tests.api.problems import assert_problem
from tests.clock import PATIENCE


def history(house: House, **query: Any) -> tuple[list[str], dict[str, int]]:
    """The tasks' ids on a page, and what the header tells about pages."""
    answer = requests.get(f"{house.server.url}/api/sync/history", params=query, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert set(body) == {"count", "tasks"}
    assert body["count"] == len(body["tasks"])
    return [task["task_id"] for task in body["tasks"]], json.loads(answer.headers["X-Pagination"])


def end(service: RegistryTaskService, house: House, count: int) -> list[str]:
    """So many ended tasks; their ids, newest first."""
    house.gates.leave.set()
    ids: list[str] = []
    for number in range(count):
        view = service.start("waiting", {"number": number}, TaskSource("api"))
        ended = service.wait(view.task_id, 5)
        assert ended is not None
        assert ended.status.ended
        ids.insert(0, view.task_id)
    return ids


def test_pages(house: House, service: RegistryTaskService) -> None:
    ids = end(service, house, 120)
    assert history(house) == (
        ids[:50],
        {
            "total": 120,
            "total_pages": 3,
            "first_page": 1,
            "last_page": 3,
            "page": 1,
            "next_page": 2,
        },
    )
    seen = [task for page in (1, 2, 3) for task in history(house, page=page)[0]]
    assert seen == ids
    last, about = history(house, page=3)
    assert (last, about["previous_page"]) == (ids[100:], 2)
    assert "next_page" not in about
    assert history(house, page_size=200)[0] == ids
    assert history(house, page_size=7, page=17)[0] == ids[112:119]
    assert history(house, page_size=1, page=120)[0] == ids[119:]
    behind, about = history(house, page=1_000_000, page_size=200)
    assert (behind, about["total"]) == ([], 120)
    assert "page" not in about


def test_empty(house: House) -> None:
    assert history(house) == ([], {"total": 0, "total_pages": 0})


def test_running_tasks_are_not_in_it(house: House, service: RegistryTaskService) -> None:
    view = service.start("waiting", {"number": 1}, TaskSource("api"))
    assert history(house)[0] == []
    assert service.cancel(view.task_id)
    service.wait(view.task_id, 5)
    assert history(house)[0] == [view.task_id]


def test_filters(house: House, service: RegistryTaskService) -> None:
    view = service.start("waiting", {"number": 1}, TaskSource("api"))
    service.cancel(view.task_id)
    service.wait(view.task_id, 5)
    done = end(service, house, 2)
    assert history(house, status="completed")[0] == done
    assert history(house, status="cancelled") == (
        [view.task_id],
        {"total": 1, "total_pages": 1, "first_page": 1, "last_page": 1, "page": 1},
    )
    assert history(house, status="failed")[0] == []
    assert history(house, kind="waiting")[0] == [*done, view.task_id]
    assert history(house, kind="waiting", status="completed", page_size=1, page=2)[0] == done[1:]
    for kind in ("day", "' OR 1=1 --", "\0", "\ud83d".encode("utf-8", "surrogatepass")):
        assert history(house, kind=kind)[0] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=", "page"),
        ("page=1.0", "page"),
        ("page=1_0", "page"),
        ("page=%2B1", "page"),
        ("page=%201", "page"),
        ("page=%D9%A1", "page"),
        ("page=1000001", "page"),
        ("page=" + "9" * 5000, "page"),
        ("page=1&page=2", "page"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=all", "page_size"),
        ("status=pending", "status"),
        ("status=running", "status"),
        ("status=COMPLETED", "status"),
        ("status=", "status"),
        ("kind=", "kind"),
        ("kind=" + "x" * 101, "kind"),
        ("limit=5", "limit"),
        ("Page=1", "Page"),
    ],
    ids=lambda text: text[:24],
)
def test_bad_queries(house: House, query: str, field: str) -> None:
    answer = requests.get(f"{house.server.url}/api/sync/history?{query}", timeout=PATIENCE)
    assert list(assert_problem(answer, "invalid_request")["errors"]["query"]) == [field]


def test_only_reading(house: House) -> None:
    answer = requests.post(f"{house.server.url}/api/sync/history", timeout=PATIENCE)
    assert_problem(answer, "method_not_allowed")
