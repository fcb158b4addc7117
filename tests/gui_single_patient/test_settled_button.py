"""A click that was meant for another button does not hit the one that took its place."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from plugins.single_patient.panel import settled_button
from plugins.single_patient.panel.settled_button import SETTLE_MS, SettledButton
from tests.gui_single_patient.test_panel import fresh_preview, wait_ended


class Clock:
    """Time that passes for all buttons when the test says so, in place of Qt's."""

    def __init__(self) -> None:
        self._running: list[Running] = []

    def make(self) -> Running:
        self._running.append(Running())
        return self._running[-1]

    def let_settle(self) -> None:
        for one in self._running:
            one.ms += SETTLE_MS + 1


class Running:
    """What the button uses of a ``QElapsedTimer``."""

    def __init__(self) -> None:
        self.ms = 0
        self._begun = False

    def start(self) -> None:
        self.ms, self._begun = 0, True

    def isValid(self) -> bool:
        return self._begun

    def hasExpired(self, ms: int) -> bool:
        return self.ms > ms


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """The clock of all buttons that are made afterwards."""
    made = Clock()
    monkeypatch.setattr(settled_button, "QElapsedTimer", made.make)
    return made


def click_at(widget: QWidget, place) -> None:
    """A click of the mouse at a place of the window, on whatever is there."""
    QTest.mouseClick(widget.window().windowHandle(), Qt.LeftButton, Qt.NoModifier, place)


def middle_of(widget: QWidget):
    return widget.mapTo(widget.window(), widget.rect().center())


def test_the_second_click_on_apply_leaves_the_result_there(clock, panel, house, qtbot) -> None:
    fresh_preview(panel, qtbot)
    preview = panel.preview
    clock.let_settle()
    assert preview.apply_button.is_settled()
    place = middle_of(preview.apply_button)
    click_at(panel, place)
    qtbot.waitUntil(lambda: len(house.requests) == 2)
    wait_ended(panel, qtbot)
    qtbot.wait(10)  # the layout gives the place to the other button
    assert preview.discard_button.geometry().contains(
        preview.discard_button.parent().mapFrom(panel.window(), place)
    )
    click_at(panel, place)
    assert preview.title.text() == "Angelegt"
    assert not preview.discard_button.hasFocus()
    clock.let_settle()
    click_at(panel, place)
    assert preview.title.text() == "Vorschau"
    assert not preview.discard_button.isVisible()


@pytest.fixture
def shown(clock, qtbot) -> QWidget:
    window = QWidget()
    layout = QHBoxLayout(window)
    window.field, window.button = QLineEdit(), SettledButton("&Los")
    layout.addWidget(window.field)
    layout.addWidget(window.button)
    window.pressed = []
    window.button.clicked.connect(lambda: window.pressed.append(1))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    window.field.setFocus()
    return window


def test_keys_press_it_at_once(shown, qtbot) -> None:
    assert not shown.button.is_settled()
    shown.button.setFocus()
    qtbot.keyClick(shown.button, Qt.Key_Space)
    assert shown.pressed == [1]


def test_the_mouse_waits_and_the_focus_stays(clock, shown) -> None:
    place = middle_of(shown.button)
    click_at(shown, place)
    QTest.mouseDClick(shown.windowHandle(), Qt.LeftButton, Qt.NoModifier, place)
    assert shown.pressed == []
    assert shown.field.hasFocus()
    clock.let_settle()
    click_at(shown, place)
    assert shown.pressed == [1]


def test_another_word_or_place_makes_it_wait_again(clock, shown, qtbot) -> None:
    button = shown.button
    clock.let_settle()
    button.setText("&Los")
    assert button.is_settled()
    button.setText("&Halt")
    assert not button.is_settled()
    clock.let_settle()
    assert button.is_settled()
    shown.field.hide()
    qtbot.waitUntil(lambda: not button.is_settled())
