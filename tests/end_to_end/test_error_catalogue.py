"""The error catalogue, carried out: each code is provoked, and then its advice is followed.

A code without a provocation fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS
from tests.end_to_end.answers import Contract
from tests.end_to_end.catalogue_failures import FAILURES
from tests.end_to_end.catalogue_refusals import REFUSALS
from tests.end_to_end.catalogue_stage import KEY, OTHER_NAME, OTHER_ORIGIN, FaultyProgram, Hall
from tests.end_to_end.program import Demo, Program
from tests.end_to_end.stage import Stage

NARROW = {"TASKS__WORKERS": "2", "TASKS__QUEUE_LIMIT": "1", "TASKS__TIMEOUT_SECONDS": "4"}
LOCKED = {
    "API__KEY": KEY,
    "API__HOST": "0.0.0.0",
    "API__ALLOWED_HOSTS": OTHER_NAME,
    "API__ALLOWED_ORIGINS": OTHER_ORIGIN,
}


@pytest.fixture(scope="module")
def narrow(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyProgram]:
    """The program that most codes are provoked with."""
    folder = tmp_path_factory.mktemp("narrow")
    with FaultyProgram(folder, {**demo.settings(), **NARROW}) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Program]]:
    """The program with a key and nothing configured; started by whoever needs it first."""
    started: list[Program] = []

    def open_it() -> Program:
        if not started:
            started.append(Program(tmp_path_factory.mktemp("locked"), LOCKED))
            line = started[0].lines.next(30)
            assert line is not None, started[0].errors()
            started[0].url = f"http://127.0.0.1:{line.rpartition(':')[2]}"
        return started[0]

    yield open_it
    for program in started:
        program.__exit__()


@pytest.fixture
def hall(
    request: pytest.FixtureRequest,
    narrow: FaultyProgram,
    locked: Callable[[], Program],
    tmp_path: Path,
    stages: Callable[..., Stage],
    contract: Contract,
) -> Hall:
    return Hall(
        request.getfixturevalue("code"),
        program=narrow,
        locked=locked,
        folder=tmp_path,
        stages=stages,
        contract=contract,
    )


@pytest.mark.parametrize("code", [entry.code for entry in TASK_ERRORS])
def test_a_task_fails_and_the_advice_helps(hall: Hall, code: str) -> None:
    FAILURES[code](hall)


@pytest.mark.parametrize("code", [entry.code for entry in HTTP_ERRORS])
def test_a_request_is_refused_and_the_advice_helps(hall: Hall, code: str) -> None:
    REFUSALS[code](hall)


def test_nothing_is_provoked_that_the_catalogue_does_not_know() -> None:
    assert FAILURES.keys() == {entry.code for entry in TASK_ERRORS}
    assert REFUSALS.keys() == {entry.code for entry in HTTP_ERRORS}
