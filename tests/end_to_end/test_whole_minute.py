"""The real sixty seconds, once: a header that drips for ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.end_to_end.program import Demo, Program

pytestmark = [pytest.mark.process, pytest.mark.timeout(100)]


def test_a_sync_has_ended_after_a_minute(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    try:
        demo.faults(appointments={"mode": "drip_header", "interval": 1})
        with Program(tmp_path / "program", demo.settings()).wait_until_ready() as program:
            accepted = time.monotonic()
            task_id = program.start({"piz": "1234567", "date": "2025-10-06"})
            status = program.wait(task_id, 65)
            took = time.monotonic() - accepted
    finally:
        demo.stop()
    assert (status["status"], status["error_code"]) == ("failed", "timeout")
    assert 59 <= took <= 61.5
    assert sum(status["timing_ms"].values()) == status["execution_time_ms"]
    assert 59_950 <= status["execution_time_ms"] <= 61_000
    assert status["sqlhk_sync"]["action"] is None
