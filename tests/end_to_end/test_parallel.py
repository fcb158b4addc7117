"""Many requests at once: each patient once, the same one never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract, problem
from tests.end_to_end.program import Demo, Program, until
from tests.end_to_end.stage import Stage


def _at_once(calls: Sequence[Callable[[], requests.Response]]) -> list[requests.Response]:
    """The answers to calls that begin in the same instant."""
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], requests.Response]) -> requests.Response:
        start.wait(PATIENCE)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def _posts(program: Program, *bodies: Any) -> list[requests.Response]:
    return _at_once([lambda body=body: program.send(body) for body in bodies])


def test_two_patients_at_once(
    program: Program, contract: Contract, stages: Callable[..., Stage]
) -> None:
    first = stages()
    second = stages(first.date)
    first.planned_once()
    second.known()
    second.also_planned(second.appointment(room=18))
    first.demo.faults(both={"mode": "hold"})
    answers = _posts(program, first.body(), second.body())
    assert [answer.status_code for answer in answers] == [202, 202]

    def both_ask() -> bool | None:
        return first.demo.control("GET", "state")["running"] >= 4 or None

    until(both_ask, PATIENCE, "they wait for each other")
    first.demo.faults()
    statuses = [program.wait(answer.json()["task_id"]) for answer in answers]
    for status in statuses:
        contract.check_status(status)
        assert status["status"] == "completed"
    assert [row["HerzkatheterID"] for row in first.examinations()] == [3]
    assert [row["HerzkatheterID"] for row in second.examinations()] == [1]


def test_same_patient_twice_at_once(program: Program, contract: Contract, stage: Stage) -> None:
    stage.planned_once()
    stage.demo.faults(both={"mode": "hold"})
    answers = _posts(program, stage.body(), stage.body(piz=f" 0{stage.piz}"))
    accepted, refused = sorted(answers, key=lambda answer: answer.status_code)
    assert accepted.status_code == 202
    document = problem(refused, 409, "already_running")
    assert document["task_id"] == accepted.json()["task_id"]
    assert document["status_url"] == accepted.json()["status_url"]
    contract.check("Problem", document)
    stage.demo.faults()
    assert program.wait(document["task_id"])["sqlhk_sync"]["action"] == "created"
    assert len(stage.examinations()) == 1
    again = program.sync(stage.body())
    assert again["sqlhk_sync"]["action"] == "unchanged"


def test_only_the_same_patient_day_and_type_are_the_same(
    program: Program, stages: Callable[..., Stage]
) -> None:
    stage = stages()
    stage.known()
    stage.planned(stage.appointment(), stage.appointment(appointment_type=25))
    stage.demo.faults(both={"mode": "hold"})
    answers = _posts(
        program,
        stage.body(),
        stage.body(appointment_type_id=25),
        stage.body(date="2039-01-01"),
        stage.body(dry_run=True),
        stage.body(dry_run=True),
    )
    assert [answer.status_code for answer in answers] == [202] * 5
    ids = [answer.json()["task_id"] for answer in answers]
    assert len(set(ids)) == 5
    stage.demo.faults()
    statuses = [program.wait(task_id) for task_id in ids]
    assert [status["status"] for status in statuses[:3]] == ["completed", "completed", "failed"]
    assert len(stage.examinations()) == 2
    assert len(stage.patients()) == 1


def test_dry_run_is_never_refused(program: Program, stage: Stage) -> None:
    stage.planned_once()
    stage.demo.faults(both={"mode": "hold"})
    running = program.start(stage.body())
    shown = program.start(stage.body(dry_run=True))
    assert {running, shown} == {
        task["task_id"] for task in program.get("/api/sync/active").json()["tasks"]
    }
    assert program.get("/health").json()["active_syncs"] == 2
    stage.demo.faults()
    assert program.wait(running)["status"] == "completed"
    assert program.wait(shown)["status"] == "completed"
    assert len(stage.examinations()) == 1


def test_thirty_two_identical_requests(program: Program, stage: Stage) -> None:
    stage.planned_once()
    stage.demo.faults(both={"mode": "hold"})
    answers = _posts(program, *[stage.body()] * 32)
    codes = [answer.status_code for answer in answers]
    assert sorted(codes) == [202] + [409] * 31
    task_ids = {answer.json()["task_id"] for answer in answers}
    assert len(task_ids) == 1
    stage.demo.faults()
    assert program.wait(task_ids.pop())["sqlhk_sync"]["action"] == "created"
    assert len(stage.examinations()) == 1
    assert len(stage.patients()) == 1


def test_task_ids_of_one_second(program: Program, stage: Stage) -> None:
    """Dry runs may overlap, so several fall into one second: each has an id of its own."""
    ids = [program.start(stage.body(dry_run=True)) for _ in range(6)]
    assert len(set(ids)) == 6
    stems = {task_id[: len(ids[0])] for task_id in ids}
    for stem in stems:
        of_second = [task_id for task_id in ids if task_id.startswith(stem)]
        assert of_second == [stem, *(f"{stem}_{n}" for n in range(2, len(of_second) + 1))]
    for task_id in ids:
        assert program.wait(task_id)["task_id"] == task_id


def test_two_programs_on_one_registry(
    program: Program, demo: Demo, tmp_path: Path, stages: Callable[..., Stage]
) -> None:
    """Nothing but the database's own lock is between the two."""
    crowd = [stages() for _ in range(4)]
    for stage in crowd:
        stage.planned_once()
    with Program(tmp_path, demo.settings()) as other:
        other.wait_until_ready()
        calls = [
            lambda place=place, stage=stage: place.send(stage.body())
            for stage in crowd
            for place in (program, other)
        ]
        answers = _at_once(calls)
        for answer in answers:
            place = program if answer.url.startswith(program.url) else other
            status = place.wait(answer.json()["task_id"])
            assert status["status"] == "completed"
    for stage in crowd:
        assert len(stage.examinations()) == 1
        assert len(stage.patients()) == 1
