"""The demo's systems, running in this process for one test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from demo.systems import DemoSystems

TODAY = date(2026, 3, 9)


@pytest.fixture
def systems(tmp_path: Path) -> Iterator[DemoSystems]:
    before = set(threading.enumerate())
    with DemoSystems.start(tmp_path, today=TODAY) as running:
        yield running
    assert set(threading.enumerate()) <= before
