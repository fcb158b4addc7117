"""The guard on the engine: what is not on the list is not sent, and a dry run only reads."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Executable, delete, insert, select, text, update

from plugins.single_patient.statement_guard import allow_writing
from plugins.single_patient.statements import Statement
from plugins.single_patient.tables import build_tables
from sync_core.errors import ScopeViolationError
from sync_core.identity import RegistryPatient
from sync_core.matching import ExaminationRow
from tests.single_patient.registry import Registry, open_registry

TABLES = build_tables(None)
CANARY = "Kanarienvogel"

PATIENT_VALUES: dict[str, Any] = {
    "new_Nachname": CANARY,
    "new_Vorname": "Kuno",
    "new_Geburtsdatum": "31.01.1950",
    "new_M1Ziffer": 7654321,
    "new_PLZ": None,
    "new_Stadt": None,
    "new_Strasse": None,
    "new_Geschlecht": 0,
    "new_email": None,
    "new_handy": None,
    "new_heydokid": None,
    "new_Versichertennr": None,
}
EXAMINATION_VALUES: dict[str, Any] = {
    "new_Datum": "06.10.2025",
    "new_PatientID": 815,
    "new_UntersuchungartID": 1,
    "new_HerzkatheterID": 3,
    "new_UntersucherAbrechnungID": 2,
    "new_ZuweiserID": 2,
    "new_Roentgen": 1,
    "new_Herzteam": 1,
    "new_Materialpreis": 0.0,
    "new_DRGID": 1,
}
UPDATE_VALUES: dict[str, Any] = {
    "key": 10,
    "patient_id": 815,
    "old_Datum": "06.10.2025",
    "old_UntersuchungartID": 1,
    "old_HerzkatheterID": 3,
    "old_UntersucherAbrechnungID": 2,
    "new_HerzkatheterID": 1,
    "new_UntersucherAbrechnungID": 1,
}
WRITES: dict[str, dict[str, Any]] = {
    "insert_patient": PATIENT_VALUES,
    "link_patient": {"key": 816, "new_M1Ziffer": 7654321},
    "insert_examination": EXAMINATION_VALUES,
    "update_examination": UPDATE_VALUES,
}
READS: dict[str, dict[str, Any]] = {
    "triggers": {},
    "patients_with_number": {"number": 1234567},
    "patients_born_in_year": {"year": "%1950%"},
    "examinations_of_patient": {"patient_id": 815},
    "kinds": {},
    "rooms": {},
    "doctors": {},
}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    patients = [
        RegistryPatient(815, 1234567, "Beispiel", "Erna", "31.01.1950"),
        RegistryPatient(816, None, "Beispiel", "Berta", "31.01.1950"),
    ]
    rows = [ExaminationRow(10, 815, "06.10.2025", 1, 3, 2)]
    return open_registry(tmp_path / "sqlhk.sqlite", patients, rows)


def statement_text(registry: Registry, name: str) -> str:
    return registry.dialect.statements[name].text


def refused(
    registry: Registry, statement: str | Executable, values: Any = None, *, after: str = "reading"
) -> None:
    """The statement is refused, and nothing in the file has changed."""
    before = registry.dump()
    with registry.engine.connect() as connection:
        if after == "writing began":
            allow_writing(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(ScopeViolationError):
            if isinstance(statement, str):
                connection.exec_driver_sql(statement, values)
            else:
                connection.execute(statement, values)
        connection.commit()
    assert registry.dump() == before


STRANGERS = {
    "delete one": 'DELETE FROM "Untersuchung" WHERE "UntersuchungID" = 10',
    "delete all": 'DELETE FROM "Untersuchung"',
    "drop": 'DROP TABLE "Untersuchung"',
    "create": "CREATE TABLE mine (id int)",
    "alter": 'ALTER TABLE "Patient" ADD COLUMN mine int',
    "trigger": 'CREATE TRIGGER t AFTER INSERT ON "Patient" BEGIN DELETE FROM "Patient"; END',
    "attach": "ATTACH DATABASE ':memory:' AS mine",
    "pragma": "PRAGMA writable_schema = 1",
    "replace": 'REPLACE INTO "Patient" ("PatientID") VALUES (815)',
    "upsert": 'INSERT INTO "Patient" ("PatientID") VALUES (815) ON CONFLICT DO NOTHING',
    "update of everybody": 'UPDATE "Untersuchung" SET "HerzkatheterID" = 1',
    "update of one patient": 'UPDATE "Untersuchung" SET "HerzkatheterID"=1 WHERE "PatientID" = 815',
    "update of Roentgen": 'UPDATE "Untersuchung" SET "Roentgen"=2 WHERE "UntersuchungID" = 10',
    "update of a name": 'UPDATE "Patient" SET "Nachname"=\'X\' WHERE "PatientID" = 815',
    "update of a mapping": 'UPDATE "Herzkatheter" SET room_id=1 WHERE "HerzkatheterID" = 1',
    "insert without a patient": 'INSERT INTO "Untersuchung" ("Datum") VALUES (\'06.10.2025\')',
    "any other question": "SELECT 1",
    "everybody's names": 'SELECT "Nachname" FROM "Patient"',
    "savepoint": "SAVEPOINT mine",
    "commit by hand": "COMMIT",
    "nothing": "",
}


@pytest.mark.parametrize("after", ["reading", "writing began"])
@pytest.mark.parametrize("statement", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_refused(registry: Registry, statement: str, after: str) -> None:
    refused(registry, statement, after=after)


patient, untersuchung = TABLES.patient, TABLES.untersuchung
BUILT = {
    "delete": delete(untersuchung).where(untersuchung.c.UntersuchungID == 10),
    "update of Roentgen": update(untersuchung)
    .values(Roentgen=2)
    .where(untersuchung.c.UntersuchungID == 10),
    "update of everybody": update(untersuchung).values(HerzkatheterID=1),
    "another insert": insert(patient).values(Nachname="X"),
    "another question": select(patient.c.Nachname),
    "text": text('DELETE FROM "Patient" WHERE "PatientID" = 815'),
}


@pytest.mark.parametrize("after", ["reading", "writing began"])
@pytest.mark.parametrize("statement", BUILT.values(), ids=BUILT)
def test_a_stranger_made_by_sqlalchemy_is_refused(
    registry: Registry, statement: Executable, after: str
) -> None:
    refused(registry, statement, after=after)


@pytest.mark.parametrize(
    "change",
    [
        lambda sql: sql + " ",
        lambda sql: " " + sql,
        lambda sql: sql + ";",
        lambda sql: sql.replace(" ", "  ", 1),
        lambda sql: sql.replace(" ", "\n", 1),
        lambda sql: sql.replace(" ", "\t", 1),
        lambda sql: sql + " -- harmless",
        lambda sql: sql.replace(" ", " /* */ ", 1),
        lambda sql: sql.lower(),
        lambda sql: sql.replace('"', ""),
    ],
)
@pytest.mark.parametrize("name", WRITES)
def test_the_same_text_written_otherwise_is_refused(
    registry: Registry, name: str, change: Any
) -> None:
    values = tuple(range(statement_text(registry, name).count("?")))
    changed = change(statement_text(registry, name))
    assert changed != statement_text(registry, name)
    refused(registry, changed, values, after="writing began")


@pytest.mark.parametrize("name", READS)
def test_questions_of_the_list_pass(registry: Registry, name: str) -> None:
    with registry.engine.connect() as connection:
        connection.execute(registry.dialect.statements[name].clause, READS[name]).fetchall()


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_refused_while_reading(registry: Registry, name: str) -> None:
    refused(registry, registry.dialect.statements[name].clause, WRITES[name])


@pytest.mark.parametrize("name", WRITES)
def test_a_write_of_the_list_passes_once_writing_is_allowed(registry: Registry, name: str) -> None:
    before = registry.dump()
    with registry.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        allow_writing(connection)
        keys = connection.execute(registry.dialect.statements[name].clause, WRITES[name]).fetchall()
        assert len(keys) == 1
        connection.commit()
    assert registry.dump() != before


@pytest.mark.parametrize("name", WRITES)
def test_many_rows_at_once_are_refused(registry: Registry, name: str) -> None:
    sql = statement_text(registry, name)
    rows = [tuple(range(sql.count("?")))] * 2
    refused(registry, sql, rows, after="writing began")


@pytest.mark.parametrize("name", ["insert_patient", "insert_examination"])
def test_many_rows_in_one_statement_are_refused(registry: Registry, name: str) -> None:
    clause = registry.dialect.statements[name].clause
    refused(registry, clause, [WRITES[name], WRITES[name]], after="writing began")


def test_permission_belongs_to_one_connection(registry: Registry) -> None:
    clause = registry.dialect.statements["link_patient"].clause
    with registry.engine.connect() as allowed, registry.engine.connect() as other:
        allow_writing(allowed)
        with pytest.raises(ScopeViolationError):
            other.execute(clause, WRITES["link_patient"])
    with registry.engine.connect() as later, pytest.raises(ScopeViolationError):
        later.execute(clause, WRITES["link_patient"])


def test_a_statement_cannot_allow_itself(registry: Registry) -> None:
    with registry.engine.connect() as connection:
        allow_writing(connection)
        options = dict(connection.get_execution_options())
    clause = registry.dialect.statements["link_patient"].clause
    refused(registry, clause.execution_options(**options), WRITES["link_patient"])


def test_a_refusal_is_logged_without_values(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        refused(registry, registry.dialect.statements["insert_patient"].clause, PATIENT_VALUES)
        refused(registry, insert(patient).values(Nachname=CANARY))
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
    assert "insert_patient" in caplog.text
    assert CANARY not in caplog.text


def test_the_error_tells_no_value(registry: Registry) -> None:
    clause = registry.dialect.statements["insert_patient"].clause
    with registry.engine.connect() as connection, pytest.raises(ScopeViolationError) as caught:
        connection.execute(clause, PATIENT_VALUES)
    assert caught.value.code == "scope_violation"
    assert CANARY not in str(caught.value)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return open_registry(tmp_path_factory.mktemp("listed") / "sqlhk.sqlite")


@given(st.data(), st.text(min_size=1, max_size=3))
def test_no_text_with_something_in_between_is_on_the_list(
    listed: Registry, data: st.DataObject, addition: str
) -> None:
    statement: Statement = data.draw(
        st.sampled_from(sorted(listed.dialect.statements, key=lambda item: item.name))
    )
    place = data.draw(st.integers(0, len(statement.text)))
    changed = statement.text[:place] + addition + statement.text[place:]
    assert listed.dialect.statements.with_text(changed) is None
    assert listed.dialect.statements.with_text(statement.text) is statement
