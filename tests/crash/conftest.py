"""One nursery and one simulated CallDoc for the whole folder; each test has its own SQLHK."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.nursery import Nursery
from tests.crash.program import Born, OwnRegistry
from tests.end_to_end.answers import Contract
from tests.end_to_end.program import Demo


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts the real program, and needs what only Linux has."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.process)
            if sys.platform != "linux":
                item.add_marker(pytest.mark.skip("forks, and sets limits of other processes"))


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The simulated systems, shared; of SQLHK each test has its own."""
    running = Demo(tmp_path_factory.mktemp("demo"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def nursery() -> Iterator[Nursery]:
    """Where programs are born."""
    running = Nursery()
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(scope="package")
def contract(nursery: Nursery, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The OpenAPI document."""
    with Born(nursery, tmp_path_factory.mktemp("contract"), demo.settings()) as program:
        return Contract(program.wait_until_ready().get("/api/openapi.json").json())


@pytest.fixture
def registry(demo: Demo, tmp_path: Path) -> Iterator[OwnRegistry]:
    """The shared CallDoc and an SQLHK of the test's own; CallDoc's faults are off afterwards."""
    yield OwnRegistry.create(demo, tmp_path)
    demo.faults()
