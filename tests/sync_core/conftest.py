from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_core import task_deadlines
from tests.clock import PATIENCE
from tests.sync_core.task_house import House


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Opens registries, one after another on the same journal; closes what is still open."""
    houses: list[House] = []

    def open_house(**options: Any) -> House:
        houses.append(House(tmp_path / "journal.sqlite", **options))
        return houses[-1]

    yield open_house
    for house in houses:
        house.close()


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    return open_house()


@pytest.fixture
def long_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped task's thread is waited for, however late it comes."""
    monkeypatch.setattr(task_deadlines, "STOP_GRACE_SECONDS", 2 * PATIENCE)
