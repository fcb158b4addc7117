"""A small SQLHK in an SQLite file, opened through the plugin's own engine and guard."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, TextClause

from plugins.single_patient.sqlhk_engine import create_sqlhk_engine
from plugins.single_patient.sqlhk_sqlite import SqliteDialect
from plugins.single_patient.statement_guard import install_guard
from sync_core.identity import RegistryPatient
from sync_core.matching import ExaminationRow

_TABLES = """
CREATE TABLE "Patient" (
    "PatientID" integer PRIMARY KEY AUTOINCREMENT, "Nachname" text, "Vorname" text,
    "Geburtsdatum" text, "M1Ziffer" int, "PLZ" int, "Stadt" text, "Strasse" text,
    "Geschlecht" int, "email" text, "handy" text, "heydokid" int, "Versichertennr" text);
CREATE TABLE "Untersuchung" (
    "UntersuchungID" integer PRIMARY KEY AUTOINCREMENT, "Datum" text, "HerzkatheterID" int,
    "PatientID" int, "UntersucherAbrechnungID" int, "ZuweiserID" int, "UntersuchungartID" int,
    "Roentgen" int, "Herzteam" int, "Materialpreis" numeric, "DRGID" int, "Untersuchungtype" int);
CREATE TABLE "Untersuchungart" (
    "UntersuchungartID" int PRIMARY KEY, "UntersuchungartName" text, "appointment_type" text);
CREATE TABLE "Herzkatheter" (
    "HerzkatheterID" int PRIMARY KEY, "HerzkatheterName" text, "room_id" int);
CREATE TABLE "Untersucherabrechnung" (
    "UntersucherAbrechnungID" int PRIMARY KEY, "UntersucherAbrechnungName" text,
    "UntersucherAbrechnungVorname" text, "UntersucherAbrechnungTitel" text, "employee_id" int);
INSERT INTO "Untersuchungart" VALUES (1, 'Herzkatheter', '{"1": 24}'), (8, 'Ablation', '{"1": 25}');
INSERT INTO "Herzkatheter" VALUES (1, 'HK 1', 18), (2, 'HK 2', 19), (3, 'HK 3', 54);
INSERT INTO "Untersucherabrechnung" VALUES (1, 'A', 'B', NULL, 18), (2, 'C', 'D', NULL, 27);
"""


@dataclass(frozen=True)
class Registry:
    """The file, and the plugin's way to it; :meth:`read` and :meth:`write` go past the guard."""

    path: Path
    engine: Engine
    dialect: SqliteDialect

    def read(self, query: TextClause) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query.text).fetchall()

    def write(self, statement: TextClause) -> None:
        """What somebody else does to the registry."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(statement.text)

    def patients(self, number: int) -> list[RegistryPatient]:
        """As the plugin reads them."""
        return [
            RegistryPatient(*row) for row in self._ask("patients_with_number", {"number": number})
        ]

    def examinations(self, patient_id: int | None) -> list[ExaminationRow]:
        """As the plugin reads them."""
        parameters = {"patient_id": patient_id}
        return [ExaminationRow(*row) for row in self._ask("examinations_of_patient", parameters)]

    def dump(self) -> list[str]:
        """Everything that stands in the file."""
        with closing(sqlite3.connect(self.path)) as connection:
            return list(connection.iterdump())

    def _ask(self, name: str, parameters: dict[str, Any]) -> list[Any]:
        with self.engine.connect() as connection:
            clause = self.dialect.statements[name].clause
            return list(connection.execute(clause, parameters).fetchall())


def open_registry(
    path: Path,
    patients: Sequence[RegistryPatient] = (),
    examinations: Sequence[ExaminationRow] = (),
) -> Registry:
    """Make the file with these rows (and a stranger's) and open it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_TABLES)
        stranger = RegistryPatient(1, 99, "Fremd", "Frieda", "01.02.1960")
        for patient in (stranger, *patients):
            connection.execute(
                'INSERT INTO "Patient" ("PatientID", "M1Ziffer", "Nachname", "Vorname",'
                ' "Geburtsdatum") VALUES (?, ?, ?, ?, ?)',
                tuple(vars(patient).values()),
            )
        strange = ExaminationRow(1, 1, "06.10.2025", 1, 3, 2)
        for row in (strange, *examinations):
            connection.execute(
                'INSERT INTO "Untersuchung" ("UntersuchungID", "PatientID", "Datum",'
                ' "UntersuchungartID", "HerzkatheterID", "UntersucherAbrechnungID", "Roentgen",'
                ' "Herzteam", "Materialpreis", "DRGID", "ZuweiserID")'
                " VALUES (?, ?, ?, ?, ?, ?, 1, 1, 0, 1, 2)",
                tuple(vars(row).values()),
            )
    engine = create_sqlhk_engine(
        f"sqlite:///{path.as_posix()}",
        password=None,
        connections=2,
        query_timeout=5,
        login_timeout=5,
    )
    dialect = SqliteDialect(engine.dialect)
    install_guard(engine, dialect.statements, logging.getLogger("tests.single_patient.guard"))
    return Registry(path, engine, dialect)
