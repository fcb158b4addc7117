"""The real program with a gateway to a simulated SQLHK, and a day of each test's own."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import requests

from demo.faults import parse_faults
from demo.gateway_faults import parse_behaviour
from demo.systems import DemoSystems
from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import ENDED, Program, until

Row = dict[str, Any]

FIRST_DAY = date(2041, 1, 7)
FIRST_NUMBER = 7_200_000


def settings_of(systems: DemoSystems, **further: str) -> dict[str, str]:
    """The environment settings that lead the program to the simulated systems."""
    return {
        "CALLDOC__BASE_URL": systems.calldoc_base_url,
        "CALLDOC__PATIENT_URL": systems.patient_url,
        "SQLHK__URL": systems.sqlhk_url,
        "GATEWAY__URL": systems.gateway_url,
        **further,
    }


class DayProgram(Program):
    """The program as a process, asked for whole days."""

    def post_day(self, body: Any, **options: Any) -> requests.Response:
        """``POST /api/sync`` with a JSON body."""
        return requests.post(f"{self.url}/api/sync", json=body, timeout=40, **options)

    def start_day(self, body: Any) -> str:
        """Start a day that must be accepted; returns its task id."""
        answer = self.post_day(body)
        assert answer.status_code == 202, answer.text
        accepted = answer.json()
        assert accepted["message"] == "Day synchronization started"
        assert answer.headers["Location"] == accepted["status_url"]
        assert accepted["task_id"].startswith(f"sync_{body['date']}_")
        return str(accepted["task_id"])

    def sync_day(self, body: Any) -> Row:
        """Start a day and wait for its end."""
        return self.wait(self.start_day(body), 40)

    def completed(self, body: Any) -> Row:
        """Sync a day that must go well."""
        status = self.sync_day(body)
        assert (status["status"], status["error"]) == ("completed", None), status
        assert status["progress"]["stage"] == "done"
        check_sums(status)
        return status


def check_sums(status: Row) -> None:
    """The counts are those of the lines, and the times add up."""
    counts = status["result"]["untersuchungen"]
    kept = [one for one in status["untersuchungen"] if (one["code"] or "").startswith("obsolete_")]
    lines = [one for one in status["untersuchungen"] if one not in kept]
    found = Counter(one["outcome"] for one in lines)
    assert counts == {
        **{name: found[name] for name in ("inserted", "updated", "unchanged", "deleted")},
        **{"skipped": found["skipped"], "errors": found["error"]},
    }
    patients = Counter(one["outcome"] for one in status["patients"])
    counts = status["result"]["patients"]
    assert counts["total"] == len(status["patients"]) == counts["success"] + counts["failed"]
    for name in ("inserted", "updated", "unchanged", "failed"):
        assert counts[name] == patients[name]
    assert sum(status["timing_ms"].values()) == status["execution_time_ms"]


class DayStage:
    """A day and numbers that no other test uses; nothing exists until a method puts it there.

    ``day`` is a day in the far future, ``first`` the first of a hundred numbers.
    """

    def __init__(self, systems: DemoSystems, number: int) -> None:
        self.systems = systems
        self.state = systems.calldoc.state
        self.date = FIRST_DAY + timedelta(days=number)
        self.day = self.date.isoformat()
        self.first = FIRST_NUMBER + number * 100

    def body(self, **fields: Any) -> Row:
        """The body that starts a sync of the day."""
        return {"date": self.day, **fields}

    # CallDoc

    def entry(self, index: int, **fields: Any) -> Row:
        """An appointment of the invented patient ``index``, as CallDoc lists it."""
        number = self.first + index
        return {
            "id": number,
            "piz": str(number),
            "appointment_type": 24,
            "employee": 27,
            "room": 54,
            "status": "created",
            "scheduled_for_datetime": f"{self.day}T{7 + index // 60:02d}:{index % 60:02d}:00",
            "surname": f"Probe{number}",
            "name": "Paula",
            "date_of_birth": f"19{20 + index % 80}-02-01",
            "patient": number + 900_000,
            "gender": "female",
            **fields,
        }

    def planned(self, entries: Sequence[Any]) -> None:
        """Let CallDoc list exactly these on the day."""
        self.state.replace_day(self.date, entries)

    def planned_many(self, count: int) -> None:
        """Let CallDoc list so many ordinary appointments of new patients, 1 to ``count``."""
        self.planned([self.entry(index) for index in range(1, count + 1)])

    def change(self, index: int, **fields: Any) -> None:
        """Change an appointment in CallDoc."""
        assert self.state.change_appointment(self.first + index, fields) == 1

    def remove(self, *indexes: int) -> None:
        """Let appointments vanish from CallDoc."""
        for index in indexes:
            self.state.remove_appointment(self.first + index)

    def calldoc(self, **faults: Any) -> None:
        """Set all of CallDoc's faults."""
        self.systems.apply_faults(parse_faults(faults))

    # The gateway

    def gateway(self, **document: Any) -> None:
        """Set all of the gateway's switches."""
        self.systems.gateway.apply(parse_behaviour(document))

    def hold_write(self, skip: int = 0, **document: Any) -> None:
        """Let one writing call wait until the gateway's switches are set again."""
        held = {"mode": "hold", "calls": "writes", "skip": skip, "times": 1}
        self.gateway(execute_sql=held, **document)

    def writes_begun(self, number: int) -> None:
        """Wait until the gateway was asked for so many writes since its counts began."""
        board = self.systems.gateway.board
        until(lambda: board.counts()["writes"] >= number or None, PATIENCE, "no write came")

    def calls(self) -> dict[str, int]:
        """Counts of the gateway's calls since the last time."""
        counts = self.systems.gateway.board.counts()
        self.systems.gateway.board.reset_counts()
        return counts

    # SQLHK

    def rows(self, sql: str, *values: Any) -> list[Row]:
        with closing(sqlite3.connect(self.systems.database_path, timeout=PATIENCE)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def execute(self, sql: str, *values: Any) -> None:
        with (
            closing(sqlite3.connect(self.systems.database_path, timeout=PATIENCE)) as database,
            database,
        ):
            database.execute(sql, values)

    def examinations(self) -> list[Row]:
        """The day's examinations with the index of their patient, in the order of the keys."""
        return self.rows(
            "SELECT Untersuchung.*, M1Ziffer - ? AS who FROM Untersuchung JOIN Patient"
            " USING (PatientID) WHERE Datum = ? ORDER BY UntersuchungID",
            self.first,
            self.date.strftime("%d.%m.%Y"),
        )

    def who(self) -> Counter[int]:
        """How many examinations each of the test's patients has on the day."""
        return Counter(row["who"] for row in self.examinations())

    def patients(self) -> Counter[int]:
        """How many rows there are of each of the test's patients."""
        rows = self.rows(
            "SELECT M1Ziffer - ? AS who FROM Patient WHERE M1Ziffer BETWEEN ? AND ?",
            *(self.first, self.first, self.first + 99),
        )
        return Counter(row["who"] for row in rows)


def counts(status: Row) -> tuple[int, ...]:
    """inserted, updated, unchanged, deleted, skipped, errors of the examinations."""
    found = status["result"]["untersuchungen"]
    names = ("inserted", "updated", "unchanged", "deleted", "skipped", "errors")
    return tuple(found[name] for name in names)


def lines_by_piz(status: Row) -> Mapping[int, Row]:
    """The examinations' lines by number."""
    return {int(line["piz"]): line for line in status["untersuchungen"] if line["piz"]}


def warning_codes(status: Row) -> set[str]:
    """The codes of the warnings."""
    return {warning["code"] for warning in status["warnings"]}


def receipts_of(data_dir: Path, task_id: str) -> list[tuple[str, Any]]:
    """Event and body of each receipt of the task."""
    journal = data_dir / "journal.sqlite"
    with closing(sqlite3.connect(journal, timeout=PATIENCE)) as connection:
        rows = connection.execute(
            "SELECT event, body FROM receipt WHERE task_id = ? ORDER BY number", (task_id,)
        ).fetchall()
    return [(event, json.loads(body)) for event, body in rows]


def contract_of(program: Program) -> Contract:
    """The program's OpenAPI document."""
    return Contract(program.get("/api/openapi.json").json())


def running_with(program: Program, task_id: str, text: str, seconds: float = PATIENCE) -> Row:
    """The status once a running task's progress speaks of ``text``."""

    def look() -> Row | None:
        status = program.status(task_id)
        assert status["status"] not in ENDED, status
        return status if text in status["progress"]["message"] else None

    return until(look, seconds, f"{task_id} never came to {text}")
