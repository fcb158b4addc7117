"""Two programs with a data folder each on one SQLHK: only its own lock is between them."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.clock import PATIENCE
from tests.crash.nursery import Nursery
from tests.crash.program import Born, OwnRegistry
from tests.crash.scenes import MakeScene, Others, moved_room, new_patient, settle
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import ENDED

CLIENTS = 8
SECONDS = 6.0


@pytest.fixture
def two(nursery: Nursery, registry: OwnRegistry, tmp_path: Path) -> Iterator[list[Born]]:
    with ExitStack() as alive:
        programs = [
            alive.enter_context(Born(nursery, tmp_path / name, registry.settings()))
            for name in ("first", "second")
        ]
        for program in programs:
            program.wait_until_ready()
        yield programs


def test_eight_clients_each(two: list[Born], registry: OwnRegistry, contract: Contract) -> None:
    """Half of what each client syncs is what all others sync at the same time."""
    makers: list[MakeScene] = [new_patient, moved_room]
    common = [makers[number % 2](registry) for number in range(12)]
    own = {
        (program, number): [makers[turn % 2](registry) for turn in range(6)]
        for program in two
        for number in range(CLIENTS)
    }
    private = [scene for scenes in own.values() for scene in scenes]
    others = Others(registry, *common, *private)
    claims: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    guard = threading.Lock()
    start = threading.Barrier(2 * CLIENTS)

    def client(program: Born, number: int) -> None:
        chance = random.Random(two.index(program) * CLIENTS + number)
        places = [*common, *own[program, number]]
        chance.shuffle(places)
        start.wait(PATIENCE)
        until = time.monotonic() + SECONDS
        for turn in itertools.count():
            if turn >= len(places) and time.monotonic() > until:
                break
            scene = places[turn] if turn < len(places) else chance.choice(places)
            answer = program.send(scene.stage.body(), headers={"Prefer": "wait=10"})
            if answer.status_code == 409:
                ends["refused"] += 1
                continue
            assert answer.status_code in (200, 202), answer.text  # few may wait in their call
            status = program.wait(answer.json()["task_id"])
            with guard:
                ends[status["status"]] += 1
                contract.check_status(status)
                assert status["status"] == "completed", status
                if status["sqlhk_sync"]["action"] == scene.action:
                    claims[scene.stage.piz] += 1
                else:
                    assert status["sqlhk_sync"]["action"] == "unchanged"

    with ThreadPoolExecutor(2 * CLIENTS) as pool:
        running = [pool.submit(client, program, n) for program in two for n in range(CLIENTS)]
        for each in running:
            each.result()
    print(dict(ends))
    for scene in (*common, *private):
        written = scene.written()  # neither doubled nor half
        assert claims[scene.stage.piz] == written
    assert all(scene.written() for scene in common)
    assert ends["completed"] > 100
    others.check()
    for program in two:
        settle(program)


def test_thirty_two_identical_requests_to_each(
    two: list[Born], registry: OwnRegistry, contract: Contract
) -> None:
    scene = new_patient(registry)
    others = Others(registry, scene)
    registry.faults(both={"mode": "hold"})
    start = threading.Barrier(64)

    def ask(program: Born) -> tuple[Born, Any]:
        start.wait(PATIENCE)
        return program, program.send(scene.stage.body())

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(ask, two * 32))
    registry.faults()
    actions = []
    for program in two:
        mine = [answer for place, answer in answers if place is program]
        assert sorted(answer.status_code for answer in mine) == [202] + [409] * 31
        (task_id,) = {answer.json()["task_id"] for answer in mine}
        status = program.wait(task_id)
        contract.check_status(status)
        assert status["status"] in ENDED
        actions.append(status["sqlhk_sync"]["action"])
    assert sorted(actions) == ["created", "unchanged"]
    assert scene.written()
    others.check()
