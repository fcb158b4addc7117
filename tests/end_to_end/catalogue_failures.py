"""How each ``error_code`` comes about for real, and what following its advice leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from tests.clock import PATIENCE
from tests.end_to_end.catalogue_stage import Hall, no_room
from tests.end_to_end.faulty_program import COMMIT_BREAKS, TASK_FAULT, UNREACHABLE
from tests.end_to_end.program import run_program, until

Provocation = Callable[[Hall], None]

_provocations: dict[str, Provocation] = {}
FAILURES: Mapping[str, Provocation] = MappingProxyType(_provocations)
"""By ``error_code``."""


def _of_its_name(provocation: Provocation) -> Provocation:
    _provocations[provocation.__name__] = provocation
    return provocation


@contextmanager
def _trigger(hall: Hall, when: str, action: str) -> Iterator[None]:
    hall.stage.execute(f"CREATE TRIGGER der_praxis {when} BEGIN {action}; END")
    try:
        yield
    finally:
        hall.stage.execute("DROP TRIGGER der_praxis")


@_of_its_name
def patient_not_found(hall: Hall) -> None:
    hall.fails(hall.stage.body())
    hall.stage.planned_once()
    hall.succeeds(hall.stage.body())


@_of_its_name
def no_appointments(hall: Hall) -> None:
    hall.stage.known()
    other = hall.stage.appointment(appointment_type=25)
    hall.stage.planned(other)
    status = hall.fails(hall.stage.body())
    assert [line["appointment_id"] for line in status["appointments"]["items"]] == [other["id"]]
    hall.stage.also_planned(hall.stage.appointment())
    hall.succeeds(hall.stage.body())


@_of_its_name
def patient_incomplete(hall: Hall) -> None:
    hall.stage.known(date_of_birth=None)
    hall.stage.planned(hall.stage.appointment(date_of_birth=None))
    hall.fails(hall.stage.body())
    hall.demo.control("PATCH", f"patients/{hall.stage.piz}", {"date_of_birth": "1961-02-03"})
    hall.succeeds(hall.stage.body())


@_of_its_name
def patient_mismatch(hall: Hall) -> None:
    patient_id = hall.stage.registered(Geburtsdatum="04.03.1961")
    hall.stage.planned_once()
    dates = hall.fails(hall.stage.body())["mismatch"]["birth_date"]
    assert (dates["calldoc"], dates["sqlhk"]) == ("1961-02-03", "1961-03-04")
    corrected = "UPDATE Patient SET Geburtsdatum = '03.02.1961' WHERE PatientID = ?"
    hall.stage.execute(corrected, patient_id)
    hall.succeeds(hall.stage.body())


@_of_its_name
def ambiguous_patient(hall: Hall) -> None:
    hall.stage.registered()
    doubled = hall.stage.registered(Strasse="Nebenstr. 2")
    hall.stage.planned_once()
    hall.fails(hall.stage.body())
    hall.stage.execute("DELETE FROM Patient WHERE PatientID = ?", doubled)
    hall.succeeds(hall.stage.body())


@_of_its_name
def ambiguous_examination(hall: Hall) -> None:
    patient_id = hall.stage.registered()
    hall.stage.examined(patient_id, HerzkatheterID=1, UntersucherAbrechnungID=1)
    wrong = hall.stage.examined(patient_id, HerzkatheterID=2, UntersucherAbrechnungID=12)
    hall.stage.planned_once()
    hall.fails(hall.stage.body())
    hall.stage.execute(
        "UPDATE Untersuchung SET HerzkatheterID = 3, UntersucherAbrechnungID = 2"
        " WHERE UntersuchungID = ?",
        wrong,
    )
    hall.succeeds(hall.stage.body())


@_of_its_name
def mapping_missing(hall: Hall) -> None:
    hall.stage.planned_once(room=99)
    assert "Raum 99" in hall.fails(hall.stage.body())["error"]
    hall.stage.execute("INSERT INTO Herzkatheter (HerzkatheterID, room_id) VALUES (98, 99)")
    try:
        hall.succeeds(hall.stage.body())
    finally:
        hall.stage.execute("DELETE FROM Herzkatheter WHERE HerzkatheterID = 98")


@_of_its_name
def plan_changed(hall: Hall) -> None:
    appointment = hall.stage.planned_once()
    looked_at = hall.program.sync(hall.stage.body(dry_run=True))
    hall.stage.change(appointment, employee=18)
    hall.fails(hall.stage.body(plan_token=looked_at["plan_token"]))
    looked_at = hall.program.sync(hall.stage.body(dry_run=True))
    done = hall.succeeds(hall.stage.body(plan_token=looked_at["plan_token"]))
    keys = ("table", "column", "after")
    planned, written = (
        [[change[key] for key in keys] for change in status["sqlhk_sync"]["changes"]]
        for status in (looked_at, done)
    )
    assert [change[:2] for change in planned] == [change[:2] for change in written]


@_of_its_name
def calldoc_unavailable(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(listener="down")
    hall.fails(hall.stage.body())
    hall.demo.faults()
    hall.succeeds(hall.stage.body())


@_of_its_name
def calldoc_error(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(both={"mode": "html"})
    hall.fails(hall.stage.body())
    hall.demo.faults()
    hall.succeeds(hall.stage.body())


@_of_its_name
def sqlhk_unavailable(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(sqlhk="down")
    hall.failed(hall.program.sync(hall.stage.body()), hall.stage.body())
    hall.demo.faults()
    assert hall.stage.patients() == []
    hall.succeeds(hall.stage.body())


@_of_its_name
def sqlhk_error(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.stage.execute("ALTER TABLE Untersuchung RENAME TO Beiseite")
    try:
        hall.failed(hall.program.sync(hall.stage.body()), hall.stage.body())
        folder = hall.program.folder / "check"
        settings = hall.demo.settings()
        told = run_program(folder, "--check", "--data-dir", str(folder / "data"), **settings)
        assert told.returncode == 1
        assert "PROBLEM  sqlhk" in told.stdout
    finally:
        hall.stage.execute("ALTER TABLE Beiseite RENAME TO Untersuchung")
    assert hall.stage.patients() == []
    hall.succeeds(hall.stage.body())


@_of_its_name
def conflict(hall: Hall) -> None:
    hall.stage.examined(hall.stage.registered(), UntersucherAbrechnungID=1)
    hall.stage.planned_once()
    with _trigger(hall, "BEFORE UPDATE ON Untersuchung", "SELECT RAISE(IGNORE)"):
        hall.fails(hall.stage.body())
    hall.succeeds(hall.stage.body())


@_of_its_name
def scope_violation(hall: Hall) -> None:
    hall.stage.planned_once()
    with _trigger(hall, "BEFORE INSERT ON Untersuchung", "SELECT RAISE(IGNORE)"):
        status = hall.fails(hall.stage.body())
    (line,) = (
        line
        for line in hall.program.log().splitlines()
        if "scope violated" in line and status["task_id"] in line
    )
    assert hall.stage.surname not in line, "the log can be handed on"
    hall.succeeds(hall.stage.body())


@_of_its_name
def timeout(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(both={"mode": "hang"})
    hall.fails(hall.stage.body(), times=1)
    hall.demo.faults()
    hall.succeeds(hall.stage.body())


@_of_its_name
def interrupted(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(both={"mode": "hang"})
    with hall.begin() as killed, hall.stage.nothing_written():
        task_id = killed.start(hall.stage.body())
        killed.wait_for_stage(task_id, "calldoc")
        killed.kill()
    hall.demo.faults()
    with hall.begin() as again:
        hall.failed(again.status(task_id), hall.stage.body())
        hall.succeeds(hall.stage.body(), program=again)


@_of_its_name
def outcome_unknown(hall: Hall) -> None:
    hall.stage.planned_once()
    switch = hall.program.switches / UNREACHABLE
    with hall.program.switched_on(COMMIT_BREAKS):
        try:
            status = hall.program.sync(hall.stage.body())
            hall.failed(status, hall.stage.body())
            assert status["resolution"] is None
        finally:
            switch.unlink()

    def resolved() -> str | None:
        now = hall.program.status(status["task_id"])
        hall.contract.check_status(now)
        return now["resolution"]

    assert until(resolved, PATIENCE, "nobody found out") == "written"
    assert hall.succeeds(hall.stage.body())["sqlhk_sync"]["action"] == "unchanged"


@_of_its_name
def journal_unavailable(hall: Hall) -> None:
    hall.stage.planned_once()
    hall.demo.faults(both={"mode": "hold"})
    task_id = hall.program.start(hall.stage.body())
    hall.program.wait_for_stage(task_id, "calldoc")
    with hall.stage.nothing_written(), no_room(hall.program):
        hall.demo.faults()
        hall.failed(hall.program.wait(task_id), hall.stage.body())
    hall.succeeds(hall.stage.body())


@_of_its_name
def internal_error(hall: Hall) -> None:
    hall.stage.planned_once()
    with hall.program.switched_on(TASK_FAULT):
        status = hall.fails(hall.stage.body())
    assert f"task={status['task_id']}" in hall.program.log()
    hall.succeeds(hall.stage.body())
