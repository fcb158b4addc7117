"""A window that does not answer: who keeps it from doing so, and who is not accused."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication, QDialog

from plugin_host.blame import Places
from plugin_host.complaints import Complaints
from plugin_host.discovery import OUR_DISTRIBUTION, FoundPlugin
from plugin_host.offer import Offer
from plugin_host.record import PluginRecord
from sync_gui import gui_watch
from sync_gui.gui_watch import GuiWatch


def loaded(name: str, distribution: str) -> PluginRecord:
    record = PluginRecord(FoundPlugin(name, "1", distribution, name, lambda: None))
    record.is_loaded(Offer(), ())
    return record


RECORDS = {"theirs": "somebody", "ours": OUR_DISTRIBUTION}


@pytest.fixture
def records() -> dict[str, PluginRecord]:
    return {name: loaded(name, project) for name, project in RECORDS.items()}


@pytest.fixture
def watch(
    qapp: QApplication, records: dict[str, PluginRecord], monkeypatch: pytest.MonkeyPatch
) -> Iterator[GuiWatch]:
    """A watch that is quicker to complain than the program's."""
    monkeypatch.setattr(gui_watch, "ALARM_SECONDS", 0.3)
    monkeypatch.setattr(gui_watch, "OUR_ALARM_SECONDS", 0.7)
    monkeypatch.setattr(gui_watch, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(gui_watch, "BEAT_MS", 20)
    places = Places()
    for name in RECORDS:
        places.add(name, [f"/plugins/{name}.py"])
    made = GuiWatch(Complaints(lambda: list(records.values()), places, logging.getLogger("host")))
    made.start()
    yield made
    made.stop()


def block(plugin: str, seconds: float) -> None:
    """Keep the GUI thread busy in a function of that plugin's file."""
    code = compile("def busy(wait, seconds):\n    wait(seconds)\n", f"/plugins/{plugin}.py", "exec")
    names: dict[str, object] = {}
    exec(code, names)
    names["busy"](threading.Event().wait, seconds)


@pytest.mark.usefixtures("watch")
def test_the_plugin_whose_code_blocks_is_named_while_it_does(qtbot, records, caplog):
    told: list[str] = []

    def look() -> None:
        deadline = time.monotonic() + 5
        while not told and time.monotonic() < deadline:
            if records["theirs"].report.reason:
                told.append(records["theirs"].report.reason)
            pause.wait(0.01)

    pause = threading.Event()
    looking = threading.Thread(target=look)
    looking.start()
    begin = time.monotonic()
    block("theirs", 0.8)
    looking.join()
    assert told == ["blocks the window in busy (theirs.py:2)"]
    assert time.monotonic() - begin < 2
    qtbot.waitUntil(lambda: "the window answers again after" in caplog.text, timeout=3000)
    assert "plugin theirs: blocks the window in busy (theirs.py:2)" in caplog.text
    assert records["theirs"].report.reason == told[0]


@pytest.mark.usefixtures("watch")
def test_ours_is_given_more_time(qtbot, records):
    block("ours", 0.5)
    qtbot.wait(100)
    assert records["ours"].report.reason is None
    block("ours", 1.0)
    assert records["ours"].report.reason == "blocks the window in busy (ours.py:2)"


@pytest.mark.usefixtures("watch")
def test_nobodys_code_is_only_logged(records, caplog):
    caplog.set_level(logging.WARNING)
    threading.Event().wait(1.0)
    assert all(record.report.reason is None for record in records.values())
    assert "the window does not answer (in wait (threading.py:" in caplog.text


@pytest.mark.usefixtures("watch")
def test_a_dialog_that_is_open_long_is_no_alarm(records, caplog):
    dialog = QDialog()
    QTimer.singleShot(1200, dialog.accept)
    dialog.exec_()
    assert all(record.report.reason is None for record in records.values())
    assert "does not answer" not in caplog.text


def test_it_ends_with_its_thread(watch):
    watch.stop()
    assert "gui-watch" not in [thread.name for thread in threading.enumerate()]
