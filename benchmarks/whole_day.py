"""How long a whole day takes, and how much it asks of the SQL gateway."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.http_client import Client
from benchmarks.processes import Demo, Program
from benchmarks.results import BenchmarkError, Row
from benchmarks.visits import ended

GROUP = "whole_day"

APPOINTMENTS = 300
_DAY = date(2033, 5, 3)
_CALL_MS = 5
_SECONDS = 10
_CALLS_EACH = 0.1
_TYPES = [24, 25]


def measure(folder: Path, _effort: Effort) -> list[Row]:
    """A day of new patients, and the same day again, with a gateway that takes its time."""
    with Demo(folder / "demo") as demo:
        plan_day(demo, _DAY)
        demo.control("PUT", "gateway", {"latency": _CALL_MS / 1000})
        with Program(folder / "program", demo.settings()) as program:
            program.wait_until_ready()
            with program.client() as client:
                first, first_calls = _sync(demo, client, "inserted")
                again, again_calls = _sync(demo, client, "unchanged")
    name = f"{APPOINTMENTS} appointments, gateway {_CALL_MS} ms a call"
    return [
        _row(f"day of {name}: new patients and examinations", first, first_calls),
        _row(f"day of {name}: the same again", again, again_calls),
        Row(
            GROUP,
            "gateway calls for each unchanged appointment",
            *(again_calls["execute_sql"] / APPOINTMENTS, _CALLS_EACH, "calls", again_calls),
        ),
    ]


def plan_day(demo: Demo, day: date) -> None:
    """Let CallDoc list ``APPOINTMENTS`` on a day: all of them ordinary, of both types."""
    path = f"days/{day.isoformat()}"
    demo.control("PUT", path, {"generated": {"count": APPOINTMENTS, "seed": 5}})
    entries = demo.control("GET", path)["appointments"]
    for index, entry in enumerate(entries):
        entry |= {"appointment_type": _TYPES[index % 3 == 2], "status": "created"}
    demo.control("PUT", path, {"appointments": entries})


def sync_day(client: Client, day: date, outcome: str) -> dict[str, Any]:
    """Sync a planned day; the ended task's status.

    Every appointment's examination must come to ``outcome`` (``inserted``, ``unchanged``).
    """
    body = {"date": day.isoformat(), "appointment_type_id": _TYPES}
    task_id = client.expect(202, "POST", "/api/sync", body).json()["task_id"]
    status = ended(client, task_id)
    if status["status"] != "completed":
        raise BenchmarkError(f"{task_id} ended as {status['status']}, {status['error_code']}")
    found = status["result"]["untersuchungen"][outcome]
    if found != APPOINTMENTS:
        raise BenchmarkError(f"of {APPOINTMENTS} appointments {found} are {outcome}")
    return status


def _sync(demo: Demo, client: Client, outcome: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ended task's status, and the counts of the gateway's calls."""
    demo.control("POST", "gateway/calls/reset")
    status = sync_day(client, _DAY, outcome)
    return status, demo.control("GET", "gateway/calls")


def _row(name: str, status: dict[str, Any], calls: dict[str, Any]) -> Row:
    seconds = status["execution_time_ms"] / 1000
    details = {**calls, **{f"{part}_ms": ms for part, ms in status["timing_ms"].items()}}
    return Row(GROUP, name, seconds, _SECONDS, "s", details)
