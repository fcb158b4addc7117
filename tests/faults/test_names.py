"""The names that stand beside the keys in the changes: for people, and for nothing else."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from demo import people
from demo.day_plan import ORDINARY_DAY
from plugins.single_patient.kind import create_kind
from plugins.single_patient.registry_names import joined_name
from plugins.single_patient.schemas import SinglePatientStatusSchema
from sync_core.mapping import MappingRow
from sync_core.task_model import TaskSource
from tests.faults.house import COMPLETED, House, Houses, Outcome
from tests.sync_core.task_house import House as TaskHouse

NEW = people.UNKNOWN_TO_SQLHK


@pytest.fixture(params=["sqlite", "sql server"])
def house(houses: Houses, request: pytest.FixtureRequest) -> House:
    return houses.make(request.param)


def names(outcome: Outcome) -> dict[str, Any]:
    """The names before and after, by column, of all changes that have one."""
    changes = outcome.result.body()["sqlhk_sync"]["changes"]
    return {
        change["column"]: (change["before_name"], change["after_name"])
        for change in changes
        if (change["before_name"], change["after_name"]) != (None, None)
    }


def test_lab_examiner_and_kind_are_named(house: House) -> None:
    expected = {
        "UntersuchungartID": (None, "Herzkatheteruntersuchung"),
        "HerzkatheterID": (None, "Labor 3"),
        "UntersucherAbrechnungID": (None, "Prof. Dr. Jörg Weißhaupt"),
    }
    assert names(house.sync(people.MAX.piz, dry_run=True)) == expected
    assert names(house.sync(people.MAX.piz)) == expected


def test_what_stood_there_before_is_named_too(house: House) -> None:
    before, after = names(house.sync(people.OTHER_DOCTOR.piz))["UntersucherAbrechnungID"]
    assert before != after
    assert None not in (before, after)


@pytest.mark.parametrize(
    ("change", "column", "name"),
    [
        ("UPDATE Herzkatheter SET HerzkatheterName = NULL", "HerzkatheterID", None),
        ("UPDATE Herzkatheter SET HerzkatheterName = ' \t '", "HerzkatheterID", None),
        ("UPDATE Herzkatheter SET HerzkatheterName = x'00ff'", "HerzkatheterID", None),
        ("UPDATE Herzkatheter SET HerzkatheterName = ' Labor\n 3 '", "HerzkatheterID", "Labor 3"),
        (
            "UPDATE Untersucherabrechnung SET UntersucherAbrechnungTitel = NULL,"
            " UntersucherAbrechnungVorname = ''",
            "UntersucherAbrechnungID",
            "Weißhaupt",
        ),
    ],
    ids=["null", "blank", "no text", "spaces", "parts"],
)
def test_a_name_that_is_none(house: House, change: str, column: str, name: str | None) -> None:
    house.query(change)
    outcome = house.sync(people.MAX.piz)
    assert outcome.code == COMPLETED
    assert names(outcome).get(column, (None, None)) == (None, name)


def test_a_key_that_no_row_explains_has_no_name(house: House) -> None:
    house.query("UPDATE Untersuchung SET UntersucherAbrechnungID = 4711")
    before, after = names(house.sync(people.OTHER_DOCTOR.piz))["UntersucherAbrechnungID"]
    assert (before, after is None) == (None, False)


def test_names_decide_nothing(house: House) -> None:
    """Everything is called something else after the preview; its plan holds all the same."""
    shown = house.sync(NEW.piz, dry_run=True).result
    for table, column in (
        ("Untersuchungart", "UntersuchungartName"),
        ("Herzkatheter", "HerzkatheterName"),
        ("Untersucherabrechnung", "UntersucherAbrechnungName"),
    ):
        house.query(f"UPDATE {table} SET {column} = 'umbenannt'")
    again = house.sync(NEW.piz, dry_run=True).result
    assert again.plan_token == shown.plan_token
    done = house.sync(NEW.piz, plan_token=shown.plan_token)
    assert done.code == COMPLETED
    assert names(done)["HerzkatheterID"] == (None, "umbenannt")


def test_an_intent_holds_keys_and_no_names(house: House) -> None:
    assert names(house.sync(people.MAX.piz))
    (intent,) = house.intents
    assert intent.changes
    for change in intent.as_json()["changes"]:
        assert set(change) == {"table", "key", "column", "before", "after"}


def test_a_receipt_of_an_intent_holds_keys_and_no_names(house: House, tmp_path: Path) -> None:
    """What the journal keeps for years, also of the status that is told if it was written."""
    kind = create_kind(house.synchronizer, "")
    request = {"piz": people.OTHER_DOCTOR.piz, "date": ORDINARY_DAY.isoformat()}
    with closing(TaskHouse(tmp_path / "journal.sqlite")) as tasks:
        order = kind.prepare(request, TaskSource("api", "127.0.0.1"), "request")
        view = tasks.end_of(tasks.registry.submit(order).task_id)
        (body,) = tasks.journal.receipts.intents_after(0)
    (shown,) = view.body["sqlhk_sync"]["changes"]
    examiners = shown.pop("before_name"), shown.pop("after_name")
    assert None not in examiners
    assert body["if_written"]["body"]["sqlhk_sync"]["changes"] == [shown]
    for examiner in examiners:
        assert examiner not in json.dumps(body, ensure_ascii=False)
    # After a crash this is what the status tells.
    assert SinglePatientStatusSchema().validate(body["if_written"]["body"]) == {}


def test_names_are_written_to_no_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    outcome = house.sync(people.MAX.piz)
    assert "read Untersucherabrechnung" in caplog.text
    for _before, name in names(outcome).values():
        assert name not in caplog.text
        assert name not in repr(outcome.result)


def test_a_mapping_row_is_the_same_under_every_name() -> None:
    row = MappingRow(2, 27, "Weißhaupt")
    assert row == MappingRow(2, 27)
    assert hash(row) == hash(MappingRow(2, 27))
    assert "Weißhaupt" not in repr(row)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ([], None),
        ([None, "", "  "], None),
        ([7, b"x"], None),
        (["Dr.", None, " Szőke-Brandt "], "Dr. Szőke-Brandt"),
    ],
    ids=str,
)
def test_a_name_in_one_line(parts: list[object], name: str | None) -> None:
    assert joined_name(parts) == name
