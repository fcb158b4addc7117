"""Every SQL text that the plugin may send, word for word, and the rules that all of them keep."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.dialects.mssql import pyodbc
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import Integer, Numeric, Unicode

from plugins.single_patient.sqlhk_sqlite import SqliteDialect
from plugins.single_patient.sqlhk_sqlserver import SqlServerDialect
from plugins.single_patient.statement_guard import allow_writing
from plugins.single_patient.statements import Statement
from plugins.single_patient.transaction import lock_name
from sync_core.identity import RegistryPatient
from sync_core.matching import ExaminationRow
from tests.single_patient.registry import Registry, open_registry

SNAPSHOT = Path(__file__).with_name("statements.snapshot.txt")

SQLITE: Dialect = pysqlite.dialect()
SQL_SERVER: Dialect = pyodbc.dialect(paramstyle="qmark")  # as the driver has it
BOTH = {
    "sqlite": (SQLITE, list(SqliteDialect(SQLITE).statements)),
    "mssql+pyodbc": (SQL_SERVER, list(SqlServerDialect(SQL_SERVER).statements)),
}
EVERY = [
    pytest.param(dialect, statement, id=f"{name}-{statement.name}")
    for name, (dialect, statements) in BOTH.items()
    for statement in statements
]
WRITING = [item for item in EVERY if item.values[1].writes]  # type: ignore[union-attr]


def parameters(dialect: Dialect, statement: Statement) -> dict[str, Any]:
    """Each bound parameter's type by name, in the order in which they are sent."""
    if dialect is SQLITE and statement.name in ("lock", "triggers"):
        return {}
    compiled = statement.clause.compile(dialect=dialect)  # type: ignore[attr-defined]
    return {name: compiled.binds[name].type for name in compiled.positiontup or ()}


def rendered() -> str:
    """The snapshot as it should be."""
    blocks = []
    for name, (dialect, statements) in BOTH.items():
        for statement in statements:
            about = f"writes {statement.table}" if statement.writes else "reads"
            lines = [line.rstrip() for line in statement.text.splitlines()]
            bound = [f"{name} {kind!r}" for name, kind in parameters(dialect, statement).items()]
            blocks.append(
                "\n".join(
                    [f"-- {name}: {statement.name} ({about})", *lines]
                    + ([f"--   {', '.join(bound)}"] if bound else [])
                )
            )
    return "\n\n".join(blocks) + "\n"


def test_every_text_is_the_reviewed_one() -> None:
    """Look at each difference as at SQL that will be sent to a medical registry; then take it."""
    reviewed = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    difference = list(
        difflib.unified_diff(reviewed, rendered().splitlines(), "reviewed", "now", lineterm="", n=0)
    )
    assert difference == []


@pytest.mark.parametrize("name", BOTH)
def test_both_databases_know_the_same_statements(name: str) -> None:
    _, statements = BOTH[name]
    own = {"triggers", "rights"}  # questions that make sense in one of them only
    names = [{item.name for item in known} - own for _, known in BOTH.values()]
    assert names[0] == names[1]
    assert len({item.text for item in statements}) == len(statements)
    assert {item.name for item in statements if item.writes} == {
        "insert_patient",
        "link_patient",
        "insert_examination",
        "update_examination",
    }


FORBIDDEN = re.compile(
    r"\b(DELETE|MERGE|TRUNCATE|REPLACE|CREATE|ALTER|DROP|GRANT|REVOKE|EXECUTE|ATTACH|PRAGMA"
    r"|IDENTITY_INSERT|NOLOCK|xp_\w+|BULK|INTO\s+#)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("dialect", "statement"), EVERY)
def test_no_statement_does_what_is_never_done(dialect: Dialect, statement: Statement) -> None:
    del dialect
    commands = re.sub(r"'[^']*'", "", statement.text)
    assert not FORBIDDEN.search(commands)
    verbs = re.findall(r"\b(INSERT|UPDATE)\b", commands)
    assert len(verbs) == (1 if statement.writes else 0)


FIXED_WORDS = {
    *("Exclusive", "Transaction"),  # how the lock is taken
    *("trigger", "Patient", "Untersuchung"),  # what is looked for in SQLite's catalogue
    # what is asked about the login's rights
    *("dbo.Patient", "dbo.Untersuchung", "OBJECT", "COLUMN", "INSERT", "UPDATE"),
    *("M1Ziffer", "HerzkatheterID", "UntersucherAbrechnungID"),
}


@pytest.mark.parametrize(("dialect", "statement"), EVERY)
def test_no_value_stands_in_the_text(dialect: Dialect, statement: Statement) -> None:
    assert set(re.findall(r"'([^']*)'", statement.text)) <= FIXED_WORDS
    assert set(re.findall(r"(?<![\w@])\d+", statement.text)) <= {"0", "5000"}
    assert statement.text.count("?") == len(
        statement.clause.compile(dialect=dialect).positiontup or ()  # type: ignore[attr-defined]
    )


TEXT_COLUMNS = {
    "Nachname",
    "Vorname",
    "Geburtsdatum",
    "Stadt",
    "Strasse",
    "email",
    "handy",
    "Versichertennr",
    "Datum",
}


@pytest.mark.parametrize(("dialect", "statement"), EVERY)
def test_text_is_sent_as_text_and_numbers_as_numbers(
    dialect: Dialect, statement: Statement
) -> None:
    for name, kind in parameters(dialect, statement).items():
        column = re.sub("^(new|old)_", "", name)
        if column in TEXT_COLUMNS or name in ("year", "lock_name"):
            assert isinstance(kind, Unicode), name
        elif column == "Materialpreis":
            assert isinstance(kind, Numeric), name
        else:
            assert isinstance(kind, Integer), name


@pytest.mark.parametrize(("dialect", "statement"), WRITING)
def test_every_write_returns_the_keys_it_touched(dialect: Dialect, statement: Statement) -> None:
    assert statement.table in ("Patient", "Untersuchung")
    key = f"{statement.table}ID"
    if dialect is SQLITE:
        assert statement.text.endswith(f' RETURNING "{key}"')
    else:
        assert f" OUTPUT inserted.{key} INTO @touched " in statement.text
        assert statement.text.count("OUTPUT") == 1
        assert statement.text.endswith("; SELECT id FROM @touched; SET NOCOUNT OFF")


@pytest.mark.parametrize(("dialect", "statement"), WRITING)
def test_every_update_goes_by_primary_key(dialect: Dialect, statement: Statement) -> None:
    if "UPDATE" not in statement.text:
        return
    plain = re.sub(r'["\[\]]|dbo\.', "", statement.text)
    condition = plain.split(" WHERE ", 1)[1]
    key = f"{statement.table}ID"
    assert re.match(rf"(\w+\.)?{key} = \? AND ", condition)
    outermost, inner = condition, 1
    while inner:
        outermost, inner = re.subn(r"\([^()]*\)", "", outermost)
    assert not re.search(r"\bOR\b", outermost)
    del dialect


@pytest.mark.parametrize(("dialect", "statement"), WRITING)
def test_updates_set_only_their_own_columns(dialect: Dialect, statement: Statement) -> None:
    if "UPDATE" not in statement.text:
        return
    allowed = {
        "link_patient": ["M1Ziffer"],
        "update_examination": ["HerzkatheterID", "UntersucherAbrechnungID"],
    }
    plain = re.sub(r'["\[\]]', "", statement.text)
    found = re.search(r" SET ((?:\w+ ?= ?\?(?:, )?)+) (?:OUTPUT|WHERE)", plain)
    assert found
    assert re.findall(r"(\w+) ?=", found[1]) == allowed[statement.name]
    for column in ("Roentgen", "Herzteam", "Materialpreis", "DRGID", "ZuweiserID"):
        assert column not in statement.text
    del dialect


@pytest.mark.parametrize("statement", BOTH["mssql+pyodbc"][1], ids=lambda item: item.name)
def test_sql_server_takes_back_what_it_set(statement: Statement) -> None:
    settings = re.findall(r"\bSET ([A-Z_]+ \w+)(?=;|$)", statement.text)
    expected = ["NOCOUNT ON", "NOCOUNT OFF"] if statement.writes else []
    if statement.name == "lock":
        expected = ["NOCOUNT ON", "LOCK_TIMEOUT 5000", "NOCOUNT OFF"]
    assert settings == expected


def test_the_lock_of_sql_server_ends_with_its_transaction() -> None:
    lock = next(item.text for item in BOTH["mssql+pyodbc"][1] if item.name == "lock")
    for part in (
        "sp_getapplock",
        "@LockMode = 'Exclusive'",
        "@LockOwner = 'Transaction'",
        "@LockTimeout = ?",
        "SELECT @r",
    ):
        assert part in lock


def test_the_locks_name_tells_nothing_and_is_the_same_for_every_day() -> None:
    names = {lock_name(piz) for piz in (1, 12, 1234567, 999_999_999)}
    assert len(names) == 4
    for name in names:
        assert len(name) <= 255
        assert "1234567" not in name
        assert "999999999" not in name
    assert lock_name(1234567) == lock_name(int("0001234567"))


# What the narrow updates do


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    patients = [
        RegistryPatient(815, 1234567, "Beispiel", "Erna", "31.01.1950"),
        RegistryPatient(816, None, "Beispiel", "Berta", "31.01.1950"),
        RegistryPatient(817, 0, "Beispiel", "Carla", "31.01.1950"),
    ]
    rows = [
        ExaminationRow(10, 815, "06.10.2025", 1, 3, 2),
        ExaminationRow(11, 815, "06.10.2025", 1, None, None),
        ExaminationRow(12, 815, "06.10.2025", 1, 3, 2),
    ]
    return open_registry(tmp_path / "sqlhk.sqlite", patients, rows)


def send(connection: Connection, registry: Registry, name: str, **values: Any) -> list[int]:
    clause = registry.dialect.statements[name].clause
    return [row[0] for row in connection.execute(clause, values).fetchall()]


AS_READ = {
    "key": 10,
    "patient_id": 815,
    "old_Datum": "06.10.2025",
    "old_UntersuchungartID": 1,
    "old_HerzkatheterID": 3,
    "old_UntersucherAbrechnungID": 2,
    "new_HerzkatheterID": 1,
    "new_UntersucherAbrechnungID": 12,
}
EMPTY = {"key": 11, "old_HerzkatheterID": None, "old_UntersucherAbrechnungID": None}


@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        ({}, [10]),
        (EMPTY, [11]),
        ({"key": 13}, []),
        ({"key": 1}, []),  # a stranger's
        ({"patient_id": 1}, []),
        ({"old_Datum": "6.10.2025"}, []),
        ({"old_UntersuchungartID": 8}, []),
        ({"old_HerzkatheterID": 1}, []),
        ({"old_UntersucherAbrechnungID": 1}, []),
        ({"old_HerzkatheterID": None}, []),
        (EMPTY | {"old_HerzkatheterID": 3}, []),
        (EMPTY | {"old_UntersucherAbrechnungID": 2}, []),
    ],
)
def test_only_the_row_that_is_still_what_was_read(
    registry: Registry, changes: dict[str, Any], touched: list[int]
) -> None:
    before = registry.dump()
    with registry.engine.connect() as connection:
        allow_writing(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert send(connection, registry, "update_examination", **(AS_READ | changes)) == touched
        connection.commit()
    assert len(set(registry.dump()) - set(before)) == len(touched)


@pytest.mark.parametrize(("key", "touched"), [(815, []), (816, [816]), (817, [817]), (1, [])])
def test_only_a_patient_without_a_number_gets_one(
    registry: Registry, key: int, touched: list[int]
) -> None:
    before = registry.dump()
    with registry.engine.connect() as connection:
        allow_writing(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert send(connection, registry, "link_patient", key=key, new_M1Ziffer=7654321) == touched
        connection.commit()
    assert len(set(registry.dump()) - set(before)) == len(touched)


@pytest.mark.parametrize(
    ("stored", "found"),
    [("31.01.1950", True), ("31.1.1950", True), ("1950-01-31", True), ("31.01.1951", False)],
)
def test_whoever_may_be_born_that_day_is_read(registry: Registry, stored: str, found: bool) -> None:
    with registry.engine.connect() as connection:
        allow_writing(connection)
        keys = send(
            connection,
            registry,
            "insert_patient",
            **dict.fromkeys(
                (f"new_{name}" for name in (*TEXT_COLUMNS - {"Datum"}, "M1Ziffer", "PLZ")), None
            )
            | {"new_Geschlecht": 0, "new_heydokid": None, "new_Geburtsdatum": stored},
        )
        assert (keys[0] in send(connection, registry, "patients_born_in_year", year="%1950%")) is (
            found
        )
        connection.rollback()
