"""The complete list of SQL statements that this plugin may ever send, as values.

There is no other: the statement guard compares each text that is about to be sent with this list
(see :mod:`plugins.single_patient.statement_guard`). No statement deletes, merges, or writes to
another table than Patient and Untersuchung, and every writing one names its row by primary key
and returns the keys that it touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ClauseElement,
    Executable,
    Table,
    bindparam,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Dialect

from plugins.single_patient.tables import EXAMINATION_COLUMNS, PATIENT_COLUMNS, Tables


@dataclass(frozen=True)
class Statement:
    """One statement: its name, the table it is about, whether it writes, and its text."""

    name: str
    table: str
    writes: bool
    clause: Executable
    text: str


class StatementList:
    """All statements of one SQL dialect, by name and by text."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._by_name: Mapping[str, Statement] = {item.name: item for item in statements}
        self._by_text = {item.text: item for item in self._by_name.values()}

    def __getitem__(self, name: str) -> Statement:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Statement]:
        return iter(self._by_name.values())

    def with_text(self, text: str) -> Statement | None:
        """The statement with exactly this text, or None: then it is not ours to send."""
        return self._by_text.get(text)


def compiled(
    name: str, table: str, clause: Executable, dialect: Dialect, *, writes: bool
) -> Statement:
    """A statement with the text that SQLAlchemy will send for it."""
    assert isinstance(clause, ClauseElement)  # noqa: S101 - tells the type checker
    return Statement(name, table, writes, clause, str(clause.compile(dialect=dialect)))


def reading_statements(tables: Tables, dialect: Dialect) -> list[Statement]:
    """The questions, the same in every dialect.

    Those about the mapping tables begin with key and CallDoc value; the rest is the name's parts,
    in the order in which people say them.
    """
    patient, untersuchung = tables.patient, tables.untersuchung
    patient_columns = [
        patient.c[name] for name in ("PatientID", "M1Ziffer", "Nachname", "Vorname", "Geburtsdatum")
    ]
    examination_columns = [
        untersuchung.c[name]
        for name in (
            "UntersuchungID",
            "PatientID",
            "Datum",
            "UntersuchungartID",
            "HerzkatheterID",
            "UntersucherAbrechnungID",
        )
    ]

    def question(name: str, table: Table, clause: Executable) -> Statement:
        return compiled(name, table.name, clause, dialect, writes=False)

    return [
        question(
            "patients_with_number",
            patient,
            select(*patient_columns).where(patient.c.M1Ziffer == bindparam("number")),
        ),
        question(
            # Birth dates are text in several forms; all of them hold the year in four digits.
            "patients_born_in_year",
            patient,
            select(*patient_columns).where(patient.c.Geburtsdatum.like(bindparam("year"))),
        ),
        question(
            "examinations_of_patient",
            untersuchung,
            select(*examination_columns).where(untersuchung.c.PatientID == bindparam("patient_id")),
        ),
        question(
            "patient_row",
            patient,
            select(*(patient.c[name] for name in PATIENT_COLUMNS)).where(
                patient.c.PatientID == bindparam("key")
            ),
        ),
        question(
            "examination_row",
            untersuchung,
            select(*(untersuchung.c[name] for name in EXAMINATION_COLUMNS)).where(
                untersuchung.c.UntersuchungID == bindparam("key")
            ),
        ),
        question(
            "kinds",
            tables.untersuchungart,
            select(
                tables.untersuchungart.c.UntersuchungartID,
                tables.untersuchungart.c.appointment_type,
                tables.untersuchungart.c.UntersuchungartName,
            ),
        ),
        question(
            "rooms",
            tables.herzkatheter,
            select(
                tables.herzkatheter.c.HerzkatheterID,
                tables.herzkatheter.c.room_id,
                tables.herzkatheter.c.HerzkatheterName,
            ),
        ),
        question(
            "doctors",
            tables.untersucher,
            select(
                tables.untersucher.c.UntersucherAbrechnungID,
                tables.untersucher.c.employee_id,
                tables.untersucher.c.UntersucherAbrechnungTitel,
                tables.untersucher.c.UntersucherAbrechnungVorname,
                tables.untersucher.c.UntersucherAbrechnungName,
            ),
        ),
    ]


def returning_statements(tables: Tables, dialect: Dialect) -> list[Statement]:
    """The writing statements where the database knows ``RETURNING``."""
    patient, untersuchung = tables.patient, tables.untersuchung
    lab, doctor = untersuchung.c.HerzkatheterID, untersuchung.c.UntersucherAbrechnungID
    return [
        compiled(
            "insert_patient",
            "Patient",
            insert(patient)
            .values({name: bindparam(f"new_{name}") for name in PATIENT_COLUMNS})
            .returning(patient.c.PatientID),
            dialect,
            writes=True,
        ),
        compiled(
            "link_patient",
            "Patient",
            update(patient)
            .values(M1Ziffer=bindparam("new_M1Ziffer"))
            .where(
                patient.c.PatientID == bindparam("key"),
                or_(patient.c.M1Ziffer.is_(None), patient.c.M1Ziffer == 0),
            )
            .returning(patient.c.PatientID),
            dialect,
            writes=True,
        ),
        compiled(
            "insert_examination",
            "Untersuchung",
            insert(untersuchung)
            .values({name: bindparam(f"new_{name}") for name in EXAMINATION_COLUMNS})
            .returning(untersuchung.c.UntersuchungID),
            dialect,
            writes=True,
        ),
        compiled(
            "update_examination",
            "Untersuchung",
            update(untersuchung)
            .values(
                HerzkatheterID=bindparam("new_HerzkatheterID"),
                UntersucherAbrechnungID=bindparam("new_UntersucherAbrechnungID"),
            )
            .where(
                untersuchung.c.UntersuchungID == bindparam("key"),
                untersuchung.c.PatientID == bindparam("patient_id"),
                untersuchung.c.Datum == bindparam("old_Datum"),
                untersuchung.c.UntersuchungartID == bindparam("old_UntersuchungartID"),
                lab.is_not_distinct_from(bindparam("old_HerzkatheterID")),
                doctor.is_not_distinct_from(bindparam("old_UntersucherAbrechnungID")),
            )
            .returning(untersuchung.c.UntersuchungID),
            dialect,
            writes=True,
        ),
    ]
