"""A hundred syncs in a row with random faults: every one ends in time, and nothing piles up."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.clock import AT_ONCE
from tests.crash.nursery import Nursery
from tests.crash.program import Born, OwnRegistry, receipts_of
from tests.crash.scenes import MakeScene, Others, moved_room, new_patient
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import Demo

TIMEOUT = 2
SEED = 40
SYNCS = 100
HANGING = 3
"""Of the hundred, for each way to hang: they cost the whole time."""

_HANGS: list[dict[str, Any]] = [
    {"both": {"mode": "hang"}},
    {"sqlhk": "locked"},
]
_QUICK: list[dict[str, Any]] = [
    {},
    {},
    {"patients": {"mode": "status", "status": 500}},
    {"appointments": {"mode": "html"}},
    {"both": {"mode": "half_json"}},
    {"both": {"mode": "reset"}},
    {"appointments": {"mode": "data_null"}},
    {"both": {"mode": "wrong_types"}},
    {"both": {"mode": "slow", "seconds": 0.1}},
    {"sqlhk": "down"},
    {"listener": "down"},
]


@pytest.fixture
def shared(demo: Demo) -> Iterator[OwnRegistry]:
    """The demo's own SQLHK, whose faults can be switched on."""
    yield OwnRegistry.of_demo(demo)
    demo.faults()


@pytest.mark.timeout(120)
def test_each_ends_in_time(
    nursery: Nursery, shared: OwnRegistry, contract: Contract, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    faults = [*_HANGS * HANGING]
    faults += [chance.choice(_QUICK) for _ in range(SYNCS - len(faults))]
    chance.shuffle(faults)
    makers: list[MakeScene] = [new_patient, moved_room]
    ends: Counter[str] = Counter()
    settings = {**shared.settings(), "TASKS__TIMEOUT_SECONDS": str(TIMEOUT)}
    with Born(nursery, tmp_path, settings) as program:
        program.wait_until_ready()
        process = psutil.Process(program.process.pid)
        program.sync(new_patient(shared).stage.body())
        threads_before = process.num_threads()
        files_before = process.num_fds()
        others = Others(shared)
        for number, fault in enumerate(faults):
            scene = makers[number % 2](shared)
            others.except_for(scene)
            shared.faults(**fault)
            begin = time.monotonic()
            task_id = program.start(scene.stage.body())
            status = program.wait(task_id)
            assert time.monotonic() - begin <= TIMEOUT + AT_ONCE, (fault, status)
            shared.faults()
            contract.check_status(status)
            assert sum(status["timing_ms"].values()) == status["execution_time_ms"]
            assert status["execution_time_ms"] <= (TIMEOUT + AT_ONCE) * 1000
            assert (status["status"] == "completed") == scene.written(), (fault, status)
            ends[status["error_code"] or status["status"]] += 1
        assert process.num_threads() <= threads_before + 5
        assert process.num_fds() <= files_before + 10
        assert receipts_of(program.data_dir).findings == ()
        others.check()
    print(dict(ends))
    assert ends["timeout"] == len(_HANGS) * HANGING
    assert ends["completed"] >= 10
    assert len(ends) >= 4
