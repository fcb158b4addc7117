"""The simulated systems and one program for the whole folder, and the document it serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.program import Demo, Program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts the real program."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.process)


def all_settings(demo: Demo) -> dict[str, str]:
    """The program knows all three simulated systems."""
    return {**demo.settings(), "GATEWAY__URL": demo.ready["gateway_url"]}


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
    with Program(tmp_path_factory.mktemp("program"), all_settings(demo)) as running:
        yield running.wait_until_ready()


@pytest.fixture(scope="package")
def document(program: Program) -> dict[str, Any]:
    """The OpenAPI document that the program serves."""
    answer = program.get("/api/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    served: dict[str, Any] = answer.json()
    return served
