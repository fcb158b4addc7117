# ruff: noqa: S608 - the texts are put together from names of ours, or checked ones; never values
"""The statements that the day sync sends through the SQL gateway, as values.

Values are always parameters, never part of the text; only names of tables and columns are, and
those are ours. Every writing statement says in its ``WHERE`` what it relies on, so that sending it
twice does no more than sending it once, and comes with the question that shows whether its effect
is there. All of it is T-SQL; the simulated gateway understands it, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sync_core.gateway_answers import Row
from sync_core.identity import NewPatient
from sync_core.registry_rows import RegistryExamination

PATIENT_COLUMNS = "PatientID, M1Ziffer, Nachname, Vorname, Geburtsdatum"
EXAMINATION_COLUMNS = (
    "UntersuchungID, Datum, PatientID, UntersuchungartID, HerzkatheterID,"
    " UntersucherAbrechnungID, ZuweiserID, Roentgen, Herzteam,"
    # Money does not survive JSON; style 2 keeps all four decimals.
    " CONVERT(nvarchar(40), Materialpreis, 2) AS Materialpreis, DRGID, Untersuchungtype"
)
MAPPED_BY: Mapping[str, str] = {
    "Untersuchungart": "appointment_type",
    "Herzkatheter": "room_id",
    "Untersucherabrechnung": "employee_id",
}
"""The column of each mapping table that names CallDoc's value."""
WRITABLE_BY_UPDATE = frozenset({"HerzkatheterID", "UntersucherAbrechnungID"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_DECIDING = (
    "Datum",
    "PatientID",
    "UntersuchungartID",
    "HerzkatheterID",
    "UntersucherAbrechnungID",
)
NEW_ROW_COLUMNS = (*_DECIDING, "ZuweiserID", "Roentgen", "Herzteam", "Materialpreis", "DRGID")


@dataclass(frozen=True)
class Query:
    """A statement and its parameters."""

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Write:
    """A statement that changes one row of ``table``.

    ``proof`` asks for what ``shows`` recognises as its effect. ``may_miss``: its ``WHERE`` may
    have met no row, and the gateway does not tell, so the proof is always asked for.
    """

    table: str
    query: Query
    proof: Query
    shows: Callable[[Sequence[Row]], bool]
    may_miss: bool


# --- questions -----------------------------------------------------------------------------------


def patients_with(column: str, values: Sequence[int]) -> Query:
    """The patients with these numbers (``M1Ziffer``) or keys (``PatientID``)."""
    names = [f"p{index}" for index in range(len(values))]
    marks = ", ".join(f"@{name}" for name in names)
    return Query(
        f"SELECT {PATIENT_COLUMNS} FROM dbo.Patient WHERE {column} IN ({marks})",
        dict(zip(names, values, strict=True)),
    )


def patients_born_on(days: Sequence[date]) -> Query:
    """The patients whose birth date may be one of these; the caller compares the days."""
    conditions, params = _any_day("Geburtsdatum", days)
    return Query(f"SELECT {PATIENT_COLUMNS} FROM dbo.Patient WHERE {conditions}", params)


def examinations_on(day: date) -> Query:
    """The examinations whose date may be this one; the caller compares the days."""
    conditions, params = _any_day("Datum", [day])
    return Query(f"SELECT {EXAMINATION_COLUMNS} FROM dbo.Untersuchung WHERE {conditions}", params)


def examination_with_key(untersuchung_id: int) -> Query:
    """One examination by its key."""
    return Query(
        f"SELECT {EXAMINATION_COLUMNS} FROM dbo.Untersuchung WHERE UntersuchungID = @key",
        {"key": untersuchung_id},
    )


def dates_of_patients(patient_ids: Sequence[int]) -> Query:
    """Key and date of every examination of these patients."""
    names = [f"p{index}" for index in range(len(patient_ids))]
    marks = ", ".join(f"@{name}" for name in names)
    return Query(
        f"SELECT UntersuchungID, Datum FROM dbo.Untersuchung WHERE PatientID IN ({marks})",
        dict(zip(names, patient_ids, strict=True)),
    )


def mapping_table(table: str, key: str) -> Query:
    """A mapping table, whole: its key and the column that names CallDoc's value."""
    return Query(f"SELECT {key}, {MAPPED_BY[table]} FROM dbo.{table}")


# --- writing -------------------------------------------------------------------------------------


def insert_patient(row: NewPatient) -> Write:
    """Create a patient, unless somebody has the number by now."""
    proof = Query(
        "SELECT PatientID FROM dbo.Patient WHERE M1Ziffer = @M1Ziffer", {"M1Ziffer": row.M1Ziffer}
    )
    return Write(
        "Patient", _guarded_insert("Patient", vars(row), ("M1Ziffer",)), proof, bool, False
    )


def link_patient(patient_id: int, number: int) -> Write:
    """Give a patient without a number its number, unless somebody else has it by now."""
    return Write(
        "Patient",
        Query(
            "UPDATE dbo.Patient SET M1Ziffer = @M1Ziffer"
            " WHERE PatientID = @key AND (M1Ziffer IS NULL OR M1Ziffer = 0) AND NOT EXISTS"
            " (SELECT 1 FROM dbo.Patient WITH (UPDLOCK, HOLDLOCK) WHERE M1Ziffer = @M1Ziffer)",
            {"M1Ziffer": number, "key": patient_id},
        ),
        Query("SELECT M1Ziffer FROM dbo.Patient WHERE PatientID = @key", {"key": patient_id}),
        lambda rows: [row.get("M1Ziffer") for row in rows] == [number],
        may_miss=True,
    )


def insert_examination(columns: Mapping[str, Any]) -> Write:
    """Create an examination, unless the very same one is there by now.

    Raises ``ValueError`` unless ``columns`` are exactly those of a new row.
    """
    if set(columns) != set(NEW_ROW_COLUMNS):
        raise ValueError(f"exactly these columns are needed: {', '.join(NEW_ROW_COLUMNS)}")
    where, params = _equal({name: columns[name] for name in _DECIDING})
    return Write(
        "Untersuchung",
        _guarded_insert("Untersuchung", columns, _DECIDING),
        Query(f"SELECT UntersuchungID FROM dbo.Untersuchung WHERE {where}", params),
        bool,
        may_miss=False,
    )


def update_examination(expected: RegistryExamination, changes: Mapping[str, int]) -> Write:
    """Change lab and doctor of an examination that is still what was read.

    Raises ``ValueError`` for any other column: those are people's.
    """
    if not changes or not set(changes) <= WRITABLE_BY_UPDATE:
        raise ValueError(f"only {sorted(WRITABLE_BY_UPDATE)} may be changed")
    columns = expected.columns()
    where, params = _equal({name: columns[name] for name in ("UntersuchungID", *_DECIDING)})
    assignments = ", ".join(f"{name} = @new_{name}" for name in changes)
    news = {f"new_{name}": value for name, value in changes.items()}
    return Write(
        "Untersuchung",
        Query(f"UPDATE dbo.Untersuchung SET {assignments} WHERE {where}", {**params, **news}),
        examination_with_key(expected.row.untersuchung_id),
        lambda rows: len(rows) == 1 and all(rows[0].get(k) == v for k, v in changes.items()),
        may_miss=True,
    )


def delete_examination(expected: RegistryExamination) -> Write:
    """Delete an examination that is still what was read, in every column that we know."""
    columns = expected.columns()
    money = columns.pop("Materialpreis")
    where, params = _equal(columns)
    if money is None:
        where += " AND Materialpreis IS NULL"
    else:
        where += " AND Materialpreis = CAST(@Materialpreis AS money)"
        params["Materialpreis"] = money
    return Write(
        "Untersuchung",
        Query(f"DELETE FROM dbo.Untersuchung WHERE {where}", params),
        examination_with_key(expected.row.untersuchung_id),
        lambda rows: not rows,
        may_miss=True,
    )


def upsert_by_hand(
    table: str, search: Mapping[str, Any], update: Mapping[str, Any], keys: Sequence[str]
) -> tuple[Query, Query, Query]:
    """What an upsert does, in steps: the question, the INSERT, the UPDATE.

    Raises ``ValueError`` for tables and columns that are not plain names, or missing.
    """
    names = (table, *search, *update, *keys)
    if not (search and update and keys and all(map(_NAME.fullmatch, names))):
        raise ValueError("table and fields must be plain names, and none may be missing")
    where, params = _equal(search)
    news = {f"new_{name}": value for name, value in update.items()}
    assignments = ", ".join(f"{name} = @new_{name}" for name in update)
    return (
        Query(f"SELECT {', '.join(keys)} FROM dbo.{table} WHERE {where}", params),
        _guarded_insert(table, {**search, **update}, tuple(search)),
        Query(f"UPDATE dbo.{table} SET {assignments} WHERE {where}", {**params, **news}),
    )


def _guarded_insert(table: str, columns: Mapping[str, Any], same: Sequence[str]) -> Query:
    names, marks = ", ".join(columns), ", ".join(f"@{name}" for name in columns)
    where, _ = _equal({name: columns[name] for name in same})
    # The hint makes looking and inserting one step for everybody who inserts in this way.
    return Query(
        f"INSERT INTO dbo.{table} ({names}) SELECT {marks} WHERE NOT EXISTS"
        f" (SELECT 1 FROM dbo.{table} WITH (UPDLOCK, HOLDLOCK) WHERE {where})",
        dict(columns),
    )


def _equal(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Conditions that also hold where both sides are missing, and their parameters."""
    conditions = [
        f"{name} IS NULL" if value is None else f"{name} = @{name}"
        for name, value in values.items()
    ]
    params = {name: value for name, value in values.items() if value is not None}
    return " AND ".join(conditions), params


def _any_day(column: str, days: Sequence[date]) -> tuple[str, dict[str, Any]]:
    """Patterns for every form in which :func:`sync_core.dates.read_day` reads a day, and more."""
    conditions: list[str] = []
    params: dict[str, Any] = {}
    for index, day in enumerate(days):
        conditions += [f"{column} LIKE @g{index}", f"{column} LIKE @i{index}"]
        params[f"g{index}"] = f"%{day.day}%.%{day.month}%.%{day.year:04d}%"
        params[f"i{index}"] = f"%{day.year:04d}-%{day.month}-%{day.day}%"
    return " OR ".join(conditions), params
