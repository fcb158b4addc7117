"""The panel *Automatik* in the real window parts: what it shows and what its controls do."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from PyQt5.QtCore import Qt

from auto_sync_plugin.plugin import AutoSyncPlugin
from tests.clock import PATIENCE

pytestmark = pytest.mark.gui


@pytest.fixture
def shown(sync_window: Any, sync_systems: Any) -> Any:
    settings = {"plugins": {"auto_sync": {"interval": 60, "time": "23:59"}}}
    plugin = ("auto_sync", AutoSyncPlugin())
    return sync_window("single_patient", plugin, settings=settings, systems=sync_systems)


def test_the_switch_the_look_and_the_words(shown: Any, sync_systems: Any, qtbot: Any) -> None:
    panel = shown.show("auto_sync")
    assert "ausgeschaltet" in panel.headline.text()
    assert not panel.look_button.isEnabled()
    assert panel.facts["Nächster Tagesabgleich"].text() == "–"
    qtbot.mouseClick(panel.switch, Qt.LeftButton)
    qtbot.waitUntil(panel.look_button.isEnabled)
    assert panel.switch.isChecked()
    assert "Es gilt dieser Schalter" in panel.decided.text()
    assert "23:59" in panel.facts["Nächster Tagesabgleich"].text()
    qtbot.waitUntil(lambda: "Patienten heute" in panel.facts["Letzte Prüfung"].text())
    requests.post(f"{sync_systems.control_url}/calls/reset", timeout=PATIENCE)
    qtbot.keyClick(panel.look_button, Qt.Key_Space)

    def asked() -> bool:
        state = requests.get(f"{sync_systems.control_url}/state", timeout=PATIENCE).json()
        return bool(state["calls"]["appointments"])

    qtbot.waitUntil(asked)
    assert panel.facts["Letzte Prüfung"].accessibleName().startswith("Letzte Prüfung: ")
    for label in panel.facts.values():  # in full, in one line
        assert label.width() >= label.fontMetrics().horizontalAdvance(label.text())
    for widget in (panel.switch, panel.look_button, panel.runs):
        assert widget.accessibleName()
        assert widget.focusPolicy() & Qt.TabFocus


def test_calldoc_down_is_said_in_words(shown: Any, sync_systems: Any, qtbot: Any) -> None:
    panel = shown.show("auto_sync", width=640, height=480)
    sync_systems.faults(listener="down")
    qtbot.mouseClick(panel.switch, Qt.LeftButton)
    qtbot.waitUntil(lambda: "CallDoc" in panel.facts["Beobachtung"].text())
    assert panel.headline.property("role") == "error"
    assert "kommt nicht voran" in panel.headline.text()
    assert "Nächster Versuch" in panel.facts["Beobachtung"].text()
    assert panel.minimumSizeHint().width() <= 640
