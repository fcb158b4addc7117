"""The gateway fails in the middle of a day: truthful counts, and nothing doubled afterwards."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest

from demo.sqlhk_database import fingerprint
from sync_core.day_result import DayResult
from sync_core.errors import DeadlineExceededError, TaskError
from sync_core.run_control import RunControl
from tests.day_sync.conftest import (
    FUTURE,
    House,
    entry,
    examination_counts,
    patient_counts,
)

COUNT = 8
FIRST = 7_000_001
BEFORE = ("status_before", "refuse", "close_before")
AFTER = ("status_after", "half_json", "close_after")


@pytest.fixture
def planned(house: House) -> House:
    house.planned(FUTURE, [entry(FIRST + n, n + 1) for n in range(COUNT)])
    return house


def sync(house: House) -> DayResult:
    """The last state that was told, whether the day ended well or not."""
    kept = [DayResult(FUTURE, ())]
    with contextlib.suppress(TaskError):
        house.day_sync.sync(FUTURE, keep=kept.append)
    return kept[-1]


def patients(house: House) -> Counter[int]:
    rows = house.rows("SELECT M1Ziffer FROM Patient WHERE M1Ziffer BETWEEN 7000001 AND 7000099")
    return Counter(row["M1Ziffer"] for row in rows)


def examinations(house: House) -> Counter[int]:
    rows = house.rows(
        "SELECT M1Ziffer FROM Untersuchung JOIN Patient USING (PatientID)"
        " WHERE Datum = '05.05.2026' AND M1Ziffer >= 7000001"
    )
    return Counter(row["M1Ziffer"] for row in rows)


def assert_truthful(house: House, result: DayResult) -> None:
    """What the lines say was written is there; what they call open may be."""
    lines = result.patients.details
    said = {line.piz for line in lines if line.outcome == "inserted"}
    open_ones = {line.piz for line in lines if line.code == "outcome_unknown"}
    assert said <= set(patients(house)) <= said | open_ones
    details = result.untersuchungen.details
    said = {line.piz for line in details if line.outcome == "inserted"}
    open_ones = {line.piz for line in details if line.code == "outcome_unknown"}
    assert said <= set(examinations(house)) <= said | open_ones


def assert_mended(house: House) -> None:
    """The next run, with nothing wrong any more, finds everybody once."""
    house.gateway()
    result = house.day_sync.sync(FUTURE)
    assert result.untersuchungen.errors == result.patients.failed == 0
    everybody = Counter(range(FIRST, FIRST + COUNT))
    assert patients(house) == examinations(house) == everybody
    before = fingerprint(house.database)
    assert house.day_sync.sync(FUTURE).untersuchungen.unchanged == COUNT
    assert fingerprint(house.database) == before


@pytest.mark.parametrize("mode", [*BEFORE, *AFTER])
@pytest.mark.parametrize("skip", [5, COUNT + 3])
def test_one_unclear_answer_changes_nothing(planned: House, mode: str, skip: int) -> None:
    planned.gateway(execute_sql={"mode": mode, "calls": "writes", "skip": skip, "times": 1})
    result = planned.day_sync.sync(FUTURE)
    assert patient_counts(result)["inserted"] == examination_counts(result)["inserted"] == COUNT
    assert_mended(planned)


@pytest.mark.parametrize("mode", [*BEFORE, *AFTER])
def test_every_write_is_answered_badly(planned: House, mode: str) -> None:
    planned.gateway(execute_sql={"mode": mode, "calls": "writes"})
    result = sync(planned)
    assert_truthful(planned, result)
    if mode in AFTER:  # every single one was found to be there
        assert patient_counts(result)["inserted"] == examination_counts(result)["inserted"] == COUNT
    else:
        assert patient_counts(result)["failed"] == examination_counts(result)["errors"] == COUNT
        codes = {line.code for line in result.untersuchungen.details}
        assert codes <= {"sqlhk_error", "sqlhk_unavailable"}
    assert_mended(planned)


@pytest.mark.parametrize("mode", ["refuse", "half_json", "close_after"])
@pytest.mark.parametrize("skip", [0, 3, 8, 14, 15, 19, 24])
def test_dying_midway(planned: House, mode: str, skip: int) -> None:
    planned.gateway(execute_sql={"mode": mode, "skip": skip})
    assert_truthful(planned, sync(planned))
    assert planned.calls()["execute_sql"] < skip + 12  # nobody waits for the dead
    assert_mended(planned)


@pytest.mark.parametrize("form", ["plain", "wrapped"])
@pytest.mark.parametrize("answer", ["does_not_return_rows", "success"])
def test_the_everyday_quirks(planned: House, form: str, answer: str) -> None:
    planned.gateway(form=form, writes_answer=answer)
    result = planned.day_sync.sync(FUTURE)
    assert patient_counts(result)["inserted"] == examination_counts(result)["inserted"] == COUNT
    planned.state.change_appointment(1, {"room": 18})
    assert planned.day_sync.sync(FUTURE).untersuchungen.updated == 1
    assert_mended(planned)


def test_silence_in_the_middle_ends_with_the_deadline(planned: House) -> None:
    fault = {"mode": "slow_after", "skip": 8, "seconds": 30}
    planned.gateway(execute_sql=fault)
    kept: list[DayResult] = []
    with pytest.raises(DeadlineExceededError):
        planned.day_sync.sync(FUTURE, control=RunControl(4.0), keep=kept.append)
    assert_truthful(planned, kept[-1])
    assert_mended(planned)


def test_a_row_that_changes_at_the_last_moment_is_a_conflict(planned: House) -> None:
    planned.day_sync.sync(FUTURE)
    planned.state.change_appointment(1, {"room": 18})
    planned.state.change_appointment(2, {"room": 18})

    def meddle(stage: str, percent: int, message: str) -> None:
        if message == f"Patient {COUNT} von {COUNT}":
            planned.execute(
                "UPDATE Untersuchung SET HerzkatheterID = 6 WHERE Datum = '05.05.2026' AND"
                f" PatientID = (SELECT PatientID FROM Patient WHERE M1Ziffer = {FIRST})"
            )

    result = planned.day_sync.sync(FUTURE, progress=meddle)
    assert (result.untersuchungen.updated, result.untersuchungen.errors) == (1, 1)
    assert result.untersuchungen.details[0].code == "conflict"


def test_no_name_reaches_log_or_message(planned: House, caplog: pytest.LogCaptureFixture) -> None:
    canary = "Kanarienvogel"
    for n in range(COUNT):
        planned.state.change_appointment(n + 1, {"surname": canary, "name": canary})
    caplog.set_level("DEBUG")
    for mode in ("none", *BEFORE, *AFTER):
        planned.gateway(execute_sql={"mode": mode, "skip": 9, "times": 4})
        result = sync(planned)
        told = [line.message or "" for line in result.patients.details]
        told += [line.message or "" for line in result.untersuchungen.details]
        told += [warning.message for warning in result.warnings]
        assert canary not in " ".join(told)
        planned.execute(f"DELETE FROM Patient WHERE Nachname = '{canary}'")
    assert canary not in caplog.text
