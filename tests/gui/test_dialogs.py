from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QLabel, QPlainTextEdit, QTabWidget

from api_blueprints.host_plugin import HostApiPlugin
from day_task.plugin import DayPlugin
from plugins.single_patient.plugin import SinglePatientPlugin
from sync_core.plugin_report import PluginReport
from sync_gui.about_dialog import AboutDialog
from sync_gui.host_plugin import WindowPlugin
from sync_gui.icons import NAMES, icon
from sync_gui.parts import ROOTS, installed_parts
from sync_gui.plugin_dialog import PluginDialog
from sync_gui.plugin_words import details_words, short_reason, start_words

ROOT = Path(__file__).parents[2]

LOADED = PluginReport("good", "1.2", "loaded", None, ("p1",), ("GET /api/x",), 1, 1240)
FAILED = PluginReport("bad", None, "failed", "ImportError: <i>x</i>", (), (), None, None)
DISABLED = PluginReport("off", "3", "disabled", "plugins.disabled names it", (), (), 1, None)
STARTING = PluginReport("slow", "4", "starting", None, (), (), 1, None)


def row(dialog: PluginDialog, number: int) -> list[str]:
    return [dialog.table.item(number, column).text() for column in range(7)]


def test_plugins_are_listed_with_state_and_reason(qtbot):
    dialog = PluginDialog(lambda: (LOADED, FAILED, DISABLED, STARTING))
    qtbot.addWidget(dialog)
    dialog.show()
    assert row(dialog, 0) == ["good", "1.2", "geladen", "–", "1", "1", "1,2 s"]
    assert row(dialog, 1) == ["bad", "–", "fehlgeschlagen", "ImportError: <i>x</i>", "0", "0", "–"]
    assert [row(dialog, n)[2] for n in (2, 3)] == ["abgeschaltet", "startet noch"]
    assert row(dialog, 2)[3] == "in den Einstellungen oder beim Start abgeschaltet"
    assert "GET /api/x" in dialog.details.toPlainText()
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog.details.toPlainText().startswith(
        "Die Erweiterung konnte nicht geladen werden. Alles andere arbeitet weiter.\n"
        "Technischer Grund: ImportError: <i>x</i>"
    )
    dialog.accept()


def test_the_details_begin_with_what_the_plugin_brings():
    told = replace(LOADED, summary_de="Zählt die Termine.", distribution_summary="Counts")
    assert details_words(told).startswith("Zählt die Termine.\n\nDie Erweiterung arbeitet.\n")
    assert "Counts" not in details_words(told)
    foreign = replace(FAILED, distribution_summary="Counts appointments")
    assert "\nDas Paket sagt über sich: Counts appointments\n" in details_words(foreign)


def test_what_was_switched_off_is_told_in_german():
    told = details_words(replace(DISABLED, reason="disabled by plugins.disabled or …"))
    assert told.startswith("Die Erweiterung ist abgeschaltet und wurde nicht geladen: ")
    assert "disabled by" not in told
    aside = replace(DISABLED, set_aside=True, reason="set aside: it ended the last run")
    assert short_reason(aside) == "hat das Programm bei einem früheren Lauf beendet"
    assert "Technischer Grund: set aside: it ended the last run" in details_words(aside)


def test_the_programs_own_plugins_say_what_they_bring():
    own = (HostApiPlugin, DayPlugin, WindowPlugin, SinglePatientPlugin)
    words = [plugin.sync_gui_summary_de for plugin in own]
    assert len(set(words)) == len(own)
    assert all(text[0].isupper() and text.endswith(".") for text in words)


def test_enter_in_the_list_of_plugins_switches_nothing_off(qtbot, open_window):
    dialog = PluginDialog(lambda: (LOADED,))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.switch.isDefault()
    assert not dialog.switch.autoDefault()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_the_list_follows_a_plugin_that_ends_its_start(qtbot):
    reports = [STARTING]
    dialog = PluginDialog(lambda: tuple(reports))
    qtbot.addWidget(dialog)
    dialog.show()
    reports[0] = PluginReport("slow", "4", "loaded", None, (), (), 1, 9000)
    qtbot.waitUntil(lambda: row(dialog, 0)[2] == "geladen")
    dialog.reject()


def test_no_plugin_at_all(qtbot):
    dialog = PluginDialog(lambda: ())
    qtbot.addWidget(dialog)
    assert dialog.details.toPlainText() == "Es ist keine Erweiterung vorhanden."
    dialog.reject()


def test_start_times_in_words():
    assert [start_words(ms) for ms in (None, 3, 12345)] == ["–", "3 ms", "12,3 s"]


def test_the_menu_opens_the_list_and_it_dies_when_closed(qtbot, qapp, open_window):
    window = open_window(plugin_reports=lambda: (LOADED,))
    entry = next(a for a in window.findChildren(QAction) if a.text().startswith("&Liste"))
    entry.trigger()
    dialog = window.findChild(PluginDialog)
    assert dialog.isVisible()
    dialog.accept()
    qtbot.waitUntil(lambda: window.findChild(PluginDialog) is None)


def test_about_names_version_licence_parts_and_source(qtbot):
    dialog = AboutDialog("Sync-GUI", "9.8.7", "https://source.example/")
    qtbot.addWidget(dialog)
    dialog.show()
    words = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Version 9.8.7" in words
    assert "Quelltext: https://source.example/" in words
    texts = [text.toPlainText() for text in dialog.findChildren(QPlainTextEdit)]
    assert any("GNU GENERAL PUBLIC LICENSE" in text and "END OF TERMS" in text for text in texts)
    assert dialog.findChild(QTabWidget).count() == 3


def test_the_parts_carry_their_licences():
    parts = {part.name.lower(): part for part in installed_parts()}
    assert {name.lower() for name in ROOTS} <= set(parts)
    assert {"pyqt5-qt5", "werkzeug", "urllib3"} <= set(parts)
    assert "GPL" in parts["pyqt5"].licence
    assert "pytest" not in parts
    assert sum(bool(part.text) for part in parts.values()) > len(parts) // 2


def test_the_parts_are_those_that_the_program_declares():
    calls = ast.walk(ast.parse((ROOT / "setup.py").read_text(encoding="utf-8")))
    wanted: set[str] = set()
    for call in calls:
        if isinstance(call, ast.keyword) and call.arg == "install_requires":
            wanted |= set(ast.literal_eval(call.value))
        if isinstance(call, ast.keyword) and call.arg == "extras_require":
            wanted |= set(ast.literal_eval(call.value)["gui"])
    names = {text.partition(">")[0].partition(";")[0].strip() for text in wanted}
    assert names - {"tomli"} == set(ROOTS)


def test_every_icon_draws_something_at_every_size(qapp):
    for name in NAMES:
        for size in (16, 24, 64):
            image = icon(name).pixmap(size, size).toImage()
            assert any(
                image.pixelColor(x, y).alpha() > 128
                for x in range(image.width())
                for y in range(image.height())
            ), name
    assert icon("no such icon").isNull()
