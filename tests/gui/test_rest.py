"""A window that nobody touches does nothing: a layout that answers itself would never end."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtWidgets import QApplication

from demo.systems import DemoSystems

WATCHED = (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest, QEvent.Type.ChildAdded)


class Counting(QObject):
    """Counts what happens in the whole program."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def eventFilter(self, receiver: QObject, event: QEvent) -> bool:
        if event.type() in WATCHED:
            self.seen[f"{type(receiver).__name__} {event.type()}"] += 1
        return False


def settle(counting: Counting, qtbot) -> None:
    """Wait until little happens for a while; a window that never rests shows later."""
    for _ in range(20):
        qtbot.wait(300)
        if sum(counting.seen.values()) < 15:
            return
        counting.seen.clear()


@pytest.mark.parametrize("width", [900, 1400])
def test_a_window_at_rest_neither_arranges_nor_paints(open_window, qtbot, tmp_path, width):
    with DemoSystems.start(tmp_path / "demo", today=date(2025, 10, 6)) as systems:
        window = open_window(demo=True, demo_control=systems.control_url)
        window.resize(width, 800)
        counting = Counting()
        app = QApplication.instance()
        app.installEventFilter(counting)
        settle(counting, qtbot)  # what the new width asks for
        counting.seen.clear()
        qtbot.wait(1000)  # the time itself is what is measured
        app.removeEventFilter(counting)
        assert sum(counting.seen.values()) < 50, counting.seen
