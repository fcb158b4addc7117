"""SQLHK's tables as SQLAlchemy Core knows them: only the columns that the plugin reads or writes.

Text is sent as nvarchar and numbers as ints, as the columns are: an implicit conversion would
turn a seek into a scan.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Integer, MetaData, Numeric, Table, Unicode


@dataclass(frozen=True)
class Tables:
    """The five tables; the plugin may read all of them and write the first two."""

    patient: Table
    untersuchung: Table
    untersuchungart: Table
    herzkatheter: Table
    untersucher: Table


def build_tables(schema: str | None) -> Tables:
    """The tables in a schema: ``dbo`` on SQL Server, None on SQLite."""
    metadata = MetaData(schema=schema)

    def text(name: str) -> Column[str]:
        return Column(name, Unicode(255))

    def number(name: str) -> Column[int]:
        return Column(name, Integer)

    return Tables(
        patient=Table(
            "Patient",
            metadata,
            Column("PatientID", Integer, primary_key=True),
            text("Nachname"),
            text("Vorname"),
            text("Geburtsdatum"),
            number("M1Ziffer"),
            number("PLZ"),
            text("Stadt"),
            text("Strasse"),
            number("Geschlecht"),
            text("email"),
            text("handy"),
            number("heydokid"),
            text("Versichertennr"),
        ),
        untersuchung=Table(
            "Untersuchung",
            metadata,
            Column("UntersuchungID", Integer, primary_key=True),
            text("Datum"),
            number("HerzkatheterID"),
            number("PatientID"),
            number("UntersucherAbrechnungID"),
            number("ZuweiserID"),
            number("UntersuchungartID"),
            number("Roentgen"),
            number("Herzteam"),
            Column("Materialpreis", Numeric(19, 4, asdecimal=False)),
            number("DRGID"),
        ),
        untersuchungart=Table(
            "Untersuchungart",
            metadata,
            Column("UntersuchungartID", Integer, primary_key=True),
            text("UntersuchungartName"),
            Column("appointment_type", Unicode),
        ),
        herzkatheter=Table(
            "Herzkatheter",
            metadata,
            Column("HerzkatheterID", Integer, primary_key=True),
            text("HerzkatheterName"),
            number("room_id"),
        ),
        untersucher=Table(
            "Untersucherabrechnung",
            metadata,
            Column("UntersucherAbrechnungID", Integer, primary_key=True),
            text("UntersucherAbrechnungName"),
            text("UntersucherAbrechnungVorname"),
            text("UntersucherAbrechnungTitel"),
            number("employee_id"),
        ),
    )


PATIENT_COLUMNS = (
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "M1Ziffer",
    "PLZ",
    "Stadt",
    "Strasse",
    "Geschlecht",
    "email",
    "handy",
    "heydokid",
    "Versichertennr",
)
"""The columns of a new patient row."""

EXAMINATION_COLUMNS = (
    "Datum",
    "PatientID",
    "UntersuchungartID",
    "HerzkatheterID",
    "UntersucherAbrechnungID",
    "ZuweiserID",
    "Roentgen",
    "Herzteam",
    "Materialpreis",
    "DRGID",
)
"""The columns of a new examination row."""
