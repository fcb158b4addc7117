from __future__ import annotations

import pytest
from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QAction, QApplication, QLabel, QLineEdit, QPushButton

from sync_gui.appearance import (
    STORE_NAME,
    Appearance,
    AppearanceSwitch,
    appearance_of,
    remembered_appearance,
    system_probe,
)
from sync_gui.colours import DARK, LIGHT
from sync_gui.icons import Picture, icon
from sync_gui.style import apply_style, colour, palette, theme_now


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication):
    yield
    apply_style(qapp, LIGHT)


def test_a_choice_is_shown_at_once_and_remembered(qapp, tmp_path):
    switch = remembered_appearance(qapp, tmp_path)
    assert switch.chosen is Appearance.SYSTEM
    switch.choose(Appearance.DARK)
    assert theme_now() is DARK
    assert qapp.palette().color(QPalette.Window) == QColor(DARK["ground"])
    switch.stop()
    again = remembered_appearance(qapp, tmp_path)
    assert again.chosen is Appearance.DARK
    again.choose(Appearance.LIGHT)
    assert theme_now() is LIGHT
    again.stop()
    assert (tmp_path / STORE_NAME).exists()


def test_what_is_remembered_wrongly_counts_as_the_systems():
    for value in (None, "", "blue", 7):
        assert appearance_of(value) is Appearance.SYSTEM


def test_the_system_is_followed_while_it_is_chosen(qtbot, qapp):
    dark = [False]
    switch = AppearanceSwitch(qapp, lambda: dark[0])
    assert theme_now() is LIGHT
    dark[0] = True
    qtbot.waitUntil(lambda: theme_now() is DARK)
    switch.choose(Appearance.LIGHT)
    assert theme_now() is LIGHT
    switch._show()
    assert theme_now() is LIGHT
    switch.stop()


def test_a_dark_desktop_is_told_by_its_palette(qapp):
    for theme, dark in ((DARK, True), (LIGHT, False)):
        qapp.setPalette(palette(theme))
        assert system_probe(qapp)() is dark


def test_the_menu_chooses_and_shows_what_is_chosen(open_window):
    window = open_window()
    entries = {a.text(): a for a in window.findChildren(QAction) if a.actionGroup() is not None}
    assert [e for e, a in entries.items() if a.isChecked()] == ["&System"]
    entries["&Dunkel"].trigger()
    assert theme_now() is DARK
    assert [e for e, a in entries.items() if a.isChecked()] == ["&Dunkel"]


def test_icons_and_pictures_that_exist_already_follow(qtbot, qapp):
    apply_style(qapp, LIGHT)
    button = QPushButton(icon("copy"), "Kopieren")
    picture = Picture("error", 32)
    for widget in (button, picture):
        qtbot.addWidget(widget)
        widget.show()
    light = [widget.grab().toImage() for widget in (button, picture)]
    apply_style(qapp, DARK)
    dark = [widget.grab().toImage() for widget in (button, picture)]
    assert all(one != other for one, other in zip(light, dark, strict=True))
    assert dark[1].pixelColor(16, 3).name() == DARK["bad"]
    assert colour("bad") == QColor(DARK["bad"])


def test_texts_take_the_themes_colour(qtbot, qapp):
    for theme in (LIGHT, DARK):
        apply_style(qapp, theme)
        label, field = QLabel("Wort"), QLineEdit()
        field.setPlaceholderText("Beispiel")
        for widget in (label, field):
            qtbot.addWidget(widget)
            widget.show()
        assert label.palette().color(QPalette.WindowText) == QColor(theme["text"])
        # Qt would make the example half transparent, which cannot be read.
        assert field.palette().color(QPalette.PlaceholderText) == QColor(theme["muted"])
