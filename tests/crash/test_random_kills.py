"""Killed from outside at any moment while several patients are synced."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.clock import PATIENCE
from tests.crash.nursery import Nursery
from tests.crash.program import Born, Lives, OwnRegistry
from tests.crash.scenes import Others, Scene, moved_room, new_patient, post, settle
from tests.end_to_end.answers import Contract

SEED = 20_251_006
SECONDS_A_SYNC = 0.06
"""So long a sync takes at most, among others; by then a round has ended."""


@dataclass
class Tally:
    """What many kills came to."""

    kills: int = 0
    doubles: int = 0
    half_writes: int = 0
    untrue: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    counted: set[str] = field(default_factory=set)

    def count(self, status: dict[str, Any]) -> None:
        """Count how a task ended, once."""
        if status["task_id"] not in self.counted:
            self.ends[status["error_code"] or status["status"]] += 1
            self.counted.add(status["task_id"])

    def __str__(self) -> str:
        return (
            f"{self.kills} kills: {self.doubles} doubles, {self.half_writes} half writes, "
            f"{self.untrue} untrue statuses, no foreign row changed; "
            f"tasks by their end: {dict(self.ends)}"
        )

    def good(self) -> bool:
        """Nothing that must never happen has happened."""
        return not (self.doubles or self.half_writes or self.untrue)


def kill_again_and_again(
    lives: Lives,
    registry: OwnRegistry,
    contract: Contract,
    kills: int,
    chance: random.Random,
) -> Tally:
    """Each round syncs new patients, and those of earlier rounds that were not written."""
    tally = Tally()
    others = Others(registry)
    left_over: list[Scene] = []
    program = lives.program.wait_until_ready()
    for _ in range(kills):
        makers: list[Callable[[OwnRegistry], Scene]] = [new_patient, new_patient, moved_room]
        fresh = [make(registry) for make in makers]
        others.except_for(*fresh)
        scenes = [*left_over, *fresh]
        chance.shuffle(scenes)
        moment = chance.uniform(0, SECONDS_A_SYNC * len(scenes))
        killer = threading.Timer(moment, program.process.kill)
        killer.start()
        for scene in scenes:
            post(program, scene)
        killer.join()
        assert program.process.wait(PATIENCE) == -9
        tally.kills += 1
        program = lives.reborn()
        settle(program)
        left_over = [scene for scene in scenes if not _judged(program, scene, contract, tally)]
    for scene in left_over:
        assert program.sync(scene.stage.body())["sqlhk_sync"]["action"] == scene.action
        _judged(program, scene, contract, tally)
    others.check()
    return tally


def _judged(program: Born, scene: Scene, contract: Contract, tally: Tally) -> bool:
    """Whether the scene is done with: it was written, or went wrong."""
    rows = scene.rows()
    if rows not in (scene.before, scene.after):
        tally.doubles += len(rows) > len(scene.after)
        tally.half_writes += len(rows) <= len(scene.after)
        print("rows:", rows, "instead of", scene.before, "or", scene.after)
        return True
    written = rows == scene.after
    statuses = program.tasks_of(scene.stage.piz)
    for status in statuses:
        contract.check_status(status)
        tally.count(status)
    claims = sum(
        status["status"] == "completed" and status["sqlhk_sync"]["action"] == scene.action
        for status in statuses
    )
    denials = sum(status["error_code"] == "interrupted" for status in statuses)
    if claims != written or claims + denials != len(statuses):
        tally.untrue += 1
        print("untrue:", written, statuses)
        return True
    return written


@pytest.mark.timeout(120)
def test_twenty_five_kills(
    nursery: Nursery, registry: OwnRegistry, contract: Contract, tmp_path: Path
) -> None:
    with Lives(nursery, tmp_path / "program", registry.settings()) as lives:
        tally = kill_again_and_again(lives, registry, contract, 25, random.Random(SEED))
    print(tally)
    assert tally.good(), tally
    assert tally.ends["completed"] >= 5
    assert tally.ends["interrupted"] >= 5


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_hundred_kills(
    nursery: Nursery,
    registry: OwnRegistry,
    contract: Contract,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Tally()
    for part in range(10):  # a young journal and an old one
        with Lives(nursery, tmp_path / f"program{part}", registry.settings()) as lives:
            tally = kill_again_and_again(lives, registry, contract, 50, random.Random(SEED + part))
        assert tally.good(), tally
        total.kills += tally.kills
        total.ends += tally.ends
    with capsys.disabled():
        print(f"\n{total}")
    assert total.kills >= 500
