"""The window's one visual language: Fusion, a palette and our own style sheet, light or dark.

Every length is derived from the font's height, so that a larger system font and a scaled screen
both give a larger window and not a cramped one.

*Roles.* A widget says what it is with ``setProperty("role", …)``; the style sheet does the rest:

=================  =============================================================================
``QLabel``         ``heading``, ``big`` (the person's name), ``hint`` (less important), ``error``,
                   ``fine`` (for those who look for it), ``title`` (of a window or dialog),
                   ``number`` (a count to be seen from afar)
``QPushButton``    ``primary`` (the one thing to do here), ``danger`` (deletes or cancels),
                   ``quiet`` (without an edge until it is used)
``QFrame``         ``card``, ``counter``, ``panel``, ``notice`` (a message above other things),
                   ``warning`` (the same, with weight)
``QToolBar``       ``ribbon`` (the demo's; ``QLabel`` has it too)
``QToolButton``    ``calendar`` (opens one; gets its picture)
``QTableView``     ``dense`` (many columns, so its cells stand closer together)
``QScrollArea``    ``page`` (scrolled with keys, so its edge shows when it has the focus)
any field          ``invalid`` = true: wrong input, with the reason in words beside it
=================  =============================================================================

*Colours.* Whoever paints asks :func:`colour` for a role of :mod:`sync_gui.colours` while painting,
never earlier, because the theme may change at any time: ``text``, ``muted``, ``pale`` (disabled),
``surface``, ``line``, ``accent``, ``accent_soft`` (chosen), and for states and charts ``good``,
``info``, ``calm``, ``warn``, ``bad`` with ``on_state`` for what is drawn on them. A plugin has the
same through the palette: ``WindowText``, ``PlaceholderText`` (muted), ``Base``, ``Mid`` (line),
``Link`` (accent), ``Highlight`` (chosen), ``BrightText`` (wrong). Icons follow by themselves.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from PyQt5.QtCore import QDir
from PyQt5.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PyQt5.QtWidgets import QApplication

from sync_gui.colours import DARK, LIGHT, Theme

DATA = Path(__file__).parent / "data"
_LEAST_POINTS = 10
_MIDDLE_LIGHTNESS = 128

_PALETTE = {
    QPalette.ColorRole.Window: "ground",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "surface",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "danger",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Highlight: "accent_soft",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.Light: "surface",
    QPalette.ColorRole.Midlight: "hover",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "edge",
}
_TEXTS = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
    QPalette.ColorRole.HighlightedText,
)


def apply_style(app: QApplication, theme: Theme = LIGHT) -> None:
    """Give the application its style, font, palette and style sheet; again for another theme."""
    style = app.style()
    if not app.styleSheet() or style is None:
        app.setStyle("Fusion")
        app.setFont(system_font())
        QDir.setSearchPaths("syncgui", [str(DATA)])
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(app.font(), theme))


def theme_now() -> Theme:
    """The theme that the application shows; told by its palette, so that there is one truth."""
    ground = QApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if ground.lightness() < _MIDDLE_LIGHTNESS else LIGHT


def colour(role: str) -> QColor:
    """The colour of a role in the theme that is shown now."""
    return QColor(theme_now()[role])


def system_font() -> QFont:
    """The system's font for texts, at least 10 points.

    Qt 5's own default on Windows is a font of the last century; the one for message boxes is the
    system's real one.
    """
    font = QApplication.font("QMessageBox")
    if font.pointSizeF() < _LEAST_POINTS:
        font.setPointSizeF(_LEAST_POINTS)
    return font


def style_sheet(font: QFont, theme: Theme = LIGHT) -> str:
    """The style sheet with its lengths worked out for ``font`` and the colours of ``theme``."""
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
        "head_dense": em * 0.12 + 3,
        "message": em * 24,
        "calendar_width": em * 17,
        "calendar_height": em * 14,
    }
    values = {name: f"{max(1, round(length))}px" for name, length in lengths.items()}
    # A focused control's ring is one pixel thicker than its edge; its padding gives that back.
    values |= {f"{name}f": f"{max(0, round(lengths[name]) - 1)}px" for name in ("u2", "u3", "u5")}
    values |= {
        "font_small": f"{points * 0.92:.1f}pt",
        "font_heading": f"{points * 1.25:.1f}pt",
        "font_big": f"{points * 1.9:.1f}pt",
        "theme": theme.name,
    }
    template = Template((DATA / "window.qss").read_text(encoding="utf-8"))
    return template.substitute({**theme.colours, **values})


def palette(theme: Theme) -> QPalette:
    """The theme as a palette, for whatever is painted without the style sheet."""
    result = QPalette()
    for where, role in _PALETTE.items():
        result.setColor(where, QColor(theme[role]))
    for where in _TEXTS:
        result.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme["pale"]))
    return result
