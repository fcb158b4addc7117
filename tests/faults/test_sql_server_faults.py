"""SQL Server as SQLHK: what its driver really raises, at every statement and at the commit.

The driver's exceptions are pyodbc's own, with the native numbers of SQL Server; the server is the
stand-in of :mod:`tests.faults.sql_server`.
"""

from __future__ import annotations

import logging

import pyodbc
import pytest

from plugins.single_patient.health import check_sqlhk
from tests.faults import driver_errors as errors
from tests.faults.driver_errors import CANARY, MakeError
from tests.faults.house import COMPLETED, House, Houses
from tests.faults.injection import FOR_EVER, Act, dying, failing
from tests.faults.judging import SYNCS, judge, undisturbed
from tests.faults.sql_server import Connection
from tests.faults.test_sqlite_faults import numbered

pytestmark = pytest.mark.usefixtures("hurried")

WHEN = ("before", "after")
DONE = {COMPLETED}
UNAVAILABLE = {"sqlhk_unavailable"}
REFUSED = {"sqlhk_error"}


def test_the_shape_is_the_drivers_own() -> None:
    """A real error of the real driver: two texts, the number and the function in brackets."""
    with pytest.raises(pyodbc.Error) as caught:
        pyodbc.connect("DRIVER={there is no such driver};SERVER=127.0.0.1", timeout=1)
    real, ours = caught.value, errors.LINK_FAILURE()
    assert [type(argument) for argument in real.args] == [type(item) for item in ours.args]
    for error in (real, ours):
        state, text = error.args
        assert text.startswith(f"[{state}] [")
        assert text.partition(") (SQL")[0].rpartition("(")[2].isdigit()
        assert text.endswith(")")


def rolled_back(make_error: MakeError) -> Act:
    """The server has ended the transaction; the connection lives."""

    def act(connection: Connection) -> None:
        connection.roll_back_by_server()
        raise make_error()

    return act


QUICK = ("new patient", "changed examination", "two examinations")
ONE = ("linked patient",)

STATEMENT_FAULTS: dict[str, tuple[Act, int, set[str], tuple[str, ...]]] = {
    # fault: what happens, how often, what it may end with, in which syncs
    "08S01, the connection dies": (dying(errors.LINK_FAILURE), 1, DONE, QUICK),
    "08S01 each time": (dying(errors.LINK_FAILURE), FOR_EVER, UNAVAILABLE, ONE),
    "1205, deadlock victim": (rolled_back(errors.DEADLOCK_VICTIM), 1, DONE, QUICK),
    "1205 three times": (rolled_back(errors.DEADLOCK_VICTIM), 3, DONE, ONE),
    "1205 each time": (rolled_back(errors.DEADLOCK_VICTIM), FOR_EVER, UNAVAILABLE, ONE),
    "1222, lock time-out": (failing(errors.LOCK_TIMEOUT), 2, DONE, ONE),
    "HYT00, query time-out": (failing(errors.QUERY_TIMEOUT), 1, DONE, QUICK),
    "HYT00 each time": (failing(errors.QUERY_TIMEOUT), FOR_EVER, UNAVAILABLE, ONE),
    "HYT01, connection time-out": (dying(errors.CONNECTION_TIMEOUT), 1, DONE, ONE),
    "229, no right": (failing(errors.NO_RIGHT), FOR_EVER, REFUSED, QUICK),
    "208, no such table": (failing(errors.NO_TABLE), FOR_EVER, REFUSED, ONE),
    "2627, double key": (failing(errors.DOUBLE_KEY), FOR_EVER, REFUSED, ONE),
    "2601, double key": (failing(errors.DOUBLE_INDEX), FOR_EVER, REFUSED, ONE),
}
EVERY_STATEMENT = [
    (sync, fault) for fault, (*_, syncs) in STATEMENT_FAULTS.items() for sync in syncs
]


@pytest.mark.parametrize(("sync", "fault"), EVERY_STATEMENT)
def test_at_every_statement(houses: Houses, sync: str, fault: str) -> None:
    clean = undisturbed(houses, "sql server", SYNCS[sync])
    act, times, expected, _ = STATEMENT_FAULTS[fault]
    house = houses.make("sql server")
    for call, nth in numbered(clean.calls):
        if call in ("connect", "commit"):
            continue
        for when in WHEN:
            house.start_over()
            rule = house.injection.before if when == "before" else house.injection.after
            rule(call, act, nth=nth, times=times)
            judge(fault, house, clean, house.sync(clean.piz), expected=expected)


COMMIT_ANSWERS: dict[str, tuple[MakeError, int, set[str]]] = {
    "commit: 1205, deadlock victim": (errors.DEADLOCK_VICTIM, 2, DONE),
    "commit: 9002, the log is full": (errors.LOG_FULL, FOR_EVER, REFUSED),
}


@pytest.mark.parametrize("fault", COMMIT_ANSWERS)
@pytest.mark.parametrize("sync", SYNCS)
def test_the_server_refuses_the_commit(houses: Houses, sync: str, fault: str) -> None:
    clean = undisturbed(houses, "sql server", SYNCS[sync])
    make_error, times, expected = COMMIT_ANSWERS[fault]
    house = houses.make("sql server")
    house.injection.before("commit", rolled_back(make_error), times=times)
    judge(fault, house, clean, house.sync(clean.piz), expected=expected)


NO_ANSWER = {
    "08S01": errors.LINK_FAILURE,
    "HYT00": errors.QUERY_TIMEOUT,
    "HYT01": errors.CONNECTION_TIMEOUT,
    "HY000, protocol error": errors.PROTOCOL_ERROR,
}


@pytest.mark.parametrize("answer", NO_ANSWER)
@pytest.mark.parametrize("sync", SYNCS)
def test_the_commit_is_not_answered(houses: Houses, sync: str, answer: str) -> None:
    """SQLHK is asked what became of it; the result is as if the answer had come."""
    clean = undisturbed(houses, "sql server", SYNCS[sync])
    house = houses.make("sql server")
    house.injection.after("commit", dying(NO_ANSWER[answer]))
    fault = f"commit: {answer}, carried out"
    judge(fault, house, clean, house.sync(clean.piz), expected=DONE)

    house.start_over()
    house.injection.before("commit", dying(NO_ANSWER[answer]))
    fault = f"commit: {answer}, not carried out"
    expected = UNAVAILABLE if clean.outcome.result.changes else {COMPLETED, *UNAVAILABLE}
    judge(fault, house, clean, house.sync(clean.piz), expected=expected)


@pytest.mark.parametrize("carried_out", [True, False], ids=["carried out", "not carried out"])
@pytest.mark.parametrize("sync", QUICK)
def test_the_server_stays_away_after_the_commit(
    houses: Houses, sync: str, carried_out: bool
) -> None:
    """Nobody can be asked: neither "written" nor "nothing was written" is said."""
    clean = undisturbed(houses, "sql server", SYNCS[sync])
    house = houses.make("sql server")
    server = house.server
    assert server is not None

    def gone(connection: Connection) -> None:
        server.down = True
        dying(errors.LINK_FAILURE)(connection)

    rule = house.injection.after if carried_out else house.injection.before
    rule("commit", gone)
    outcome = house.sync(clean.piz)
    assert {line.reason for line in outcome.result.lines} == {"outcome_unknown"}
    assert outcome.result.changes == ()
    assert len(house.intents) == 1

    def come_back() -> None:
        server.down = False

    word = "carried out" if carried_out else "not carried out"
    fault = f"commit: 08S01 and then nobody there, {word}"
    judge(fault, house, clean, outcome, expected={"outcome_unknown"}, mend=come_back)


@pytest.mark.parametrize(
    ("make_error", "times", "expected"),
    [
        (errors.CANNOT_CONNECT, 1, DONE),
        (errors.CANNOT_CONNECT, FOR_EVER, UNAVAILABLE),
        (errors.LOGIN_TIMEOUT, FOR_EVER, UNAVAILABLE),
        (errors.LOGIN_FAILED, FOR_EVER, REFUSED),
    ],
    ids=["08001 once", "08001", "HYT00", "28000"],
)
def test_no_connection_can_be_had(
    houses: Houses, make_error: MakeError, times: int, expected: set[str]
) -> None:
    clean = undisturbed(houses, "sql server", SYNCS["new patient"])
    house = houses.make("sql server")
    house.injection.before("connect", failing(make_error), times=times)
    outcome = house.sync(clean.piz)
    assert house.injection.calls.count("connect") <= 3
    judge("no connection", house, clean, outcome, expected=expected)


def test_a_kept_connection_that_died_is_noticed(houses: Houses) -> None:
    """The pool's connection is dead since the server was started again."""
    clean = undisturbed(houses, "sql server", SYNCS["changed examination"])
    house = houses.make("sql server")
    assert check_sqlhk(house.sqlhk, 1).ok
    assert house.server is not None
    for connection in house.server.connections:
        connection.close()
    judge("a dead connection in the pool", house, clean, house.sync(clean.piz), expected=DONE)


def _log_of(house: House, piz: str, caplog: pytest.LogCaptureFixture) -> str:
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        outcome = house.sync(piz)
    assert CANARY not in str(outcome.error)
    return caplog.text


@pytest.mark.parametrize("call", ["insert_patient", "insert_examination", "commit"])
@pytest.mark.parametrize("make_error", [errors.DOUBLE_KEY, errors.DOUBLE_INDEX])
def test_values_in_the_servers_texts_are_not_repeated(
    houses: Houses, make_error: MakeError, call: str, caplog: pytest.LogCaptureFixture
) -> None:
    house = houses.make("sql server")
    house.injection.before(call, failing(make_error), times=FOR_EVER)
    piz = SYNCS["new patient"].piz
    assert piz is not None
    log = _log_of(house, piz, caplog)
    assert CANARY not in log
    assert str(2627 if make_error is errors.DOUBLE_KEY else 2601) in log
