"""The line at the foot: what it says, for how long, and that nothing moves for it."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import QRect, Qt
from PyQt5.QtWidgets import QLabel, QWidget

from sync_core.errors import Refusal
from sync_gui.day_panel.note_line import Note, NoteLine, Tone
from tests.gui_day.samples import TOMORROW, completed, pending, request, unconfirmed
from tests.gui_day.test_panel import delete_if_confirmed, put, start, wait_ended

LONG = "Für diesen Tag läuft schon ein Abgleich. " * 8


def places(panel: QWidget) -> dict[QWidget, QRect]:
    """Where everything is that can be seen, the line at the foot left out."""
    return {
        widget: QRect(widget.mapTo(panel, widget.rect().topLeft()), widget.size())
        for widget in panel.findChildren(QWidget)
        if widget.isVisible() and widget not in panel.message.findChildren(QWidget)
    }


def test_a_hint_goes_and_a_refusal_stays(qtbot) -> None:
    line = NoteLine(linger_ms=1)
    qtbot.addWidget(line)
    line.tell(Note(Tone.HINT, "Kurz zu lesen."))
    assert line.text() == "Kurz zu lesen."
    qtbot.waitUntil(lambda: line.text() == "")
    line.tell(Note(Tone.HINT, "Kurz zu lesen."))
    line.tell(Note(Tone.REFUSED, "Das ging nicht."))
    qtbot.wait(50)  # fifty times as long as a hint lasts
    assert line.text() == "Das ging nicht."
    line.clear()
    assert line.text() == ""


def test_tones_differ_by_icon_and_too_long_a_text_is_told_as_a_whole(qtbot) -> None:
    line = NoteLine()
    qtbot.addWidget(line)
    line.resize(200, line.height())
    height = line.height()
    shown = []
    with qtbot.waitExposed(line):
        line.show()
    for tone in Tone:
        line.tell(Note(tone, LONG))
        shown.append(line.grab(QRect(0, 0, height + 8, height)).toImage())
    assert shown[0] != shown[1]
    (words,) = line.findChildren(QLabel)
    assert words.text() == LONG
    assert LONG.strip() in words.toolTip()
    assert line.height() == height
    assert line.minimumSizeHint().width() < 100


@pytest.mark.parametrize(("width", "height"), [(1360, 700), (1024, 600), (680, 240)])
def test_nothing_moves_for_a_note_or_a_chosen_line(panel, house, qtbot, width, height) -> None:
    panel.resize(width, height)
    put(house, panel, qtbot, completed(pending()))
    panel.runs.choose(pending().task_id)
    qtbot.waitUntil(panel.result.lines.examinations.isVisible)
    qtbot.wait(50)
    before = places(panel)
    for act in (
        lambda: panel._hint(LONG),
        lambda: panel._refuse(LONG),
        lambda: panel.result.lines.examinations.selectRow(0),
        panel.message.clear,
    ):
        act()
        qtbot.wait(20)
        assert places(panel) == before
    panel._refuse("Das ging nicht.")
    shown = panel.message.mapTo(panel, panel.message.rect().bottomRight())
    assert panel.rect().contains(shown)
    assert not panel.message.visibleRegion().isEmpty()


def test_what_was_said_goes_when_something_new_is_begun_asked_or_chosen(
    panel, house, qtbot
) -> None:
    first, second = pending(1), pending(2, request=request(TOMORROW, delete_obsolete=True))
    put(house, panel, qtbot, completed(first), completed(second, unconfirmed()))
    panel._refuse("Das ging nicht.")
    panel.runs.choose(second.task_id)
    assert panel.message.text() == ""
    panel._refuse("Das ging nicht.")
    qtbot.mouseClick(panel.result.confirm_button, Qt.LeftButton)
    assert panel.question is not None
    assert panel.message.text() == ""
    qtbot.mouseClick(panel.question.keep_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: panel.message.text() == "Es wurde nichts gelöscht.")
    start(panel, qtbot)
    assert panel.message.text() == ""
    wait_ended(panel, qtbot)


def test_news_of_the_task_that_is_looked_at_leave_a_refusal(panel, house, qtbot) -> None:
    view = pending()
    put(house, panel, qtbot, view)
    panel.runs.choose(view.task_id)
    panel._refuse("Das ging nicht.")
    put(house, panel, qtbot, completed(view))
    assert panel.result.view.status.ended
    assert panel.message.text() == "Das ging nicht."


def test_that_nothing_was_deleted_does_not_stand_under_a_later_deletion(
    panel, house, qtbot
) -> None:
    house.script = delete_if_confirmed
    qtbot.mouseClick(panel.form.tomorrow_button, Qt.LeftButton)
    panel.form.delete_obsolete.setChecked(True)
    start(panel, qtbot)
    qtbot.waitUntil(lambda: panel.question is not None)
    qtbot.mouseClick(panel.question.keep_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: panel.message.text() != "")
    qtbot.mouseClick(panel.result.confirm_button, Qt.LeftButton)
    qtbot.mouseClick(panel.question.delete_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: "gelöscht" in panel.result.summary.text())
    assert panel.message.text() == ""


def test_a_refused_start_is_seen_on_a_small_screen(panel, house, qtbot) -> None:
    panel.resize(640, 300)
    house.refusal = Refusal("queue_full", "Too many tasks wait", retry_after=5)
    start(panel, qtbot)
    qtbot.waitUntil(lambda: panel.result.error.text() != "")
    qtbot.waitUntil(lambda: not panel.result.error.visibleRegion().isEmpty())
    assert not panel.result.title.visibleRegion().isEmpty()
