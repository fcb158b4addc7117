"""Somebody else writes in SQLHK between our question and our write; triggers; locks; no rights."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import Any

import pytest

from demo import people
from demo.registry_rows import patient_id
from sync_core.run_control import RunControl
from tests.clock import PATIENCE
from tests.faults.house import COMPLETED, House, Houses
from tests.faults.injection import FOR_EVER, Act
from tests.faults.outcome_table import TABLE

pytestmark = pytest.mark.usefixtures("hurried")

BOTH = pytest.mark.parametrize("database", ["sqlite", "sql server"])
CHANGED = people.OTHER_DOCTOR
CHANGED_ID = patient_id(CHANGED)
LINKED_ID = patient_id(people.LINKABLE)
_OWN_ROW = f"Datum = '06.10.2025' AND PatientID = {CHANGED_ID}"


def somebody(house: House, statement: str) -> Act:
    """Another writer carries out ``statement`` and commits; our transaction stays as it is.

    SQLite lets nobody write while we hold its lock, so the lock is let go for a moment; nothing
    has been written by us until then.
    """

    def act(connection: Any) -> None:
        ours = connection if isinstance(connection, sqlite3.Connection) else None
        if ours is not None:
            ours.execute("ROLLBACK")
        house.query(statement)
        if ours is not None:
            ours.execute("BEGIN IMMEDIATE")

    return act


def own_row(house: House) -> tuple[Any, ...]:
    (row,) = house.query(
        "SELECT HerzkatheterID, UntersucherAbrechnungID, Roentgen, Herzteam, Materialpreis, DRGID,"
        f" ZuweiserID FROM Untersuchung WHERE {_OWN_ROW}"
    )
    return tuple(row)


FILLED_IN = (3, 2, 1234.56, 17, 41)
"""What people have entered into the row, and nobody of us may touch."""


@BOTH
def test_our_row_is_changed_once(houses: Houses, database: str) -> None:
    """The conflict is noticed, everything is read again, and the second attempt is right."""
    house = houses.make(database)
    others = house.fingerprint(without={CHANGED_ID})
    change = f"UPDATE Untersuchung SET HerzkatheterID = 6 WHERE {_OWN_ROW}"
    house.injection.before("update_examination", somebody(house, change))
    outcome = house.sync(CHANGED.piz)
    assert (outcome.code, outcome.actions) == (COMPLETED, ["updated"])
    assert {change.before for change in outcome.result.changes} <= {6, 2}
    assert own_row(house) == (2, 12, *FILLED_IN)
    assert house.injection.calls.count("update_examination") == 2
    assert house.fingerprint(without={CHANGED_ID}) == others
    assert house.sync(CHANGED.piz).actions == ["unchanged"]
    TABLE.add("somebody changes our row, once", outcome.code, "written")


@BOTH
def test_our_row_is_changed_each_time(houses: Houses, database: str) -> None:
    house = houses.make(database)
    others = house.fingerprint(without={CHANGED_ID})
    rooms = iter((6, 3, 1, 6, 3))

    def act(connection: Any) -> None:
        change = f"UPDATE Untersuchung SET HerzkatheterID = {next(rooms)} WHERE {_OWN_ROW}"
        somebody(house, change)(connection)

    house.injection.before("update_examination", act, times=FOR_EVER)
    outcome = house.sync(CHANGED.piz)
    assert outcome.code == "conflict"
    assert house.injection.calls.count("update_examination") == 2
    assert own_row(house) == (3, 2, *FILLED_IN)  # as the other one left it
    assert {line.reason for line in outcome.result.lines} == {"not_written"}
    assert house.fingerprint(without={CHANGED_ID}) == others
    house.injection.clear()
    assert house.sync(CHANGED.piz).actions == ["updated"]
    assert own_row(house) == (2, 12, *FILLED_IN)
    TABLE.add("somebody changes our row, each time", outcome.code, "untouched")


@BOTH
def test_our_row_is_changed_to_what_we_want(houses: Houses, database: str) -> None:
    house = houses.make(database)
    change = f"UPDATE Untersuchung SET UntersucherAbrechnungID = 12 WHERE {_OWN_ROW}"
    house.injection.before("update_examination", somebody(house, change))
    outcome = house.sync(CHANGED.piz)
    assert (outcome.code, outcome.actions) == (COMPLETED, ["unchanged"])
    assert outcome.result.changes == ()
    assert own_row(house) == (2, 12, *FILLED_IN)


VANISHING = {
    "deleted": f"DELETE FROM Untersuchung WHERE {_OWN_ROW}",
    "moved to another day": f"UPDATE Untersuchung SET Datum = '07.10.2025' WHERE {_OWN_ROW}",
    "given to somebody else": f"UPDATE Untersuchung SET PatientID = 5 WHERE {_OWN_ROW}",
    "of another kind": f"UPDATE Untersuchung SET UntersuchungartID = 8 WHERE {_OWN_ROW}",
}


@BOTH
@pytest.mark.parametrize("what", VANISHING)
def test_our_row_vanishes(houses: Houses, database: str, what: str) -> None:
    """The second attempt finds no row and makes one; nothing else is touched."""
    house = houses.make(database)
    house.injection.before("update_examination", somebody(house, VANISHING[what]))
    states: list[list[Any]] = []
    everything = "SELECT * FROM Untersuchung ORDER BY UntersuchungID"
    house.injection.after(
        "update_examination", lambda _: states.append(house.query(everything)), times=1
    )
    outcome = house.sync(CHANGED.piz)
    assert (outcome.code, outcome.actions) == (COMPLETED, ["created"])
    key = outcome.result.untersuchung_id
    rows = house.query(everything)
    assert [row for row in rows if row[0] != key] == states[0]
    assert house.sync(CHANGED.piz).actions == ["unchanged"]
    TABLE.add(f"somebody's hand: our row is {what}", outcome.code, "written")


@BOTH
@pytest.mark.parametrize(("number", "action"), [(people.LINKABLE.piz, "found"), (5, "created")])
def test_the_patient_gets_a_number_from_somebody_else(
    houses: Houses, database: str, number: object, action: str
) -> None:
    house = houses.make(database)
    change = f"UPDATE Patient SET M1Ziffer = {number} WHERE PatientID = {LINKED_ID}"
    house.injection.before("link_patient", somebody(house, change))
    outcome = house.sync(people.LINKABLE.piz)
    assert (outcome.code, outcome.result.patient_action) == (COMPLETED, action)
    assert (outcome.result.patient_id == LINKED_ID) is (action == "found")
    assert house.query("SELECT M1Ziffer FROM Patient WHERE PatientID = ?", LINKED_ID) == [
        (int(str(number)),)
    ]
    doubts = {warning.code for warning in outcome.result.warnings}
    assert ("possible_double" in doubts) is (action == "created")


@BOTH
def test_the_patient_is_deleted_by_somebody_else(houses: Houses, database: str) -> None:
    """A row that is no longer there cannot be linked; the person is created anew."""
    house = houses.make(database)
    house.injection.before(
        "link_patient", somebody(house, f"DELETE FROM Patient WHERE PatientID = {LINKED_ID}")
    )
    outcome = house.sync(people.LINKABLE.piz)
    assert (outcome.code, outcome.result.patient_action) == (COMPLETED, "created")
    assert len(house.patient_ids(people.LINKABLE.piz)) == 1


AUDIT = """
CREATE TABLE Protokoll (Nr INTEGER PRIMARY KEY, Was text, Schluessel int);
CREATE TRIGGER p1 AFTER INSERT ON Patient BEGIN
    INSERT INTO Protokoll (Was, Schluessel) VALUES ('Patient', new.PatientID); END;
CREATE TRIGGER u1 AFTER INSERT ON Untersuchung BEGIN
    INSERT INTO Protokoll (Was, Schluessel) VALUES ('neu', new.UntersuchungID); END;
CREATE TRIGGER u2 AFTER UPDATE ON Untersuchung BEGIN
    INSERT INTO Protokoll (Was, Schluessel) VALUES ('geändert', new.UntersuchungID); END;
"""


@BOTH
@pytest.mark.parametrize(
    ("person", "entries"),
    [
        (people.UNKNOWN_TO_SQLHK, ["Patient", "neu"]),
        (people.MAX, ["neu"]),
        (CHANGED, ["geändert"]),
        (people.TWO_APPOINTMENTS, ["neu", "neu"]),
    ],
)
def test_an_audit_trigger(
    houses: Houses, database: str, person: people.Person, entries: list[str]
) -> None:
    """The practice's triggers work on; keys are ours, not those of the audit rows."""
    clean, house = houses.make(database), houses.make(database)
    with closing(sqlite3.connect(house.path)) as connection:
        connection.executescript(AUDIT)
        connection.execute("INSERT INTO Protokoll VALUES (700000, 'vorher', 0)")
        connection.commit()
    expected = clean.sync(person.piz)
    outcome = house.sync(person.piz)
    assert outcome.code == COMPLETED
    assert outcome.result.changes == expected.result.changes
    assert outcome.result.rows_outside_scope == 0
    assert house.fingerprint() == clean.fingerprint()
    assert [row[0] for row in house.query("SELECT Was FROM Protokoll WHERE Nr > 700000")] == entries
    assert set(house.sync(person.piz).actions) == {"unchanged"}
    TABLE.add("audit trigger on the tables", outcome.code, "written")


@BOTH
def test_a_trigger_that_fills_in_the_row(houses: Houses, database: str) -> None:
    house = houses.make(database)
    house.query(
        "CREATE TRIGGER u AFTER UPDATE ON Untersuchung BEGIN UPDATE Untersuchung"
        " SET Untersuchungtype = 4 WHERE UntersuchungID = new.UntersuchungID; END"
    )
    outcome = house.sync(CHANGED.piz)
    assert (outcome.code, outcome.actions) == (COMPLETED, ["updated"])
    assert own_row(house) == (2, 12, *FILLED_IN)
    assert house.sync(CHANGED.piz).actions == ["unchanged"]


@BOTH
@pytest.mark.parametrize("act", ["ABORT, 'nein'", "ROLLBACK, 'nein'", "FAIL, 'nein'"])
def test_a_trigger_that_forbids(houses: Houses, database: str, act: str) -> None:
    house = houses.make(database)
    before = house.fingerprint()
    house.query(f"CREATE TRIGGER u BEFORE INSERT ON Untersuchung BEGIN SELECT RAISE({act}); END")
    outcome = house.sync(people.UNKNOWN_TO_SQLHK.piz)  # the patient was written already
    assert outcome.code == "sqlhk_error"
    assert house.fingerprint() == before
    house.query("DROP TRIGGER u")
    assert house.sync(people.UNKNOWN_TO_SQLHK.piz).code == COMPLETED
    TABLE.add("a trigger forbids it", outcome.code, "untouched")


@BOTH
def test_a_trigger_that_swallows_the_row(houses: Houses, database: str) -> None:
    """An INSERT that answers without a key is not believed."""
    house = houses.make(database)
    before = house.fingerprint()
    house.query("CREATE TRIGGER u BEFORE INSERT ON Untersuchung BEGIN SELECT RAISE(IGNORE); END")
    outcome = house.sync(people.UNKNOWN_TO_SQLHK.piz)
    assert outcome.code == "scope_violation"
    assert house.fingerprint() == before


def test_read_only(houses: Houses) -> None:
    house = houses.make(read_only=True)
    before = house.fingerprint()
    outcome = house.sync(people.MAX.piz)
    assert outcome.code == "sqlhk_error"
    assert house.fingerprint() == before
    TABLE.add("read-only database", outcome.code, "untouched")


@pytest.mark.parametrize(
    "table", ["Patient", "Untersuchung", "Untersuchungart", "Herzkatheter", "Untersucherabrechnung"]
)
def test_a_table_is_missing(houses: Houses, table: str) -> None:
    house = houses.make()
    house.query(f"ALTER TABLE {table} RENAME TO weg")
    outcome = house.sync(people.UNKNOWN_TO_SQLHK.piz)
    assert outcome.code == "sqlhk_error"
    house.query(f"ALTER TABLE weg RENAME TO {table}")
    assert house.fingerprint() == houses.make().fingerprint()
    assert house.sync(people.UNKNOWN_TO_SQLHK.piz).code == COMPLETED
    TABLE.add("a table is missing", outcome.code, "untouched")


def test_the_file_is_gone(houses: Houses) -> None:
    house = houses.make()
    house.path.unlink()
    assert house.sync(people.MAX.piz).code == "sqlhk_unavailable"
    assert not house.path.exists()  # no empty database in its place
    TABLE.add("the file is gone", "sqlhk_unavailable", "untouched")


def hold(house: House, release: threading.Event, held: threading.Event) -> threading.Thread:
    def holding() -> None:
        with closing(sqlite3.connect(house.path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            release.wait(2 * PATIENCE)
            connection.execute("ROLLBACK")

    thread = threading.Thread(target=holding)
    thread.start()
    return thread


def test_locked_for_longer_than_the_deadline(houses: Houses) -> None:
    house, release, held = houses.make(), threading.Event(), threading.Event()
    before = house.fingerprint()
    holder = hold(house, release, held)
    try:
        assert held.wait(PATIENCE)
        outcome = house.sync(people.MAX.piz, control=RunControl(2.5))
        assert outcome.code == "timeout"
        assert house.fingerprint() == before
    finally:
        release.set()
        holder.join()
    assert house.sync(people.MAX.piz).actions == ["created"]
    TABLE.add("locked beyond the deadline", "timeout", "untouched")


def test_locked_for_a_while(houses: Houses) -> None:
    house, release, held = houses.make(), threading.Event(), threading.Event()
    holder = hold(house, release, held)
    try:
        assert held.wait(PATIENCE)
        asked = iter(range(FOR_EVER))

        def let_go(_: object) -> None:
            if next(asked) == 2:
                release.set()

        house.injection.before("lock", let_go, times=FOR_EVER)
        outcome = house.sync(people.MAX.piz)
    finally:
        release.set()
        holder.join()
    assert outcome.actions == ["created"]
    assert house.injection.calls.count("lock") >= 3
    TABLE.add("locked for a while", outcome.code, "written")
