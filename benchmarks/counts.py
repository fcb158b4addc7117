"""What one sync asks of the two systems. No times here: the figures are the same everywhere."""

from __future__ import annotations

from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.http_client import Client
from benchmarks.processes import Demo
from benchmarks.results import Row
from benchmarks.traced_registry import start_traced
from benchmarks.visits import Visit, VisitPlanner, ended, post, sync
from demo.day_plan import ABLATION

GROUP = "counts"


def measure(folder: Path, _effort: Effort) -> list[Row]:
    """Calls to CallDoc from the demo's counters, batches to SQLHK from the traced program."""
    with Demo(folder / "demo") as demo:
        planner = VisitPlanner(demo)
        first, visit = planner.plan(2)
        (other_type,) = planner.plan(1, ABLATION)
        process, trace = start_traced(folder / "program", demo, delay_ms=0)
        with process as program:
            program.wait_until_ready()
            with program.client() as client:
                sync(client, first, "created")  # with what the engine asks on first connecting
                trace.new_batches()

                demo.control("POST", "calls/reset")
                sync(client, visit, "created")
                calls, created = _calls(demo), trace.new_batches()
                sync(client, visit, "unchanged")
                unchanged = trace.new_batches()
                calls_without_any = _calls_of_failing(demo, client, other_type)
    return [
        Row(GROUP, "CallDoc calls of a sync", calls, 2, "calls"),
        Row(GROUP, "CallDoc calls, nothing of the type found", calls_without_any, 3, "calls"),
        Row(
            GROUP,
            "SQL batches, everything unchanged",
            *(len(unchanged), 7, "batches", {"batches": unchanged}),
        ),
        Row(
            GROUP,
            "SQL batches, new patient and examination",
            *(len(created), 10, "batches", {"batches": created}),
        ),
    ]


def _calls(demo: Demo) -> int:
    return sum(demo.control("GET", "state")["calls"].values())


def _calls_of_failing(demo: Demo, client: Client, visit: Visit) -> int:
    demo.control("POST", "calls/reset")
    ended(client, post(client, visit)[0])
    return _calls(demo)
