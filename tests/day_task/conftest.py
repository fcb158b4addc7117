"""One program and one set of simulated systems for the whole folder; a day for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from demo.systems import DemoSystems
from tests.day_task.house import DayProgram, DayStage, contract_of, settings_of
from tests.end_to_end.answers import Contract

_NUMBERS = count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts the real program."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="package")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSystems]:
    """CallDoc, SQLHK and the gateway in this process, shared."""
    with DemoSystems.start(tmp_path_factory.mktemp("demo"), today=date(2026, 3, 9)) as running:
        yield running


@pytest.fixture(scope="package")
def program(systems: DemoSystems, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DayProgram]:
    """The program as it ships, shared."""
    with DayProgram(tmp_path_factory.mktemp("program"), settings_of(systems)) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="package")
def contract(program: DayProgram) -> Contract:
    """The OpenAPI document."""
    return contract_of(program)


@pytest.fixture
def stages(systems: DemoSystems) -> Iterator[Callable[[], DayStage]]:
    """Makes days of the test's own; all faults are off afterwards."""
    made = [DayStage(systems, next(_NUMBERS))]

    def make() -> DayStage:
        made.append(DayStage(systems, next(_NUMBERS)))
        return made[-1]

    yield make
    made[0].calldoc()
    made[0].gateway()


@pytest.fixture
def stage(stages: Callable[[], DayStage]) -> DayStage:
    """One day of the test's own."""
    return stages()
