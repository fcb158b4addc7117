"""A journal with many ended tasks: asking for one of them, and starting with it."""

from __future__ import annotations

import statistics
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from benchmarks.effort import Effort
from benchmarks.processes import HEADLESS, WITH_WINDOW, Demo, Program
from benchmarks.results import BenchmarkError, Row, percentile
from benchmarks.visits import VisitPlanner, status_of, sync
from sync_core.journal import Journal
from sync_core.task_model import TaskView

GROUP = "long_journal"
JOURNAL = "journal.sqlite"


def measure(folder: Path, effort: Effort) -> list[Row]:
    """The tasks are copies of one that the program itself has run, with its two receipts."""
    with Demo(folder / "demo") as demo:
        empty, full = folder / "empty", folder / "full"
        template = run_one(full, demo)
        task_ids = fill(full / "data" / JOURNAL, template, effort.ended_tasks)
        with Program(full, demo.settings(), HEADLESS) as program:
            program.wait_until_ready()
            times = _ask(program, task_ids, effort.status_calls)
        with_few, with_many = [], []
        for _ in range(effort.starts + 1):
            with_few.append(_start(empty, demo))
            with_many.append(_start(full, demo))
    few, many = statistics.median(with_few[1:]), statistics.median(with_many[1:])
    size = (full / "data" / JOURNAL).stat().st_size
    name = f"{effort.ended_tasks} ended tasks in the journal"
    asked = {"calls": len(times), "p50": percentile(times, 50), "max": max(times)}
    started = {"empty_s": few, "full_s": many, "journal_bytes": size}
    return [
        Row(GROUP, f"{name}: status call p99", percentile(times, 99), 10, "ms", asked),
        Row(GROUP, f"{name}: start takes longer by", (many - few) * 1000, 1000, "ms", started),
    ]


def run_one(folder: Path, demo: Demo) -> str:
    """Sync one patient with a program of its own in ``folder``; the task's id."""
    with Program(folder, demo.settings()) as program:
        program.wait_until_ready()
        with program.client() as client:
            status = sync(client, VisitPlanner(demo).plan(1)[0], "created")
        program.terminate()
    return str(status["task_id"])


def fill(path: Path, template_id: str, count: int) -> list[str]:
    """Record copies of a task through the journal's own door; returns their ids."""
    with closing(Journal(path)) as journal:
        template = journal.task(template_id)
        if template is None:
            raise BenchmarkError("the task is not in the journal")
        intent = {"piz": 0, "changes": template.body["sqlhk_sync"]["changes"]}
        task_ids = []
        for number in range(count):
            view = _copy(template, number)
            journal.add(view)
            journal.receipts.record(view.task_id, "intent", intent)
            journal.end(view)
            journal.receipts.record(view.task_id, "written", {"asked": False})
            task_ids.append(view.task_id)
    return task_ids


def _copy(template: TaskView, number: int) -> TaskView:
    earlier = timedelta(seconds=number)
    assert template.finished_at is not None  # noqa: S101 - for the type checker
    return replace(
        template,
        task_id=f"{template.task_id}_{number + 2}",
        created_at=template.created_at - earlier,
        finished_at=template.finished_at - earlier,
    )


def _ask(program: Program, task_ids: list[str], calls: int) -> list[float]:
    dice = Random(10_000)
    with program.client() as client:
        for _ in range(50):
            status_of(client, dice.choice(task_ids))
        paths = [f"/api/sync/status/{dice.choice(task_ids)}" for _ in range(calls)]
        return [client.expect(200, "GET", path).ms for path in paths]


def _start(folder: Path, demo: Demo) -> float:
    with Program(folder, demo.settings(), WITH_WINDOW) as program:
        seconds = program.wait_until_ready()
        program.settle()
        program.terminate()
    return seconds
