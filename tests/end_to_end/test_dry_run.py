"""A dry run writes nothing, and its token carries out exactly its plan or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.end_to_end.answers import outcomes, problem
from tests.end_to_end.conftest import Sync
from tests.end_to_end.program import Program
from tests.end_to_end.stage import Stage


def _without_keys(changes: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [
        (item["table"], item["column"], item["before"], item["after"])
        for item in changes
        if item["column"] != "PatientID"
    ]


def test_new_patient_is_shown_and_then_made(stage: Stage, sync: Sync) -> None:
    appointment = stage.planned_once()
    with stage.nothing_written():
        shown = sync(dry_run=True)
        assert sync(dry_run=True)["plan_token"] == shown["plan_token"]
    assert shown["dry_run"] is True
    assert shown["sqlhk_sync"]["action"] == "would_create"
    assert shown["sqlhk_sync"]["patient_action"] == "would_create"
    assert shown["sqlhk_sync"]["patient_id"] is None
    assert shown["sqlhk_sync"]["untersuchung_id"] is None
    assert {change["key"] for change in shown["sqlhk_sync"]["changes"]} == {None}
    assert outcomes(shown) == {appointment["id"]: "would_create"}
    done = sync(plan_token=shown["plan_token"])
    assert done["sqlhk_sync"]["action"] == "created"
    assert done["sqlhk_sync"]["patient_action"] == "created"
    shown_changes = _without_keys(shown["sqlhk_sync"]["changes"])
    assert _without_keys(done["sqlhk_sync"]["changes"]) == shown_changes
    with stage.nothing_written():
        assert sync(plan_token=shown["plan_token"])["error_code"] == "plan_changed"


def test_update_and_link_are_shown(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered(M1Ziffer=None)
    key = stage.examined(patient_id, UntersucherAbrechnungID=1)
    stage.planned_once()
    with stage.nothing_written():
        shown = sync(dry_run=True)
    assert shown["sqlhk_sync"]["action"] == "would_update"
    assert shown["sqlhk_sync"]["patient_action"] == "would_link"
    assert shown["sqlhk_sync"]["untersuchung_id"] == key
    done = sync(plan_token=shown["plan_token"])
    assert done["sqlhk_sync"]["changes"] == shown["sqlhk_sync"]["changes"]
    assert done["sqlhk_sync"]["patient_action"] == "linked"


def test_nothing_to_do_is_shown(stage: Stage, sync: Sync) -> None:
    stage.examined(stage.registered())
    stage.planned_once()
    with stage.nothing_written():
        shown = sync(dry_run=True)
        assert shown["sqlhk_sync"]["action"] == "unchanged"
        assert sync(plan_token=shown["plan_token"])["sqlhk_sync"]["action"] == "unchanged"


def test_failing_dry_run_has_no_token(stage: Stage, sync: Sync) -> None:
    stage.planned_once(room=99)
    with stage.nothing_written():
        status = sync(dry_run=True)
    assert status["error_code"] == "mapping_missing"
    assert status["plan_token"] is None


Change = Callable[[Stage, dict[str, Any], int, int], None]


def _doctor_in_calldoc(stage: Stage, appointment: dict[str, Any], *_: int) -> None:
    stage.change(appointment, employee=50)


def _later_in_calldoc(stage: Stage, appointment: dict[str, Any], *_: int) -> None:
    stage.change(appointment, scheduled_for_datetime=f"{stage.day}T09:00:00")


def _second_in_calldoc(stage: Stage, *_: Any) -> None:
    stage.also_planned(stage.appointment(room=18))


def _lab_in_sqlhk(stage: Stage, _: Any, __: int, key: int) -> None:
    stage.execute("UPDATE Untersuchung SET HerzkatheterID = 6 WHERE UntersuchungID = ?", key)


def _name_in_sqlhk(stage: Stage, _: Any, patient_id: int, __: int) -> None:
    stage.execute("UPDATE Patient SET Nachname = 'Neu' WHERE PatientID = ?", patient_id)


def _row_in_sqlhk(stage: Stage, _: Any, patient_id: int, __: int) -> None:
    stage.examined(patient_id, HerzkatheterID=1, UntersucherAbrechnungID=1)


@pytest.mark.parametrize(
    "change",
    [
        _doctor_in_calldoc,
        _later_in_calldoc,
        _second_in_calldoc,
        _lab_in_sqlhk,
        _name_in_sqlhk,
        _row_in_sqlhk,
    ],
)
def test_plan_that_no_longer_holds(stage: Stage, sync: Sync, change: Change) -> None:
    patient_id = stage.registered()
    key = stage.examined(patient_id, UntersucherAbrechnungID=1)
    appointment = stage.planned_once()
    token = sync(dry_run=True)["plan_token"]
    change(stage, appointment, patient_id, key)
    with stage.nothing_written():
        status = sync(plan_token=token)
    assert status["error_code"] == "plan_changed"
    assert status["safe_to_retry"] is False


def test_what_people_fill_in_does_not_change_the_plan(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    key = stage.examined(patient_id, UntersucherAbrechnungID=1)
    stage.planned_once()
    token = sync(dry_run=True)["plan_token"]
    stage.execute("UPDATE Untersuchung SET Roentgen = 9 WHERE UntersuchungID = ?", key)
    assert sync(plan_token=token)["sqlhk_sync"]["action"] == "updated"
    (row,) = stage.examinations()
    assert row["Roentgen"] == 9


@pytest.mark.parametrize(
    "other", [{"appointment_type_id": 25}, {"expected_birth_date": "1961-02-03"}], ids=str
)
def test_token_of_another_request(stage: Stage, sync: Sync, other: dict[str, Any]) -> None:
    stage.known()
    stage.planned(stage.appointment(), stage.appointment(appointment_type=25))
    token = sync(dry_run=True)["plan_token"]
    with stage.nothing_written():
        assert sync(plan_token=token, **other)["error_code"] == "plan_changed"


def test_token_and_dry_run_together(program: Program, stage: Stage) -> None:
    document = problem(
        program.send(stage.body(dry_run=True, plan_token="0" * 64)), 400, "invalid_request"
    )
    assert document["errors"]["json"].keys() == {"plan_token"}


def test_invented_token(stage: Stage, sync: Sync) -> None:
    stage.planned_once()
    with stage.nothing_written():
        assert sync(plan_token="0" * 64)["error_code"] == "plan_changed"
