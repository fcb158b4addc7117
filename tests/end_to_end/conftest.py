"""One demo and one or two programs for the whole folder; each test has its own patient and day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from demo.sqlhk_database import fingerprint
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import Demo, Program
from tests.end_to_end.stage import Stage

HASTY_SECONDS = 3.0
"""``tasks.timeout_seconds`` of the program that the fault tests use."""

_NUMBERS = count()

Sync = Callable[..., dict[str, Any]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts the real program."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The simulated systems, shared."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def program(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with the settings it ships with, shared."""
    with Program(tmp_path_factory.mktemp("program"), demo.settings()) as running:
        yield running.wait_until_ready()


@pytest.fixture(scope="package")
def hasty(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with little time for each sync and a clock of elsewhere, shared."""
    settings = {**demo.settings(), "TASKS__TIMEOUT_SECONDS": str(HASTY_SECONDS)}
    folder, elsewhere = tmp_path_factory.mktemp("hasty"), {"TZ": "America/Los_Angeles"}
    with Program(folder, settings, environment=elsewhere) as running:
        yield running.wait_until_ready()


@pytest.fixture(scope="package")
def contract(program: Program) -> Contract:
    """The OpenAPI document."""
    return Contract(program.get("/api/openapi.json").json())


@pytest.fixture
def stages(demo: Demo) -> Iterator[Callable[..., Stage]]:
    """Makes patients and days of the test's own.

    Afterwards: everybody else's rows are what they were, nothing was deleted, faults are off.
    """
    made: list[Stage] = []

    def make(day: date | None = None) -> Stage:
        made.append(Stage(demo, next(_NUMBERS), day))
        return made[-1]

    keys, before = make().all_keys(), fingerprint(demo.database)
    yield make
    demo.faults()
    demo.control("PUT", "options", {})
    own = set().union(*(stage.own_ids() for stage in made))
    assert fingerprint(demo.database, exclude_patient_ids=own) == before
    assert keys <= made[0].all_keys()


@pytest.fixture
def stage(stages: Callable[..., Stage]) -> Stage:
    """One patient and one day of the test's own, with the same promises."""
    return stages()


@pytest.fixture
def sync(program: Program, stage: Stage, contract: Contract) -> Sync:
    """Sync the stage's patient on its day; the status was checked against the contract."""

    def run(**fields: Any) -> dict[str, Any]:
        status = program.sync(stage.body(**fields))
        contract.check_status(status)
        assert status["execution_time_ms"] < 5000
        assert status["patient"]["piz"] == stage.piz
        return status

    return run
