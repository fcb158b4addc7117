"""Health, readiness and the list of plugins."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import requests

from hookspecs import HealthCheck, HealthResult
from tests.api.house import House, Starter, good
from tests.clock import AT_ONCE, PATIENCE


def test_health(house: House) -> None:
    body = requests.get(f"{house.server.url}/health").json()
    moment = datetime.fromisoformat(body.pop("timestamp"))
    assert moment.tzinfo is not None
    assert body == {"status": "healthy", "active_syncs": 0, "version": "9.8.7"}
    assert requests.head(f"{house.server.url}/health").status_code == 200


def test_ready(start: Starter) -> None:
    house = start([HealthCheck("calldoc", "CallDoc", good), HealthCheck("journal", "J", good)])
    answer = requests.get(f"{house.server.url}/health/ready")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ready"
    assert list(body["checks"]) == ["calldoc", "journal"]
    assert body["checks"]["calldoc"].pop("ms") >= 0
    assert body["checks"]["calldoc"] == {"ok": True, "message": "answers"}


def test_ready_without_any_check(house: House) -> None:
    answer = requests.get(f"{house.server.url}/health/ready")
    assert answer.json() == {"status": "ready", "checks": {}}


def test_checks_that_fail_raise_or_hang(start: Starter) -> None:
    asked = threading.Semaphore(0)
    leave = threading.Event()

    def fails(_seconds: float) -> HealthResult:
        return HealthResult(False, "not reachable")

    def raises(_seconds: float) -> HealthResult:
        raise RuntimeError("secret")

    def hangs(_seconds: float) -> HealthResult:
        asked.release()
        leave.wait(3 * PATIENCE)
        return HealthResult(True, "back")

    house = start(
        [
            HealthCheck("good", "", good),
            HealthCheck("fails", "", fails),
            HealthCheck("raises", "", raises),
            HealthCheck("hangs", "", hangs),
        ],
        health_seconds=0.3,
    )
    url = f"{house.server.url}/health/ready"
    try:
        for _ in range(3):
            started = time.monotonic()
            answer = requests.get(url)
            assert time.monotonic() - started < AT_ONCE
            assert answer.status_code == 503
            body = answer.json()
            assert body["status"] == "not_ready"
            assert [check["ok"] for check in body["checks"].values()] == [True, False, False, False]
            assert body["checks"]["hangs"]["message"] == "no answer in time"
            assert body["checks"]["raises"]["message"] == "the check failed (RuntimeError)"
            assert "secret" not in answer.text
        assert asked.acquire(blocking=False)
        assert not asked.acquire(blocking=False), "a hanging check was started twice"
    finally:
        leave.set()
    until = time.monotonic() + PATIENCE
    while not requests.get(url).json()["checks"]["hangs"]["ok"]:
        assert time.monotonic() < until


def test_a_check_that_is_not_needed_is_shown_and_stands_in_nobodys_way(start: Starter) -> None:
    def fails(_seconds: float) -> HealthResult:
        return HealthResult(False, "not reachable")

    extra = HealthCheck("extra", "", fails, needed=False)
    house = start([HealthCheck("good", "", good), extra])
    answer = requests.get(f"{house.server.url}/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    shown = answer.json()["checks"]["extra"]
    assert shown.pop("ms") >= 0
    assert shown == {"ok": False, "message": "not reachable"}


def test_plugins(house: House) -> None:
    assert requests.get(f"{house.server.url}/api/plugins").json() == {
        "count": 1,
        "plugins": [
            {
                "name": "example",
                "version": "1.2",
                "state": "failed",
                "reason": "it raised",
                "panels": ["panel"],
                "routes": ["GET /api/example"],
                "contract": 1,
                "distribution": "",
                "set_aside": False,
                "start_ms": 12,
            }
        ],
    }
