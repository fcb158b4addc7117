"""What the foreign systems can do wrong, and what a sync makes of it: in time, nothing written."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.clock import AT_ONCE, PATIENCE
from tests.end_to_end.answers import Contract, outcomes, problem, reasons
from tests.end_to_end.conftest import HASTY_SECONDS
from tests.end_to_end.program import Demo, Program, until
from tests.end_to_end.stage import Stage

ENDPOINTS = ("appointments", "patients")
LATEST_SECONDS = HASTY_SECONDS + AT_ONCE

HANGING: tuple[dict[str, Any], ...] = (
    {"mode": "slow", "seconds": 30},
    {"mode": "hang"},
    {"mode": "drip_header", "interval": 0.3},
    {"mode": "drip_body", "interval": 0.3},
)
UNAVAILABLE = "calldoc_unavailable"
WRONG = "calldoc_error"
NOTHING = "no_appointments"
FINE = None

FAULTS: dict[str, tuple[dict[str, Any], str | None, str | None]] = {
    # name: fault, what becomes of it in the appointment search, in the patient search
    "close": ({"mode": "close"}, UNAVAILABLE, UNAVAILABLE),
    "reset": ({"mode": "reset"}, UNAVAILABLE, UNAVAILABLE),
    "500": ({"mode": "status", "status": 500}, WRONG, WRONG),
    "503": ({"mode": "status", "status": 503}, WRONG, WRONG),
    "401": ({"mode": "status", "status": 401}, WRONG, WRONG),
    "404": ({"mode": "status", "status": 404}, WRONG, FINE),  # nobody has the number
    "302": ({"mode": "status", "status": 302}, WRONG, WRONG),
    "204": ({"mode": "status", "status": 204}, WRONG, WRONG),
    "201": ({"mode": "status", "status": 201}, WRONG, WRONG),
    "html": ({"mode": "html"}, WRONG, WRONG),
    "half_json": ({"mode": "half_json"}, WRONG, WRONG),
    "error_200": ({"mode": "error_200"}, WRONG, WRONG),
    "data_null": ({"mode": "data_null"}, WRONG, FINE),  # nobody has the number
    "data_missing": ({"mode": "data_missing"}, WRONG, WRONG),
    "foreign_patient": ({"mode": "foreign_patient"}, FINE, FINE),
    "wrong_types": ({"mode": "wrong_types"}, NOTHING, FINE),
    "slow once": ({"mode": "slow", "seconds": 0.3, "times": 1}, FINE, FINE),
    "closed once": ({"mode": "close", "times": 1}, FINE, FINE),
}


@pytest.mark.parametrize(("name", "endpoint"), list(itertools.product(FAULTS, ENDPOINTS)), ids=str)
def test_calldoc_answers_badly(
    hasty: Program, contract: Contract, stage: Stage, name: str, endpoint: str
) -> None:
    fault, *expected = FAULTS[name]
    code = expected[ENDPOINTS.index(endpoint)]
    appointment = stage.planned_once()
    stage.demo.faults(**{endpoint: fault})
    before = stage.everything()
    status = hasty.sync(stage.body())
    contract.check_status(status)
    if code is FINE:
        assert status["status"] == "completed", status["error"]
        assert outcomes(status) == {appointment["id"]: "created"}
        assert [row["Nachname"] for row in stage.patients()] == [stage.surname]
    else:
        assert (status["status"], status["error_code"]) == ("failed", code)
        assert stage.everything() == before
        stage.demo.faults()
        assert hasty.sync(stage.body())["status"] == "completed"


def test_calldoc_hangs_in_every_way(
    hasty: Program, contract: Contract, stages: Callable[..., Stage]
) -> None:
    """Eight patients, each of whom meets another way of hanging; they hang at the same time."""
    started: list[tuple[Stage, str, float]] = []
    for fault, endpoint in itertools.product(HANGING, ENDPOINTS):
        stage = stages()
        stage.planned_once()
        stage.demo.faults(**{endpoint: {**fault, "times": 1}})
        stage.demo.control("POST", "calls/reset")
        started.append((stage, hasty.start(stage.body()), time.monotonic()))

        def both_asked(demo: Demo = stage.demo, hanging: int = len(started)) -> bool | None:
            """One question hangs, the other was answered: neither can meet the next one's fault."""
            seen = demo.control("GET", "state")
            asked = seen["calls"] == dict.fromkeys(ENDPOINTS, 1)
            return True if asked and seen["running"] == hanging else None

        until(both_asked, PATIENCE, "the fault was not met")
    assert hasty.get("/health").json()["active_syncs"] == len(started)
    before = started[0][0].everything()
    for _, task_id, accepted in started:
        running = hasty.status(task_id)
        contract.check_status(running)
        status = hasty.wait(task_id)
        assert time.monotonic() - accepted < LATEST_SECONDS
        contract.check_status(status)
        assert (status["status"], status["error_code"]) == ("failed", "timeout")
        assert HASTY_SECONDS * 1000 - 50 <= status["execution_time_ms"] < LATEST_SECONDS * 1000
        assert status["safe_to_retry"] is True
        assert status["timing_ms"]["calldoc"] > HASTY_SECONDS * 500
    assert started[0][0].everything() == before
    assert hasty.get("/health").json()["active_syncs"] == 0


def test_calldoc_is_down(hasty: Program, contract: Contract, stage: Stage) -> None:
    stage.planned_once()
    stage.demo.faults(listener="down")
    with stage.nothing_written():
        status = hasty.sync(stage.body())
    contract.check_status(status)
    assert status["error_code"] == UNAVAILABLE
    assert status["patient"]["found"] is False
    ready = hasty.get("/health/ready")
    assert ready.status_code == 503
    contract.check("Ready", ready.json())
    assert ready.json()["checks"]["calldoc"]["ok"] is False
    assert hasty.get("/health").status_code == 200


def test_sqlhk_is_locked_for_too_long(hasty: Program, contract: Contract, stage: Stage) -> None:
    appointment = stage.planned_once()
    stage.demo.faults(sqlhk="locked")
    with stage.nothing_written():
        accepted = time.monotonic()
        status = hasty.sync(stage.body())
        assert time.monotonic() - accepted < LATEST_SECONDS
    contract.check_status(status)
    assert status["error_code"] == "timeout"
    assert status["execution_time_ms"] < LATEST_SECONDS * 1000
    assert reasons(status) == {appointment["id"]: "not_written"}
    stage.demo.faults()
    assert hasty.sync(stage.body())["sqlhk_sync"]["action"] == "created"


def test_sqlhk_is_locked_for_a_moment(hasty: Program, contract: Contract, stage: Stage) -> None:
    stage.planned_once()
    stage.demo.faults(sqlhk="locked")
    task_id = hasty.start(stage.body())
    contract.check_status(hasty.wait_for_stage(task_id, "match"))
    stage.demo.faults()
    status = hasty.wait(task_id)
    contract.check_status(status)
    assert status["sqlhk_sync"]["action"] == "created"


def test_sqlhk_is_down(hasty: Program, contract: Contract, stage: Stage) -> None:
    appointment = stage.planned_once()
    stage.demo.faults(sqlhk="down")
    status = hasty.sync(stage.body())
    contract.check_status(status)
    assert status["error_code"] == "sqlhk_unavailable"
    assert status["safe_to_retry"] is True
    assert reasons(status) == {appointment["id"]: "not_written"}
    assert hasty.get("/health/ready").json()["checks"]["sqlhk"]["ok"] is False
    stage.demo.faults()
    assert hasty.sync(stage.body())["sqlhk_sync"]["action"] == "created"


@pytest.mark.parametrize(
    "table", ["Patient", "Untersuchung", "Untersuchungart", "Herzkatheter", "Untersucherabrechnung"]
)
def test_table_is_missing(hasty: Program, contract: Contract, stage: Stage, table: str) -> None:
    stage.registered()
    stage.planned_once()
    with stage.nothing_written():
        stage.execute(f"ALTER TABLE {table} RENAME TO Beiseite")
        try:
            status = hasty.sync(stage.body())
        finally:
            stage.execute(f"ALTER TABLE Beiseite RENAME TO {table}")
    contract.check_status(status)
    assert status["error_code"] == "sqlhk_error"
    assert table not in status["error"]


@pytest.fixture
def trigger(stage: Stage) -> Iterator[Callable[[str, str], None]]:
    """Puts a trigger of the practice's on a table."""

    def create(when: str, action: str) -> None:
        stage.execute(f"CREATE TRIGGER der_praxis {when} BEGIN {action}; END")

    yield create
    stage.execute("DROP TRIGGER IF EXISTS der_praxis")


def test_trigger_that_fills_in_a_column(
    hasty: Program, contract: Contract, stage: Stage, trigger: Callable[[str, str], None]
) -> None:
    trigger(
        "AFTER INSERT ON Untersuchung",
        "UPDATE Untersuchung SET Untersuchungtype = 9 WHERE UntersuchungID = NEW.UntersuchungID",
    )
    stage.planned_once()
    status = hasty.sync(stage.body())
    contract.check_status(status)
    assert status["sqlhk_sync"]["action"] == "created"
    (row,) = stage.examinations()
    assert row["Untersuchungtype"] == 9


@pytest.mark.parametrize("table", ["Patient", "Untersuchung"])
def test_trigger_that_refuses(
    hasty: Program,
    contract: Contract,
    stage: Stage,
    trigger: Callable[[str, str], None],
    table: str,
) -> None:
    """The patient's row, already written, goes back with the examination's."""
    trigger(f"BEFORE INSERT ON {table}", "SELECT RAISE(ABORT, 'nicht erlaubt')")
    appointment = stage.planned_once()
    with stage.nothing_written():
        status = hasty.sync(stage.body())
    contract.check_status(status)
    assert status["error_code"] == "sqlhk_error"
    assert "nicht erlaubt" not in status["error"]
    assert reasons(status) == {appointment["id"]: "not_written"}


def test_row_that_cannot_be_updated_any_more(
    hasty: Program, contract: Contract, stage: Stage, trigger: Callable[[str, str], None]
) -> None:
    stage.examined(stage.registered(), UntersucherAbrechnungID=1)
    stage.planned_once()
    trigger("BEFORE UPDATE ON Untersuchung", "SELECT RAISE(IGNORE)")
    with stage.nothing_written():
        status = hasty.sync(stage.body())
    contract.check_status(status)
    assert status["error_code"] == "conflict"


def test_insert_that_does_not_happen(
    hasty: Program, contract: Contract, stage: Stage, trigger: Callable[[str, str], None]
) -> None:
    """What comes back must never be called written."""
    trigger("BEFORE INSERT ON Untersuchung", "SELECT RAISE(IGNORE)")
    stage.planned_once()
    with stage.nothing_written():
        status = hasty.sync(stage.body())
    contract.check_status(status)
    assert status["status"] == "failed"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_cancelled_while_calldoc_hangs(
    program: Program, contract: Contract, stage: Stage, endpoint: str
) -> None:
    stage.planned_once()
    stage.demo.faults(**{endpoint: {"mode": "hang"}})
    with stage.nothing_written():
        task_id = program.start(stage.body())
        contract.check_status(program.wait_for_stage(task_id, "calldoc"))
        begin = time.monotonic()
        answer = program.cancel(task_id)
        assert answer.status_code == 202
        contract.check("Accepted", answer.json())
        assert answer.json()["task_id"] == task_id
        status = program.wait(task_id)
        assert time.monotonic() - begin < AT_ONCE
    contract.check_status(status)
    assert status["status"] == "cancelled"
    problem(program.cancel(task_id), 409, "not_running")
    stage.demo.faults()
    assert program.status(task_id) == status
    assert program.sync(stage.body())["sqlhk_sync"]["action"] == "created"


def test_cancelled_while_sqlhk_is_locked(
    program: Program, contract: Contract, stage: Stage
) -> None:
    appointment = stage.planned_once()
    stage.demo.faults(sqlhk="locked")
    with stage.nothing_written():
        task_id = program.start(stage.body())
        program.wait_for_stage(task_id, "match")
        assert program.cancel(task_id).status_code == 202
        status = program.wait(task_id, AT_ONCE)
    contract.check_status(status)
    assert status["status"] == "cancelled"
    assert reasons(status) == {appointment["id"]: "not_written"}


def test_completed_task_cannot_be_cancelled(program: Program, stage: Stage) -> None:
    stage.planned_once()
    status = program.sync(stage.body())
    problem(program.cancel(status["task_id"]), 409, "not_running")
    assert program.status(status["task_id"]) == status


def test_queue(demo: Demo, tmp_path: Path, contract: Contract, stage: Stage) -> None:
    """One worker, one place to wait: the third is refused, the second waits and is cancelled,
    and waiting counts against the time."""
    settings = {
        **demo.settings(),
        "TASKS__WORKERS": "1",
        "TASKS__QUEUE_LIMIT": "1",
        "TASKS__TIMEOUT_SECONDS": "3",
    }
    demo.faults(both={"mode": "hang"})
    numbers = iter(range(5_000_001, 5_000_099))
    with Program(tmp_path, settings) as narrow, stage.nothing_written():
        narrow.wait_until_ready()
        running = narrow.start(stage.body(piz=next(numbers)))
        narrow.wait_for_stage(running, "calldoc")
        waiting = narrow.start(stage.body(piz=next(numbers)))
        assert narrow.status(waiting)["status"] == "pending"
        contract.check_status(narrow.status(waiting))
        refused = narrow.send(stage.body(piz=next(numbers)))
        problem(refused, 429, "queue_full")
        assert int(refused.headers["Retry-After"]) >= 1
        assert narrow.cancel(waiting).status_code == 202
        cancelled = narrow.wait(waiting)
        contract.check_status(cancelled)
        assert cancelled["status"] == "cancelled"
        again = narrow.start(stage.body(piz=next(numbers)))
        for task_id in (running, again):
            status = narrow.wait(task_id)
            contract.check_status(status)
            assert status["error_code"] == "timeout"
            assert status["execution_time_ms"] < (3 + AT_ONCE) * 1000


def test_silent_calldoc_and_read_only_sqlhk(
    demo: Demo, tmp_path: Path, contract: Contract, stage: Stage
) -> None:
    settings = {
        **demo.settings(),
        "SQLHK__URL": demo.ready["sqlhk_read_only_url"],
        "CALLDOC__READ_TIMEOUT": "1.5",
    }
    stage.planned_once()
    with Program(tmp_path, settings) as limited, stage.nothing_written():
        limited.wait_until_ready()
        for endpoint in ENDPOINTS:
            demo.faults(**{endpoint: {"mode": "hang"}})
            status = limited.sync(stage.body())
            contract.check_status(status)
            assert status["error_code"] == UNAVAILABLE
            assert 1400 < status["execution_time_ms"] < (1.5 + AT_ONCE) * 1000
        demo.faults()
        status = limited.sync(stage.body())
        contract.check_status(status)
        assert status["error_code"] == "sqlhk_error"


def test_sqlhk_file_that_does_not_exist(
    demo: Demo, tmp_path: Path, contract: Contract, stage: Stage
) -> None:
    missing = tmp_path / "nowhere.sqlite"
    settings = {**demo.settings(), "SQLHK__URL": f"sqlite:///{missing.as_posix()}"}
    stage.planned_once()
    with Program(tmp_path / "program", settings) as without:
        without.wait_until_ready()
        status = without.sync(stage.body())
        contract.check_status(status)
        assert status["error_code"] == "sqlhk_unavailable"
        assert without.get("/health/ready").status_code == 503
    assert not missing.exists()


def test_status_answers_at_once_while_everything_hangs(program: Program, stage: Stage) -> None:
    """More tasks than workers hang; asking and cancelling stay quick."""
    stage.demo.faults(both={"mode": "hang"})
    ids = [program.start(stage.body(piz=6_000_000 + n)) for n in range(12)]
    slowest = 0.0
    for task_id in ids:
        begin = time.monotonic()
        assert program.status(task_id)["status"] in ("pending", "running")
        slowest = max(slowest, time.monotonic() - begin)
    assert slowest < AT_ONCE
    threads = [threading.Thread(target=program.cancel, args=(task_id,)) for task_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert {program.wait(task_id)["status"] for task_id in ids} == {"cancelled"}
    assert requests.get(f"{program.url}/health", timeout=PATIENCE).json()["active_syncs"] == 0
