"""How long others wait for their answers while forty clients wait for a task's end."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from benchmarks.effort import Effort
from benchmarks.http_client import Answer, Client
from benchmarks.processes import Demo, Program
from benchmarks.results import BenchmarkError, Row, percentile
from benchmarks.visits import POST_PATH, Visit, VisitPlanner, post
from benchmarks.waiting import wait_for

GROUP = "waiting_clients"
CROWD = 40
PLACES = 16
"""Calls that the server lets wait; the others are answered at once and come back a second later."""

_PER_SECOND = 20
_MOST_SECONDS = 8.0
"""All these tasks hang and wait; after a little more the queue would take no further ones."""
_CALLDOC_SECONDS = 60.0
_WAIT = 30
_SOME_WHILE = 0.5


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Half of the crowd sends its request again and waits, half asks for the status and waits.

    Meanwhile requests for other patients and ``/health`` come in, evenly over time.
    """
    with Demo(folder / "demo") as demo, Program(folder / "program", demo.settings()) as program:
        program.wait_until_ready()
        planner = VisitPlanner(demo)
        awaited = planner.plan(1)[0]
        seconds = min(effort.post_seconds, _MOST_SECONDS)
        others = planner.plan(round(seconds * _PER_SECOND))
        demo.slow_calldoc(_CALLDOC_SECONDS)
        with Crowd(program, awaited) as crowd:
            posts, health = _others(program, others)
            waiting = crowd.waiting()
        seconds = program.terminate()
        released = crowd.released()
    if waiting != PLACES:
        raise BenchmarkError(f"{waiting} clients waited, not {PLACES}")
    name = f"{CROWD} clients wait"
    details = {"waiting": waiting, "requests": len(posts), "max": max(posts)}
    return [
        Row(GROUP, f"{name}: POST until 202: p50", percentile(posts, 50), 10, "ms", details),
        Row(GROUP, f"{name}: POST until 202: p99", percentile(posts, 99), 60, "ms", details),
        Row(GROUP, f"{name}: /health: p99", percentile(health, 99), 20, "ms"),
        Row(GROUP, f"{name}: not answered when the program ends", CROWD - released, 0, "clients"),
        Row(GROUP, f"{name}: until the program has ended", seconds, 3, "s"),
    ]


class Crowd:
    """Clients that wait for one task, each on a thread; a context manager.

    Leaving it they come back no more; the program's end lets go those who still wait.
    """

    def __init__(self, program: Program, visit: Visit) -> None:
        self._program = program
        self._visit = visit
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._asking: dict[int, float] = {}
        self._ended: list[bool] = []
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"waits-{number}")
            for number in range(CROWD)
        ]

    def __enter__(self) -> Crowd:
        with self._program.client() as client:
            headers = {"Idempotency-Key": "crowd"}
            body = self._visit.body()
            self._task_id = client.call("POST", POST_PATH, body, headers).json()["task_id"]
        for thread in self._threads:
            thread.start()
        wait_for(lambda: self.waiting() == PLACES or None, "nobody waits")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()

    def waiting(self) -> int:
        """How many have had no answer for some while: those who were let in to wait."""
        long_ago = time.monotonic() - _SOME_WHILE
        with self._lock:
            return sum(since < long_ago for since in self._asking.values())

    def released(self) -> int:
        """How many got an answer to their last call; waits for all of them."""
        for thread in self._threads:
            thread.join(_WAIT)
        return sum(self._ended)

    def _run(self, number: int) -> None:
        with self._program.client() as client:
            answered = True
            while answered and not self._over.is_set():
                with self._lock:
                    self._asking[number] = time.monotonic()
                try:
                    answered = self._ask(client, number).status in (200, 202)
                except OSError:
                    answered = False
                with self._lock:
                    del self._asking[number]
                self._over.wait(1.0)
            self._ended.append(answered)

    def _ask(self, client: Client, number: int) -> Answer:
        if number % 2:
            return client.call("GET", f"/api/sync/status/{self._task_id}?wait={_WAIT}")
        headers = {"Idempotency-Key": "crowd", "Prefer": f"wait={_WAIT}"}
        return client.call("POST", POST_PATH, self._visit.body(), headers)


def _others(program: Program, visits: list[Visit]) -> tuple[list[float], list[float]]:
    """Milliseconds of each POST and of each ``/health``, sent in turns by eight clients."""
    begin = time.monotonic() + 0.1
    with ExitStack() as stack:
        clients = [stack.enter_context(program.client()) for _ in range(8)]

        def run(number: int) -> tuple[list[float], list[float]]:
            posts, health = [], []
            for index in range(number, len(visits), len(clients)):
                time.sleep(max(0.0, begin + index / _PER_SECOND - time.monotonic()))
                posts.append(post(clients[number], visits[index])[1])
                health.append(clients[number].expect(200, "GET", "/health").ms)
            return posts, health

        with ThreadPoolExecutor(len(clients)) as pool:
            taken = list(pool.map(run, range(len(clients))))
    return [ms for posts, _ in taken for ms in posts], [ms for _, health in taken for ms in health]
