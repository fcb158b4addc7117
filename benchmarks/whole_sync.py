"""How long one whole sync takes, by the program's own account: from acceptance to the end."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.processes import Demo, Program
from benchmarks.results import Row, percentile
from benchmarks.traced_registry import Trace, start_traced
from benchmarks.visits import Visit, VisitPlanner, sync

GROUP = "whole_sync"
_WARM_UP = 3
_CALLDOC_MS = 200
_BATCH_MS = 20
_REST_MS = 40


def measure(folder: Path, effort: Effort) -> list[Row]:
    """One sync after the other: with everything near, and with two slow systems."""
    with Demo(folder / "demo") as demo:
        planner = VisitPlanner(demo)
        visits = planner.plan(_WARM_UP + effort.syncs)
        rows = _all_local(folder / "local", demo, visits)
        visits = planner.plan(_WARM_UP + max(3, effort.syncs // 4))
        demo.slow_calldoc(_CALLDOC_MS / 1000)
        return rows + _slow(folder / "slow", demo, visits)


def _all_local(folder: Path, demo: Demo, visits: Sequence[Visit]) -> list[Row]:
    with Program(folder, demo.settings()) as program:
        program.wait_until_ready()
        with program.client() as client:
            statuses = [sync(client, visit, "created") for visit in visits][_WARM_UP:]
    times = [status["execution_time_ms"] for status in statuses]
    return [
        Row(
            GROUP,
            "sync, all local, new patient and examination: median",
            *(statistics.median(times), 60, "ms", _spread(statuses)),
        )
    ]


def _slow(folder: Path, demo: Demo, visits: Sequence[Visit]) -> list[Row]:
    process, trace = start_traced(folder, demo, _BATCH_MS)
    with process as program:
        program.wait_until_ready()
        with program.client() as client:
            for visit in visits[:_WARM_UP]:
                sync(client, visit, "created")
            trace.new_batches()
            measured = visits[_WARM_UP:]
            created = [sync(client, visit, "created") for visit in measured]
            of_created = _batches_each(trace, len(measured))
            unchanged = [sync(client, visit, "unchanged") for visit in measured]
            of_unchanged = _batches_each(trace, len(measured))
    return [
        _slow_row("new patient and examination", created, of_created),
        _slow_row("unchanged", unchanged, of_unchanged),
    ]


def _batches_each(trace: Trace, syncs: int) -> float:
    return len(trace.new_batches()) / syncs


def _slow_row(what: str, statuses: Sequence[dict[str, Any]], batches: float) -> Row:
    times = [status["execution_time_ms"] for status in statuses]
    budget = _CALLDOC_MS + _BATCH_MS * batches + _REST_MS
    return Row(
        GROUP,
        f"sync, CallDoc {_CALLDOC_MS} ms, SQLHK {_BATCH_MS} ms a batch, {what}: median",
        *(statistics.median(times), budget, "ms", {"batches": batches, **_spread(statuses)}),
    )


def _spread(statuses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    times = [status["execution_time_ms"] for status in statuses]
    parts = {
        f"{name}_median": statistics.median(status["timing_ms"][name] for status in statuses)
        for name in statuses[0]["timing_ms"]
    }
    return {"syncs": len(times), "min": min(times), "p90": percentile(times, 90), **parts}
