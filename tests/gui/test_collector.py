from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PyQt5.QtCore import QEventLoop, QTimer

from sync_gui.collector import short_passes


@pytest.fixture
def passes() -> Iterator[list[int]]:
    """The generations of the passes that were made."""
    seen: list[int] = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start":
            seen.append(told["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def make_survivors(count: int) -> list[list[object]]:
    return [[[]] for _ in range(count)]


def test_while_the_window_opens_no_pass_looks_at_everything(qapp, passes):
    with short_passes():
        kept = make_survivors(300_000)
    assert len(kept) == 300_000
    assert 1 in passes
    assert 2 not in passes


def test_what_is_there_afterwards_is_in_no_later_pass(qapp, qtbot):
    usual = gc.get_threshold()
    with short_passes(settled_ms=10):
        during = gc.get_threshold()
        qtbot.waitUntil(lambda: gc.get_freeze_count() > 10_000, timeout=3000)
        assert gc.get_threshold() == usual
        fresh = [[]]
        assert any(found is fresh for found in gc.get_objects())
        assert len(gc.get_objects()) < gc.get_freeze_count()
    assert during[:2] == usual[:2]
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_a_window_that_closes_earlier_leaves_everything_as_it_was(qapp, qtbot):
    usual = gc.get_threshold()
    with short_passes(settled_ms=20):
        pass
    loop = QEventLoop()
    QTimer.singleShot(60, loop.quit)
    loop.exec_()
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
