"""A hundred writes that must never happen: too broad, to a wrong row, column or table.

Each is SQL for SQLite with the named parameters of the statement that it takes the place of (or
comes besides).
"""

from __future__ import annotations

from dataclasses import dataclass

from demo import people
from demo.people import Person


@dataclass(frozen=True)
class WrongWrite:
    """``text`` is sent ``instead`` of the statement ``call``, or ``besides`` it."""

    person: Person
    call: str
    manner: str
    text: str


_EXAMINATIONS = (  # what an UPDATE of Untersuchung might wrongly be limited to
    "",
    "WHERE 1 = 1",
    "WHERE UntersuchungID = :key OR 1 = 1",
    "WHERE PatientID = :patient_id",
    "WHERE PatientID <> :patient_id",
    "WHERE Datum = :old_Datum",
    "WHERE Datum LIKE '%2025%'",
    "WHERE UntersuchungartID = :old_UntersuchungartID",
    "WHERE HerzkatheterID IS :old_HerzkatheterID",
    "WHERE UntersucherAbrechnungID IS :old_UntersucherAbrechnungID",
    "WHERE UntersuchungID >= :key",
    "WHERE UntersuchungID <> :key",
    "WHERE NOT (UntersuchungID = :key AND PatientID = :patient_id)",
    "WHERE UntersuchungID = :key + 1",
    "WHERE UntersuchungID = :key - 1",
    "WHERE UntersuchungID IN (:key, :key + 1)",
    "WHERE UntersuchungID BETWEEN :key - 1 AND :key",
    "WHERE UntersuchungID = (SELECT max(UntersuchungID) FROM Untersuchung)",
    "WHERE UntersuchungID = (SELECT min(UntersuchungID) FROM Untersuchung)",
)
_EXAMINATION_CHANGES = (
    "HerzkatheterID = :new_HerzkatheterID, UntersucherAbrechnungID = :new_UntersucherAbrechnungID",
    "Roentgen = 9",
    "PatientID = :patient_id",
)
_PATIENTS = (
    "",
    "WHERE 1 = 1",
    "WHERE PatientID <> :key",
    "WHERE PatientID = :key + 1",
    "WHERE PatientID IN (:key, :key + 1)",
    "WHERE PatientID >= :key",
    "WHERE M1Ziffer IS NULL OR M1Ziffer = 0",
    "WHERE Geschlecht = 1",
)
_PATIENT_CHANGES = ("M1Ziffer = :new_M1Ziffer", "Nachname = 'Falsch'")
_NEW_ROWS = {
    "insert_examination": (
        "INSERT INTO Untersuchung (Datum, PatientID) VALUES (:new_Datum, :new_PatientID),"
        " (:new_Datum, :new_PatientID) RETURNING UntersuchungID",
        "INSERT INTO Untersuchung (Datum, PatientID) SELECT :new_Datum, PatientID FROM Patient"
        " RETURNING UntersuchungID",
        "INSERT INTO Untersuchung (Datum, PatientID) SELECT Datum, :new_PatientID FROM Untersuchung"
        " WHERE Datum = :new_Datum RETURNING UntersuchungID",
    ),
    "insert_patient": (
        "INSERT INTO Patient (Nachname, M1Ziffer) VALUES (:new_Nachname, :new_M1Ziffer),"
        " (:new_Nachname, :new_M1Ziffer) RETURNING PatientID",
    ),
}
_BESIDES = (
    "DELETE FROM Untersuchung",
    "DELETE FROM Untersuchung WHERE UntersuchungID IN"
    " (SELECT min(UntersuchungID) FROM Untersuchung)",
    "DELETE FROM Untersuchung WHERE Datum = :new_Datum",
    "DELETE FROM Untersuchung WHERE PatientID = :new_PatientID AND Datum <> :new_Datum",
    "DELETE FROM Patient WHERE PatientID = 1",
    "UPDATE Untersuchung SET Roentgen = 9",
    "UPDATE Untersuchung SET Roentgen = 9 WHERE PatientID = :new_PatientID",
    "UPDATE Untersuchung SET Herzteam = 9 WHERE PatientID = :new_PatientID",
    "UPDATE Untersuchung SET Materialpreis = 9 WHERE PatientID = :new_PatientID",
    "UPDATE Untersuchung SET DRGID = 9 WHERE Datum = :new_Datum",
    "UPDATE Untersuchung SET ZuweiserID = 9 WHERE UntersuchungID > 5",
    "UPDATE Patient SET Nachname = 'Falsch' WHERE PatientID = :new_PatientID",
    "UPDATE Patient SET Geburtsdatum = '01.01.1900' WHERE PatientID = :new_PatientID",
    "UPDATE Patient SET M1Ziffer = 5 WHERE PatientID = 5",
    "UPDATE Herzkatheter SET room_id = 1 WHERE HerzkatheterID = 1",
    "UPDATE Untersuchungart SET appointment_type = NULL WHERE UntersuchungartID = 1",
    "UPDATE Untersucherabrechnung SET employee_id = 1 WHERE UntersucherAbrechnungID = 1",
    "INSERT INTO Untersuchung (PatientID) VALUES (5)",
    "INSERT INTO Untersuchung (Datum, PatientID) VALUES (:new_Datum, :new_PatientID)",
    "INSERT INTO Patient (Nachname) VALUES ('Falsch')",
    "INSERT INTO Herzkatheter (HerzkatheterName) VALUES ('Falsch')",
    "INSERT INTO Untersuchungart (UntersuchungartName) VALUES ('Falsch')",
    "REPLACE INTO Patient (PatientID, Nachname) VALUES (5, 'Falsch')",
)

WRONG_WRITES: tuple[WrongWrite, ...] = (
    *(
        WrongWrite(
            people.OTHER_DOCTOR,
            "update_examination",
            "instead",
            f"UPDATE Untersuchung SET {change} {where} RETURNING UntersuchungID",
        )
        for where in _EXAMINATIONS
        for change in _EXAMINATION_CHANGES
    ),
    *(
        WrongWrite(
            people.LINKABLE,
            "link_patient",
            "instead",
            f"UPDATE Patient SET {change} {where} RETURNING PatientID",
        )
        for where in _PATIENTS
        for change in _PATIENT_CHANGES
    ),
    *(
        WrongWrite(people.UNKNOWN_TO_SQLHK, call, "instead", text)
        for call, texts in _NEW_ROWS.items()
        for text in texts
    ),
    *(WrongWrite(people.MAX, "insert_examination", "besides", text) for text in _BESIDES),
)

ONLY_THE_GUARD: tuple[WrongWrite, ...] = (
    WrongWrite(
        people.OTHER_DOCTOR,
        "update_examination",
        "instead",
        "UPDATE Untersuchung SET Roentgen = 9 WHERE UntersuchungID = :key RETURNING UntersuchungID",
    ),
    WrongWrite(
        people.OTHER_DOCTOR,
        "update_examination",
        "instead",
        "DELETE FROM Untersuchung WHERE UntersuchungID = :key RETURNING UntersuchungID",
    ),
    WrongWrite(
        people.MAX,
        "insert_examination",
        "instead",
        "REPLACE INTO Untersuchung (UntersuchungID, PatientID) VALUES (1, :new_PatientID)"
        " RETURNING UntersuchungID",
    ),
    WrongWrite(
        people.MAX,
        "insert_examination",
        "instead",
        "INSERT INTO Herzkatheter (HerzkatheterName) VALUES ('Falsch') RETURNING HerzkatheterID",
    ),
)
"""Writes that touch as many rows as they should, under keys that look right: counting keys cannot
tell, so these rest on the guard alone."""
