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

_DAY = date(2033, 5, 3)
_APPOINTMENTS = 300
_CALL_MS = 5
_SECONDS = 10
_CALLS_EACH = 0.1
_TYPES = [24, 25]


def measure(folder: Path, _effort: Effort) -> list[Row]:
    """A day of new patients, and the same day again, with a gateway that takes its time."""
    with Demo(folder / "demo") as demo:
        count = _plan(demo)
        demo.control("PUT", "gateway", {"latency": _CALL_MS / 1000})
        with Program(folder / "program", demo.settings()) as program:
            program.wait_until_ready()
            with program.client() as client:
                first, first_calls = _sync(demo, client)
                again, again_calls = _sync(demo, client)
    written = first["result"]["untersuchungen"]["inserted"]
    same = again["result"]["untersuchungen"]["unchanged"]
    if (written, same) != (count, count):
        raise BenchmarkError(f"of {count} appointments {written} were written, {same} found again")
    name = f"{count} appointments, gateway {_CALL_MS} ms a call"
    return [
        _row(f"day of {name}: new patients and examinations", first, first_calls),
        _row(f"day of {name}: the same again", again, again_calls),
        Row(
            GROUP,
            "gateway calls for each unchanged appointment",
            *(again_calls["execute_sql"] / count, _CALLS_EACH, "calls", again_calls),
        ),
    ]


def _plan(demo: Demo) -> int:
    """Let CallDoc list the day: all of them ordinary, of both types; returns how many."""
    path = f"days/{_DAY.isoformat()}"
    demo.control("PUT", path, {"generated": {"count": _APPOINTMENTS, "seed": 5}})
    entries = demo.control("GET", path)["appointments"]
    for index, entry in enumerate(entries):
        entry |= {"appointment_type": _TYPES[index % 3 == 2], "status": "created"}
    demo.control("PUT", path, {"appointments": entries})
    return len(entries)


def _sync(demo: Demo, client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """The ended task's status, and the counts of the gateway's calls."""
    demo.control("POST", "gateway/calls/reset")
    body = {"date": _DAY.isoformat(), "appointment_type_id": _TYPES}
    task_id = client.expect(202, "POST", "/api/sync", body).json()["task_id"]
    status = ended(client, task_id)
    if status["status"] != "completed":
        raise BenchmarkError(f"{task_id} ended as {status['status']}, {status['error_code']}")
    return status, demo.control("GET", "gateway/calls")


def _row(name: str, status: dict[str, Any], calls: dict[str, Any]) -> Row:
    seconds = status["execution_time_ms"] / 1000
    details = {**calls, **{f"{part}_ms": ms for part, ms in status["timing_ms"].items()}}
    return Row(GROUP, name, seconds, _SECONDS, "s", details)
