from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QLabel

from sync_core.task_model import Progress, TaskSource, TaskStatus, TaskView
from sync_gui.host_plugin import create_window_plugin
from sync_gui.log_handler import LogHandler, LogLine
from sync_gui.log_model import LogFilter, LogModel, level_words, line_text
from sync_gui.log_panel import LogPanel
from tests.clock import PATIENCE

ROOT = Path(__file__).parents[2]


def line(number: int, level: int = logging.INFO, text: str = "text") -> LogLine:
    return LogLine(number, datetime(2025, 10, 6, 8, 30, 0), level, "sync_core.tasks", text)


@pytest.fixture
def logger(bridge) -> Iterator[logging.Logger]:
    logger = logging.Logger("tests.log_panel", logging.DEBUG)
    logger.addHandler(LogHandler(bridge.emit))
    yield logger
    logger.handlers[0].close()


@pytest.fixture
def make_panel(qtbot, bridge, logger) -> Callable[[], LogPanel]:
    def make() -> LogPanel:
        panel = LogPanel(bridge, logger.handlers[0])
        qtbot.addWidget(panel)
        panel.show()
        return panel

    return make


def test_it_says_whom_it_is_for(make_panel):
    panel = make_panel()
    hints = [one.text() for one in panel.findChildren(QLabel) if one.isVisible()]
    assert any(text.startswith("Technische Aufzeichnung für die IT") for text in hints)


def test_models_keep_qts_rules(qtmodeltester, qapp):
    lines = LogModel(kept=5)
    shown = LogFilter(lines)
    qtmodeltester.check(lines)
    qtmodeltester.check(shown)
    lines.add([line(n, text=f"line {n}") for n in range(1, 9)])
    lines.add([line(9)])
    shown.set_wanted_text("line")
    assert shown.rowCount() == 4


def test_the_model_is_bounded_and_keeps_the_newest(qapp):
    lines = LogModel()
    for start in range(1, 7001, 70):
        lines.add([line(n) for n in range(start, start + 70)])
    assert lines.rowCount() == 5000
    assert (lines.line(0).number, lines.line(4999).number) == (2001, 7000)
    lines.add([line(n) for n in range(7001, 20001)])
    assert lines.rowCount() == 5000
    assert lines.line(4999).number == 20000


def test_lines_come_live_from_any_thread_and_old_ones_first(qtbot, make_panel, logger):
    logger.info("before the panel")
    panel = make_panel()
    worker = threading.Thread(target=lambda: logger.warning("from a worker"))
    worker.start()
    worker.join(PATIENCE)
    logger.info("after")
    qtbot.waitUntil(lambda: panel.lines.rowCount() >= 3)
    texts = [panel.lines.line(row).text for row in range(panel.lines.rowCount())]
    assert texts == ["before the panel", "from a worker", "after"]


def test_level_and_text_filter(qtbot, make_panel, logger):
    logger.debug("detail of CallDoc")
    logger.info("calldoc answered")
    logger.warning("queue is long")
    logger.error("CALLDOC is down")
    panel = make_panel()
    assert panel.count.text() == "3 von 4 Zeilen"
    panel.level.setCurrentIndex(panel.level.findText("Nur Fehler"))
    assert [panel.shown.line(row).text for row in range(panel.shown.rowCount())] == [
        "CALLDOC is down"
    ]
    panel.level.setCurrentIndex(panel.level.findText("Alles"))
    qtbot.keyClicks(panel.text, "callDOC")
    assert panel.count.text() == "3 von 4 Zeilen"
    panel.text.clear()
    assert panel.count.text() == "4 von 4 Zeilen"


def test_copying_takes_the_chosen_lines_or_all_that_are_shown(qtbot, make_panel, logger):
    logger.info("one")
    logger.warning("two\nsecond line of two")
    panel = make_panel()
    panel.table.clearSelection()
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "Info tests.log_panel: one" in copied
    assert "Warnung tests.log_panel: two\nsecond line of two" in copied
    panel.table.selectRow(0)
    panel.copy_lines()
    assert QGuiApplication.clipboard().text().endswith("Info tests.log_panel: one")
    assert "two" not in QGuiApplication.clipboard().text()


def test_a_foreign_tag_stays_text_in_the_tool_tip(qapp):
    lines = LogModel()
    lines.add([line(1, text="<b>x</b>\nmore")])
    index = lines.index(0, 3)
    assert lines.data(index) == "<b>x</b> …"
    assert "&lt;b&gt;" in lines.data(index, Qt.ItemDataRole.ToolTipRole)


def test_levels_in_words():
    words = [level_words(level)[0] for level in (10, 20, 25, 30, 40, 50)]
    assert words == ["Detail", "Info", "Info", "Warnung", "Fehler", "Kritisch"]
    assert line_text(line(1)) == "2025-10-06 08:30:00 Info sync_core.tasks: text"


def test_a_handler_whose_way_is_blocked_does_not_break_logging(capsys):
    def blocked(topic: str, value: object) -> None:
        raise RuntimeError("the bridge is gone")

    handler = LogHandler(blocked, kept=2)
    for number in range(3):
        handler.handle(logging.LogRecord("x", 20, "f", 1, "line %d", (number,), None))
    assert [kept.text for kept in handler.recent()] == ["line 1", "line 2"]
    assert "the bridge is gone" in capsys.readouterr().err


def test_the_window_brings_its_log_panel_and_the_news_through_hooks(qtbot, bridge, logger):
    class Context:
        pass

    context = Context()
    context.bridge = bridge
    plugin = create_window_plugin(bridge, logger.handlers[0])
    spec = plugin.sync_gui_panels(context)[-1]
    assert (spec.id, spec.title, spec.area) == ("log", "Protokoll", "centre")
    panel = spec.factory()
    qtbot.addWidget(panel)
    assert isinstance(panel, LogPanel)
    told: list[object] = []
    bridge.subscribe("task_changed", told.append)
    view = TaskView(
        task_id="patient_sync_1",
        kind="single_patient",
        status=TaskStatus.RUNNING,
        progress=Progress("calldoc", 20, "CallDoc wird gefragt"),
        created_at=datetime(2025, 10, 6, 8, 30),
        deadline_at=datetime(2025, 10, 6, 8, 31),
        source=TaskSource("api", "127.0.0.1"),
        request_id="r1",
    )
    plugin.sync_gui_task_event(view)
    qtbot.waitUntil(lambda: told == [view])


def test_what_headless_needs_imports_no_qt():
    script = (
        "import sys; import sync_gui.host_plugin, sync_gui.log_handler, sync_gui.names_hidden,"
        " sync_core.null_bridge; sys.exit(any(name.startswith('PyQt5') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=30, check=True)
