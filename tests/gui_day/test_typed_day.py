"""The day panel sends the day that is read in its field, or nothing."""

from __future__ import annotations

from datetime import date

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication

from sync_gui.day_panel.panel import DayPanel


def enter(panel: DayPanel, qtbot, text: str) -> None:
    panel.form.more_types.setFocus()
    panel.form.day.setFocus(Qt.TabFocusReason)
    qtbot.keyClicks(panel.form.day, text)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("3.12.2026", date(2026, 12, 3)),
        ("9.10.2025", date(2025, 10, 9)),
        ("1.1.2026", date(2026, 1, 1)),
        ("5.12.26", date(2026, 12, 5)),
        ("24122025", date(2025, 12, 24)),
        ("2026-01-02", date(2026, 1, 2)),
    ],
)
def test_the_day_that_is_sent_is_the_day_that_is_read(house, panel, qtbot, typed, day) -> None:
    enter(panel, qtbot, typed)
    with qtbot.waitSignal(panel.controller.starting):
        qtbot.mouseClick(panel.form.start_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: len(house.requests) == 1)
    assert house.requests[0]["date"] == day.isoformat()
    assert panel.form.day.text() == f"{day:%d.%m.%Y}"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("31.02.2026", "Diesen Tag gibt es nicht."),
        ("1.1.1900", "Nur Jahre 2000 bis 2099."),
        ("3.12.", "Bitte als TT.MM.JJJJ."),
        ("gestern", "Bitte als TT.MM.JJJJ."),
    ],
)
def test_no_day_starts_nothing_and_says_why(house, panel, qtbot, typed, reason) -> None:
    enter(panel, qtbot, typed)
    with qtbot.assertNotEmitted(panel.controller.starting):
        qtbot.mouseClick(panel.form.start_button, Qt.LeftButton)
    form = panel.form
    assert form.current() is None
    assert form.day_hint.text() == f"⚠ {reason}"
    assert form.day_hint.property("role") == "error"
    assert form.day.property("invalid") is True
    assert form.day.accessibleDescription() == reason
    assert house.requests == []
    qtbot.waitUntil(form.day.hasFocus)
    assert form.day.selectedText() == typed
    qtbot.keyClicks(form.day, "7.10.2025")
    assert form.day.property("invalid") is False
    assert form.day_hint.property("role") == "hint"
    assert form.current().day == date(2025, 10, 7)


def test_a_wrong_day_is_marked_while_typing_and_an_unfinished_one_on_leaving(panel, qtbot) -> None:
    enter(panel, qtbot, "3.1")
    assert panel.form.day_hint.text() == ""
    assert not panel.form.day.property("invalid")
    qtbot.keyClicks(panel.form.day, "x")
    assert panel.form.day.property("invalid") is True
    enter(panel, qtbot, "3.1")
    assert not panel.form.day.property("invalid")
    panel.form.more_types.setFocus()
    assert panel.form.day.property("invalid") is True


def test_a_day_pasted_into_the_field_is_sent(house, panel, qtbot) -> None:
    QApplication.clipboard().setText("02.01.2026")
    panel.form.day.setFocus(Qt.TabFocusReason)
    qtbot.keyClick(panel.form.day, Qt.Key_V, Qt.ControlModifier)
    qtbot.mouseClick(panel.form.start_button, Qt.LeftButton)
    qtbot.waitUntil(lambda: len(house.requests) == 1)
    assert house.requests[0]["date"] == "2026-01-02"


def test_nothing_can_be_deleted_while_there_is_no_day(panel, qtbot) -> None:
    form = panel.form
    qtbot.mouseClick(form.tomorrow_button, Qt.LeftButton)
    form.delete_obsolete.setChecked(True)
    enter(panel, qtbot, "31.2.2099")
    assert not form.delete_obsolete.isEnabled()
    assert not form.delete_obsolete.isChecked()
    enter(panel, qtbot, "3.12.2098")
    assert form.delete_obsolete.isEnabled()
    assert not form.current().delete_obsolete  # it does not come back unnoticed


def test_no_reason_moves_the_form(panel, qtbot) -> None:
    form = panel.form
    places = [form.more_types.mapTo(form, form.rect().topLeft()), form.size()]
    form.more_types.setText("x")
    enter(panel, qtbot, "31.02.2026")
    form.mark({"date": "Dieses Datum wurde nicht angenommen."})
    QApplication.processEvents()
    assert [form.more_types.mapTo(form, form.rect().topLeft()), form.size()] == places
