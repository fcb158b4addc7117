from __future__ import annotations

import logging
import threading
from itertools import pairwise
from time import perf_counter

import pytest
from PyQt5.QtCore import QEventLoop, QObject, QThread, QTimer

from sync_core.null_bridge import NullBridge
from sync_gui.background import BackgroundPool
from sync_gui.bridge import QtBridge
from tests.clock import PATIENCE


def test_values_from_worker_threads_arrive_in_order_on_the_gui_thread(qtbot, qapp, bridge):
    seen: list[int] = []
    threads: set[bool] = set()

    def receive(value: int) -> None:
        threads.add(QThread.currentThread() is qapp.thread())
        threads.add(threading.current_thread() is threading.main_thread())
        seen.append(value)

    bridge.subscribe("numbers", receive)
    worker = threading.Thread(target=lambda: [bridge.emit("numbers", n) for n in range(100)])
    worker.start()
    qtbot.waitUntil(lambda: len(seen) == 100)
    worker.join(PATIENCE)
    assert seen == list(range(100))
    assert threads == {True}


def test_emitting_on_the_gui_thread_is_queued_too(qtbot, bridge):
    seen: list[str] = []
    bridge.subscribe("t", seen.append)
    bridge.emit("t", "later")
    assert seen == []
    qtbot.waitUntil(lambda: seen == ["later"])


def test_a_flood_of_values_lets_the_window_live(qtbot, bridge):
    """Timers beat and paint events come in between, and no value is lost or late."""
    seen: list[int] = []
    beats: list[int] = []

    def receive(value: int) -> None:
        seen.append(value)
        end = perf_counter() + 0.001
        while perf_counter() < end:
            pass

    bridge.subscribe("numbers", receive)
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(len(seen)))
    timer.start(0)
    for number in range(300):
        bridge.emit("numbers", number)
    qtbot.waitUntil(lambda: len(seen) == 300)
    timer.stop()
    assert seen == list(range(300))
    steps = [after - before for before, after in pairwise([0, *beats])]
    assert max(steps) < 100


def test_a_receiver_may_run_a_loop_of_its_own(qtbot, bridge):
    """As a dialog does; what comes meanwhile is delivered inside, and nothing twice."""
    seen: list[int] = []
    loop = QEventLoop()

    def receive(value: int) -> None:
        seen.append(value)
        if value == 0:
            bridge.emit("numbers", 3)
            loop.exec_()
        elif value == 3:
            loop.quit()

    bridge.subscribe("numbers", receive)
    for number in range(3):
        bridge.emit("numbers", number)
    qtbot.waitUntil(lambda: len(seen) == 4)
    bridge.emit("numbers", 4)
    qtbot.waitUntil(lambda: len(seen) == 5)
    assert seen == [0, 1, 2, 3, 4]


def test_many_threads_at_once_lose_nothing(qtbot, bridge):
    seen: list[tuple[int, int]] = []
    bridge.subscribe("numbers", seen.append)

    def work(thread: int) -> None:
        for number in range(200):
            bridge.emit("numbers", (thread, number))

    workers = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
    for worker in workers:
        worker.start()
    qtbot.waitUntil(lambda: len(seen) == 1600)
    for worker in workers:
        worker.join(PATIENCE)
    for thread in range(8):
        assert [number for of, number in seen if of == thread] == list(range(200))


def test_only_the_topics_receivers_get_a_value_until_they_stop(qtbot, bridge):
    left: list[int] = []
    right: list[int] = []
    stop = bridge.subscribe("left", left.append)
    bridge.subscribe("right", right.append)
    bridge.emit("left", 1)
    bridge.emit("right", 2)
    qtbot.waitUntil(lambda: right == [2])
    stop()
    stop()
    bridge.emit("left", 3)
    bridge.emit("right", 4)
    qtbot.waitUntil(lambda: right == [2, 4])
    assert left == [1]


def test_a_raising_receiver_costs_the_others_nothing_and_is_logged_once(qtbot, bridge, caplog):
    seen: list[int] = []

    def broken(value: int) -> None:
        raise ValueError("broken receiver")

    bridge.subscribe("t", broken)
    bridge.subscribe("t", seen.append)
    bridge.emit("t", 1)
    bridge.emit("t", 2)
    qtbot.waitUntil(lambda: seen == [1, 2])
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "broken receiver" in caplog.text


def test_the_method_of_a_deleted_widget_is_dropped(qtbot, qapp, bridge, caplog):
    class Receiver(QObject):
        def receive(self, value: object) -> None:
            self.setObjectName(str(value))

    receiver = Receiver()
    seen: list[int] = []
    bridge.subscribe("t", receiver.receive)
    bridge.subscribe("t", seen.append)
    receiver.deleteLater()
    qapp.sendPostedEvents(receiver, 52)
    bridge.emit("t", 1)
    qtbot.waitUntil(lambda: seen == [1])
    assert not caplog.records


def test_background_work_runs_elsewhere_and_answers_on_the_gui_thread(qtbot, qapp, bridge):
    answers: list[tuple[str, bool]] = []

    def receive(name: str) -> None:
        answers.append((name, QThread.currentThread() is qapp.thread()))

    bridge.in_background(lambda: threading.current_thread().name, receive)
    qtbot.waitUntil(lambda: len(answers) == 1)
    name, on_gui_thread = answers[0]
    assert name.startswith("window-io-")
    assert on_gui_thread


def test_raising_background_work_is_logged_and_the_pool_goes_on(qtbot, qapp, caplog):
    bridge = QtBridge(logging.getLogger("tests.bridge"), workers=1)
    answers: list[int] = []
    bridge.in_background(lambda: 1 // 0, answers.append)
    bridge.in_background(lambda: 7, answers.append)
    qtbot.waitUntil(lambda: answers == [7])
    assert "ZeroDivisionError" in caplog.text
    assert bridge.close(2.0)


def test_closing_ends_the_threads_and_later_work_is_refused(qtbot, qapp, caplog):
    bridge = QtBridge(logging.getLogger("tests.bridge"))
    answers: list[int] = []
    for number in range(8):
        bridge.in_background(lambda number=number: number, answers.append)
    qtbot.waitUntil(lambda: sorted(answers) == list(range(8)))
    assert sum(t.name.startswith("window-io-") for t in threading.enumerate()) <= 4
    assert bridge.close(2.0)
    assert not any(t.name.startswith("window-io-") for t in threading.enumerate())
    bridge.in_background(lambda: 9, answers.append)
    assert "not accepted" in caplog.text


def test_closing_does_not_wait_beyond_its_deadline():
    pool = BackgroundPool("slow", workers=1, limit=5, logger=logging.getLogger("tests"))
    go_on = threading.Event()
    begun = threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(10)

    assert pool.submit(work)
    assert begun.wait(PATIENCE)
    assert pool.close(0.05) is False
    go_on.set()
    assert pool.close(3.0) is True


def test_the_pool_refuses_what_no_longer_fits():
    pool = BackgroundPool("full", workers=1, limit=2, logger=logging.getLogger("tests"))
    go_on = threading.Event()
    begun = threading.Event()
    pool.submit(lambda: (begun.set(), go_on.wait(10)))
    assert begun.wait(PATIENCE)
    assert [pool.submit(lambda: None) for _ in range(3)] == [True, True, False]
    go_on.set()
    assert pool.close(3.0)


def test_without_a_window_nothing_is_delivered():
    bridge = NullBridge()
    seen: list[object] = []
    stop = bridge.subscribe("t", seen.append)
    bridge.emit("t", 1)
    bridge.in_background(lambda: pytest.fail("must not run"), seen.append)
    stop()
    assert seen == []
