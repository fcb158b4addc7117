"""The ribbon against the demo's real systems and switches."""

from __future__ import annotations

from datetime import date

import pytest
import requests
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QToolBar

from demo.systems import DemoSystems
from sync_gui.demo_switches import ALL_FINE, SYSTEMS, DemoSwitchError, DemoSwitches, state_words
from sync_gui.style import apply_style
from tests.clock import PATIENCE


@pytest.fixture(scope="module")
def systems(tmp_path_factory):
    with DemoSystems.start(tmp_path_factory.mktemp("demo"), today=date(2025, 10, 6)) as running:
        yield running


@pytest.fixture
def switches(systems):
    made = DemoSwitches(systems.control_url)
    yield made
    made.clear()


def system(name: str):
    return next(one for one in SYSTEMS if one.name == name)


@pytest.mark.parametrize(
    ("name", "number"),
    [(one.name, number) for one in SYSTEMS for number in range(len(one.choices))],
)
def test_every_choice_can_be_switched_on_and_is_recognised(switches, name, number):
    place = [one.name for one in SYSTEMS].index(name)
    state = switches.choose(system(name), number)
    assert state[place] == number
    assert [told for at, told in enumerate(state) if at != place] == [0] * (len(SYSTEMS) - 1)
    assert switches.read() == state
    assert switches.clear() == ALL_FINE


def test_faults_of_two_systems_stand_side_by_side(switches):
    switches.choose(system("CallDoc"), 3)
    state = switches.choose(system("SQLHK"), 1)
    assert state == (3, 1, 0)
    assert state_words(state) == "Störung: CallDoc nicht erreichbar, SQLHK gesperrt"
    assert state_words(ALL_FINE) == "Keine Störung nachgestellt"


def test_what_somebody_else_switched_is_said_too(systems, switches):
    fault = {"appointments": {"mode": "html"}}
    requests.put(f"{systems.control_url}/faults", json=fault, timeout=PATIENCE).raise_for_status()
    assert switches.read() == (None, 0, 0)
    assert state_words(switches.read()) == "Störung: CallDoc anders gestört"


def test_no_answer_is_a_sentence():
    with pytest.raises(DemoSwitchError, match="antworten nicht"):
        DemoSwitches("http://127.0.0.1:9/_demo").read()


def test_the_ribbon_switches_shows_and_clears(qtbot, open_window, systems, switches):
    window = open_window(demo=True, demo_control=systems.control_url)
    ribbon = window.ribbon
    qtbot.waitUntil(lambda: ribbon.words.text() == "Keine Störung nachgestellt")
    assert not ribbon.clear_button.isVisible()
    assert not ribbon.boxes[0].isVisible()
    low = ribbon.height()
    qtbot.mouseClick(ribbon.open_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ribbon.boxes[0].isVisible() and ribbon.height() > low)

    box: QComboBox = ribbon.boxes[0]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "CallDoc langsam" in ribbon.words.text())
    assert switches.read() == (1, 0, 0)
    assert ribbon.clear_button.isVisible()
    ribbon.open_button.click()
    assert ribbon.clear_button.isVisible()

    ribbon.clear_button.click()
    qtbot.waitUntil(lambda: ribbon.words.text() == "Keine Störung nachgestellt")
    assert switches.read() == ALL_FINE
    assert box.currentText() == "in Ordnung"


def test_the_ribbon_follows_switches_set_elsewhere(qtbot, open_window, systems, switches):
    window = open_window(demo=True, demo_control=systems.control_url)
    switches.choose(system("SQLHK"), 2)
    qtbot.waitUntil(lambda: "SQLHK nicht erreichbar" in window.ribbon.words.text())
    assert window.ribbon.boxes[1].currentText() == "nicht erreichbar"
    fault = {"patients": {"mode": "html"}}
    requests.put(f"{systems.control_url}/faults", json=fault, timeout=PATIENCE).raise_for_status()
    qtbot.waitUntil(lambda: "anders gestört" in window.ribbon.words.text())
    assert window.ribbon.boxes[0].currentText() == "andere Störung"


def test_everything_down_takes_one_line_at_the_usual_width(
    qapp, qtbot, open_window, systems, switches
):
    apply_style(qapp)
    window = open_window(demo=True, demo_control=systems.control_url)
    ribbon = window.ribbon
    em = ribbon.fontMetrics().height()
    window.resize(em * 90, em * 50)
    for name, number in (("CallDoc", 3), ("SQLHK", 2), ("Gateway", 4)):
        switches.choose(system(name), number)
    qtbot.waitUntil(lambda: "Gateway meldet Fehler" in ribbon.words.text())

    def beside() -> bool:
        tops = [
            part.mapTo(ribbon, part.rect().center()).y()
            for part in (ribbon.words, ribbon.open_button, ribbon.clear_button)
        ]
        return ribbon.clear_button.isVisible() and max(tops) - min(tops) <= 2

    qtbot.waitUntil(beside)
    window.resize(em * 60, em * 50)  # the two buttons stay together where the line ends
    qtbot.waitUntil(lambda: ribbon.width() < em * 62)
    buttons = (ribbon.open_button, ribbon.clear_button)
    first, second = (part.mapTo(ribbon, part.rect().topLeft()) for part in buttons)
    assert first.y() == second.y()
    assert ribbon.open_button.parentWidget() is ribbon.clear_button.parentWidget()


def test_nothing_is_cut_off_in_a_narrow_window(qtbot, open_window, systems, switches):
    window = open_window(demo=True, demo_control=systems.control_url)
    ribbon = window.ribbon
    ribbon.open_button.click()
    switches.choose(system("CallDoc"), 1)
    switches.choose(system("Gateway"), 5)
    qtbot.waitUntil(lambda: "Gateway schreibt" in ribbon.words.text())
    window.resize(window.minimumWidth(), 700)

    def fits() -> bool:
        parts = [*ribbon.boxes, ribbon.open_button, ribbon.clear_button]
        return all(
            ribbon.rect().contains(part.mapTo(ribbon, part.rect().bottomRight())) for part in parts
        )

    qtbot.waitUntil(fits)


def test_without_switches_there_is_only_the_word(open_window):
    window = open_window(demo=True)
    assert window.findChild(QToolBar, "ribbon").isVisible()
    assert not window.ribbon.open_button.isVisible()
    assert open_window().ribbon is None


def test_every_choice_fits_into_its_box(qapp, qtbot, open_window, systems):
    apply_style(qapp)
    ribbon = open_window(demo=True, demo_control=systems.control_url).ribbon
    ribbon.open_button.click()
    for box in ribbon.boxes:
        qtbot.waitUntil(box.isVisible)
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        field = box.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
        )
        words = [box.itemText(number) for number in range(box.count())]
        longest = max(map(box.fontMetrics().horizontalAdvance, words))
        beside = box.iconSize().width() + 6  # Qt leaves four pixels behind it, and one at each end
        assert field.width() >= longest + beside
