"""Idempotency keys and waiting calls on the real program, across kills, restarts and its end."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract, problem
from tests.end_to_end.program import END_SECONDS, Demo, Program, until
from tests.end_to_end.stage import Stage

PATH = "/api/sync/patient"


def keyed(program: Program, body: Any, key: str = "key", **headers: str) -> requests.Response:
    return program.send(body, headers={"Idempotency-Key": key, **headers})


def keys(program: Program, sql: str) -> set[str]:
    with closing(sqlite3.connect(program.data_dir / "journal.sqlite")) as journal, journal:
        return {key for (key,) in journal.execute(sql)}


def test_a_key_survives_kill_and_restart(
    demo: Demo, tmp_path: Path, contract: Contract, stage: Stage
) -> None:
    stage.planned_once()
    with Program(tmp_path, demo.settings()) as program:
        program.wait_until_ready()
        done = keyed(program, stage.body(), "done", Prefer="wait=10")
        assert (done.status_code, done.json()["sqlhk_sync"]["action"]) == (200, "created")
        contract.check_answer(done, PATH, "post")
        contract.check_status(done.json())
        demo.faults(both={"mode": "hang"})
        hanging = keyed(program, stage.body(date="2038-01-01"), "hanging")
        program.wait_for_stage(hanging.json()["task_id"], "calldoc")
        problem(keyed(program, stage.body(date="2038-01-01"), "new"), 409, "already_running")
        again = keyed(program, stage.body(date="2038-01-01"), "hanging")
        assert (again.status_code, again.json()) == (202, hanging.json())
        program.kill()
    demo.faults()
    keys(program, "INSERT INTO idempotency_key VALUES ('of yesterday', 'gone', '', 1000)")
    with stage.nothing_written(), Program(tmp_path, demo.settings()) as program:
        program.wait_until_ready()
        assert keys(program, "SELECT key FROM idempotency_key") == {"done", "hanging"}
        # The same meaning in other words: defaults named, number written otherwise.
        same = {"dry_run": False, "date": stage.day, "piz": f" 0{stage.piz} "}
        again = keyed(program, {**same, "appointment_type_id": 24}, "done")
        assert (again.status_code, again.json()["task_id"]) == (202, done.json()["task_id"])
        contract.check_answer(again, PATH, "post")
        waited = keyed(program, stage.body(), "done", Prefer="wait=10")
        assert (waited.status_code, waited.json()) == (200, done.json())
        interrupted = keyed(program, stage.body(date="2038-01-01"), "hanging", Prefer="wait=10")
        assert interrupted.json()["task_id"] == hanging.json()["task_id"]
        assert interrupted.json()["error_code"] == "interrupted"
        for other in ({"dry_run": True}, {"appointment_type_id": 25}, {"date": "2038-01-02"}):
            refused = keyed(program, stage.body(**other), "done")
            contract.check("Problem", problem(refused, 422, "idempotency_key_reused"))
            contract.check_answer(refused, PATH, "post")
        history = program.get("/api/sync/history")
        contract.check_answer(history, "/api/sync/history", "get")
        assert history.json()["count"] == 2
    log = (program.data_dir / "sync_gui.log").read_text(encoding="utf-8")
    assert "asked for again" in log


def test_sixteen_at_once_with_one_key(program: Program, stage: Stage) -> None:
    stage.planned_once()
    start = threading.Barrier(16)

    def one(_number: int) -> requests.Response:
        start.wait(PATIENCE)
        return keyed(program, stage.body(), f"sixteen-{stage.piz}")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one, range(16)))
    assert {answer.status_code for answer in answers} == {202}
    [task_id] = {answer.json()["task_id"] for answer in answers}
    assert program.wait(task_id)["sqlhk_sync"]["action"] == "created"
    assert len(stage.examinations()) == 1


def test_bad_key_and_bad_wait(program: Program, contract: Contract, stage: Stage) -> None:
    with stage.nothing_written():
        for key in ("", "two words", "x" * 129):
            refused = problem(keyed(program, stage.body(), key), 400, "invalid_request")
            assert list(refused["errors"]) == ["headers"]
            contract.check("Problem", refused)
        problem(program.get("/api/sync/status/x?wait=31"), 400, "invalid_request")
        problem(program.get("/api/sync/history?page_size=201"), 400, "invalid_request")


def test_the_end_of_the_program_answers_who_waits(
    demo: Demo, tmp_path: Path, contract: Contract, stage: Stage
) -> None:
    stage.planned_once()
    with Program(tmp_path, demo.settings()) as program, ThreadPoolExecutor(24) as pool:
        program.wait_until_ready()
        demo.faults(both={"mode": "hang"})
        task_id = keyed(program, stage.body()).json()["task_id"]
        program.wait_for_stage(task_id, "calldoc")
        status = f"/api/sync/status/{task_id}?wait=30"
        calls = [pool.submit(program.get, status) for _ in range(12)]
        calls += [pool.submit(keyed, program, stage.body(), Prefer="wait=30") for _ in range(12)]

        def waiting() -> list[Future[requests.Response]] | None:
            """Those who wait, once the eight for whom there is no place have been sent away."""
            left = [call for call in calls if not call.done()]
            return left if len(left) == 16 else None

        left = until(waiting, PATIENCE, "not everybody has come")
        assert program.terminate() < END_SECONDS
        answers = [call.result(PATIENCE) for call in left]
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        contract.check_status(answer.json())
        assert answer.json()["error_code"] == "interrupted"


@contextmanager
def slow_examinations(stage: Stage) -> Iterator[None]:
    """SQLHK takes for ever to write an examination of the day; the patient's row goes quickly."""
    with closing(sqlite3.connect(stage.demo.database, timeout=PATIENCE)) as connection:
        connection.execute(
            "CREATE TRIGGER slow AFTER INSERT ON Untersuchung"
            f" WHEN NEW.Datum = '{stage.german_day}' BEGIN SELECT"
            " (SELECT count(*) FROM Patient a, Patient b, Patient c, Patient d, Patient e); END"
        )
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER slow")


def test_cancelling_between_two_writes_rolls_back_both(
    program: Program, contract: Contract, stage: Stage
) -> None:
    stage.planned_once()
    with stage.nothing_written(), slow_examinations(stage), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(program.send, stage.body(), headers={"Prefer": "wait=30"})
        active = until(
            lambda: program.get("/api/sync/active").json()["tasks"] or None, PATIENCE, "it began"
        )
        task_id = active[0]["task_id"]
        program.wait_for_stage(task_id, "write")
        cancelled = program.cancel(task_id)
        contract.check_answer(cancelled, "/api/sync/cancel/{task_id}", "post")
        assert cancelled.status_code == 202
        answer = waiting.result(PATIENCE)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    contract.check_status(answer.json())
    assert stage.patients() == []
    refused = program.cancel(task_id)
    problem(refused, 409, "not_running")
    contract.check_answer(refused, "/api/sync/cancel/{task_id}", "post")
    assert program.sync(stage.body())["sqlhk_sync"]["patient_action"] == "created"
