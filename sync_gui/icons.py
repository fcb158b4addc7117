"""The program's icon set, drawn in code so that it is sharp at every scale.

Each icon tells what it means by its shape; colour only helps.
"""

from __future__ import annotations

from PyQt5.QtCore import QByteArray, QRectF, Qt
from PyQt5.QtGui import QIcon, QPainter, QPixmap
from PyQt5.QtSvg import QSvgRenderer

INK = "#46535f"
GREEN = "#1b7a48"
AMBER = "#9a6200"
RED = "#b3261e"
BLUE = "#0b6485"
GREY = "#66727e"
_DISABLED = "#a9b3bc"
_SIZES = (16, 20, 24, 32, 40, 48, 64, 96)

_CHECK = '<path d="M7.5 12.5l3 3 6-7" stroke="#fff"/>'
_BANG = '<path d="M12 7v6" stroke="#fff"/><path d="M12 16.6v.2" stroke="#fff"/>'
_FILL = 'fill="{ink}" stroke="{ink}"'

# name: (colour, drawing on a 24 x 24 field; "{ink}" is the colour)
_DRAWINGS: dict[str, tuple[str, str]] = {
    "ok": (GREEN, f'<circle cx="12" cy="12" r="10" {_FILL} stroke-width="0"/>{_CHECK}'),
    "warning": (
        AMBER,
        f'<path d="M12 3.5L22 20.5H2z" {_FILL}/><g transform="translate(0 2)">{_BANG}</g>',
    ),
    "error": (
        RED,
        f'<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" {_FILL} stroke-width="1"/>'
        '<path d="M8.5 8.5l7 7M15.5 8.5l-7 7" stroke="#fff"/>',
    ),
    "unknown": (GREY, '<circle cx="12" cy="12" r="9" stroke-dasharray="3.5 3.5"/>'),
    "idle": (GREY, '<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>'),
    "stopped": (
        GREY,
        f'<rect x="4" y="4" width="16" height="16" rx="3" {_FILL} stroke-width="0"/>',
    ),
    "running": (
        BLUE,
        '<path d="M21 12a9 9 0 1 1-6-8.5"/>'
        f'<path d="M10 8.2l5.6 3.8-5.6 3.8z" {_FILL} stroke-width="1"/>',
    ),
    "clock": (INK, '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.4 2"/>'),
    "refresh": (INK, '<path d="M20 12a8 8 0 1 1-2.4-5.7L20 8.6"/><path d="M20 3.6v5h-5"/>'),
    "retry": (INK, '<path d="M4 12a8 8 0 1 0 2.4-5.7L4 8.6"/><path d="M4 3.6v5h5"/>'),
    "search": (INK, '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>'),
    "copy": (
        INK,
        '<rect x="8.5" y="8.5" width="12" height="12" rx="2"/>'
        '<path d="M15.5 5.5v-1a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 4.5V14'
        'A1.5 1.5 0 0 0 5 15.5h.6"/>',
    ),
    "save": (INK, '<path d="M12 3.5v11M7.5 10.5L12 15l4.5-4.5M4 20.5h16"/>'),
    "export": (INK, '<path d="M12 15.5v-12M7.5 8L12 3.5 16.5 8M4 20.5h16"/>'),
    "patient": (
        INK,
        '<circle cx="12" cy="8" r="4.2"/><path d="M3.8 20.5c.8-4 4-6 8.2-6s7.4 2 8.2 6"/>',
    ),
    "calendar": (
        INK,
        '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 3v4M16 3v4"/>',
    ),
    "plugin": (INK, '<path d="M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3.5"/>'),
    "log": (INK, '<path d="M5 3.5h14v17H5zM8.5 8h7M8.5 12h7M8.5 16h4"/>'),
    "info": (
        BLUE,
        f'<circle cx="12" cy="12" r="10" {_FILL} stroke-width="0"/>'
        '<path d="M12 11v6M12 7.3v.2" stroke="#fff"/>',
    ),
    "detail": (GREY, '<path d="M5 12h.1M12 12h.1M19 12h.1" stroke-width="3.5"/>'),
    "eye": (
        INK,
        '<path d="M2 12c2.4-4.4 5.8-6.5 10-6.5s7.6 2.1 10 6.5'
        'c-2.4 4.4-5.8 6.5-10 6.5S4.4 16.4 2 12z"/>'
        '<circle cx="12" cy="12" r="3"/>',
    ),
    "eye_off": (
        INK,
        '<path d="M2 12c2.4-4.4 5.8-6.5 10-6.5s7.6 2.1 10 6.5'
        'c-2.4 4.4-5.8 6.5-10 6.5S4.4 16.4 2 12z"/>'
        '<path d="M4.5 19.5l15-15"/>',
    ),
    "play": (INK, f'<path d="M7 4.5l12.5 7.5L7 19.5z" {_FILL}/>'),
    "stop": (INK, f'<rect x="5.5" y="5.5" width="13" height="13" rx="1.5" {_FILL}/>'),
    "cancel": (
        INK,
        '<circle cx="12" cy="12" r="9"/><path d="M8.7 8.7l6.6 6.6M15.3 8.7l-6.6 6.6"/>',
    ),
    "close": (INK, '<path d="M6 6l12 12M18 6L6 18"/>'),
    "link": (
        INK,
        '<path d="M10 14a4.5 4.5 0 0 0 6.4 0l3.3-3.3a4.5 4.5 0 0 0-6.4-6.4'
        "L11.8 5.8M14 10a4.5 4.5 0 0 0-6.4 0l-3.3 3.3a4.5 4.5 0 0 0 6.4 6.4"
        'l1.5-1.5"/>',
    ),
    "document": (INK, '<path d="M6 3h8l4.5 4.5V21H6zM14 3v4.5h4.5"/>'),
    "created": (GREEN, '<circle cx="12" cy="12" r="9"/><path d="M12 8v8M8 12h8"/>'),
    "updated": (BLUE, '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5"/>'),
    "unchanged": (GREY, '<path d="M5 9.5h14M5 14.5h14"/>'),
    "filter": (INK, '<path d="M3.5 5h17l-6.5 8v6l-4 2v-8z"/>'),
    "program": (
        BLUE,
        f'<rect x="1.5" y="1.5" width="21" height="21" rx="5" {_FILL} '
        'stroke-width="0"/><path d="M6 9.5h11.5M14.5 6.5l3 3-3 3" '
        'stroke="#fff"/><path d="M18 15H6.5M9.5 12.2L6.5 15l3 3" '
        'stroke="#fff" transform="translate(0 .4)"/>',
    ),
}

NAMES = frozenset(_DRAWINGS)
"""The names that ``PanelSpec.icon`` may use."""


def icon(name: str, *, size: int = 0) -> QIcon:
    """The icon of that name, with a paler picture for disabled controls.

    An unknown or empty name gives an empty icon: a plugin may know a name that we do not. With
    ``size`` (logical pixels) only that size is drawn. Needs a running application.
    """
    if name not in _DRAWINGS:
        return QIcon()
    result = QIcon()
    for edge in (size, 2 * size) if size else _SIZES:
        picture = _draw(name, edge, _DRAWINGS[name][0])
        result.addPixmap(picture, QIcon.Mode.Normal)
        result.addPixmap(picture, QIcon.Mode.Selected)
        result.addPixmap(_draw(name, edge, _DISABLED), QIcon.Mode.Disabled)
    return result


def pixmap(name: str, size: int, ratio: float) -> QPixmap:
    """The icon as a picture of ``size`` logical pixels for a screen of that pixel ratio."""
    picture = _draw(name, round(size * ratio), _DRAWINGS[name][0])
    picture.setDevicePixelRatio(ratio)
    return picture


def _draw(name: str, edge: int, ink: str) -> QPixmap:
    body = _DRAWINGS[name][1].replace("{ink}", ink)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{ink}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        f"{body}</svg>"
    )
    picture = QPixmap(edge, edge)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    return picture
