"""The process from start to end: until it answers, its memory at rest, until it is gone."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from benchmarks.effort import Effort
from benchmarks.processes import HEADLESS, PROGRAM, WITH_WINDOW, Demo, Program
from benchmarks.results import Row
from benchmarks.visits import VisitPlanner, sync

GROUP = "process_life"
IDLE_CLIENTS = 16
_SYNCS_BEFORE_REST = 20
_REST_SECONDS = 2.0
_MEGABYTE = 2**20


def measure(folder: Path, effort: Effort) -> list[Row]:
    """With a window, which is Qt's *offscreen* one; starting is measured without as well."""
    with Demo(folder / "demo") as demo:
        rows = [
            _start("with window", WITH_WINDOW, folder / "windowed", demo, effort.starts),
            _start("headless", HEADLESS, folder / "headless", demo, effort.starts),
            _memory(folder / "memory", demo),
        ]
        if os.name == "posix":  # elsewhere no other process can ask it to end
            rows.append(_close(folder / "close", demo, effort.closes))
        return rows


def start_again(
    folder: Path, demo: Demo, options: tuple[str, ...], times: int, entry: Sequence[str] = PROGRAM
) -> tuple[float, dict[str, Any]]:
    """The median of the seconds until ``/health`` answers, and those of each start.

    The first start, which makes the data folder, does not count.
    """
    seconds = []
    for _ in range(times + 1):
        with Program(folder, demo.settings(), options, entry) as program:
            seconds.append(program.wait_until_ready())
            program.settle()
            program.terminate()
    first, *further = seconds
    return statistics.median(further), {"first": first, "further": further}


def close_with_clients(
    folder: Path, demo: Demo, times: int, entry: Sequence[str] = PROGRAM
) -> list[float]:
    """The seconds until a program with a window and idle kept connections is gone."""
    seconds = []
    for _ in range(times):
        with Program(folder, demo.settings(), WITH_WINDOW, entry) as program, ExitStack() as stack:
            program.wait_until_ready()
            for _ in range(IDLE_CLIENTS):
                client = stack.enter_context(program.client())
                client.expect(200, "GET", "/health")
            program.settle()
            seconds.append(program.terminate())
    return seconds


def _start(what: str, options: tuple[str, ...], folder: Path, demo: Demo, times: int) -> Row:
    median, details = start_again(folder, demo, options, times)
    name = f"start until /health answers, from source, {what}: median"
    return Row(GROUP, name, median, 1.5, "s", details)


def _memory(folder: Path, demo: Demo) -> Row:
    with Program(folder, demo.settings(), WITH_WINDOW) as program:
        program.wait_until_ready()
        process = psutil.Process(program.popen.pid)
        time.sleep(_REST_SECONDS)
        fresh = process.memory_info().rss
        with program.client() as client:
            for visit in VisitPlanner(demo).plan(_SYNCS_BEFORE_REST):
                sync(client, visit, "created")
        time.sleep(_REST_SECONDS)
        used = process.memory_full_info()
    details = {
        "rss_before_any_sync_mb": fresh / _MEGABYTE,
        "uss_mb": used.uss / _MEGABYTE,
        "syncs": _SYNCS_BEFORE_REST,
    }
    name = f"memory at rest with window, after {_SYNCS_BEFORE_REST} syncs: RSS"
    return Row(GROUP, name, used.rss / _MEGABYTE, 150, "MB", details)


def _close(folder: Path, demo: Demo, times: int) -> Row:
    seconds = close_with_clients(folder, demo, times)
    name = f"close with {IDLE_CLIENTS} idle kept connections: slowest"
    return Row(GROUP, name, max(seconds), 3, "s", {"all": seconds})
