"""How long a client waits for its 202."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.http_client import Client
from benchmarks.processes import Demo, Program
from benchmarks.results import BenchmarkError, Row, percentile
from benchmarks.visits import Visit, VisitPlanner, post, wait_until_idle, wrongly_entered

GROUP = "posting"
CLIENTS = 16
PER_SECOND = 20
_WARM_UP = 16


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Steadily from several kept connections, then from all of them in the same instant.

    Each request starts the sync of a new patient, which runs while the next ones come in.
    """
    with Demo(folder / "demo") as demo, Program(folder / "program", demo.settings()) as program:
        program.wait_until_ready()
        planner = VisitPlanner(demo)
        warm_up = planner.plan(_WARM_UP)
        steady = planner.plan(round(effort.post_seconds * PER_SECOND))
        bursts = [planner.plan(CLIENTS) for _ in range(effort.bursts)]
        with ExitStack() as stack:
            clients = [stack.enter_context(program.client()) for _ in range(CLIENTS)]
            for client, visit in zip(clients, warm_up, strict=True):
                post(client, visit)
            wait_until_idle(clients[0])
            times = _post_steadily(clients, steady)
            wait_until_idle(clients[0])
            rounds = []
            for burst in bursts:
                rounds.append(_post_at_once(clients, burst))
                wait_until_idle(clients[0])
        everybody = [*warm_up, *steady, *(visit for burst in bursts for visit in burst)]
        if wrong := wrongly_entered(demo, everybody):
            raise BenchmarkError(f"{len(wrong)} patients were not entered rightly")
    name = f"POST until 202, {CLIENTS} clients, {PER_SECOND} a second"
    spread = {
        "requests": len(times),
        "p90": percentile(times, 90),
        "max": max(times),
        "mean": statistics.fmean(times),
    }
    slowest = [max(answers) for answers in rounds]
    details = {"slowest_of_each_round": slowest, "median_of_these": statistics.median(slowest)}
    return [
        Row(GROUP, f"{name}: p50", percentile(times, 50), 10, "ms", spread),
        Row(GROUP, f"{name}: p99", percentile(times, 99), 60, "ms", spread),
        Row(
            GROUP, f"{CLIENTS} POSTs in the same instant: slowest", max(slowest), 150, "ms", details
        ),
    ]


def _post_steadily(clients: Sequence[Client], visits: Sequence[Visit]) -> list[float]:
    """Milliseconds of each request; the clients take turns, evenly over time."""
    begin = time.monotonic() + 0.1

    def run(number: int) -> list[float]:
        times = []
        for index in range(number, len(visits), len(clients)):
            time.sleep(max(0.0, begin + index / PER_SECOND - time.monotonic()))
            times.append(post(clients[number], visits[index])[1])
        return times

    with ThreadPoolExecutor(len(clients)) as pool:
        return [ms for times in pool.map(run, range(len(clients))) for ms in times]


def _post_at_once(clients: Sequence[Client], visits: Sequence[Visit]) -> list[float]:
    """Milliseconds of each request; every client sends one, all in the same instant."""
    start = threading.Barrier(len(clients))

    def run(client: Client, visit: Visit) -> float:
        start.wait(10)
        return post(client, visit)[1]

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(run, clients, visits))
