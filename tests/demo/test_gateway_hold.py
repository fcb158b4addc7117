"""A call that the gateway holds: it meets what the switches say when they are set again."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from typing import Any

import pytest

from demo.gateway_faults import parse_behaviour
from demo.systems import DemoSystems
from tests.clock import PATIENCE
from tests.demo.client import request

WRITE = "UPDATE Herzkatheter SET room_id = 77 WHERE HerzkatheterID = 3"
HELD = {"mode": "hold", "calls": "writes"}


def ask(systems: DemoSystems, sql: str) -> tuple[int, bytes]:
    document = {"query": sql, "database": "SQLHK"}
    return request("POST", f"{systems.gateway_url}/api/execute_sql", document)


def room(systems: DemoSystems) -> int:
    with closing(sqlite3.connect(systems.database_path, timeout=PATIENCE)) as connection:
        sql = "SELECT room_id FROM Herzkatheter WHERE HerzkatheterID = 3"
        return int(connection.execute(sql).fetchone()[0])


def switch(systems: DemoSystems, **document: Any) -> None:
    systems.gateway.apply(parse_behaviour(document))


def wait_for_writes(systems: DemoSystems, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while systems.gateway.board.counts()["writes"] < number:
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    ("afterwards", "status", "carried_out"),
    [({}, 200, True), ({"execute_sql": {"mode": "status_before"}}, 500, False)],
)
def test_a_held_write_meets_the_next_switches(
    systems: DemoSystems, afterwards: dict[str, Any], status: int, carried_out: bool
) -> None:
    before = room(systems)
    switch(systems, execute_sql=HELD)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, systems, WRITE)
        wait_for_writes(systems, 1)
        assert (room(systems), answer.done()) == (before, False)
        switch(systems, **afterwards)
        assert answer.result(PATIENCE)[0] == status
    assert room(systems) == (77 if carried_out else before)
    assert systems.gateway.board.counts()["writes"] == 1


def test_the_end_lets_a_held_write_go_without_carrying_it_out(systems: DemoSystems) -> None:
    before = room(systems)
    switch(systems, execute_sql=HELD)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, systems, WRITE)
        wait_for_writes(systems, 1)
        systems.stop()
        assert isinstance(answer.exception(PATIENCE), (OSError, HTTPException))
    assert room(systems) == before
