"""The demo's CallDoc, SQLHK and gateway in this process, and the day sync against them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from calldoc_interface import CallDocInterface, http_calls
from day_sync import DaySynchronizer
from demo.day_plan import Appointment, generated_day
from demo.gateway_faults import parse_behaviour
from demo.systems import DemoSystems
from mssql_api_client import MsSqlApiClient
from sync_core.day_result import DayResult
from sync_core.http_calls import HttpCalls
from sync_core.settings import CallDocSettings, MappingSettings
from tests.clock import PATIENCE

TODAY = date(2026, 3, 9)
FUTURE = date(2026, 5, 5)

Row = dict[str, Any]


class House:
    """The simulated systems and clients of theirs; ``day_sync`` believes it is ``TODAY``.

    ``patience`` is how many seconds the clients wait for a connection or a sign of life.
    """

    def __init__(self, systems: DemoSystems, patience: float = PATIENCE) -> None:
        self.systems = systems
        self.state = systems.calldoc.state
        self.database = systems.database_path
        settings = CallDocSettings(
            base_url=systems.calldoc_base_url,
            patient_url=systems.patient_url,
            connect_timeout=patience,
            read_timeout=patience,
        )
        self._calldoc_calls = http_calls(settings)
        self._gateway_calls = HttpCalls(connect_timeout=patience, read_timeout=patience)
        self.calldoc = partial(CallDocInterface, settings=settings, calls=self._calldoc_calls)
        self.client = MsSqlApiClient(systems.gateway_url, calls=self._gateway_calls)
        self.mapping = MappingSettings()
        self.day_sync = DaySynchronizer(self.calldoc, self.client, self.mapping, lambda: TODAY)

    def close(self) -> None:
        self.client.close()
        self._calldoc_calls.close()

    # CallDoc

    def planned(self, day: date, entries: Sequence[Any]) -> None:
        self.state.replace_day(day, entries)

    def generated(self, day: date, count: int, seed: int) -> tuple[Appointment, ...]:
        plan = generated_day(day, count, seed)
        self.state.replace_day_by_plan(plan, day)
        return plan

    # The gateway

    def gateway(self, **document: Any) -> None:
        self.systems.gateway.apply(parse_behaviour(document))

    def calls(self) -> dict[str, int]:
        return self.systems.gateway.board.counts()

    # SQLHK, as people see it

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def execute(self, sql: str, *values: Any) -> int:
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            return connection.execute(sql, values).lastrowid or 0

    def insert(self, table: str, **columns: Any) -> int:
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        return self.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())

    def patient(self, number: int | None, born: str = "01.02.1960", **columns: Any) -> int:
        row = {"Nachname": "Probe", "Vorname": "Paula", "Geburtsdatum": born, "M1Ziffer": number}
        return self.insert("Patient", **(row | columns))

    def examination(self, patient_id: int, day: date, **columns: Any) -> int:
        """An examination as a program creates it; ``columns`` are what is different."""
        row = {
            "Datum": day.strftime("%d.%m.%Y"),
            "PatientID": patient_id,
            "HerzkatheterID": 3,
            "UntersucherAbrechnungID": 2,
            "UntersuchungartID": 1,
            "ZuweiserID": 2,
            "Roentgen": 1,
            "Herzteam": 1,
            "Materialpreis": 0,
            "DRGID": 1,
        }
        return self.insert("Untersuchung", **(row | columns))

    def examinations(self, day: date) -> list[Row]:
        return self.rows(
            "SELECT * FROM Untersuchung WHERE Datum = ? ORDER BY UntersuchungID",
            day.strftime("%d.%m.%Y"),
        )


def entry(number: int, appointment_id: int | None = None, **fields: Any) -> Row:
    """An appointment of an invented patient on ``FUTURE``, as CallDoc lists it."""
    return {
        "id": number + 5_000_000 if appointment_id is None else appointment_id,
        "piz": str(number),
        "appointment_type": 24,
        "employee": 27,
        "room": 54,
        "status": "created",
        "scheduled_for_datetime": f"{FUTURE.isoformat()}T08:00:00",
        "surname": "Probe",
        "name": "Paula",
        "date_of_birth": "1960-02-01",
        "patient": number + 900_000,
        "gender": "female",
        **fields,
    }


def patient_counts(result: DayResult) -> dict[str, int]:
    found = result.patients
    names = ("total", "success", "failed", "inserted", "updated", "unchanged")
    return {name: getattr(found, name) for name in names}


def examination_counts(result: DayResult) -> dict[str, int]:
    found = result.untersuchungen
    names = ("inserted", "updated", "unchanged", "deleted", "skipped", "errors")
    return {name: getattr(found, name) for name in names}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with DemoSystems.start(tmp_path, today=TODAY) as systems:
        running = House(systems)
        try:
            yield running
        finally:
            running.close()


@pytest.fixture
def hasty_house(tmp_path: Path) -> Iterator[House]:
    """One whose clients soon give up a system that is silent."""
    with DemoSystems.start(tmp_path, today=TODAY) as systems:
        running = House(systems, patience=2.0)
        try:
            yield running
        finally:
            running.close()
