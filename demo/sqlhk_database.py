"""The demo's SQLHK: an SQLite file with the five tables, filled with invented rows."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path

from demo.day_plan import ORDINARY_DAY
from demo.registry_crowd import crowd_examinations, crowd_patients
from demo.registry_rows import (
    DOCTORS,
    KINDS,
    LABS,
    ExaminationRow,
    PatientRow,
    earlier_examinations,
    examinations_of,
    invented_patients,
)

_SCHEMA = """
CREATE TABLE Patient (
    PatientID INTEGER PRIMARY KEY AUTOINCREMENT,
    Nachname nvarchar(255), Vorname nvarchar(255), Geburtsdatum nvarchar(255),
    M1Ziffer int, PLZ int, Stadt nvarchar(255), Strasse nvarchar(255), Geschlecht int,
    email nvarchar(255), handy nvarchar(255), heydokid int, Versichertennr nvarchar(255)
);
CREATE TABLE Untersuchungart (
    UntersuchungartID INTEGER PRIMARY KEY,
    UntersuchungartName nvarchar(255), appointment_type nvarchar
);
CREATE TABLE Herzkatheter (
    HerzkatheterID INTEGER PRIMARY KEY, HerzkatheterName nvarchar(255), room_id int
);
CREATE TABLE Untersucherabrechnung (
    UntersucherAbrechnungID INTEGER PRIMARY KEY,
    UntersucherAbrechnungName nvarchar(255), UntersucherAbrechnungVorname nvarchar(255),
    UntersucherAbrechnungTitel nvarchar(255), employee_id int
);
CREATE TABLE Untersuchung (
    UntersuchungID INTEGER PRIMARY KEY AUTOINCREMENT,
    Datum nvarchar(255), HerzkatheterID int, PatientID int, UntersucherAbrechnungID int,
    ZuweiserID int, UntersuchungartID int, Roentgen int, Herzteam int, Materialpreis money,
    DRGID int, Untersuchungtype int
);
"""

_INSERT_PATIENT = """
INSERT INTO Patient VALUES (
    :PatientID, :Nachname, :Vorname, :Geburtsdatum, :M1Ziffer, :PLZ, :Stadt, :Strasse, :Geschlecht,
    :email, :handy, :heydokid, :Versichertennr
)"""

_INSERT_EXAMINATION = """
INSERT INTO Untersuchung VALUES (
    NULL, :Datum, :HerzkatheterID, :PatientID, :UntersucherAbrechnungID, :ZuweiserID,
    :UntersuchungartID, :Roentgen, :Herzteam, :Materialpreis, :DRGID, :Untersuchungtype
)"""

_ALL_ROWS = {
    "Patient": "SELECT PatientID, * FROM Patient ORDER BY 1",
    "Untersuchung": "SELECT PatientID, * FROM Untersuchung ORDER BY UntersuchungID",
    "Untersuchungart": "SELECT NULL, * FROM Untersuchungart ORDER BY UntersuchungartID",
    "Herzkatheter": "SELECT NULL, * FROM Herzkatheter ORDER BY HerzkatheterID",
    "Untersucherabrechnung": (
        "SELECT NULL, * FROM Untersucherabrechnung ORDER BY UntersucherAbrechnungID"
    ),
}


def create_database(path: Path, days: Sequence[date] = (ORDINARY_DAY,)) -> None:
    """Write a new SQLHK to ``path``, with examinations of other people on each of ``days``.

    The special cases' examinations are prepared for each of the days. Raises ``FileExistsError``
    when there is a file already; a file that appears is complete (it is renamed into place).
    """
    if path.exists():
        raise FileExistsError(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(_SCHEMA)
        with connection:
            connection.executemany("INSERT INTO Untersuchungart VALUES (?, ?, ?)", KINDS)
            connection.executemany("INSERT INTO Herzkatheter VALUES (?, ?, ?)", LABS)
            connection.executemany(
                "INSERT INTO Untersucherabrechnung VALUES (?, ?, ?, ?, ?)", DOCTORS
            )
            _insert_patients(connection, (*crowd_patients(), *invented_patients()))
            _insert_examinations(connection, crowd_examinations(days))
            _insert_examinations(connection, earlier_examinations())
            for day in days:
                _prepare(connection, day)
    unfinished.rename(path)


def prepare_day(path: Path, day: date) -> None:
    """Add the examinations that an ordinary day begins with, as far as they are not there.

    So a database kept from yesterday shows the same cases today, and what was synchronised stays.
    """
    with closing(sqlite3.connect(path)) as connection, connection:
        _prepare(connection, day)


def fingerprint(path: Path, *, exclude_patient_ids: Collection[int] = ()) -> str:
    """A hash over every value and its type in all five tables, in the order of their keys.

    Rows of ``Patient`` and ``Untersuchung`` that belong to ``exclude_patient_ids`` are left out.
    Two databases with the same rows have the same fingerprint, whatever their files look like.
    Raises ``sqlite3.OperationalError`` when there is no database; never creates one.
    """
    digest = hashlib.sha256()
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        for table, query in _ALL_ROWS.items():
            digest.update(f"{table}\n".encode())
            for owner, *values in connection.execute(query):
                if owner not in exclude_patient_ids:
                    digest.update(f"{values!r}\n".encode())
    return digest.hexdigest()


def _prepare(connection: sqlite3.Connection, day: date) -> None:
    present = set(
        connection.execute("SELECT PatientID, Datum, UntersuchungartID FROM Untersuchung")
    )
    _insert_examinations(
        connection,
        (
            row
            for row in examinations_of(day)
            if (row.PatientID, row.Datum, row.UntersuchungartID) not in present
        ),
    )


def _insert_patients(connection: sqlite3.Connection, rows: Iterable[PatientRow]) -> None:
    connection.executemany(_INSERT_PATIENT, map(asdict, rows))


def _insert_examinations(connection: sqlite3.Connection, rows: Iterable[ExaminationRow]) -> None:
    connection.executemany(_INSERT_EXAMINATION, map(asdict, rows))
