"""Switching plugins from the dialog: what is written, and what is said about it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QLabel

from hookspecs import HealthCheck, HealthResult, PanelSpec
from plugin_host.crash_memory import CrashMemory
from plugin_host.offer import OwnedPanel
from sync_core.plugin_report import PLUGINS_TOPIC, PluginReport
from sync_core.settings_place import Origin, SettingsPlace
from sync_gui.plugin_dialog import PluginDialog
from sync_gui.status_words import plugins_light
from sync_program.window_plugins import WindowPlugins

GOOD = PluginReport(
    "good", "1.2", "loaded", None, (), (), 1, 40, "good-project", steps=(("import", 30),)
)
OFF = replace(GOOD, name="off", state="disabled", reason="disabled by plugins.disabled")
ASIDE = replace(OFF, name="aside", set_aside=True, reason="set aside: it ended the last run")
HOST = replace(GOOD, name="host", distribution="the program itself", ours=True, builtin=True)


class House:
    """A settings file, the memory of crashes, and what stands for the plugin host."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "sync_gui.toml"
        self.file.write_text('# mine\n[plugins]\ndisabled = ["off"]\n', encoding="utf-8")
        (folder / "plugins_set_aside.json").write_text(
            '{"set_aside": {"aside": {"version": "1.2", "reason": "it ended the last run"}}}',
            encoding="utf-8",
        )
        self.memory = CrashMemory(folder, logging.getLogger("memory"))
        self.host = SimpleNamespace(panels=tuple, health_checks=tuple)

    def control(self, place: SettingsPlace | None = None) -> WindowPlugins:
        return WindowPlugins(self.host, self.memory, place or SettingsPlace(self.file), ("off",))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.memory.close()


@pytest.fixture
def open_dialog(qtbot, bridge, house):
    def open_one(report: PluginReport, control: WindowPlugins | None = None) -> PluginDialog:
        dialog = PluginDialog(lambda: (report,), None, control or house.control(), bridge)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return open_one


def press(qtbot, dialog: PluginDialog, hint: str) -> None:
    dialog.switch.setFocus()
    qtbot.keyClick(dialog.switch, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: dialog.hint.text() == hint)


def test_switching_off_and_on_again(qtbot, house, open_dialog):
    dialog = open_dialog(GOOD)
    assert (dialog.switch.text(), dialog.hint.text()) == (
        "&Abschalten",
        "Gilt ab dem nächsten Start des Programms.",
    )
    assert dialog.switch.accessibleName() == "Abschalten: good"
    press(qtbot, dialog, "„good“ wird beim nächsten Start abgeschaltet.")
    assert house.file.read_text(encoding="utf-8").startswith("# mine")
    assert SettingsPlace(house.file).read().document() == {"plugins": {"disabled": ["off", "good"]}}
    assert dialog.switch.text() == "&Einschalten"
    press(qtbot, dialog, "Gilt ab dem nächsten Start des Programms.")
    assert SettingsPlace(house.file).read().document() == {"plugins": {"disabled": ["off"]}}
    dialog.accept()


def test_switching_on(qtbot, house, open_dialog):
    dialog = open_dialog(OFF)
    assert dialog.switch.text() == "&Einschalten"
    press(qtbot, dialog, "„off“ wird beim nächsten Start wieder geladen.")
    assert SettingsPlace(house.file).read().document() == {"plugins": {"disabled": []}}
    dialog.accept()


def test_one_that_was_set_aside_is_tried_again(qtbot, house, open_dialog):
    dialog = open_dialog(ASIDE, house.control(SettingsPlace(None)))
    assert dialog.table.item(0, 2).text() == "beiseitegelegt"
    assert "bei einem früheren Lauf beendet" in dialog.details.toPlainText()
    assert dialog.switch.text() == "Wieder &versuchen"
    press(qtbot, dialog, "„aside“ wird beim nächsten Start wieder geladen.")
    assert not dialog.switch.isEnabled()
    assert not house.memory.is_set_aside("aside")
    dialog.accept()


def test_what_cannot_be_switched_says_why(house, open_dialog):
    fixed = SettingsPlace(house.file, {"plugins.disabled": Origin("SYNC_GUI_X", ())})
    for report, control, hint in (
        (HOST, None, "Dieser Teil gehört fest zum Programm."),
        (GOOD, house.control(SettingsPlace(None)), "Die Demo speichert nichts"),
        (GOOD, house.control(fixed), "SYNC_GUI_X gibt die abgeschalteten Erweiterungen vor"),
    ):
        dialog = open_dialog(report, control)
        assert not dialog.switch.isEnabled()
        assert dialog.hint.text().startswith(hint)
        assert dialog.switch.accessibleDescription() == dialog.hint.text()
        dialog.accept()


def test_a_file_that_cannot_be_written_is_told(qtbot, house, open_dialog, caplog):
    house.file.write_text("[plugins\n", encoding="utf-8")
    dialog = open_dialog(GOOD)
    qtbot.mouseClick(dialog.switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "ließ sich nicht speichern" in dialog.hint.text())
    assert dialog.switch.text() == "&Abschalten"
    assert "plugin good could not be switched" in caplog.text
    dialog.accept()


def test_details_name_origin_and_costs(open_dialog):
    dialog = open_dialog(GOOD)
    text = dialog.details.toPlainText()
    assert "Herkunft: Paket good-project" in text
    assert "Start: 40 ms, davon\n    import: 30 ms" in text
    dialog.accept()


def test_the_light_of_plugins():
    starting = replace(GOOD, state="starting", reason="still starting after 2 s")
    failing = replace(GOOD, reason="endpoint: KeyError")
    assert plugins_light([GOOD, OFF]) is None
    for reports, text in (
        ([GOOD, starting], "Erweiterung „good“ startet noch"),
        ([starting, starting], "2 Erweiterungen starten noch"),
        ([ASIDE], "Erweiterung „aside“ ausgefallen"),
        ([ASIDE, replace(GOOD, state="failed")], "2 Erweiterungen ausgefallen"),
        ([failing], "Erweiterung „good“ meldet einen Fehler"),
        ([failing, failing], "2 Erweiterungen melden Fehler"),
    ):
        light = plugins_light(reports)
        assert light is not None
        assert light.text == text


def test_a_late_plugin_comes_into_the_open_window(qtbot, bridge, house, open_window):
    window = open_window(plugins=house.control())
    panels = [OwnedPanel("late", PanelSpec("late", "Spät", lambda: QLabel("da")))]
    docked = PanelSpec("dock", "Am Rand", lambda: QLabel("dort"), "right")
    panels.append(OwnedPanel("late", docked))
    check = HealthCheck("late", "Spätes", lambda _seconds: HealthResult(True, "fine"))
    house.host.panels = lambda: panels
    house.host.health_checks = lambda: (check,)
    for _ in range(2):  # the second changes nothing
        bridge.emit(PLUGINS_TOPIC, None)
    qtbot.waitUntil(
        lambda: {"da", "dort"} <= {label.text() for label in window.findChildren(QLabel)}
    )
    assert list(window.strip.health) == ["calldoc", "sqlhk", "late"]
    assert window.strip.health["late"].isVisible()
    texts = [action.text() for action in window.findChildren(QAction)]
    assert "&1 Spät" in texts
    assert "&2 Am Rand" in texts
    bridge.emit(PLUGINS_TOPIC, None)
    qtbot.wait(50)
    assert len(window.panels.frames) == 2
