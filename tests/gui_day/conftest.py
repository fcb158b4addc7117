from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from sync_gui.day_panel.panel import DayPanel
from tests.gui_day.house import House
from tests.gui_day.samples import NOW


@pytest.fixture
def house(qapp: object, tmp_path: Path) -> Iterator[House]:
    built = House(tmp_path)
    yield built
    built.close()


@pytest.fixture
def panel(house: House, qtbot: object) -> DayPanel:
    widget = DayPanel(house.context(), now=lambda: NOW)
    qtbot.addWidget(widget)
    widget.resize(1280, 800)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget
