from __future__ import annotations

import time
from datetime import timedelta

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QFontMetrics

from plugins.single_patient.panel.error_log import ErrorLog, unread_words
from plugins.single_patient.panel.result_texts import advice_for
from sync_core.task_errors import TASK_ERRORS
from sync_core.task_model import TaskSource
from tests.gui_single_patient.samples import NOW, failed, mismatched, pending, request

EVERY_CODE = [entry.code for entry in TASK_ERRORS]


@pytest.fixture
def log(qtbot) -> ErrorLog:
    widget = ErrorLog(now=lambda: NOW)
    qtbot.addWidget(widget)
    return widget


def shown(log: ErrorLog, qtbot, width: int) -> None:
    log.resize(width, 500)
    with qtbot.waitExposed(log):
        log.show()


def texts_cut(log: ErrorLog) -> list[str]:
    """The rows that Qt itself would make higher, and the words wider than their column."""
    table, model = log.table, log.model
    rows = range(model.rowCount())
    cut = [str(row) for row in rows if table.rowHeight(row) < table.sizeHintForRow(row)]
    for index in (model.index(row, column) for row in rows for column in range(5)):
        width_of = QFontMetrics(index.data(Qt.FontRole) or table.font()).horizontalAdvance
        room = table.columnWidth(index.column()) - 6
        cut += [word for word in index.data().split() if width_of(word) > room]
    return cut


def test_every_advice_can_be_read_at_any_width(log, qtbot) -> None:
    log.load([failed(pending(n), code) for n, code in enumerate(EVERY_CODE)], None)
    em = log.fontMetrics().height()
    for width in (em * 80, em * 50, em * 36, em * 20):
        shown(log, qtbot, width)
        qtbot.wait(10)
        assert log.table.verticalScrollBar().maximum() > 0
        assert texts_cut(log) == []
        scrolls = log.table.horizontalScrollBar().maximum() > 0
        assert scrolls is (width == em * 20)


def test_a_row_is_as_high_as_its_own_text_needs(log, qtbot) -> None:
    shown(log, qtbot, log.fontMetrics().height() * 45)
    for view in (mismatched(pending(1)), failed(pending(2), "conflict")):
        log.put(view)
    assert log.model.index(1, 4).data().endswith("Nicht wiederholen.")
    short, long = log.table.rowHeight(0), log.table.rowHeight(1)
    assert short < long
    assert texts_cut(log) == []


def test_thousands_of_failures_follow_the_width_smoothly(log, qtbot) -> None:
    """In time of the processor: a machine that is busy with something else is not our doing."""
    shown(log, qtbot, 900)
    codes = [EVERY_CODE[n % len(EVERY_CODE)] for n in range(10_000)]
    views = [failed(pending(n), code) for n, code in enumerate(codes)]
    begin = time.process_time()
    log.load(views, None)
    loaded = time.process_time() - begin
    steps = []
    for width in range(900, 500, -20):
        begin = time.process_time()
        log.resize(width, 500)
        qtbot.wait(0)
        steps.append(time.process_time() - begin)
    begin = time.process_time()
    log.put(failed(pending(20_000)))
    added = time.process_time() - begin
    print(f"load {loaded:.3f} s, slowest step {max(steps):.3f} s, one more {added * 1000:.2f} ms")
    assert loaded < 1.0
    assert max(steps) < 0.5
    assert added < 0.1
    assert log.model.rowCount() == 10_000


def test_the_number_counts_what_nobody_has_seen(log, qtbot) -> None:
    counts, seen = [], []
    log.unread_changed.connect(counts.append)
    log.seen.connect(seen.append)
    old, new = failed(pending(1)), failed(pending(2, created=NOW + timedelta(minutes=1)))
    log.load([new, old], old.finished_at)
    assert counts[-1] == 1
    assert [log.model.index(row, 0).data().startswith("●") for row in range(2)] == [True, False]
    assert seen == []
    shown(log, qtbot, 800)
    assert (counts[-1], seen[-1]) == (0, new.finished_at)
    log.put(failed(pending(3, created=NOW + timedelta(minutes=2))))
    assert (counts[-1], seen[-1]) == (0, NOW + timedelta(minutes=2, milliseconds=900))
    log.hide()
    log.put(failed(pending(4, created=NOW + timedelta(minutes=3))))
    assert counts[-1] == 1


def test_a_preview_of_this_window_is_news_only_when_the_program_ended_meanwhile(log) -> None:
    counts = []
    log.unread_changed.connect(counts.append)
    asked = {"request": request(dry_run=True), "source": TaskSource("window")}
    log.load([failed(pending(1, **asked)), failed(pending(2, **asked), "interrupted")], None)
    assert counts == [1]


def test_the_tab_says_what_its_number_counts() -> None:
    assert unread_words(1).startswith("1 Fehler noch nicht gesehen;")
    assert "alles gesehen" in unread_words(0)


def test_the_advice_is_the_catalogues(log) -> None:
    log.load([failed(pending(1), "timeout")], None)
    assert log.model.index(0, 4).data() == advice_for("timeout")
