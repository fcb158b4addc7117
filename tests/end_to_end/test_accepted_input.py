"""What is accepted, and how it is normalised before it appears anywhere."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
import requests

from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import Program
from tests.end_to_end.stage import Stage


@pytest.mark.parametrize(
    "written",
    ["{0}", " {0} ", "00{0}", "\t0{0}\n", int],
    ids=["plain", "blanks", "zeros", "both", "integer"],
)
def test_number_is_normalised(program: Program, stage: Stage, written: Any) -> None:
    number = int(stage.piz) if written is int else written.format(stage.piz)
    begin = datetime.now().replace(microsecond=0)
    task_id = program.start(stage.body(piz=number))
    end = datetime.now()
    shape = re.fullmatch(r"patient_sync_(\d+)_(\d{4}-\d\d-\d\d)_(\d{14})", task_id)
    assert shape, task_id
    assert shape[1] == stage.piz
    assert shape[2] == stage.day
    assert begin <= datetime.strptime(shape[3], "%Y%m%d%H%M%S") <= end
    assert program.wait(task_id)["patient"]["piz"] == stage.piz


def test_smallest_and_largest_number(program: Program, contract: Contract, stage: Stage) -> None:
    for number in ("1", "999999999", 1, 999_999_999, "000000001"):
        status = program.sync(stage.body(piz=number))
        contract.check_status(status)
        assert status["error_code"] == "patient_not_found"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2024-02-29"])
def test_strange_days(program: Program, contract: Contract, stage: Stage, day: str) -> None:
    """Days that exist, though nobody would be examined then."""
    stage.known()
    with stage.nothing_written():
        status = program.sync(stage.body(date=day))
    contract.check_status(status)
    assert status["error_code"] == "no_appointments"


def test_largest_type(program: Program, contract: Contract, stage: Stage) -> None:
    stage.planned_once()
    status = program.sync(stage.body(appointment_type_id=2**31 - 1))
    contract.check_status(status)
    assert status["error_code"] == "no_appointments"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        'Application/JSON; charset="utf8"',
    ],
)
def test_ways_to_say_json(
    program: Program, contract: Contract, stage: Stage, content_type: str
) -> None:
    answer = requests.post(
        f"{program.url}/api/sync/patient",
        data=json.dumps(stage.body()),
        headers={"Content-Type": content_type},
        timeout=PATIENCE,
    )
    assert answer.status_code == 202, answer.text
    contract.check("Accepted", answer.json())
    contract.check_answer(answer, "/api/sync/patient", "post")
    program.wait(answer.json()["task_id"])


def test_answers_of_the_other_calls(program: Program, contract: Contract, stage: Stage) -> None:
    stage.planned_once()
    program.sync(stage.body())
    for path, schema in (
        ("/health", "Health"),
        ("/health/ready", "Ready"),
        ("/api/plugins", "Plugins"),
    ):
        answer = program.get(path)
        assert answer.status_code == 200
        contract.check(schema, answer.json())
        contract.check_answer(answer, path, "get")
    assert program.get("/health/ready").json()["checks"].keys() == {"calldoc", "sqlhk", "journal"}


def test_answers_to_names_of_this_machine(program: Program) -> None:
    port = program.url.rpartition(":")[2]
    for host in ("localhost", f"localhost:{port}", "127.0.0.1", "LOCALHOST", f"[::1]:{port}"):
        assert program.get("/health", headers={"Host": host}).status_code == 200
    for origin in (f"http://localhost:{port}", f"http://127.0.0.1:{port}"):
        assert program.get("/health", headers={"Origin": origin}).status_code == 200


def test_answers_on_ipv6_too(program: Program) -> None:
    """`localhost` means ::1 to some clients."""
    port = program.url.rpartition(":")[2]
    try:
        answer = requests.get(f"http://[::1]:{port}/health", timeout=PATIENCE)
    except requests.ConnectionError:
        pytest.skip("this machine has no ::1")
    assert answer.json()["status"] == "healthy"


def test_plugins_are_loaded(program: Program) -> None:
    plugins = {item["name"]: item for item in program.get("/api/plugins").json()["plugins"]}
    assert plugins["single_patient"]["state"] == "loaded"
    assert "POST /api/sync/patient" in plugins["single_patient"]["routes"]
