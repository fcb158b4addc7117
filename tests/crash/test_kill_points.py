"""Killed at every single step of a sync, and started again: nobody is told anything untrue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash import doom
from tests.crash.nursery import Nursery
from tests.crash.program import Lives, OwnRegistry
from tests.crash.scenes import (
    MakeScene,
    Others,
    Scene,
    ended_or_dead,
    judge,
    moved_room,
    new_patient,
    post,
)
from tests.end_to_end.answers import Contract

NEW_PATIENT = [
    "journal: INSERT INTO task",
    "journal: COMMIT",
    "sqlhk: BEGIN IMMEDIATE",
    'sqlhk: SELECT "Patient"',
    'sqlhk: SELECT "Untersuchungart"',
    'sqlhk: SELECT "Herzkatheter"',
    'sqlhk: SELECT "Untersucherabrechnung"',
    'sqlhk: INSERT INTO "Patient"',
    'sqlhk: INSERT INTO "Untersuchung"',
    "journal: INSERT INTO receipt",
    "anchor: write",
    "anchor: fsync",
    "sqlhk: COMMIT",
    "sqlhk.sqlite-wal: write 4096 bytes",
    "journal.sqlite-wal: write 4096 bytes",
    "journal: UPDATE task",
]

MOVED_ROOM = [
    *[step for step in NEW_PATIENT if "sqlhk: INSERT" not in step and "journal.s" not in step],
    'sqlhk: SELECT "Untersuchung"',
    'sqlhk: UPDATE "Untersuchung"',
]


def every_step(step: doom.Step) -> bool:
    del step
    return True


def not_the_journals_pages(step: doom.Step) -> bool:
    """How SQLite writes the same records into the journal has been seen with the new patient."""
    return not step.name.startswith("journal.sqlite-wal: write")


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("make", "needed", "expected"),
    [
        (new_patient, every_step, NEW_PATIENT),
        (moved_room, not_the_journals_pages, MOVED_ROOM),
    ],
    ids=["new_patient", "moved_room"],
)
def test_killed_at_every_step_of_a_sync(
    nursery: Nursery,
    registry: OwnRegistry,
    contract: Contract,
    tmp_path: Path,
    make: MakeScene,
    needed: Callable[[doom.Step], bool],
    expected: list[str],
) -> None:
    others = Others(registry)

    def prepared() -> Scene:
        scene = make(registry)
        others.except_for(scene)
        return scene

    ends: Counter[str] = Counter()
    died: set[doom.Step] = set()
    with Lives(nursery, tmp_path / "program", registry.settings()) as lives:
        program = lives.program.wait_until_ready()
        program.sync(prepared().stage.body())  # the first connection has steps of its own
        doom.order(lives.orders, doom.NOWHERE)
        assert program.sync(prepared().stage.body())["status"] == "completed"
        steps = [step for step in doom.trace(lives.orders) if needed(step)]
        for step in steps:
            print(step)  # shown when a check fails
            scene = prepared()
            doom.order(lives.orders, step)
            accepted = post(program, scene)
            if ended_or_dead(program, accepted):
                died.add(step)
                program = lives.reborn()
                status = judge(program, scene, accepted, contract)
                ends["no task" if status is None else status["status"]] += 1
        others.check()
    for name in expected:
        assert any(step.name.startswith(name) for step in died), f"never died at {name}"
    # SQLite's own writes are not always as many; statements and the anchor's writes are.
    assert {step for step in steps if ": write " not in step.name} <= died
    assert ends["failed"] > 10
    assert ends["completed"] > 10
