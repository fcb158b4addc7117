"""The SQLite SQLHK: creation, fingerprint, keeping, and its faults."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from demo.day_plan import ORDINARY_DAY
from demo.sqlhk_database import create_database, fingerprint, prepare_day
from demo.sqlhk_faults import SqlhkFault
from demo.systems import DemoSystems
from tests.demo.client import call, request

TODAY = date(2026, 3, 9)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database = tmp_path / "sqlhk.sqlite"
    create_database(database)
    return database


def execute(path: Path, statement: str, *values: object) -> int:
    with closing(sqlite3.connect(path, timeout=0)) as connection, connection:
        return connection.execute(statement, values).rowcount


def test_same_rows_same_fingerprint(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    create_database(other)
    assert fingerprint(path) == fingerprint(other)
    execute(other, "VACUUM")
    assert fingerprint(path) == fingerprint(other)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE Untersuchung SET Roentgen = Roentgen + 1 WHERE UntersuchungID = 1",
        "UPDATE Untersuchung SET Datum = Datum || ' ' WHERE UntersuchungID = 1",
        "UPDATE Patient SET handy = '' WHERE PatientID = 1",
        "UPDATE Patient SET M1Ziffer = CAST(M1Ziffer AS BLOB) WHERE PatientID = 1",
        "DELETE FROM Untersuchung WHERE UntersuchungID = 7",
        "INSERT INTO Patient (Nachname) VALUES ('Neu')",
        "UPDATE Herzkatheter SET room_id = 7 WHERE HerzkatheterID = 4",
        "UPDATE Untersuchungart SET appointment_type = NULL WHERE UntersuchungartID = 1",
        "UPDATE Untersucherabrechnung SET employee_id = 7 WHERE UntersucherAbrechnungID = 3",
    ],
)
def test_every_change_shows(path: Path, statement: str) -> None:
    before = fingerprint(path)
    assert execute(path, statement) == 1
    assert fingerprint(path) != before


def test_excluded_patients_do_not_count(path: Path) -> None:
    before = fingerprint(path, exclude_patient_ids={815, 5000})
    execute(path, "INSERT INTO Patient (PatientID, Nachname) VALUES (5000, 'Neu')")
    execute(path, "INSERT INTO Untersuchung (PatientID, Datum) VALUES (815, '06.10.2025')")
    assert fingerprint(path, exclude_patient_ids={815, 5000}) == before
    assert fingerprint(path, exclude_patient_ids={815}) != before
    execute(path, "UPDATE Untersuchung SET PatientID = 815 WHERE UntersuchungID = 1")
    assert fingerprint(path, exclude_patient_ids={815, 5000}) != before


def test_fingerprint_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        fingerprint(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_not_overwritten(path: Path) -> None:
    before = fingerprint(path)
    with pytest.raises(FileExistsError):
        create_database(path)
    assert fingerprint(path) == before


def test_prepare_day_adds_once(path: Path, tmp_path: Path) -> None:
    before = fingerprint(path)
    prepare_day(path, ORDINARY_DAY)
    assert fingerprint(path) == before
    prepare_day(path, TODAY)
    once = fingerprint(path)
    assert once != before
    execute(path, "UPDATE Untersuchung SET UntersucherAbrechnungID = 12 WHERE PatientID = 825")
    changed = fingerprint(path)
    prepare_day(path, TODAY)
    assert fingerprint(path) == changed != once


def test_readers_do_not_wait_for_writers(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=0)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert fingerprint(path)
        writer.rollback()


def test_identities_are_not_handed_out_again(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        first = connection.execute("INSERT INTO Patient (Nachname) VALUES ('A')").lastrowid
        connection.execute("DELETE FROM Patient WHERE PatientID = ?", (first,))
        second = connection.execute("INSERT INTO Patient (Nachname) VALUES ('B')").lastrowid
    assert first is not None
    assert second == first + 1


def test_locked(systems: DemoSystems) -> None:
    path = systems.database_path
    statement = "UPDATE Herzkatheter SET room_id = 55 WHERE HerzkatheterID = 4"
    faults = f"{systems.control_url}/faults"
    assert call("PUT", faults, {"sqlhk": "locked"})["sqlhk"] == "locked"
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        execute(path, statement)
    assert fingerprint(path)
    call("PUT", faults, {"sqlhk": "locked"})
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        execute(path, statement)
    call("PUT", faults, {})
    assert execute(path, statement) == 1


def test_locked_cannot_be_had(systems: DemoSystems, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.sqlhk_faults._LOCK_WAIT_SECONDS", 0.05)
    faults = f"{systems.control_url}/faults"
    with closing(sqlite3.connect(systems.database_path, isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        document = {"sqlhk": "locked", "both": {"mode": "hang"}}
        assert request("PUT", faults, document)[0] == 409
        somebody.execute("ROLLBACK")
    shown = call("GET", faults)
    assert (shown["sqlhk"], shown["appointments"]) == ("none", {"mode": "none"})


def test_down(systems: DemoSystems) -> None:
    before = fingerprint(systems.database_path)
    faults = f"{systems.control_url}/faults"
    call("PUT", faults, {"sqlhk": "down"})
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="unable to open"):
            execute(systems.database_path, "SELECT 1 FROM Patient")
        call("PUT", faults, {"sqlhk": "down"})
    call("PUT", faults, {"sqlhk": "none"})
    assert fingerprint(systems.database_path) == before


def test_down_while_a_client_holds_a_connection(systems: DemoSystems) -> None:
    faults = f"{systems.control_url}/faults"
    with closing(sqlite3.connect(systems.database_path)) as pooled:
        pooled.execute("INSERT INTO Patient (Nachname) VALUES ('A')")
        pooled.commit()
        with_a = fingerprint(systems.database_path)
        call("PUT", faults, {"sqlhk": "down"})
        pooled.execute("INSERT INTO Patient (Nachname) VALUES ('B')")
        pooled.commit()
    call("PUT", faults, {})
    assert fingerprint(systems.database_path) != with_a
    assert execute(systems.database_path, "DELETE FROM Patient WHERE Nachname IN ('A', 'B')") == 2
    with closing(sqlite3.connect(systems.database_path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_stop_undoes_the_faults(tmp_path: Path) -> None:
    for mode in ("down", "locked"):
        with DemoSystems.start(tmp_path, today=TODAY) as systems:
            call("PUT", f"{systems.control_url}/faults", {"sqlhk": mode})
        assert execute(tmp_path / "sqlhk.sqlite", "UPDATE Herzkatheter SET room_id = room_id") > 0


def test_down_is_undone_after_a_crash(path: Path) -> None:
    before = fingerprint(path)
    SqlhkFault(path).apply("down")
    assert path.is_dir()
    SqlhkFault(path)
    assert fingerprint(path) == before


def test_sqlalchemy_urls(systems: DemoSystems) -> None:
    query = text("SELECT PatientID FROM Patient WHERE M1Ziffer = 1234567")
    write = text("UPDATE Herzkatheter SET room_id = 55 WHERE HerzkatheterID = 4")
    for url, writable in ((systems.sqlhk_url, True), (systems.sqlhk_read_only_url, False)):
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(query).scalars().all() == [815]
            if writable:
                assert connection.execute(write).rowcount == 1
                connection.commit()
            else:
                with pytest.raises(OperationalError, match="readonly"):
                    connection.execute(write)
        engine.dispose()


def test_parallel_writers_take_turns(systems: DemoSystems) -> None:
    def write() -> None:
        with closing(sqlite3.connect(systems.database_path, timeout=10)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO Patient (Nachname) VALUES ('Z')")
            connection.commit()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert execute(systems.database_path, "DELETE FROM Patient WHERE Nachname = 'Z'") == 8
