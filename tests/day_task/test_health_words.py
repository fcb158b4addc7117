"""What staff read of each connection: German, and when something is down, what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from api_blueprints.host_plugin import _calldoc_check
from day_task.health import check_gateway, check_gateway_tables
from demo.systems import DemoSystems
from hookspecs import HealthResult
from mssql_api_client import MsSqlApiClient
from plugins.single_patient.health import check_sqlhk, check_sqlhk_rights
from plugins.single_patient.sqlhk_dialect import dialect_for
from plugins.single_patient.sqlhk_engine import create_sqlhk_engine
from plugins.single_patient.unit_of_work import Sqlhk
from sync_gui.demo_switches import SYSTEMS, DemoSwitches

SECONDS = 2.0
ENGLISH = re.compile(r"\b(the|not|answers|reachable|error|is|cannot|time)\b")


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSystems]:
    with DemoSystems.start(tmp_path_factory.mktemp("demo"), today=date(2025, 10, 6)) as running:
        yield running


@pytest.fixture
def disturb(systems: DemoSystems) -> Iterator[Callable[[str, str], None]]:
    switches = DemoSwitches(systems.control_url)

    def choose(name: str, words: str) -> None:
        system = next(one for one in SYSTEMS if one.name == name)
        switches.choose(system, [choice.words for choice in system.choices].index(words))

    yield choose
    switches.clear()


@pytest.fixture
def gateway(systems: DemoSystems) -> Iterator[MsSqlApiClient]:
    client = MsSqlApiClient(systems.gateway_url)
    yield client
    client.close()


@contextmanager
def registry(file: Path) -> Iterator[Sqlhk]:
    engine = create_sqlhk_engine(
        f"sqlite:///{file.as_posix()}",
        password=None,
        connections=1,
        query_timeout=5,
        login_timeout=5,
    )
    yield Sqlhk(engine, dialect_for(engine))
    engine.dispose()


def told(result: HealthResult, *, ok: bool, english: str) -> str:
    """The German words of a result that is as expected otherwise."""
    assert (result.ok, result.message) == (ok, english)
    words = result.message_de
    assert words is not None
    assert words.endswith(".")
    assert not ENGLISH.search(words)
    assert ok or "die IT" in words
    return words


def test_everything_answers(systems: DemoSystems, gateway: MsSqlApiClient) -> None:
    calldoc = _calldoc_check(systems.calldoc_base_url)
    assert told(calldoc(SECONDS), ok=True, english="answers") == "CallDoc antwortet."
    for result, english in (
        (check_gateway(gateway, SECONDS), "reachable"),
        (check_gateway_tables(gateway, SECONDS), "reachable, all tables can be read"),
    ):
        assert told(result, ok=True, english=english) == "Das SQL-Gateway antwortet."
    with registry(systems.database_path) as sqlhk:
        told(check_sqlhk(sqlhk, SECONDS), ok=True, english="reachable")
        thorough = "reachable, all tables and rights are there"
        told(check_sqlhk_rights(sqlhk, SECONDS), ok=True, english=thorough)


def test_calldoc_is_down_or_silent(systems: DemoSystems, disturb) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        calldoc = _calldoc_check(f"http://127.0.0.1:{silent.getsockname()[1]}")
        words = told(calldoc(0.3), ok=False, english="no answer in time")
    assert words.startswith("CallDoc antwortet nicht rechtzeitig.")
    disturb("CallDoc", "nicht erreichbar")
    calldoc = _calldoc_check(systems.calldoc_base_url)
    words = told(calldoc(SECONDS), ok=False, english="not reachable")
    assert words.startswith("CallDoc ist nicht erreichbar. Abgleiche sind zurzeit nicht möglich.")


def says_nothing_of_single_patients(words: str) -> bool:
    """It asked the gateway only: CallDoc or SQLHK may be down as well, or not be set up."""
    return "Tagesabgleiche sind zurzeit nicht möglich." in words and "Patient" not in words


def test_the_gateway_is_down_or_silent(disturb, gateway: MsSqlApiClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = MsSqlApiClient(f"http://127.0.0.1:{silent.getsockname()[1]}")
        words = told(check_gateway(client, 0.3), ok=False, english="no answer in time")
        client.close()
    assert words.startswith("Das SQL-Gateway antwortet nicht rechtzeitig.")
    assert says_nothing_of_single_patients(words)
    disturb("Gateway", "nicht erreichbar")
    words = told(check_gateway(gateway, SECONDS), ok=False, english="not reachable")
    assert words.startswith("Das SQL-Gateway ist nicht erreichbar.")
    assert says_nothing_of_single_patients(words)


def test_a_gateway_that_is_none(systems: DemoSystems) -> None:
    client = MsSqlApiClient(systems.calldoc_base_url)
    english = "answers, but not as a gateway to SQLHK should"
    words = told(check_gateway(client, SECONDS), ok=False, english=english)
    assert words.startswith("Das SQL-Gateway antwortet anders als erwartet.")
    assert says_nothing_of_single_patients(words)
    client.close()


def test_a_registry_that_is_away_or_empty(tmp_path: Path) -> None:
    with registry(tmp_path / "nowhere" / "sqlhk.sqlite") as sqlhk:
        result = check_sqlhk(sqlhk, SECONDS)
        words = told(result, ok=False, english=result.message)
        assert words.startswith("Die Datenbank SQLHK ist nicht erreichbar.")
    (tmp_path / "empty.sqlite").touch()
    with registry(tmp_path / "empty.sqlite") as sqlhk:
        for result in (check_sqlhk(sqlhk, SECONDS), check_sqlhk_rights(sqlhk, SECONDS)):
            words = told(result, ok=False, english=result.message)
            assert words.startswith("Die Datenbank SQLHK verweigert den Zugriff.")
