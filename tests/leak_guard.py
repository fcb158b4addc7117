"""Fails a test that leaves a thread or a process behind.

A module's or session's fixture may keep a server running over many tests, and that server may
start threads whenever it likes. So the guard looks only at moments when no such fixture is alive:
then everything started since the session began must have ended. It says during which test a
leftover was first seen, which is not always the test it is reported with.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable

import psutil
import pytest

PATIENCE_SECONDS = 10.0
"""How long a thread or process that was told to end may take."""

ALLOWED_DAEMONS: frozenset[str] = frozenset()
"""Names of daemon threads that no test can end; each needs a reason here."""

RUNNERS_OWN = "pytest_timeout "
"""Where there are no signals, the time limit of each test is a thread with this prefix."""


class LeakGuard:
    """What is alive, what was before the first test, and what was already reported."""

    def __init__(self) -> None:
        self._excused_threads = set(threading.enumerate())
        self._excused_processes = {child.pid for child in psutil.Process().children()}
        self._first_seen: dict[threading.Thread, str] = {}
        self._wide_fixtures: set[int] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object]
    ) -> Generator[None, object, object]:
        """Note a project's fixture that outlives the test."""
        if fixturedef.scope != "function" and fixturedef.baseid:
            self._wide_fixtures.add(id(fixturedef))
        return (yield)

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[object]) -> None:
        """Note that such a fixture has ended."""
        self._wide_fixtures.discard(id(fixturedef))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, None, None]:
        """Look for leftovers once the test's fixtures have ended."""
        yield
        for thread in self._strange_threads():
            self._first_seen.setdefault(thread, item.nodeid)
        if self._wide_fixtures:
            return
        leftovers = self._left_threads()
        if nextitem is None or nextitem.path != item.path:  # asking for processes is not free
            leftovers += self._left_processes()
        if leftovers:
            pytest.fail("left behind: " + "; ".join(leftovers), pytrace=False)

    def _strange_threads(self) -> list[threading.Thread]:
        return [
            thread
            for thread in threading.enumerate()
            if thread not in self._excused_threads
            and not isinstance(thread, threading._DummyThread)  # a foreign one, e.g. Qt's
            and not thread.name.startswith(RUNNERS_OWN)
            and not (thread.daemon and thread.name in ALLOWED_DAEMONS)
        ]

    def _left_threads(self) -> list[str]:
        strange = self._strange_threads()
        _join_all(strange)
        left = [thread for thread in strange if thread.is_alive()]
        self._excused_threads.update(left)  # one report is enough
        names = [f"thread {thread.name} (since {self._first_seen[thread]})" for thread in left]
        self._first_seen.clear()
        return names

    def _left_processes(self) -> list[str]:
        children = [
            child
            for child in psutil.Process().children()
            if child.pid not in self._excused_processes
        ]
        _, left = psutil.wait_procs(children, timeout=PATIENCE_SECONDS) if children else ([], [])
        self._excused_processes.update(child.pid for child in left)
        return [f"process {child.pid} ({_name(child)})" for child in left]


def _join_all(threads: Iterable[threading.Thread]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.NoSuchProcess:
        return "ended meanwhile"
