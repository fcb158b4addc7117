"""A day sync and single syncs of the same day come to the same rows and the same refusals."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from day_sync import DaySynchronizer
from demo import people
from plugins.single_patient.result import SyncResult
from plugins.single_patient.single_patient_sync import SinglePatientSynchronizer
from plugins.single_patient.sqlhk_engine import create_sqlhk_engine
from plugins.single_patient.sqlhk_sqlite import SqliteDialect
from plugins.single_patient.statement_guard import install_guard
from plugins.single_patient.unit_of_work import Sqlhk
from sync_core.appointments import read_appointment
from sync_core.day_selection import DayScope, select_day
from sync_core.errors import TaskError
from sync_core.settings import MappingSettings, TypeRule
from tests.day_sync.conftest import FUTURE, TODAY, House
from tests.day_sync.test_day import random_day

SETTINGS = (
    MappingSettings(),
    MappingSettings(
        zuweiser_id=5,
        materialpreis=12.25,
        default_herzkatheter_id=4,
        default_untersucher_id=3,
        rules={24: TypeRule(herzkatheter_id=6)},
    ),
)


NOT_TAKEN = ("cancelled", "no_show", "other_type", "unreadable")


def copied(database: Path) -> Path:
    target = database.with_name("copy.sqlite")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def rows_of(database: Path) -> tuple[Counter[Any], Counter[Any]]:
    """Every patient and every examination with its patient, whatever their keys are."""
    with closing(sqlite3.connect(database)) as connection:
        patients = {row[0]: row[1:] for row in connection.execute("SELECT * FROM Patient")}
        examinations = connection.execute(
            "SELECT PatientID, Datum, HerzkatheterID, UntersucherAbrechnungID, ZuweiserID,"
            " UntersuchungartID, Roentgen, Herzteam, Materialpreis, typeof(Materialpreis), DRGID,"
            " Untersuchungtype FROM Untersuchung"
        ).fetchall()
    return (
        Counter(patients.values()),
        Counter((patients.get(row[0]), *row[1:]) for row in examinations),
    )


def single_syncs(
    house: House, database: Path, day: Any, mapping: MappingSettings
) -> dict[int, str | None]:
    """Sync everybody of the day one by one; the code of each appointment that was refused."""
    engine = create_sqlhk_engine(
        f"sqlite:///{database.as_posix()}",
        password=None,
        connections=2,
        query_timeout=5,
        login_timeout=5,
    )
    dialect = SqliteDialect(engine.dialect)
    logger = logging.getLogger("tests.day_sync.single")
    install_guard(engine, dialect.statements, logger)
    single = SinglePatientSynchronizer(house.calldoc, Sqlhk(engine, dialect), mapping, logger)
    scope = DayScope(day, frozenset({24, 25}), TODAY)
    read = [read_appointment(raw) for raw in house.state.appointments_listed_on(day)]
    asked = dict.fromkeys(
        (item.piz, item.type_id) for item in select_day(scope, read).taken if item.piz
    )
    codes: dict[int, str | None] = {}
    for piz, type_id in asked:
        kept: list[SyncResult] = []
        failed = None
        try:
            single.sync(piz, day, type_id, keep=kept.append)
        except TaskError as error:
            failed = error.code
        lines = [line for line in kept[-1].lines if line.reason not in NOT_TAKEN]
        # What is wrong with the patient stands in the status, not in the appointments' lines.
        of_the_patient = failed not in {None, *(line.reason for line in lines)}
        for line in lines:
            codes[line.appointment_id or 0] = failed if of_the_patient else line.reason
    engine.dispose()
    return codes


def compare(house: House, day: Any, mapping: MappingSettings) -> None:
    copy = copied(house.database)
    codes = single_syncs(house, copy, day, mapping)
    day_sync = DaySynchronizer(house.calldoc, house.client, mapping, lambda: TODAY)
    result = day_sync.sync(day)
    by_day = {
        line.appointment_id: line.code
        for line in result.untersuchungen.details
        if line.code != "no_number"
    }
    assert by_day == codes
    by_day_rows, by_single_rows = rows_of(house.database), rows_of(copy)
    assert by_day_rows[0] == by_single_rows[0]
    assert by_day_rows[1] == by_single_rows[1]


@pytest.mark.parametrize("mapping", SETTINGS)
def test_the_demos_day_with_all_its_special_cases(house: House, mapping: MappingSettings) -> None:
    compare(house, TODAY, mapping)
    assert house.rows("SELECT 1 FROM Patient WHERE M1Ziffer = ?", int(people.LINKABLE.piz or 0))


@pytest.mark.parametrize("mapping", SETTINGS)
@pytest.mark.parametrize("seed", [21, 22, 23])
def test_generated_days(house: House, mapping: MappingSettings, seed: int) -> None:
    entries = random_day(house, seed, 40)
    # Without a birth date the day sync refuses even whom SQLHK knows; a single sync only warns.
    house.planned(FUTURE, [item for item in entries if item["date_of_birth"]])
    compare(house, FUTURE, mapping)
