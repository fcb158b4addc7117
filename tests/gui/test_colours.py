"""Both themes can be read: contrast as WCAG 2 counts it, for every pair that the window shows."""

from __future__ import annotations

import re

import pytest

from sync_gui.colours import DARK, LIGHT, Theme, contrast
from sync_gui.icons import _DRAWINGS, NAMES
from sync_gui.style import DATA

SURFACES = ("ground", "surface", "raised")
TEXTS = [
    *((text, on) for text in ("text", "muted", "accent", "danger") for on in SURFACES),
    *(("text", on) for on in ("accent_soft", "hover", "press", "progress", "danger_soft")),
    *(("muted", on) for on in ("hover", "press", "accent_soft")),
    *(("on_accent", on) for on in ("accent", "accent_hover", "accent_press")),
    *(("danger", on) for on in ("danger_soft", "hover")),
    *(("on_danger", on) for on in ("danger", "danger_hover", "danger_press")),
    ("demo_text", "demo"),
    ("surface", "text"),
]
"""What is read, and on what; at least 4.5 : 1."""

STATES = ("ink", "good", "warn", "bad", "info", "calm")
SHAPES = [
    *((shape, on) for shape in ("edge", "accent", "danger") for on in ("ground", "surface")),
    *((state, on) for state in STATES for on in (*SURFACES, "accent_soft")),
    *(("on_state", state) for state in STATES),
    *((state, "demo") for state in ("good", "warn")),
    ("demo_edge", "demo"),
    ("pale", "ground"),
    ("pale", "surface"),
]
"""Edges of controls, pictures, what is disabled; at least 3 : 1."""


def test_the_contrast_is_counted_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)
    assert contrast("#336699", "#336699") == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_everything_that_is_read_can_be_read(theme: Theme):
    told = {(text, on): contrast(theme[text], theme[on]) for text, on in TEXTS}
    assert {pair: round(ratio, 2) for pair, ratio in told.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_controls_and_pictures_can_be_seen(theme: Theme):
    told = {(shape, on): contrast(theme[shape], theme[on]) for shape, on in SHAPES}
    assert {pair: round(ratio, 2) for pair, ratio in told.items() if ratio < 3} == {}


def test_both_themes_know_the_same_roles():
    assert set(LIGHT.colours) == set(DARK.colours)
    colours = [*LIGHT.colours.values(), *DARK.colours.values()]
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in colours)


def test_icons_use_roles_and_no_colours_of_their_own():
    assert {role for role, _ in _DRAWINGS.values()} <= set(LIGHT.colours)
    assert all("#" not in drawing for _, drawing in _DRAWINGS.values())
    assert len(NAMES) == len(_DRAWINGS)


def test_the_style_sheet_names_roles_and_pictures_that_exist():
    sheet = (DATA / "window.qss").read_text(encoding="utf-8")
    assert "#" not in re.sub(r"QLabel#\w+|QToolButton#\w+|QWidget#\w+", "", sheet)
    files = set(re.findall(r"syncgui:([\w$-]+\.svg)", sheet))
    assert files
    for theme in (LIGHT, DARK):
        for file in files:
            drawing = (DATA / file.replace("$theme", theme.name)).read_text(encoding="utf-8")
            assert set(re.findall("#[0-9a-f]{6}", drawing)) <= set(theme.colours.values())
