"""Killed once more while it looks after what the last kill left."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.crash import doom
from tests.crash.nursery import Nursery
from tests.crash.program import Lives, OwnRegistry
from tests.crash.scenes import ended_or_dead, judge, judge_end, new_patient, post
from tests.end_to_end.answers import Contract

FIRST_DEATH = {
    "written": doom.Step("journal: UPDATE task SET status = ?, stored = ?,", 1),
    "not_written": doom.Step("sqlhk: COMMIT", 1),
    "anchor_behind": doom.Step("anchor: write", 2),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "death", ["written", "anchor_behind", pytest.param("not_written", marks=pytest.mark.slow)]
)
def test_killed_at_every_step_of_the_recovery(
    nursery: Nursery, registry: OwnRegistry, contract: Contract, tmp_path: Path, death: str
) -> None:
    scene = new_patient(registry)
    left = tmp_path / "left"
    with Lives(nursery, tmp_path / "program", registry.settings()) as lives:
        program = lives.program.wait_until_ready()
        doom.order(lives.orders, FIRST_DEATH[death])
        accepted = post(program, scene)
        assert ended_or_dead(program, accepted)
        program.data_dir.rename(left)

        def begin_again(step: doom.Step) -> None:
            shutil.rmtree(program.data_dir, ignore_errors=True)
            shutil.copytree(left, program.data_dir)
            lives.begin(step)

        begin_again(doom.NOWHERE)
        judge_end(lives.program.wait_until_ready(), scene, accepted, contract)
        steps = [step for step in doom.trace(lives.orders) if _changes_something(step)]
        for step in steps:
            print(step)  # shown when a check fails
            begin_again(step)
            lives.program.die()
            program = lives.reborn()
            judge_end(program, scene, accepted, contract)
        judge(program, scene, accepted, contract)
    assert scene.written()


def _changes_something(step: doom.Step) -> bool:
    """Reading leaves nothing, and SQLite's single writes are those of a sync's records."""
    return not any(word in step.name for word in ("SELECT", "PRAGMA", "-wal: write"))
