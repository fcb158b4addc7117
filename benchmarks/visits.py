"""Invented patients with one appointment each, put into the demo's CallDoc, and their syncs."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Any

from benchmarks.http_client import Client
from benchmarks.processes import Demo
from benchmarks.results import BenchmarkError
from benchmarks.waiting import wait_for
from demo.calldoc_json import appointment_json, patient_json
from demo.day_plan import HEART_CATHETER, Appointment, generated_person

POST_PATH = "/api/sync/patient"
A_DAY = 40
"""Appointments of one day; a busy heart-catheter department has about as many."""

_FIRST_DAY = date(2031, 1, 6)
_FIRST_NUMBER = 4_000_000  # beyond those of the demo's generated days
_ENDED = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Visit:
    """One patient with one appointment on one day; SQLHK knows neither."""

    piz: str
    day: date

    def body(self) -> dict[str, Any]:
        """The request that syncs it."""
        return {"piz": self.piz, "date": self.day.isoformat()}


class VisitPlanner:
    """Invents visits for one running demo. The same numbers come out every time."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._dice = Random(5555)
        self._numbers = itertools.count(_FIRST_NUMBER)
        self._days = (_FIRST_DAY + timedelta(days=n) for n in itertools.count())

    def plan(self, count: int, appointment_type: int = HEART_CATHETER) -> list[Visit]:
        """``count`` visits of new patients, ``A_DAY`` on a day."""
        visits: list[Visit] = []
        while len(visits) < count:
            visits += self._plan_day(min(A_DAY, count - len(visits)), appointment_type)
        return visits

    def _plan_day(self, count: int, appointment_type: int) -> list[Visit]:
        day = next(self._days)
        appointments = [
            self._appointment(next(self._numbers), day, index, appointment_type)
            for index in range(count)
        ]
        entries = [appointment_json(item) for item in appointments]
        self._demo.control("PUT", f"days/{day.isoformat()}", {"appointments": entries})
        for item in appointments:
            self._demo.control("POST", "patients", patient_json(item.person))
        return [Visit(str(item.person.piz), day) for item in appointments]

    def _appointment(
        self, number: int, day: date, index: int, appointment_type: int
    ) -> Appointment:
        person = generated_person(self._dice, number, number)
        return Appointment(
            id=number * 10,
            day=day,
            at=time(7 + index // 4, index % 4 * 15),
            person=person,
            listed_piz=person.piz,
            appointment_type=appointment_type,
            employee=(18, 27, 50)[index % 3],
            room=(18, 19, 54, 61)[index % 4],
        )


def post(client: Client, visit: Visit) -> tuple[str, float]:
    """Start a sync; returns its task id and the milliseconds until the 202 was there."""
    answer = client.expect(202, "POST", POST_PATH, visit.body())
    return str(answer.json()["task_id"]), answer.ms


def ended(client: Client, task_id: str, *, pause: float = 0.05) -> dict[str, Any]:
    """The status of a task once it has ended.

    Asked seldom: each question costs the program time that would be counted as the sync's.
    """

    def look() -> dict[str, Any] | None:
        status = status_of(client, task_id)
        return status if status["status"] in _ENDED else None

    return wait_for(look, f"{task_id} has not ended", seconds=70, pause=pause)


def status_of(client: Client, task_id: str) -> dict[str, Any]:
    """The status of a task now."""
    status: dict[str, Any] = client.expect(200, "GET", f"/api/sync/status/{task_id}").json()
    return status


def sync(client: Client, visit: Visit, action: str) -> dict[str, Any]:
    """Sync a visit; it must complete with ``action`` (``created``, ``unchanged``)."""
    task_id, _ = post(client, visit)
    status = ended(client, task_id)
    if status["sqlhk_sync"]["action"] != action:
        raise BenchmarkError(f"{task_id} ended as {status['status']}, {status['error_code']}")
    return status


def wait_until_idle(client: Client) -> None:
    """Wait until no task is pending or running."""

    def look() -> bool | None:
        return client.expect(200, "GET", "/health").json()["active_syncs"] == 0 or None

    wait_for(look, "tasks have not ended", seconds=70, pause=0.1)


def wrongly_entered(demo: Demo, visits: Iterable[Visit]) -> Sequence[str]:
    """The numbers of visits that are not in SQLHK as one patient with one examination."""
    wrong = []
    with closing(sqlite3.connect(f"{demo.database.as_uri()}?mode=ro", uri=True)) as connection:
        for visit in visits:
            found = connection.execute(
                "SELECT count(DISTINCT Patient.PatientID), count(Untersuchung.UntersuchungID)"
                " FROM Patient LEFT JOIN Untersuchung USING (PatientID)"
                " WHERE M1Ziffer = ?",
                (int(visit.piz),),
            ).fetchone()
            if found != (1, 1):
                wrong.append(visit.piz)
    return wrong
