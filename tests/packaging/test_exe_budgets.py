"""How large the EXE is, how soon it answers, what it takes at rest, how soon it is gone."""

from __future__ import annotations

import os
import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.packaging.exe import END_SECONDS, START_SECONDS, ExeProgram, System, is_free

MOST_MEGABYTES = 60.0
CLOSE_SECONDS = 3.0
MEMORY_MEGABYTES = 150.0
RUNS = 5
IDLE_CLIENTS = 3


def share() -> float:
    """Where more programs want to run than there are cores, each gets its share only."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def megabytes_at_rest(system: System) -> float:
    """What all its processes hold in memory together, nothing shared counted twice."""
    return sum(process.memory_full_info().pss for process in system.processes()) / 1e6


def close_by_hand(system: System, program: ExeProgram) -> float:
    """Click on the window's cross; the seconds until nothing of the program is left."""
    clicked = time.monotonic()
    system.display.close_window("Sync GUI")
    system.wait_until_gone()
    seconds = time.monotonic() - clicked
    assert is_free(program.port)
    assert program.ended(END_SECONDS) == 0
    return seconds


def test_it_is_small_enough_to_be_copied(system: System) -> None:
    megabytes = system.exe.stat().st_size / 1e6
    print(f"{system.name}: {megabytes:.1f} MB")
    assert megabytes <= MOST_MEGABYTES


def test_start_rest_and_end(system: System, tmp_path: Path) -> None:
    """The first start makes the data folder, and in Wine more; it is not counted."""
    starts, rests, ends = [], [], []
    for _ in range(RUNS + 1):
        with (
            ExeProgram(system, tmp_path / "d", "--demo", "--port", "0") as program,
            ExitStack() as at_end,
        ):
            program.wait_until_ready()
            system.display.wait_for("Sync GUI", START_SECONDS)
            for _ in range(IDLE_CLIENTS):
                client = at_end.enter_context(requests.Session())
                assert client.get(f"{program.url}/health", timeout=30).ok
            assert len(system.processes()) >= 2
            assert system.unpacked()
            rests.append(megabytes_at_rest(system))
            ends.append(close_by_hand(system, program))
            starts.append(program.seconds_until_ready)
    for what, found in (("s to start", starts), ("MB at rest", rests), ("s to end", ends)):
        counted = found[1:]
        middle = statistics.median(counted)
        print(f"{system.name}: {what}: median {middle:.2f}, worst {max(counted):.2f}")
    assert statistics.median(starts[1:]) <= system.seconds * share(), starts
    assert max(ends[1:]) <= CLOSE_SECONDS * share(), ends
    if system.name == "linux":  # Wine itself is in the other figure
        assert max(rests[1:]) <= MEMORY_MEGABYTES, rests
