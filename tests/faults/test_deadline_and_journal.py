"""A commit that hangs, too little time for one, a journal that refuses, and faults upon faults."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from plugins.single_patient import unit_of_work
from plugins.single_patient.resolution import Intent
from plugins.single_patient.result import SyncResult
from sync_core.errors import DeadlineExceededError, JournalUnavailableError
from sync_core.run_control import CommitState, RunControl, StopReason
from tests.clock import PATIENCE
from tests.faults import driver_errors as errors
from tests.faults.driver_errors import MakeError
from tests.faults.house import COMPLETED, House, Houses, Outcome
from tests.faults.injection import FOR_EVER, failing
from tests.faults.judging import SYNCS, judge, undisturbed
from tests.faults.outcome_table import TABLE

pytestmark = pytest.mark.usefixtures("hurried")

BOTH = pytest.mark.parametrize("database", ["sqlite", "sql server"])
NEW = SYNCS["new patient"]


class Hanging:
    """A call that does not return until it is told to."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.release = threading.Event()

    def __call__(self, _connection: Any) -> None:
        self.reached.set()
        assert self.release.wait(20)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def syncing(house: House, control: RunControl, hanging: Hanging) -> Iterator[list[Outcome]]:
    """A sync that hangs, in a thread of its own; let go and waited for in the end."""
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(house.sync(NEW.piz, control=control)))
    thread.start()
    try:
        assert hanging.reached.wait(PATIENCE)
        yield outcomes
    finally:
        hanging.release.set()
        thread.join(PATIENCE)


@BOTH
@pytest.mark.parametrize("answer", ["carried out", "refused"])
def test_a_commit_that_hangs_beyond_the_deadline(
    houses: Houses, database: str, answer: str
) -> None:
    """While it hangs nothing is claimed; who asks meanwhile has to wait; then it is known."""
    clean = undisturbed(houses, database, NEW)
    house, hanging, clock = houses.make(database), Hanging(), Clock()
    control = RunControl(60, monotonic=clock)
    house.injection.before("commit", hanging)
    if answer == "refused":
        refusal: MakeError = errors.FULL if database == "sqlite" else errors.LOG_FULL
        house.injection.before("commit", failing(refusal))
    with syncing(house, control, hanging) as outcomes:
        clock.now = 61.0
        assert control.stop(StopReason.DEADLINE) is False
        during = control.commit_state
        assert during is CommitState.SENT  # told as outcome_unknown
        assert house.fingerprint() == clean.before
        (intent,) = house.intents
        with pytest.raises(DeadlineExceededError):
            house.synchronizer.resolve(intent.as_json(), RunControl(0.5))
    (outcome,) = outcomes
    resolution = house.synchronizer.resolve(intent.as_json(), RunControl(PATIENCE))
    if answer == "carried out":
        assert resolution.outcome == "written"
        assert control.commit_state is CommitState.DONE
        expected = {COMPLETED}
    else:
        assert resolution.outcome == "not_written"
        assert control.commit_state is CommitState.NOT_SENT
        expected = {"timeout"}
    judge(f"a commit that hangs, then is {answer}", house, clean, outcome, expected=expected)


@BOTH
@pytest.mark.parametrize("call", ["patients_with_number", "insert_patient", "insert_examination"])
def test_a_statement_that_hangs_beyond_the_deadline(
    houses: Houses, database: str, call: str
) -> None:
    """When it comes back at last, nothing more is sent and all is undone."""
    clean = undisturbed(houses, database, NEW)
    house, hanging, clock = houses.make(database), Hanging(), Clock()
    control = RunControl(60, monotonic=clock)
    house.injection.before(call, hanging)
    with syncing(house, control, hanging) as outcomes:
        clock.now = 61.0
        control.stop(StopReason.DEADLINE)
        sent = list(house.injection.calls)
    assert house.injection.calls == sent
    judge("a statement that hangs", house, clean, outcomes[0], expected={"timeout"})


@BOTH
def test_cancelled_during_a_statement(houses: Houses, database: str) -> None:
    clean = undisturbed(houses, database, NEW)
    house, hanging, control = houses.make(database), Hanging(), RunControl(10)
    house.injection.before("insert_examination", hanging)
    with syncing(house, control, hanging) as outcomes:
        assert control.stop(StopReason.CANCELLED)
    judge("cancelled during a statement", house, clean, outcomes[0], expected={"cancelled"})


@BOTH
def test_too_little_time_to_learn_the_commits_outcome(houses: Houses, database: str) -> None:
    clean = undisturbed(houses, database, NEW)
    house, clock = houses.make(database), Clock()
    control = RunControl(60, monotonic=clock)

    def take_long(_connection: Any) -> None:
        clock.now = 60 - unit_of_work.COMMIT_RESERVE_SECONDS / 2

    house.injection.after("insert_examination", take_long)
    outcome = house.sync(NEW.piz, control=control)
    assert "commit" not in house.injection.calls
    judge("too little time left for a commit", house, clean, outcome, expected={"timeout"})


@BOTH
def test_the_journal_refuses(houses: Houses, database: str) -> None:
    clean = undisturbed(houses, database, NEW)
    house = houses.make(database)
    asked: list[Intent] = []

    def refuse(intent: Intent, _result: SyncResult) -> None:
        asked.append(intent)
        raise JournalUnavailableError

    with pytest.raises(JournalUnavailableError):
        house.synchronizer.sync(int(clean.piz), clean.outcome.result.request.day, intend=refuse)
    assert len(asked) == 1
    assert asked[0].changes == clean.outcome.result.changes
    assert "commit" not in house.injection.calls
    assert house.fingerprint() == clean.before
    assert house.sync(clean.piz).code == COMPLETED
    assert house.fingerprint() == clean.after
    TABLE.add("the journal refuses", "journal_unavailable", "untouched")


@BOTH
def test_the_intent_is_what_is_committed(houses: Houses, database: str) -> None:
    """Written down before the commit, once for each commit, and the whole truth."""
    house = houses.make(database)
    seen: list[tuple[list[Any], str]] = []

    def look(_connection: Any) -> None:
        seen.append(([intent.as_json() for intent in house.intents], house.fingerprint()))

    before = house.fingerprint()
    house.injection.before("commit", look)
    outcome = house.sync(NEW.piz)
    ((intents, stood),) = seen
    assert stood == before
    assert intents == [Intent(int(NEW.piz or 0), outcome.result.changes).as_json()]


REASONS = {
    "scope_violation": "UPDATE Untersuchung SET HerzkatheterID = ?, UntersucherAbrechnungID = ?"
    " WHERE 1 = 1 OR ? = ? OR ? = ? OR ? IS ? RETURNING UntersuchungID",
    "conflict": "UPDATE Untersuchung SET HerzkatheterID = ?, UntersucherAbrechnungID = ?"
    " WHERE 1 = 0 AND ? = ? AND ? = ? AND ? IS ? RETURNING UntersuchungID",
}


@BOTH
@pytest.mark.parametrize("code", REASONS)
def test_a_rollback_that_fails_too_hides_nothing(houses: Houses, database: str, code: str) -> None:
    """The first reason is the truth, whatever breaks while it is being undone."""
    clean = undisturbed(houses, database, SYNCS["changed examination"])
    house = houses.make(database)
    house.injection.change_text("update_examination", lambda _, values: (REASONS[code], values))
    make_error = errors.IO_ERROR if database == "sqlite" else errors.LINK_FAILURE

    def from_now_on(_connection: Any) -> None:
        house.injection.before("rollback", failing(make_error), times=FOR_EVER)

    house.injection.after("update_examination", from_now_on)
    outcome = house.sync(clean.piz)
    assert outcome.code == code
    assert outcome.result.changes == ()
    house.injection.clear()
    house.close()
    assert house.fingerprint() == clean.before
    TABLE.add(f"{code}, and the rollback fails", code, "untouched")
