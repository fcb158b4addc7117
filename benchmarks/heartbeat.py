"""Whether the window keeps painting: the longest gap between two beats of its thread.

What is in front is painted, so the busy cases are measured with each of the program's panels there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.http_client import Client
from benchmarks.long_journal import JOURNAL, fill, run_one
from benchmarks.processes import WITH_WINDOW, Demo, Program
from benchmarks.results import BenchmarkError, Row, percentile
from benchmarks.visits import Visit, VisitPlanner, post, wait_until_idle
from benchmarks.waiting import wait_for
from benchmarks.whole_day import APPOINTMENTS, plan_day, sync_day

GROUP = "heartbeat"
LONGEST_MS = 100
_ENTRY_POINT = "[sync_gui.plugins]\nheartbeat = benchmarks.heartbeat_plugin:plugin\n"
_CLIENTS = 8
_TROUBLED = 8
_LOADING_SECONDS = 3.0
_SHOWN_SECONDS = 0.5
"""Until the window has shown the end of a task as well."""


@dataclass(frozen=True)
class Gap:
    """Milliseconds between two beats; ``own_ms`` without waiting for a processor."""

    ms: float
    own_ms: float


class Heart:
    """The beats of a program with a window, from one look to the next."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._seen = 0

    def gaps(self) -> list[Gap]:
        """The gaps since the last time this was asked."""
        told = self._client.expect(200, "GET", "/api/heartbeat").json()
        pairs = zip(told["gaps_ms"], told["delays_ms"], strict=False)
        gaps = [Gap(ms, max(0.0, ms - delay)) for ms, delay in pairs][self._seen :]
        self._seen += len(gaps)
        return gaps

    def panels(self) -> list[str]:
        """The ids of the panels that can be brought to the front."""
        told = self._client.expect(200, "GET", "/api/heartbeat/panels").json()
        return [str(panel) for panel in told["panels"]]

    def bring_to_front(self, panel: str) -> None:
        """Show a panel by its id and wait until it is painted."""
        told = self._client.expect(200, "PUT", f"/api/heartbeat/front/{panel}").json()
        if told["front"] != panel:
            raise BenchmarkError(f"{told['front']!r} is in front instead of {panel!r}")
        self.wait_until_calm()

    def wait_until_calm(self) -> None:
        """Wait until the window is built and has nothing more to do."""
        wait_for(lambda: len(self.gaps()) > 0 or None, "the window does not beat")
        wait_for(self._calm, "the window is not calm", pause=0.3)
        self.gaps()

    def _calm(self) -> bool | None:
        gaps = self.gaps()
        return (len(gaps) > 10 and max(gap.own_ms for gap in gaps) < LONGEST_MS) or None


def measure(folder: Path, effort: Effort) -> list[Row]:
    """The real program with its window, first in trouble, then busy, then with a long history."""
    rows: list[Row] = []
    with Demo(folder / "demo") as demo:
        settings = {**demo.settings(), **with_heart(folder / "plugins")}
        with Program(folder / "short", settings, WITH_WINDOW) as program:
            program.wait_until_ready()
            with program.client() as client:
                heart = Heart(client)
                heart.wait_until_calm()
                planner = VisitPlanner(demo)
                visits = planner.plan(_TROUBLED)
                gaps = beats_in_trouble(demo, program, heart, visits, effort.hang_seconds)
                rows.append(_row("CallDoc hangs, SQLHK is locked", gaps))
                for number, panel in enumerate(heart.panels(), start=1):
                    heart.bring_to_front(panel)
                    gaps = beats_while_busy(program, heart, planner.plan(effort.crowd))
                    rows.append(_row(f"{effort.crowd} syncs at once, panel {panel}", gaps))
                    gaps = beats_during_day(demo, program, heart, date(2033, number, 3))
                    rows.append(_row(f"day of {APPOINTMENTS} twice, panel {panel}", gaps))
            program.terminate()
        gaps = _beats_with_history(folder, demo, settings, effort.ended_tasks)
        rows.append(_row(f"loading {effort.ended_tasks} ended tasks", gaps))
    return rows


def with_heart(folder: Path) -> dict[str, str]:
    """The environment with which the program finds the plugin that beats."""
    info = folder / "heartbeat-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: heartbeat\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_ENTRY_POINT)
    return {"SYNC_GUI_PLUGINS__DIRS": str(folder)}


def beats_in_trouble(
    demo: Demo, program: Program, heart: Heart, visits: Sequence[Visit], seconds: float
) -> list[Gap]:
    """The gaps while syncs wait for a CallDoc that hangs and a SQLHK that is locked."""
    heart.gaps()
    demo.control("PUT", "faults", {"patients": {"mode": "hang"}, "sqlhk": "locked"})
    _post_all(program, visits[::2])
    time.sleep(seconds / 2)
    demo.control("PUT", "faults", {"sqlhk": "locked"})
    _post_all(program, visits[1::2])
    time.sleep(seconds / 2)
    demo.control("PUT", "faults", {})
    return heart.gaps()


def beats_while_busy(program: Program, heart: Heart, visits: Sequence[Visit]) -> list[Gap]:
    """The gaps while all these are synced at once."""
    with program.client() as client:
        wait_until_idle(client)
        heart.gaps()
        _post_all(program, visits)
        wait_until_idle(client)
    return heart.gaps()


def beats_during_day(demo: Demo, program: Program, heart: Heart, day: date) -> list[Gap]:
    """The gaps while a day of new patients is synced, and then the same day again."""
    plan_day(demo, day)
    heart.gaps()
    with program.client() as client:
        sync_day(client, day, "inserted")
        sync_day(client, day, "unchanged")
    time.sleep(_SHOWN_SECONDS)
    return heart.gaps()


def _beats_with_history(
    folder: Path, demo: Demo, settings: dict[str, str], count: int
) -> list[Gap]:
    template = run_one(folder / "long", demo)
    fill(folder / "long" / "data" / JOURNAL, template, count)
    with Program(folder / "long", settings, WITH_WINDOW) as program:
        program.wait_until_ready()
        with program.client() as client:
            wait_for(lambda: Heart(client).gaps() or None, "the window does not beat")
            time.sleep(_LOADING_SECONDS)
            gaps = Heart(client).gaps()  # from the first beat on
        program.terminate()
    return gaps


def _post_all(program: Program, visits: Sequence[Visit]) -> None:
    def post_some(some: Sequence[Visit]) -> None:
        with program.client() as client:
            for visit in some:
                post(client, visit)

    with ThreadPoolExecutor(_CLIENTS) as pool:
        for done in [pool.submit(post_some, visits[n::_CLIENTS]) for n in range(_CLIENTS)]:
            done.result()


def _row(name: str, gaps: Sequence[Gap]) -> Row:
    longest = max(gap.ms for gap in gaps)
    details = {
        "beats": len(gaps),
        "p99": percentile([gap.ms for gap in gaps], 99),
        "longest_own": max(gap.own_ms for gap in gaps),
    }
    return Row(GROUP, f"window, longest gap, {name}", longest, LONGEST_MS, "ms", details)
