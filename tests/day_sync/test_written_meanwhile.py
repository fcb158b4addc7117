"""Somebody writes between our look at SQLHK and our statement."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from sync_core.errors import ConflictError, SqlhkError
from tests.day_sync.conftest import FUTURE, House, entry

NUMBER = 7_400_001


def test_the_number_was_given_to_somebody_else(house: House) -> None:
    """Our INSERT finds the number taken and does nothing; the row there is another person's."""
    house.planned(FUTURE, [entry(NUMBER, 1)])
    house.execute(
        "CREATE TRIGGER somebody BEFORE INSERT ON Patient WHEN NEW.Nachname = 'Probe' BEGIN"
        " INSERT INTO Patient (Nachname, Vorname, Geburtsdatum, M1Ziffer)"
        " VALUES ('Anders', 'Anna', '11.11.1911', NEW.M1Ziffer); SELECT raise(IGNORE); END"
    )
    result = house.day_sync.sync(FUTURE)
    (line,) = result.patients.details
    assert (line.outcome, line.code, line.patient_id) == ("failed", "patient_mismatch", None)
    assert result.untersuchungen.inserted == 0
    assert (
        house.rows(
            "SELECT 1 FROM Untersuchung JOIN Patient USING (PatientID) WHERE M1Ziffer = ?", NUMBER
        )
        == []
    )


def test_the_same_person_was_created_meanwhile(house: House) -> None:
    house.planned(FUTURE, [entry(NUMBER, 1)])
    house.execute(
        "CREATE TRIGGER somebody BEFORE INSERT ON Patient WHEN NEW.Vorname = 'Paula' BEGIN"
        " INSERT INTO Patient (Nachname, Vorname, Geburtsdatum, M1Ziffer)"
        " VALUES ('Probe', 'PAULA', '1.2.1960', NEW.M1Ziffer); SELECT raise(IGNORE); END"
    )
    assert house.day_sync.sync(FUTURE).untersuchungen.inserted == 1
    assert len(house.rows("SELECT 1 FROM Patient WHERE M1Ziffer = ?", NUMBER)) == 1


def test_nobody_is_linked_to_a_number_that_is_taken(house: House) -> None:
    key = house.patient(None)
    house.patient(NUMBER, "11.11.1911", Nachname="Anders")
    with pytest.raises(ConflictError):
        house.client.link_patient(key, NUMBER)
    assert house.rows("SELECT M1Ziffer FROM Patient WHERE PatientID = ?", key) == [
        {"M1Ziffer": None}
    ]


@pytest.mark.parametrize("rows", ["7 AS UntersuchungID", "'x' AS UntersuchungID, 1 AS Datum"])
def test_rows_that_are_no_rows_of_ours(house: House, rows: str) -> None:
    """What the gateway makes up is its fault, told as such, and not the program's."""
    house.execute("ALTER TABLE Untersuchung RENAME TO hidden")
    house.execute(f"CREATE VIEW Untersuchung AS SELECT {rows}, 1 AS PatientID")
    with pytest.raises(SqlhkError):
        house.client.get_unreadable_untersuchungen([1])


def test_two_days_at_once_come_to_one(house: House) -> None:
    """Two programs know nothing of each other; the statements' conditions are all there is."""
    people = [
        entry(NUMBER + n, n, surname=f"Probe{n}", date_of_birth=f"19{n + 20}-02-01")
        for n in range(1, 16)
    ]
    house.planned(FUTURE, people)
    before = len(house.examinations(FUTURE))
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(house.day_sync.sync, FUTURE) for _ in range(3)]:
            assert done.result().untersuchungen.errors == 0
    assert len(house.examinations(FUTURE)) - before == len(people)
    numbers = house.rows(
        "SELECT count(*) AS n FROM Patient WHERE M1Ziffer BETWEEN ? AND ? GROUP BY M1Ziffer",
        *(NUMBER, NUMBER + 20),
    )
    assert [row["n"] for row in numbers] == [1] * len(people)
