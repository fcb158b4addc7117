"""A window that does not answer: who keeps it from doing so, and who is not accused."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
from tests.clock import PATIENCE


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


def block(plugin: str, ended: threading.Event, seconds: float = PATIENCE) -> None:
    """Keep the GUI thread busy in a function of that plugin's file."""
    code = compile("def busy(wait, seconds):\n    wait(seconds)\n", f"/plugins/{plugin}.py", "exec")
    names: dict[str, object] = {}
    exec(code, names)
    names["busy"](ended.wait, seconds)


@contextmanager
def seen(look: Callable[[], object]) -> Iterator[threading.Event]:
    """An event that is set as soon as another thread sees that ``look`` is true."""
    found, left = threading.Event(), threading.Event()

    def watch() -> None:
        while not (found.is_set() or left.wait(0.01)):
            if look():
                found.set()

    looking = threading.Thread(target=watch)
    looking.start()
    try:
        yield found
    finally:
        left.set()
        looking.join()


@pytest.mark.usefixtures("watch")
def test_the_plugin_whose_code_blocks_is_named_while_it_does(qtbot, records, caplog):
    with seen(lambda: records["theirs"].report.reason) as told:
        block("theirs", told)
        assert told.is_set()
    assert records["theirs"].report.reason == "blocks the window in busy (theirs.py:2)"
    qtbot.waitUntil(lambda: "the window answers again after" in caplog.text)
    assert "plugin theirs: blocks the window in busy (theirs.py:2)" in caplog.text


@pytest.mark.usefixtures("watch")
def test_ours_is_given_more_time(qtbot, records):
    block("ours", threading.Event(), 0.5)
    qtbot.wait(100)
    assert records["ours"].report.reason is None
    with seen(lambda: records["ours"].report.reason) as told:
        block("ours", told)
    assert records["ours"].report.reason == "blocks the window in busy (ours.py:2)"


@pytest.mark.usefixtures("watch")
def test_nobodys_code_is_only_logged(records, caplog):
    caplog.set_level(logging.WARNING)
    with seen(lambda: "the window does not answer" in caplog.text) as told:
        told.wait(PATIENCE)
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
