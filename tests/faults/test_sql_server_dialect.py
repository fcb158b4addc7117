"""What the plugin's own engine and SQL Server dialect say to the driver, as far as it can be seen
without a server: connection strings, time-outs, types, the lock's return codes.
"""

from __future__ import annotations

from typing import Any

import pyodbc
import pytest

from demo import people
from plugins.single_patient.health import check_sqlhk, check_sqlhk_rights
from plugins.single_patient.sqlhk_engine import create_sqlhk_engine
from plugins.single_patient.transaction import lock_name
from sync_core.run_control import RunControl
from tests.faults.house import COMPLETED, House, Houses
from tests.faults.sql_server import SqlServer, connect_to

NEW = people.UNKNOWN_TO_SQLHK
TAKEN, TAKEN_AFTER_WAITING, TIMEOUT, CANCELLED, VICTIM, CALL_ERROR = 0, 1, -1, -2, -3, -999


@pytest.fixture
def house(houses: Houses) -> House:
    return houses.make("sql server")


def server_of(house: House) -> SqlServer:
    assert house.server is not None
    return house.server


@pytest.mark.parametrize(
    "answers",
    [
        [TAKEN],
        [TAKEN_AFTER_WAITING],
        [TIMEOUT, TAKEN],
        [TIMEOUT, TIMEOUT, TIMEOUT, TAKEN_AFTER_WAITING],
        [VICTIM, TAKEN],
    ],
    ids=str,
)
def test_the_lock_is_had_in_the_end(house: House, answers: list[int]) -> None:
    server = server_of(house)
    server.lock_answers = list(answers)
    assert house.sync(NEW.piz).code == COMPLETED
    assert house.injection.calls.count("lock") == len(answers)
    assert all(0 < wait <= 1000 for wait in server.lock_waits)
    assert house.injection.calls.count("insert_patient") == 1


@pytest.mark.parametrize("answer", [CANCELLED, CALL_ERROR, -4])
def test_a_refused_lock_is_no_lock(house: House, answer: int) -> None:
    """A negative code raises nothing in the driver; without a look at it everybody would get in."""
    before = house.fingerprint()
    server_of(house).lock_answers = [answer]
    outcome = house.sync(NEW.piz)
    assert outcome.code == "sqlhk_error"
    assert str(answer) in str(outcome.error)
    assert house.injection.calls == ["connect", "lock"]
    assert house.fingerprint() == before


def test_a_lock_that_is_never_had_ends_with_the_deadline(house: House) -> None:
    server = server_of(house)
    somebody = object()
    assert server.locks.take(lock_name(int(NEW.piz or 0)), somebody, 0) == 0
    before = house.fingerprint()
    outcome = house.sync(NEW.piz, control=RunControl(2.6))
    assert outcome.code == "timeout"
    assert set(house.injection.calls[1:]) == {"lock"}
    assert server.lock_waits[0] == 1000
    assert server.lock_waits[-1] < 1000  # never longer than there is time
    assert house.fingerprint() == before
    server.locks.release(somebody)
    assert house.sync(NEW.piz).code == COMPLETED


def test_another_patients_lock_is_no_obstacle(house: House) -> None:
    server_of(house).locks.take(lock_name(int(people.MAX.piz or 0)), object(), 0)
    assert house.sync(NEW.piz, control=RunControl(30)).code == COMPLETED


def test_the_lock_comes_first_and_ends_with_the_transaction(house: House) -> None:
    server = server_of(house)
    name = lock_name(int(NEW.piz or 0))
    owners: list[int] = []

    def try_it(_connection: Any) -> None:
        owners.append(server.locks.take(name, object(), 0))

    house.injection.before("commit", try_it)
    assert house.sync(NEW.piz).code == COMPLETED
    assert house.injection.calls[:3] == ["connect", "lock", "patients_with_number"]
    assert owners == [TIMEOUT]
    assert server.locks.take(name, object(), 0) == TAKEN
    assert server.sent["lock"][0] == name
    assert len(name) <= 255


def test_a_dry_run_only_reads(house: House) -> None:
    outcome = house.sync(NEW.piz, dry_run=True)
    assert outcome.result.action == "would_create"
    assert not {"insert_patient", "insert_examination", "commit"} & set(house.injection.calls)
    token = outcome.result.plan_token
    assert house.sync(NEW.piz, plan_token=token).code == COMPLETED


def test_text_goes_as_nvarchar_and_numbers_as_numbers(house: House) -> None:
    for person in (NEW, people.OTHER_DOCTOR, people.LINKABLE):
        assert house.sync(person.piz).code == COMPLETED
    server = server_of(house)
    assert {"insert_patient", "insert_examination", "update_examination", "link_patient"} <= set(
        server.sent
    )
    for name, values in server.sent.items():
        for value in values:
            assert type(value) in (str, int, float, type(None)), name
        sizes = server.sizes[name]
        if sizes is None:
            continue  # our own batches: without a word the driver sends str as nvarchar, int as int
        assert len(sizes) == len(values), name
        for (sql_type, *_), value in zip(sizes, values, strict=True):
            assert (sql_type == pyodbc.SQL_WVARCHAR) is isinstance(value, str), name


def test_the_connection_is_made_as_configured(house: House) -> None:
    assert check_sqlhk(house.sqlhk, 1).ok
    (connection,) = server_of(house).connections
    assert connection.autocommit is False
    assert connection.timeout == 15
    assert connection.options["timeout"] == 5
    assert pyodbc.pooling is False


def test_connections_are_kept(house: House) -> None:
    for person in (NEW, people.MAX, people.OTHER_DOCTOR):
        assert house.sync(person.piz).code == COMPLETED
    assert len(server_of(house).connections) == 1


def test_rights_are_asked_for_without_changing_anything(house: House) -> None:
    before = house.fingerprint()
    assert check_sqlhk_rights(house.sqlhk, 1).ok
    assert house.fingerprint() == before
    assert not [call for call in house.injection.calls if call.startswith(("insert", "update"))]


@pytest.mark.parametrize(
    ("url", "password", "parts"),
    [
        (
            "mssql+pyodbc://sync_gui@praxis\\SQLEXPRESS/SQLHK?driver=ODBC+Driver+17+for+SQL+Server",
            "ge;heim}",
            {
                "DRIVER={ODBC Driver 17 for SQL Server}",
                r"Server=praxis\SQLEXPRESS",
                "Database=SQLHK",
                "UID=sync_gui",
                "PWD={ge;heim}}}",
            },
        ),
        (
            "mssql+pyodbc://praxis/SQLHK?driver=ODBC+Driver+18+for+SQL+Server"
            "&Encrypt=yes&TrustServerCertificate=yes",
            None,
            {
                "Server=praxis",
                "Trusted_Connection=Yes",
                "Encrypt=yes",
                "TrustServerCertificate=yes",
            },
        ),
        (
            "mssql+pyodbc://sync_gui@praxis:1435/SQLHK?driver=ODBC+Driver+18+for+SQL+Server",
            "geheim",
            {"Server=praxis,1435", "UID=sync_gui", "PWD=geheim"},
        ),
    ],
    ids=["named instance and login", "Windows login and encryption", "port"],
)
def test_the_connection_string(
    house: House, url: str, password: str | None, parts: set[str]
) -> None:
    server = server_of(house)
    engine = create_sqlhk_engine(
        url, password=password, connections=1, query_timeout=15, login_timeout=5
    )
    connect_to(engine, server)
    try:
        with engine.connect():
            pass
    finally:
        engine.dispose()
    (text,) = server.connections[-1].arguments
    for part in parts:
        assert f";{part};" in f";{text};"
    assert ("Trusted_Connection" in text) is (password is None)
    assert password is None or password not in str(engine.url)
