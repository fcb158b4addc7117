from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from plugins.single_patient.panel.panel import SinglePatientPanel
from sync_gui_testing.window import StartWindow
from tests.gui_single_patient.house import House
from tests.gui_single_patient.samples import NOW


@pytest.fixture
def house(sync_window: StartWindow) -> House:
    return House(sync_window)


@pytest.fixture
def panel(house: House, qtbot: object, tmp_path: Path) -> SinglePatientPanel:
    """The panel on the screen, with its files going to the test's folder."""
    widget = SinglePatientPanel(
        house.context(),
        ask_file=lambda _parent, _title, proposal, _pattern: str(tmp_path / proposal),
        now=lambda: NOW,
    )
    qtbot.addWidget(widget)
    widget.resize(1280, 800)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget
