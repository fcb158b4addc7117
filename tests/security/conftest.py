"""A server of the tests' own on real sockets, and the real program as a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import gates, house, service, start
from tests.end_to_end.conftest import contract, demo, stage, stages
from tests.end_to_end.program import Demo, Program

__all__ = ["contract", "demo", "gates", "house", "service", "stage", "stages", "start"]

QUEUE_LIMIT = 5


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts the real program."""
    for item in items:
        if item.path == Path(__file__).with_name("test_program.py"):
            item.add_marker(pytest.mark.process)


@pytest.fixture(scope="package")
def program(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with a short queue, two workers and all that it can log."""
    settings = {
        **demo.settings(),
        "TASKS__QUEUE_LIMIT": str(QUEUE_LIMIT),
        "TASKS__WORKERS": "2",
        "LOG__LEVEL": "DEBUG",
    }
    with Program(tmp_path_factory.mktemp("secure"), settings) as running:
        yield running.wait_until_ready()
