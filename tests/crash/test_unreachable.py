"""Started again while SQLHK cannot be asked what became of the commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.clock import PATIENCE
from tests.crash import doom
from tests.crash.nursery import Nursery
from tests.crash.program import Born, Lives, OwnRegistry
from tests.crash.scenes import Scene, ended_or_dead, moved_room, new_patient, post, settle
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import Demo, until

BEFORE_COMMIT = doom.Step("sqlhk: COMMIT", 1)
AFTER_COMMIT = doom.Step("journal: UPDATE task SET status = ?, stored = ?,", 1)
ROUNDS_SECONDS = 30.0


@pytest.fixture
def shared(demo: Demo) -> Iterator[OwnRegistry]:
    """The demo's own SQLHK, whose faults can be switched on."""
    registry = OwnRegistry.of_demo(demo)
    yield registry
    demo.faults()


def _killed_at(lives: Lives, scene: Scene, step: doom.Step) -> str:
    program = lives.program.wait_until_ready()
    doom.order(lives.orders, step)
    accepted = post(program, scene)
    assert ended_or_dead(program, accepted)
    assert accepted is not None
    return accepted


def _unknown(program: Born, task_id: str, contract: Contract) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        status = program.status(task_id)
        return status if status["error_code"] else None

    status = until(look, PATIENCE, "nobody says that the outcome is unknown")
    contract.check_status(status)
    assert (status["status"], status["error_code"]) == ("failed", "outcome_unknown")
    assert (status["resolution"], status["resolved_at"]) == (None, None)
    return status


def _asked_in_vain(program: Born, times: int) -> None:
    """Until SQLHK was asked so often in this run; the pause after the third is five seconds."""
    log = program.data_dir / "sync_gui.log"

    def look() -> bool | None:
        this_run = log.read_text(encoding="utf-8").rpartition(" start version=")[2]
        return this_run.count("the outcome cannot be asked for now") >= times or None

    until(look, PATIENCE, "it was not asked again")


def _resolved(program: Born, unknown: dict[str, Any], contract: Contract) -> str:
    def look() -> dict[str, Any] | None:
        status = program.status(unknown["task_id"])
        return status if status["resolution"] else None

    status = until(look, ROUNDS_SECONDS, "the outcome was never asked for")
    contract.check_status(status)
    assert status["resolved_at"] is not None
    changed = ("resolution", "resolved_at", "warnings")
    assert {name: status[name] for name in status if name not in changed} == {
        name: unknown[name] for name in unknown if name not in changed
    }
    return str(status["resolution"])


# A lock is waited for, so that takes longer than a database that is not there.
@pytest.mark.parametrize(
    ("make", "step", "fault", "resolution"),
    [
        (new_patient, BEFORE_COMMIT, "down", "not_written"),
        (new_patient, AFTER_COMMIT, "down", "written"),
        (moved_room, BEFORE_COMMIT, "down", "not_written"),
        (moved_room, AFTER_COMMIT, "down", "written"),
        pytest.param(new_patient, AFTER_COMMIT, "locked", "written", marks=pytest.mark.slow),
    ],
    ids=["new-down-not_written", "new-down", "moved-down-not_written", "moved-down", "new-locked"],
)
def test_unknown_until_sqlhk_can_be_asked(
    nursery: Nursery,
    shared: OwnRegistry,
    contract: Contract,
    tmp_path: Path,
    make: Any,
    step: doom.Step,
    fault: str,
    resolution: str,
) -> None:
    scene = make(shared)
    with Lives(nursery, tmp_path / "program", shared.settings()) as lives:
        task_id = _killed_at(lives, scene, step)
        shared.faults(sqlhk=fault)
        unknown = _unknown(lives.reborn(), task_id, contract)
        still = lives.reborn()  # a second start changes nothing
        assert still.status(task_id) == unknown
        shared.faults()
        assert _resolved(still, unknown, contract) == resolution
        settle(still)
        assert scene.written() == (resolution == "written")
        final = still.status(task_id)
        assert lives.reborn().status(task_id) == final
        action = "unchanged" if scene.written() else scene.action
        repeated = lives.program.sync(scene.stage.body())
        assert repeated["sqlhk_sync"]["action"] == action
        assert scene.written()


def test_keys_of_a_lost_transaction_go_to_somebody_else(
    nursery: Nursery, shared: OwnRegistry, contract: Contract, tmp_path: Path
) -> None:
    """A rolled back row's key is handed out again, to another patient's row of the same day."""
    lost = new_patient(shared)
    with Lives(nursery, tmp_path / "program", shared.settings()) as lives:
        task_id = _killed_at(lives, lost, BEFORE_COMMIT)
        shared.faults(sqlhk="down")
        program = lives.reborn()
        unknown = _unknown(program, task_id, contract)
        other = new_patient(shared, lost.stage.date, born=date(1948, 7, 9))
        _asked_in_vain(program, 3)
        shared.faults()
        assert program.sync(other.stage.body())["sqlhk_sync"]["action"] == "created"
        assert program.status(task_id)["resolution"] is None, "the test came too late"
        assert _resolved(program, unknown, contract) == "not_written"
        assert not lost.written()
        assert other.written()


def test_repeated_before_anybody_asked(
    nursery: Nursery, shared: OwnRegistry, contract: Contract, tmp_path: Path
) -> None:
    """Only one of two tasks has written the row, so only one may claim it."""
    scene = new_patient(shared)
    with Lives(nursery, tmp_path / "program", shared.settings()) as lives:
        task_id = _killed_at(lives, scene, BEFORE_COMMIT)
        shared.faults(sqlhk="down")
        program = lives.reborn()
        unknown = _unknown(program, task_id, contract)
        _asked_in_vain(program, 3)
        shared.faults()
        assert program.sync(scene.stage.body())["sqlhk_sync"]["action"] == "created"
        assert program.status(task_id)["resolution"] is None, "the test came too late"
        assert _resolved(program, unknown, contract) == "not_written"


def test_edited_after_the_crash(
    nursery: Nursery, shared: OwnRegistry, contract: Contract, tmp_path: Path
) -> None:
    scene = new_patient(shared)
    with Lives(nursery, tmp_path / "program", shared.settings()) as lives:
        task_id = _killed_at(lives, scene, AFTER_COMMIT)
        (row,) = scene.stage.examinations()
        scene.stage.execute(
            "UPDATE Untersuchung SET Roentgen = 9 WHERE UntersuchungID = ?", row["UntersuchungID"]
        )
        program = lives.reborn()
        status = program.wait(task_id)
        contract.check_status(status)
        assert status["status"] == "completed"
        assert "edited_meanwhile" in {warning["code"] for warning in status["warnings"]}
        settle(program)
