"""Asked to end while a sync hangs: it ends in time, and the next start says what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.nursery import Nursery
from tests.crash.program import Born, OwnRegistry, receipts_of
from tests.crash.scenes import MakeScene, check_truth, moved_room, new_patient
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import END_SECONDS, Demo


@pytest.fixture
def shared(demo: Demo) -> Iterator[OwnRegistry]:
    """The demo's own SQLHK, whose faults can be switched on."""
    yield OwnRegistry.of_demo(demo)
    demo.faults()


@pytest.mark.parametrize(
    ("make", "faults", "stage"),
    [
        (new_patient, {"appointments": {"mode": "hang"}}, "calldoc"),
        (moved_room, {"both": {"mode": "drip_header", "interval": 0.2}}, "calldoc"),
        (new_patient, {"sqlhk": "locked"}, "match"),
        (moved_room, {"sqlhk": "locked"}, "match"),
    ],
    ids=["calldoc_hangs", "calldoc_drips", "new_while_locked", "moved_while_locked"],
)
def test_sigterm_during_a_sync(
    nursery: Nursery,
    shared: OwnRegistry,
    contract: Contract,
    tmp_path: Path,
    make: MakeScene,
    faults: dict[str, object],
    stage: str,
) -> None:
    scene = make(shared)
    with scene.stage.nothing_written():
        with Born(nursery, tmp_path, shared.settings()) as program:
            program.wait_until_ready()
            shared.faults(**faults)
            tasks = [program.start(scene.stage.body())]
            program.wait_for_stage(tasks[0], stage)
            assert program.terminate() < END_SECONDS
        shared.faults()
        with Born(nursery, tmp_path, shared.settings()) as program:
            program.wait_until_ready()
            status = program.status(tasks[0])
            check_truth(scene, status, contract, written=False)
            assert receipts_of(program.data_dir).findings == ()
    assert not scene.written()
