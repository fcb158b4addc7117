"""The gateway misbehaves during a day: truthful counts, and nothing doubled at the next run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from demo.sqlhk_database import fingerprint
from demo.systems import DemoSystems
from tests.day_task.house import DayProgram, DayStage, Row, counts, settings_of, warning_codes
from tests.end_to_end.program import run_program

COUNT = 6
EVERYBODY = Counter(dict.fromkeys(range(1, COUNT + 1), 1))


@pytest.fixture
def planned(stage: DayStage) -> DayStage:
    stage.planned_many(COUNT)
    return stage


def assert_truthful(stage: DayStage, status: Row) -> None:
    """What the lines say was written is there; what they call open may be."""
    for lines, found in (
        (status["patients"], stage.patients()),
        (status["untersuchungen"], stage.who()),
    ):
        said = {int(line["piz"]) - stage.first for line in lines if line["outcome"] == "inserted"}
        open_ones = {
            int(line["piz"]) - stage.first for line in lines if line["code"] == "outcome_unknown"
        }
        assert said <= set(found) <= said | open_ones


def assert_mended(program: DayProgram, stage: DayStage) -> None:
    """The next run, with nothing wrong any more, finds everybody once."""
    stage.gateway()
    program.completed(stage.body())
    assert stage.patients() == stage.who() == EVERYBODY
    before = fingerprint(stage.systems.database_path)
    assert counts(program.completed(stage.body())) == (0, 0, COUNT, 0, 0, 0)
    assert fingerprint(stage.systems.database_path) == before


@pytest.mark.parametrize("form", ["plain", "wrapped"])
@pytest.mark.parametrize("answer", ["does_not_return_rows", "success"])
def test_the_everyday_quirks(
    program: DayProgram, planned: DayStage, form: str, answer: str
) -> None:
    planned.gateway(form=form, writes_answer=answer)
    assert counts(program.completed(planned.body())) == (COUNT, 0, 0, 0, 0, 0)
    assert_mended(program, planned)


@pytest.mark.parametrize("mode", ["status_before", "status_after", "half_json", "close_after"])
def test_every_write_is_answered_badly(program: DayProgram, planned: DayStage, mode: str) -> None:
    planned.gateway(execute_sql={"mode": mode, "calls": "writes"})
    status = program.completed(planned.body())
    assert_truthful(planned, status)
    if mode == "status_before":
        assert counts(status) == (0, 0, 0, 0, 0, COUNT)
        assert "fehlgeschlagen" in status["progress"]["message"]
    else:
        assert counts(status) == (COUNT, 0, 0, 0, 0, 0)
    assert_mended(program, planned)


@pytest.mark.parametrize("mode", ["status_before", "refuse", "close_after"])
@pytest.mark.parametrize("skip", [4, 9, COUNT + 6, COUNT + 10])
def test_dying_midway(program: DayProgram, planned: DayStage, mode: str, skip: int) -> None:
    planned.gateway(execute_sql={"mode": mode, "skip": skip})
    status = program.sync_day(planned.body())
    assert_truthful(planned, status)
    if status["status"] == "completed":  # it was given up between patients and examinations
        assert counts(status)[5] > 0 or "keys_unknown" in warning_codes(status)
    else:
        assert (status["status"], status["safe_to_retry"]) == ("failed", True)
        assert status["error_code"] in ("sqlhk_error", "sqlhk_unavailable")
        denied = "Es wurde nichts geschrieben." in status["error"]
        assert denied == (not planned.patients())
        assert denied or "Was bis dahin geschrieben wurde, bleibt" in status["error"]
    assert_mended(program, planned)


def test_down_from_the_beginning(program: DayProgram, planned: DayStage) -> None:
    planned.gateway(listener="down")
    status = program.sync_day(planned.body())
    assert (status["status"], status["error_code"]) == ("failed", "sqlhk_unavailable")
    assert status["error"].endswith("Es wurde nichts geschrieben.")
    ready = program.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["gateway"]["message"] == "not reachable"
    assert_mended(program, planned)
    assert program.get("/health/ready").json()["checks"]["gateway"]["ok"] is True


@pytest.mark.parametrize("mode", ["status", "half_json", "error_200", "data_null"])
def test_calldoc_fails(program: DayProgram, planned: DayStage, mode: str) -> None:
    planned.calldoc(appointments={"mode": mode})
    before = fingerprint(planned.systems.database_path)
    status = program.sync_day(planned.body(delete_obsolete=True))
    assert (status["status"], status["error_code"]) == ("failed", "calldoc_error")
    assert status["error"].endswith("Es wurde nichts geschrieben.")
    assert fingerprint(planned.systems.database_path) == before


def test_the_thorough_check_names_the_gateway(systems: DemoSystems, tmp_path: Path) -> None:
    settings = {f"{name}": value for name, value in settings_of(systems).items()}
    good = run_program(tmp_path, "--check", "--data-dir", str(tmp_path / "data"), **settings)
    assert good.returncode == 0, good.stdout
    assert "gateway: reachable, all tables can be read" in good.stdout
