"""The threads that run tasks: given up when they hang, replaced, and back at work afterwards."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator

import pytest

from sync_core.task_workers import WorkerPool
from tests.clock import PATIENCE
from tests.sync_core.task_house import until


class Item:
    def __init__(self, *, hangs: bool) -> None:
        self.begun, self.leave, self.done = threading.Event(), threading.Event(), threading.Event()
        if not hangs:
            self.leave.set()

    def run(self) -> None:
        self.begun.set()
        assert self.leave.wait(PATIENCE)
        self.done.set()


class Pool:
    """A pool with a plain queue in front; ``most_given_up`` is 1."""

    def __init__(self, count: int) -> None:
        self.items: queue.Queue[Item | None] = queue.Queue()
        self.hanging: list[Item] = []
        self.count = count
        self.pool: WorkerPool[Item] = WorkerPool(
            count, self.items.get, Item.run, logging.getLogger("tests.pool"), most_given_up=1
        )

    def hang(self) -> Item:
        item = Item(hangs=True)
        self.hanging.append(item)
        self.items.put(item)
        assert item.begun.wait(PATIENCE)
        return item

    def works(self, seconds: float = PATIENCE) -> bool:
        item = Item(hangs=False)
        self.items.put(item)
        return item.done.wait(seconds)

    def close(self) -> None:
        self.pool.close()
        for item in self.hanging:
            item.leave.set()
        for _ in range(self.count):
            self.items.put(None)
        self.pool.join(time.monotonic() + PATIENCE)


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool(1)
    yield pool
    pool.close()


def test_a_thread_that_hangs_is_replaced(pool: Pool) -> None:
    item = pool.hang()
    assert not pool.works(0.2)
    pool.pool.give_up(item)
    assert pool.pool.given_up == 1
    assert pool.works()
    item.leave.set()
    until(lambda: pool.pool.given_up == 0)
    assert pool.works()


def test_giving_up_twice_or_what_has_ended_changes_nothing(pool: Pool) -> None:
    item = pool.hang()
    pool.pool.give_up(item)
    pool.pool.give_up(item)
    pool.pool.give_up(Item(hangs=False))
    assert pool.pool.given_up == 1


def test_too_many_are_not_replaced_but_work_again_when_they_come_back(pool: Pool) -> None:
    first = pool.hang()
    pool.pool.give_up(first)
    second = pool.hang()
    pool.pool.give_up(second)
    assert pool.pool.given_up == 2
    assert not pool.works(0.2)
    first.leave.set()
    until(lambda: pool.pool.given_up == 1)
    assert pool.works()
    second.leave.set()
    until(lambda: pool.pool.given_up == 0)
    assert pool.works()


def test_nobody_is_replaced_once_it_is_closed(pool: Pool) -> None:
    item = pool.hang()
    before = threading.active_count()
    pool.pool.close()
    pool.pool.give_up(item)
    assert threading.active_count() == before


def test_a_thread_that_does_not_end_is_named(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    item = pool.hang()
    pool.pool.close()
    pool.pool.join(time.monotonic())
    assert "did not end and is left behind" in caplog.text
    item.leave.set()
