"""Over-broad and wrong writes: refused by the guard, and without it found by the scope proof."""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from demo import people
from demo.calldoc_state import ordinary_state
from demo.day_plan import ORDINARY_DAY
from demo.registry_rows import patient_id
from plugins.single_patient.statements import Statement, StatementList
from tests.faults.calldoc_in_memory import InMemoryCallDoc
from tests.faults.house import House, Houses
from tests.faults.wrong_writes import ONLY_THE_GUARD, WRONG_WRITES, WrongWrite

IN_PLACE = [wrong for wrong in WRONG_WRITES if wrong.manner == "instead"]


@pytest.fixture
def calldoc_state() -> InMemoryCallDoc:
    return InMemoryCallDoc(ordinary_state(ORDINARY_DAY))


def furnished(house: House) -> House:
    """Each of the people has a row of another day, so that there is something to touch wrongly."""
    for person in (people.OTHER_DOCTOR, people.MAX):
        house.query(
            "INSERT INTO Untersuchung (Datum, PatientID, UntersuchungartID, Roentgen)"
            " VALUES ('01.02.2020', ?, 1, 7)",
            patient_id(person),
        )
    return house


def named(house: House, call: str, parameters: Any) -> dict[str, Any]:
    """The parameters of one of the plugin's statements by name."""
    dialect = house.sqlhk.engine.dialect
    if house.server is None:
        clause = house.sqlhk.dialect.statements[call].clause
        names = clause.compile(dialect=dialect).positiontup  # type: ignore[attr-defined]
    else:
        names = house.server.parameter_names(call)
    return dict(zip(names, parameters, strict=True))


class Interference:
    """Puts the wrong write in the place of the right one, or sends it besides."""

    def __init__(self, house: House, wrong: WrongWrite) -> None:
        self.running: list[sqlite3.Connection] = []
        self.sent = 0
        self._house = house
        self._wrong = wrong

    def __call__(self, genuine: str, values: Any) -> tuple[str, Any]:
        self.sent += 1
        by_name = named(self._house, self._wrong.call, values)
        if self._wrong.manner == "instead":
            return self._wrong.text, by_name
        touched = self.running[-1].execute(self._wrong.text, by_name).rowcount
        assert touched > 0, f"harmless: {self._wrong}"
        return genuine, values


def check(house: House, wrong: WrongWrite) -> None:
    """The sync ends as a violation, and nothing at all has changed."""
    before = house.fingerprint()
    outcome = house.sync(wrong.person.piz)
    assert outcome.code == "scope_violation", (wrong, outcome)
    assert house.fingerprint() == before, wrong
    assert "commit" not in house.injection.calls, wrong
    assert house.intents == [], wrong
    assert outcome.result.changes == ()


def with_text(statements: StatementList, wrong: WrongWrite) -> StatementList:
    """The list with another clause under the name of the right one: a fault in our own code."""
    return StatementList(
        Statement(item.name, item.table, item.writes, text(wrong.text), item.text)
        if item.name == wrong.call
        else item
        for item in statements
    )


def test_there_are_a_hundred() -> None:
    assert len(set(WRONG_WRITES)) == 100
    assert Counter(wrong.manner for wrong in WRONG_WRITES) == {"instead": 77, "besides": 23}


def test_the_guard_stops_each(houses: Houses, calldoc_state: InMemoryCallDoc) -> None:
    house = furnished(houses.make(calldoc=calldoc_state))
    genuine = house.sqlhk.dialect.statements
    for wrong in (*WRONG_WRITES, *ONLY_THE_GUARD):
        house.injection.clear()
        house.sqlhk.dialect.statements = with_text(genuine, wrong)
        check(house, wrong)
        assert wrong.text not in house.injection.strangers  # it did not even reach the driver
        assert wrong.call not in house.injection.calls


def test_without_the_guard_the_scope_proof_finds_each(
    houses: Houses, calldoc_state: InMemoryCallDoc
) -> None:
    house = furnished(houses.make(calldoc=calldoc_state, guarded=False))
    for wrong in WRONG_WRITES:
        house.injection.clear()
        interference = Interference(house, wrong)
        house.injection.before(wrong.call, interference.running.append)
        house.injection.change_text(wrong.call, interference)
        check(house, wrong)
        assert interference.sent == 1


def test_on_sql_server_the_returned_keys_find_each(
    houses: Houses, calldoc_state: InMemoryCallDoc
) -> None:
    """There is no count of changed rows over a transaction there, so the keys have to do."""
    house = furnished(houses.make("sql server", calldoc=calldoc_state, guarded=False))
    for wrong in IN_PLACE:
        house.injection.clear()
        house.injection.change_text(wrong.call, Interference(house, wrong))
        check(house, wrong)


def test_the_number_of_foreign_rows_is_told(houses: Houses, calldoc_state: InMemoryCallDoc) -> None:
    house = furnished(houses.make(calldoc=calldoc_state, guarded=False))
    rows = len(house.query("SELECT 1 FROM Untersuchung"))
    everything = WRONG_WRITES[0]
    house.injection.change_text(everything.call, Interference(house, everything))
    assert house.sync(everything.person.piz).result.rows_outside_scope == rows - 1


@pytest.mark.parametrize("dry", [{"dry_run": True}, {}])
def test_a_right_write_passes(
    houses: Houses, calldoc_state: InMemoryCallDoc, dry: dict[str, Any]
) -> None:
    """Or else the hundred above would prove nothing."""
    house = furnished(houses.make(calldoc=calldoc_state))
    for person in (people.OTHER_DOCTOR, people.LINKABLE, people.UNKNOWN_TO_SQLHK, people.MAX):
        outcome = house.sync(person.piz, **dry)
        assert (outcome.code, outcome.result.rows_outside_scope) == ("completed", 0)
