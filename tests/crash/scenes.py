"""One patient and one day each, of whom everything that may be true is known before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

import requests

from demo.sqlhk_database import fingerprint
from tests.clock import PATIENCE
from tests.crash.program import (
    Born,
    OwnRegistry,
    anchor_is_up_to_date,
    open_intents,
    receipts_of,
)
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import ENDED, Program, until
from tests.end_to_end.stage import Row, Stage

_NUMBERS = count(2000)


@dataclass
class Scene:
    """A sync that writes, and SQLHK's rows of its patient before and after it.

    ``action`` is what a sync that finds ``before`` does; keys of new rows are left out of the rows.
    """

    stage: Stage
    action: str
    before: tuple[Row, ...]
    after: tuple[Row, ...]

    def rows(self) -> tuple[Row, ...]:
        """The patient's rows as they are, patients first."""
        created = self.action == "created"
        keys = {"PatientID", "UntersuchungID"} if created else set()
        found = [*self.stage.patients(), *self.stage.examinations()]
        return tuple({name: row[name] for name in row.keys() - keys} for row in found)

    def written(self) -> bool:
        """Whether SQLHK is as after the sync; anything but before or after is a failure."""
        rows = self.rows()
        assert rows in (self.before, self.after), rows
        return rows == self.after


def new_patient(
    registry: OwnRegistry, day: date | None = None, born: date = date(1961, 2, 3)
) -> Scene:
    """Neither the patient nor the examination is in SQLHK; ``day`` may be another scene's."""
    stage = Stage(registry, next(_NUMBERS), day)  # type: ignore[arg-type] - what it uses of a demo
    stage.known(date_of_birth=born.isoformat())
    stage.also_planned(stage.appointment(date_of_birth=born.isoformat()))
    patient = {
        "Nachname": stage.surname,
        "Vorname": "Zoë",
        "Geburtsdatum": born.strftime("%d.%m.%Y"),
        "M1Ziffer": int(stage.piz),
        "PLZ": 90403,
        "Stadt": "Nürnberg",
        "Strasse": "Probeweg 7b",
        "Geschlecht": 2,
        "email": "zoe.probe@example.org",
        "handy": "0176 04069777",
        "heydokid": stage.patient()["id"],
        "Versichertennr": "Z987654321",
    }
    examination = {
        "Datum": stage.german_day,
        "HerzkatheterID": 3,
        "UntersucherAbrechnungID": 2,
        "ZuweiserID": 2,
        "UntersuchungartID": 1,
        "Roentgen": 1,
        "Herzteam": 1,
        "Materialpreis": 0,
        "DRGID": 1,
        "Untersuchungtype": None,
    }
    return Scene(stage, "created", (), (patient, examination))


def moved_room(registry: OwnRegistry) -> Scene:
    """The examination is there, people have filled it in, and the room has changed."""
    stage = Stage(registry, next(_NUMBERS))  # type: ignore[arg-type] - what it uses of a demo
    stage.planned_once()
    stage.examined(stage.registered(), HerzkatheterID=1)
    patient, examination = *stage.patients(), *stage.examinations()
    return Scene(
        stage, "updated", (patient, examination), (patient, {**examination, "HerzkatheterID": 3})
    )


MakeScene = Callable[[OwnRegistry], Scene]


class Others:
    """Everybody else's rows, which must stay what they were, byte for byte.

    ``scenes`` are not among them, nor what a sync creates of them.
    """

    def __init__(self, registry: OwnRegistry, *scenes: Scene) -> None:
        self._registry = registry
        self._scenes = list(scenes)
        self._before = self._now()

    def except_for(self, *scenes: Scene) -> None:
        """These just came to SQLHK and are not among the others; then as :meth:`check`."""
        self._scenes += scenes
        self.check()

    def check(self) -> None:
        """Fails when a row of anybody else is not what it was."""
        assert self._now() == self._before, "a foreign row was changed"

    def _now(self) -> str:
        own = set().union(*(scene.stage.own_ids() for scene in self._scenes))
        return fingerprint(self._registry.database, exclude_patient_ids=own)


def post(program: Program, scene: Scene) -> str | None:
    """Start the scene's sync; the task's id, or None if the program died before it answered."""
    try:
        answer = program.send(scene.stage.body())
    except requests.RequestException:
        return None
    assert answer.status_code == 202, answer.text
    return str(answer.json()["task_id"])


def judge(
    program: Born, scene: Scene, accepted: str | None, contract: Contract
) -> dict[str, Any] | None:
    """:func:`judge_end`, and the same request once more does what is left to do."""
    status = judge_end(program, scene, accepted, contract)
    written = scene.written()
    repeated = program.sync(scene.stage.body())
    contract.check_status(repeated)
    assert repeated["status"] == "completed", repeated
    assert repeated["sqlhk_sync"]["action"] == ("unchanged" if written else scene.action)
    assert scene.written()
    settle(program)
    return status


def judge_end(
    program: Born, scene: Scene, accepted: str | None, contract: Contract
) -> dict[str, Any] | None:
    """After a restart SQLHK, the status and the receipts tell the same.

    ``accepted`` is the killed task, if its acceptance was told. Returns its status, if it has one.
    """
    settle(program)
    tasks = program.tasks_of(scene.stage.piz)
    written = scene.written()
    if accepted is None and not tasks:
        assert not written
        return None
    (status,) = tasks
    assert accepted in (None, status["task_id"])
    check_truth(scene, status, contract, written=written)
    return status


def check_truth(scene: Scene, status: dict[str, Any], contract: Contract, *, written: bool) -> None:
    """The status of a killed task tells what is in SQLHK."""
    contract.check_status(status)
    if written:
        assert status["status"] == "completed", status
        assert status["sqlhk_sync"]["action"] == scene.action
        (examination,) = scene.stage.examinations()
        assert status["sqlhk_sync"]["untersuchung_id"] == examination["UntersuchungID"]
        assert status["sqlhk_sync"]["patient_id"] == examination["PatientID"]
    else:
        assert (status["status"], status["error_code"]) == ("failed", "interrupted"), status
        assert status["safe_to_retry"] is True


def settle(program: Born) -> None:
    """Wait until the program knows of every task how it ended; then the receipts verify."""

    def known() -> bool | None:
        if program.get("/api/sync/active").json()["count"] or open_intents(program.data_dir):
            return None
        return anchor_is_up_to_date(program.data_dir) or None

    until(known, PATIENCE, "an outcome is not known")
    assert receipts_of(program.data_dir).findings == ()


def ended_or_dead(program: Born, task_id: str | None) -> bool:
    """Wait for the first of the two; True when it is dead."""

    def look() -> bool | None:
        if program.process.poll() is not None:
            return True
        if task_id is None:
            return None
        try:
            if program.status(task_id)["status"] in ENDED:
                return False
        except requests.RequestException:
            pass
        return None

    return until(look, PATIENCE, "neither dead nor done")
