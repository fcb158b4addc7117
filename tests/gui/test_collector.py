from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PyQt5.QtCore import QEventLoop, QObject, QTimer
from PyQt5.QtWidgets import QWidget

from sync_gui.collector import passes_on_this_thread
from tests.clock import PATIENCE


@pytest.fixture
def passes() -> Iterator[list[tuple[int, threading.Thread]]]:
    """The generations of the passes that were made, and the threads that made them."""
    seen: list[tuple[int, threading.Thread]] = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start":
            seen.append((told["generation"], threading.current_thread()))

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def make_survivors(count: int) -> list[list[object]]:
    return [[[]] for _ in range(count)]


def let_the_loop_run(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec_()


class Thing:
    """A part of a cycle that notes on which thread it was taken down."""

    def __init__(self, ends: list[threading.Thread]) -> None:
        self.itself, self.ends = self, ends

    def __del__(self) -> None:
        self.ends.append(threading.current_thread())


def test_what_a_worker_leaves_is_taken_down_on_the_windows_thread(qapp, qtbot, passes):
    ends: list[threading.Thread] = []

    def work() -> None:
        for _ in range(20_000):
            Thing(ends)

    worker = threading.Thread(target=work)
    with passes_on_this_thread(every_ms=5):
        passes.clear()
        worker.start()
        worker.join(PATIENCE)
        kept = []

        def are_gone() -> bool:
            """The window's own work makes passes due; one that was met half-made takes several."""
            kept.append(make_survivors(1000))
            return len(ends) == 20_000

        qtbot.waitUntil(are_gone)
        makers = {thread for _, thread in passes}
    assert kept
    assert set(ends) == makers == {threading.main_thread()}


def test_a_window_that_is_garbage_outlives_the_work_of_others(qapp, qtbot, passes):
    gone: list[threading.Thread] = []

    def leave_a_window() -> QObject:
        window = QWidget()
        window.itself = window
        return QObject(window)

    with passes_on_this_thread(every_ms=5):
        passes.clear()
        part = leave_a_window()
        part.destroyed.connect(lambda: gone.append(threading.current_thread()))
        worker = threading.Thread(target=make_survivors, args=[200_000])
        worker.start()
        worker.join(PATIENCE)
        assert gone == passes == []
        kept = make_survivors(10_000)  # as the window's own work makes a pass due
        qtbot.waitUntil(lambda: gone == [threading.main_thread()])
    assert kept


def test_while_the_window_opens_no_pass_looks_at_everything(qapp, passes):
    with passes_on_this_thread(every_ms=1):
        kept = []
        for _ in range(150):
            kept.append(make_survivors(500))
            let_the_loop_run(3)
        generations = {generation for generation, _ in passes}
    assert len(kept) == 150
    assert generations == {0, 1}


def test_later_passes_look_at_all_that_is_new_and_at_nothing_else(qapp, qtbot, passes):
    with passes_on_this_thread(settled_ms=10, every_ms=1):
        qtbot.waitUntil(lambda: gc.get_freeze_count() > 10_000)
        fresh = [[]]
        assert any(found is fresh for found in gc.get_objects())
        assert len(gc.get_objects()) < gc.get_freeze_count()
        kept = []

        def a_full_pass_is_made() -> bool:
            kept.append(make_survivors(500))
            return 2 in {generation for generation, _ in passes}

        qtbot.waitUntil(a_full_pass_is_made)
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_window_that_closes_earlier_leaves_everything_as_it_was(qapp, qtbot, passes):
    with passes_on_this_thread(settled_ms=20, every_ms=10):
        pass
    passes.clear()
    gc.disable()  # the passes that count are those of timers that should have ended
    try:
        kept = make_survivors(1000)
        let_the_loop_run(60)
        assert passes == []
    finally:
        gc.enable()
    assert kept
    assert gc.get_freeze_count() == 0
