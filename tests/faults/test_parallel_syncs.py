"""Many syncs at once, in one program and in two: one row for one thing, and nobody is refused."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo import people
from sync_core.run_control import RunControl
from tests.clock import PATIENCE
from tests.faults import driver_errors as errors
from tests.faults.house import COMPLETED, House, Houses, Outcome
from tests.faults.injection import failing
from tests.faults.judging import SYNCS

THREADS = 8
SECONDS = 30.0


def at_once(syncs: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    """Begin all of them in the same instant."""
    gate = threading.Barrier(len(syncs))

    def run(sync: Callable[[], Outcome]) -> Outcome:
        gate.wait(PATIENCE)
        return sync()

    with ThreadPoolExecutor(len(syncs)) as pool:
        return list(pool.map(run, syncs))


def sync_of(house: House, piz: str | None) -> Callable[[], Outcome]:
    return lambda: house.sync(piz, control=RunControl(SECONDS))


def two_programs(houses: Houses, database: str) -> tuple[House, House]:
    """Two programs on one SQLite file; with SQL Server it is one, but with eight connections."""
    house = houses.make(database, connections=THREADS)
    return house, houses.second(house) if database == "sqlite" else house


BOTH = pytest.mark.parametrize("database", ["sqlite", "sql server"])


@BOTH
@pytest.mark.parametrize("sync", SYNCS)
def test_the_same_patient(houses: Houses, database: str, sync: str) -> None:
    expected = houses.make()
    clean = expected.sync(SYNCS[sync].piz)
    programs = two_programs(houses, database)
    outcomes = at_once([sync_of(programs[index % 2], SYNCS[sync].piz) for index in range(THREADS)])
    assert {outcome.code for outcome in outcomes} == {COMPLETED}
    assert programs[0].fingerprint() == expected.fingerprint()
    wrote = [outcome for outcome in outcomes if outcome.result.changes]
    assert len(wrote) == (1 if clean.result.changes else 0)
    for outcome in wrote:
        assert outcome.result.changes == clean.result.changes
    for outcome in outcomes:
        assert outcome in wrote or set(outcome.actions) == {"unchanged"}
        assert outcome.result.patient_id == clean.result.patient_id
        assert outcome.result.rows_outside_scope == 0


@BOTH
def test_different_patients(houses: Houses, database: str) -> None:
    """All sorts of work in two programs, each patient in both of them."""
    sequence = houses.make()
    for person in SYNCS.values():
        sequence.sync(person.piz)
    programs = two_programs(houses, database)
    outcomes = at_once(
        [sync_of(house, person.piz) for person in SYNCS.values() for house in programs]
    )
    assert {outcome.code for outcome in outcomes} == {COMPLETED}
    assert contents(programs[0]) == contents(sequence)


def contents(house: House) -> Counter[tuple[Any, ...]]:
    """All rows without the keys that the database hands out in the order of arrival."""
    rows: Counter[tuple[Any, ...]] = Counter()
    for row in house.query(
        "SELECT p.M1Ziffer, p.Nachname, u.Datum, u.UntersuchungartID, u.HerzkatheterID,"
        " u.UntersucherAbrechnungID, u.ZuweiserID, u.Roentgen, u.Herzteam, u.Materialpreis,"
        " u.DRGID FROM Patient p LEFT JOIN Untersuchung u ON u.PatientID = p.PatientID"
    ):
        rows[row] += 1
    return rows


@BOTH
def test_with_dry_runs_and_deadlock_victims_among_them(houses: Houses, database: str) -> None:
    house = houses.make(database, connections=THREADS)
    make_error = errors.BUSY if database == "sqlite" else errors.DEADLOCK_VICTIM
    house.injection.before("insert_examination", failing(make_error), times=5)
    piz = people.UNKNOWN_TO_SQLHK.piz

    def dry() -> Outcome:
        return house.sync(piz, control=RunControl(SECONDS), dry_run=True)

    outcomes = at_once([dry if index % 2 else sync_of(house, piz) for index in range(THREADS)])
    assert {outcome.code for outcome in outcomes} == {COMPLETED}
    assert len(house.patient_ids(piz)) == 1
    written = [outcome for outcome in outcomes[::2] if outcome.result.patient_action == "created"]
    assert len(written) == 1
    previews = {outcome.result.action for outcome in outcomes[1::2]}
    assert previews <= {"would_create", "unchanged"}
    expected = houses.make()
    expected.sync(piz)
    assert house.fingerprint() == expected.fingerprint()


def test_it_is_the_lock_that_keeps_doubles_out(houses: Houses) -> None:
    """The same with a lock that lets everybody in: the tests above would notice."""
    house = houses.make("sql server", connections=THREADS)
    assert house.server is not None
    house.server.lock_answers = [0, 0]
    both_have_looked = threading.Barrier(2)

    def wait_for_the_other(_connection: Any) -> None:
        both_have_looked.wait(PATIENCE)

    house.injection.before("insert_patient", wait_for_the_other, times=2)
    piz = people.UNKNOWN_TO_SQLHK.piz
    outcomes = at_once([sync_of(house, piz), sync_of(house, piz)])
    assert [outcome.code for outcome in outcomes] == [COMPLETED, COMPLETED]
    assert len(house.patient_ids(piz)) == 2
