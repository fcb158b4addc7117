"""The line at the foot, and what is brought into sight on a small screen."""

from __future__ import annotations

import threading

import pytest
from PyQt5.QtCore import QRect, Qt
from PyQt5.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from plugins.single_patient.panel.note import Note, Tone
from plugins.single_patient.panel.note_line import NoteLine
from sync_core.errors import CallDocUnavailableError, Refusal
from sync_core.task_model import TaskOutcome
from tests.clock import PATIENCE
from tests.gui_single_patient.house import write_or_look
from tests.gui_single_patient.samples import body, completed, failed, pending
from tests.gui_single_patient.test_panel import (
    ask_preview,
    fresh_preview,
    put,
    wait_ended,
)

REFUSED = Note(Tone.REFUSED, "Nicht gespeichert: dort geht es nicht.")
LONG = Note(Tone.DONE, "Gespeichert: " + "langer_name_" * 40)
SIZES = [(1360, 700), (1024, 580), (680, 240)]


def places(panel: QWidget) -> dict[QWidget, QRect]:
    """Where everything is that can be seen, the line at the foot left out."""
    return {
        widget: QRect(widget.mapTo(panel, widget.rect().topLeft()), widget.size())
        for widget in panel.findChildren(QWidget)
        if widget.isVisible() and widget not in panel.message.findChildren(QWidget)
    }


def is_seen(widget: QWidget) -> bool:
    """All of it, not only an edge."""
    return widget.visibleRegion().boundingRect() == widget.rect()


def sideways(panel: QWidget) -> list[int]:
    """How far the sides of the panel scroll sideways; the details' own pages may."""
    areas = panel.sides.findChildren(QScrollArea)
    return [
        area.horizontalScrollBar().maximum()
        for area in areas
        if area.isVisible() and not panel.details.isAncestorOf(area)
    ]


# --- the line ------------------------------------------------------------------------------------


def test_what_was_done_goes_and_a_refusal_stays(qtbot) -> None:
    line = NoteLine(linger_ms=1)
    qtbot.addWidget(line)
    line.tell(Note(Tone.DONE, "Kopiert: x"))
    qtbot.waitUntil(lambda: line.text() == "")
    line.tell(Note(Tone.HINT, "Kurz zu lesen."))
    line.tell(REFUSED)
    qtbot.wait(50)  # fifty times as long as the others last
    assert line.text() == REFUSED.text
    line.clear()
    assert line.text() == ""


def test_tones_differ_by_icon_and_too_long_a_text_is_told_as_a_whole(qtbot) -> None:
    line = NoteLine()
    qtbot.addWidget(line)
    line.resize(200, line.height())
    height = line.height()
    with qtbot.waitExposed(line):
        line.show()
    shown = []
    for tone in (Tone.DONE, Tone.REFUSED):
        line.tell(Note(tone, LONG.text))
        shown.append(line.grab(QRect(0, 0, height + 8, height)).toImage())
    assert shown[0] != shown[1]
    (words,) = line.findChildren(QLabel)
    assert words.text() == LONG.text
    assert LONG.text in words.toolTip()
    assert line.height() == height
    assert line.minimumSizeHint().width() < 100


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_moves_for_a_note_and_it_is_seen(panel, house, qtbot, width, height) -> None:
    panel.resize(width, height)
    put(house, panel, qtbot, completed(pending()))
    panel.table.choose(pending().task_id)
    qtbot.wait(50)
    before = places(panel)
    for note in (LONG, REFUSED):
        panel._tell(note)
        qtbot.wait(20)
        assert places(panel) == before
        assert is_seen(panel.message)
    panel.message.clear()
    qtbot.wait(20)
    assert places(panel) == before


def test_a_refused_save_stays_until_the_next_action(panel, house, qtbot, tmp_path) -> None:
    put(house, panel, qtbot, completed(pending(1)), failed(pending(2)))
    panel.table.choose(pending(1).task_id)
    (tmp_path / "fort").mkdir()
    panel._exports._ask_file = lambda *_args: str(tmp_path / "gone" / "x.json")
    for act in (
        lambda: panel.table.choose(pending(2).task_id),
        lambda: (ask_preview(panel, qtbot), wait_ended(panel, qtbot)),
        lambda: panel.tabs.setCurrentIndex(1),
        panel.preview.show_nothing,
    ):
        panel.details.save_button.click()
        qtbot.waitUntil(lambda: panel.message.text().startswith("Nicht gesp"))
        put(house, panel, qtbot, completed(pending(7)))  # somebody else's
        assert panel.message.text().startswith("Nicht gesp")
        act()
        assert panel.message.text() == ""
    panel.tabs.setCurrentIndex(0)
    panel.details.save_button.click()
    qtbot.waitUntil(lambda: panel.message.text().startswith("Nicht gesp"))
    panel.details.copy_button.click()
    assert panel.message.text().startswith("Kopiert: ")


# --- after an order ------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, Qt.Key_Space])
def test_after_a_sync_the_number_is_ready_for_the_next_patient(panel, qtbot, key) -> None:
    panel.window().activateWindow()
    panel.form.piz.setText("1234567")
    button = panel.form.sync_button
    if key is None:
        qtbot.mouseClick(button, Qt.LeftButton)
    else:
        button.setFocus()
        qtbot.keyClick(button, key)
    wait_ended(panel, qtbot)
    assert panel.form.piz.hasFocus()
    assert panel.form.piz.selectedText() == "1234567"
    qtbot.keyClicks(QApplication.focusWidget(), "42")
    assert panel.form.piz.text() == "42"


def test_a_number_that_cannot_be_sent_keeps_the_focus_where_it_is_wrong(panel, qtbot) -> None:
    panel.window().activateWindow()
    panel.form.piz.setText("1234567")
    panel.form.birth_date.setText("31.02.1950")
    qtbot.mouseClick(panel.form.sync_button, Qt.LeftButton)
    assert panel.form.birth_date.hasFocus()


SMALL = [(640, 270), (680, 220)]


def look_at_the_form(panel, qtbot, width: int, height: int) -> None:
    panel.resize(width, height)
    panel.window().activateWindow()
    panel.form.piz.setFocus()
    qtbot.waitUntil(lambda: not panel.sides.are_beside())


@pytest.mark.parametrize(("width", "height"), SMALL)
@pytest.mark.parametrize("outcome", ["would_create", "unchanged", "failed", "refused"])
def test_the_outcome_is_brought_into_sight(panel, house, qtbot, width, height, outcome) -> None:
    def script(context, asked):
        if outcome == "failed":
            raise CallDocUnavailableError
        return TaskOutcome("", body(outcome, dry_run=True))

    house.script = script
    if outcome == "refused":
        house.refusal = Refusal("queue_full", "Too many tasks wait", retry_after=5)
    look_at_the_form(panel, qtbot, width, height)
    ask_preview(panel, qtbot)
    preview = panel.preview
    wanted = {
        "would_create": (preview.apply_button, preview.birth),
        "unchanged": (preview.title, preview.outcome),
        "failed": (preview.title, preview.error, preview.advice),
        "refused": (preview.title, preview.error, preview.advice),
    }[outcome]
    qtbot.waitUntil(lambda: all(is_seen(widget) for widget in wanted))
    assert not any(sideways(panel))
    assert is_seen(panel.message)


def test_whoever_types_the_next_number_is_not_scrolled_away(panel, house, qtbot) -> None:
    go = threading.Event()
    house.script = lambda context, asked: (go.wait(PATIENCE), write_or_look(context, asked))[1]
    look_at_the_form(panel, qtbot, 680, 220)
    panel.form.piz.setText("1234567")
    panel.form.sync_button.click()
    qtbot.waitUntil(lambda: is_seen(panel.preview.progress))
    assert not is_seen(panel.form.piz)
    qtbot.keyClicks(QApplication.focusWidget(), "42")
    try:
        qtbot.waitUntil(lambda: is_seen(panel.form.piz))
    finally:
        go.set()
    wait_ended(panel, qtbot)
    qtbot.wait(50)
    assert is_seen(panel.form.piz)
    assert panel.form.piz.text() == "42"


# --- side by side, or below ----------------------------------------------------------------------


def test_the_sides_stand_beside_or_below_each_other_and_the_focus_stays(panel, qtbot) -> None:
    panel.window().activateWindow()
    panel.form.piz.setFocus()
    panel.form.piz.setText("12")
    assert panel.sides.are_beside()
    for width, beside in ((640, False), (1280, True), (560, False), (1024, True)):
        panel.resize(width, 500)
        qtbot.waitUntil(lambda beside=beside: panel.sides.are_beside() is beside)
        qtbot.wait(20)
        assert panel.form.piz.hasFocus()
        form = panel.form.mapTo(panel, panel.form.rect().bottomRight())
        counters = panel.counters.mapTo(panel, panel.counters.rect().topLeft())
        assert (counters.x() > form.x()) is beside
        assert (counters.y() > form.y()) is not beside
        assert not any(sideways(panel))


def test_one_below_the_other_only_the_whole_scrolls(panel, qtbot) -> None:
    panel.resize(640, 300)
    fresh_preview(panel, qtbot)
    qtbot.waitUntil(panel.preview.apply_button.isVisible)
    qtbot.wait(50)
    ranges = [
        area.verticalScrollBar().maximum()
        for area in panel.sides.findChildren(QScrollArea)
        if area.isVisible() and not panel.details.isAncestorOf(area)
    ]
    assert [one > 0 for one in sorted(ranges)] == [False, False, True]


@pytest.mark.parametrize("width", [560, 640, 1024, 1360])
def test_the_counters_words_are_never_cut(panel, qtbot, width) -> None:
    panel.resize(width, 580)
    qtbot.wait(50)
    labels = panel.counters.findChildren(QLabel)
    assert len(labels) == 10
    for label in labels:
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
