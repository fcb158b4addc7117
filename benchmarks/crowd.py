"""Many patients posted at once while CallDoc is slow."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.processes import Demo, Program
from benchmarks.results import Row, percentile
from benchmarks.visits import (
    Visit,
    VisitPlanner,
    post,
    status_of,
    sync,
    wait_until_idle,
    wrongly_entered,
)

GROUP = "crowd"
WORKERS = 8
_CLIENTS = 16
_ALONE = 7
_CALLDOC_SECONDS = 0.2
_FACTOR = 1.3


def measure(folder: Path, effort: Effort) -> list[Row]:
    """The critical path is what one sync takes alone, with the same slow CallDoc."""
    with Demo(folder / "demo") as demo:
        settings = {**demo.settings(), "SYNC_GUI_TASKS__WORKERS": str(WORKERS)}
        with Program(folder / "program", settings) as program:
            program.wait_until_ready()
            planner = VisitPlanner(demo)
            alone, crowd = planner.plan(_ALONE), planner.plan(effort.crowd)
            demo.slow_calldoc(_CALLDOC_SECONDS)
            with program.client() as client:
                path_ms = statistics.median(
                    sync(client, visit, "created")["execution_time_ms"] for visit in alone
                )
            return _rows(demo, program, crowd, path_ms)


def _rows(demo: Demo, program: Program, crowd: Sequence[Visit], path_ms: float) -> list[Row]:
    begin = time.time()
    task_ids = _post_all(program, crowd)
    posted = time.time()
    with program.client() as client:
        wait_until_idle(client)
        statuses = [status_of(client, task_id) for task_id in task_ids]
    ends = Counter(
        f"{status['status']} {status['error_code'] or ''}".strip() for status in statuses
    )
    wrong = len(wrongly_entered(demo, crowd)) + len(crowd) - ends["completed"]
    end = max(datetime.fromisoformat(status["finished_at"]).timestamp() for status in statuses)
    ideal = len(crowd) / WORKERS * path_ms / 1000
    seconds = end - begin
    running = [status["execution_time_ms"] - status["timing_ms"]["queue"] for status in statuses]
    details = {
        "critical_path_ms": path_ms,
        "seconds_until_all_accepted": posted - begin,
        "ideal_seconds": ideal,
        "times_ideal": seconds / ideal,
        "running_ms_median": statistics.median(running),
        "running_ms_p90": percentile(running, 90),
        **{
            f"{name}_ms_median": statistics.median(status["timing_ms"][name] for status in statuses)
            for name in ("calldoc", "sqlhk")
        },
    }
    name = f"{len(crowd)} patients at once, CallDoc 200 ms, {WORKERS} workers"
    return [
        Row(GROUP, f"{name}: wrong, missing or double", wrong, 0, "syncs", {"ends": dict(ends)}),
        Row(GROUP, f"{name}: until the last", seconds, _FACTOR * ideal, "s", details),
    ]


def _post_all(program: Program, visits: Sequence[Visit]) -> list[str]:
    """Post all as fast as the answers come; returns the task ids."""

    def run(number: int) -> list[str]:
        with program.client() as client:
            return [post(client, visit)[0] for visit in visits[number::_CLIENTS]]

    with ThreadPoolExecutor(_CLIENTS) as pool:
        return [task_id for ids in pool.map(run, range(_CLIENTS)) for task_id in ids]
