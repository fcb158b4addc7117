"""The window's one visual language: Fusion, a fixed light palette and our own style sheet.

Every length is derived from the font's height, so that a larger system font and a scaled screen
both give a larger window and not a cramped one.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from PyQt5.QtCore import QDir
from PyQt5.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PyQt5.QtWidgets import QApplication

DATA = Path(__file__).parent / "data"

COLOURS = {
    "ground": "#f3f5f7",
    "surface": "#ffffff",
    "raised": "#fafbfc",
    "text": "#1c2630",
    "muted": "#55616d",
    "pale": "#8a95a0",
    "line": "#d5dbe1",
    "edge": "#87939f",
    "accent": "#0b6485",
    "accent_hover": "#09536e",
    "accent_press": "#074359",
    "accent_soft": "#dcecf3",
    "hover": "#e9eef2",
    "press": "#dde4ea",
    "danger": "#b3261e",
    "danger_hover": "#971f18",
    "danger_press": "#7c1913",
    "danger_soft": "#fdeeec",
    "progress": "#86bfd6",
    "demo": "#ffe08a",
    "demo_text": "#463200",
}


def apply_style(app: QApplication) -> None:
    """Give the application its style, font, palette and style sheet. Once, before any window."""
    app.setStyle("Fusion")
    font = system_font()
    app.setFont(font)
    app.setPalette(_palette())
    QDir.setSearchPaths("syncgui", [str(DATA)])
    app.setStyleSheet(style_sheet(font))


def system_font() -> QFont:
    """The system's font for texts, at least 10 points.

    Qt 5's own default on Windows is a font of the last century; the one for message boxes is the
    system's real one.
    """
    font = QApplication.font("QMessageBox")
    if font.pointSizeF() < 10:
        font.setPointSizeF(10)
    return font


def style_sheet(font: QFont) -> str:
    """The style sheet with its lengths worked out for ``font``."""
    em = QFontMetricsF(font).height()
    points = font.pointSizeF()
    lengths = {
        "u1": em * 0.12,
        "u2": em * 0.25,
        "u3": em * 0.4,
        "u4": em * 0.6,
        "u5": em * 0.9,
        "u6": em * 1.25,
        "em": em,
        "field": em * 1.3,
        "box": em * 0.95,
        "round": em * 0.475 + 1,
        "arrow": em * 0.7,
        "head": em * 0.4 + 3,
    }
    values = {name: f"{max(1, round(length))}px" for name, length in lengths.items()}
    # A focused control's ring is one pixel thicker than its edge; its padding gives that back.
    values |= {f"{name}f": f"{max(0, round(lengths[name]) - 1)}px" for name in ("u2", "u3", "u5")}
    values |= {
        "font_small": f"{points * 0.92:.1f}pt",
        "font_heading": f"{points * 1.25:.1f}pt",
        "font_big": f"{points * 1.9:.1f}pt",
    }
    template = Template((DATA / "window.qss").read_text(encoding="utf-8"))
    return template.substitute(COLOURS | values)


def _palette() -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: "ground",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "raised",
        role.ToolTipBase: "text",
        role.ToolTipText: "surface",
        role.Text: "text",
        role.Button: "surface",
        role.ButtonText: "text",
        role.BrightText: "danger",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.Highlight: "accent_soft",
        role.HighlightedText: "text",
        role.PlaceholderText: "muted",
        role.Light: "surface",
        role.Midlight: "hover",
        role.Mid: "line",
        role.Dark: "edge",
    }
    palette = QPalette()
    for where, name in colours.items():
        palette.setColor(where, QColor(COLOURS[name]))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(COLOURS["pale"]))
    return palette
