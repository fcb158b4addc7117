"""The program's icon set, drawn in code so that it is sharp at every scale.

Each icon tells what it means by its shape; colour only helps.
"""

from __future__ import annotations

from PyQt5.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap, QPixmapCache
from PyQt5.QtSvg import QSvgRenderer
from PyQt5.QtWidgets import QWidget

from sync_gui.colours import Theme
from sync_gui.style import theme_now

_CHECK = '<path d="M7.5 12.5l3 3 6-7" stroke="{on}"/>'
_BANG = '<path d="M12 7v6" stroke="{on}"/><path d="M12 16.6v.2" stroke="{on}"/>'
_FILL = 'fill="{ink}" stroke="{ink}"'

# name: (role of its colour, drawing on a 24 x 24 field). "{ink}" is that colour, "{on}" the colour
# of what stands on it.
_DRAWINGS: dict[str, tuple[str, str]] = {
    "ok": ("good", f'<circle cx="12" cy="12" r="10" {_FILL} stroke-width="0"/>{_CHECK}'),
    "warning": (
        "warn",
        f'<path d="M12 3.5L22 20.5H2z" {_FILL}/><g transform="translate(0 2)">{_BANG}</g>',
    ),
    "error": (
        "bad",
        f'<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z" {_FILL} stroke-width="1"/>'
        '<path d="M8.5 8.5l7 7M15.5 8.5l-7 7" stroke="{on}"/>',
    ),
    "unknown": ("calm", '<circle cx="12" cy="12" r="9" stroke-dasharray="3.5 3.5"/>'),
    "idle": ("calm", '<circle cx="12" cy="12" r="9"/><path d="M8 12h8"/>'),
    "stopped": (
        "calm",
        f'<rect x="4" y="4" width="16" height="16" rx="3" {_FILL} stroke-width="0"/>',
    ),
    "running": (
        "info",
        '<path d="M21 12a9 9 0 1 1-6-8.5"/>'
        f'<path d="M10 8.2l5.6 3.8-5.6 3.8z" {_FILL} stroke-width="1"/>',
    ),
    "clock": ("ink", '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.3l3.4 2"/>'),
    "refresh": ("ink", '<path d="M20 12a8 8 0 1 1-2.4-5.7L20 8.6"/><path d="M20 3.6v5h-5"/>'),
    "retry": ("ink", '<path d="M4 12a8 8 0 1 0 2.4-5.7L4 8.6"/><path d="M4 3.6v5h5"/>'),
    "search": ("ink", '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>'),
    "copy": (
        "ink",
        '<rect x="8.5" y="8.5" width="12" height="12" rx="2"/>'
        '<path d="M15.5 5.5v-1a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 4.5V14'
        'A1.5 1.5 0 0 0 5 15.5h.6"/>',
    ),
    "save": ("ink", '<path d="M12 3.5v11M7.5 10.5L12 15l4.5-4.5M4 20.5h16"/>'),
    "export": ("ink", '<path d="M12 15.5v-12M7.5 8L12 3.5 16.5 8M4 20.5h16"/>'),
    "patient": (
        "ink",
        '<circle cx="12" cy="8" r="4.2"/><path d="M3.8 20.5c.8-4 4-6 8.2-6s7.4 2 8.2 6"/>',
    ),
    "calendar": (
        "ink",
        '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 3v4M16 3v4"/>',
    ),
    "plugin": ("ink", '<path d="M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3.5"/>'),
    "log": ("ink", '<path d="M5 3.5h14v17H5zM8.5 8h7M8.5 12h7M8.5 16h4"/>'),
    "info": (
        "info",
        f'<circle cx="12" cy="12" r="10" {_FILL} stroke-width="0"/>'
        '<path d="M12 11v6M12 7.3v.2" stroke="{on}"/>',
    ),
    "detail": ("calm", '<path d="M5 12h.1M12 12h.1M19 12h.1" stroke-width="3.5"/>'),
    "eye": (
        "ink",
        '<path d="M2 12c2.4-4.4 5.8-6.5 10-6.5s7.6 2.1 10 6.5'
        'c-2.4 4.4-5.8 6.5-10 6.5S4.4 16.4 2 12z"/>'
        '<circle cx="12" cy="12" r="3"/>',
    ),
    "eye_off": (
        "ink",
        '<path d="M2 12c2.4-4.4 5.8-6.5 10-6.5s7.6 2.1 10 6.5'
        'c-2.4 4.4-5.8 6.5-10 6.5S4.4 16.4 2 12z"/>'
        '<path d="M4.5 19.5l15-15"/>',
    ),
    "play": ("ink", f'<path d="M7 4.5l12.5 7.5L7 19.5z" {_FILL}/>'),
    "stop": ("ink", f'<rect x="5.5" y="5.5" width="13" height="13" rx="1.5" {_FILL}/>'),
    "cancel": (
        "ink",
        '<circle cx="12" cy="12" r="9"/><path d="M8.7 8.7l6.6 6.6M15.3 8.7l-6.6 6.6"/>',
    ),
    "close": ("ink", '<path d="M6 6l12 12M18 6L6 18"/>'),
    "link": (
        "ink",
        '<path d="M10 14a4.5 4.5 0 0 0 6.4 0l3.3-3.3a4.5 4.5 0 0 0-6.4-6.4'
        "L11.8 5.8M14 10a4.5 4.5 0 0 0-6.4 0l-3.3 3.3a4.5 4.5 0 0 0 6.4 6.4"
        'l1.5-1.5"/>',
    ),
    "document": ("ink", '<path d="M6 3h8l4.5 4.5V21H6zM14 3v4.5h4.5"/>'),
    "created": ("good", '<circle cx="12" cy="12" r="9"/><path d="M12 8v8M8 12h8"/>'),
    "updated": ("info", '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5"/>'),
    "unchanged": ("calm", '<path d="M5 9.5h14M5 14.5h14"/>'),
    "settings": (
        "ink",
        '<path d="M3.5 7.5h9M19 7.5h1.5M3.5 16.5H5M11.5 16.5h9"/>'
        '<circle cx="15.8" cy="7.5" r="2.8"/><circle cx="8.2" cy="16.5" r="2.8"/>',
    ),
    "key": ("ink", '<circle cx="8" cy="16" r="4.5"/><path d="M11.2 12.8L20 4M15.5 8.5l3.2 3.2"/>'),
    "filter": ("ink", '<path d="M3.5 5h17l-6.5 8v6l-4 2v-8z"/>'),
    "program": (
        "info",
        f'<rect x="1.5" y="1.5" width="21" height="21" rx="5" {_FILL} '
        'stroke-width="0"/><path d="M6 9.5h11.5M14.5 6.5l3 3-3 3" '
        'stroke="{on}"/><path d="M18 15H6.5M9.5 12.2L6.5 15l3 3" '
        'stroke="{on}" transform="translate(0 .4)"/>',
    ),
}

NAMES = frozenset(_DRAWINGS)
"""The names that ``PanelSpec.icon`` may use."""


def icon(name: str) -> QIcon:
    """The icon of that name: sharp at every size, in the colours of the theme shown now.

    An unknown or empty name gives an empty icon: a plugin may know a name that we do not.
    """
    return QIcon(_Engine(name)) if name in _DRAWINGS else QIcon()


class Picture(QWidget):
    """An icon as a widget of ``size`` logical pixels; another ``name`` may be set later.

    It tells screen readers nothing: the words beside it say the same.
    """

    def __init__(self, name: str = "", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setFixedSize(size, size)

    def show_icon(self, name: str) -> None:
        """Show another icon."""
        self.name = name
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon in the colours of the theme shown now."""
        painter = QPainter(self)
        icon(self.name).paint(painter, self.rect())
        painter.end()


def pixmap(name: str, size: int, ratio: float) -> QPixmap:
    """The icon as a picture of ``size`` logical pixels for a screen of that pixel ratio.

    Keeps the colours of the moment; :class:`Picture` follows the theme.
    """
    picture = _draw(name, round(size * ratio), theme_now(), disabled=False)
    picture.setDevicePixelRatio(ratio)
    return picture


class _Engine(QIconEngine):
    """Draws when asked to, so that neither theme nor screen is fixed when the icon is made."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        """Draw into ``rect``, whatever the painter's scale."""
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        edge = min(rect.width(), rect.height())
        picture = _draw(
            self._name, round(edge * ratio), theme_now(), disabled=mode == QIcon.Mode.Disabled
        )
        place = QRect(0, 0, edge, edge)
        place.moveCenter(rect.center())
        painter.drawPixmap(place, picture)

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        """The icon in device pixels."""
        edge = min(size.width(), size.height())
        return _draw(self._name, edge, theme_now(), disabled=mode == QIcon.Mode.Disabled)

    def clone(self) -> QIconEngine:
        """One more of the same."""
        return _Engine(self._name)


def _draw(name: str, edge: int, theme: Theme, *, disabled: bool) -> QPixmap:
    key = f"sync_gui/{name}/{edge}/{theme.name}/{disabled}"
    kept = QPixmapCache.find(key)
    if kept is not None:
        return kept
    role, body = _DRAWINGS[name]
    ink = theme["pale" if disabled else role]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" '
        f'stroke="{ink}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">'
        f"{body.replace('{ink}', ink).replace('{on}', theme['on_state'])}</svg>"
    )
    picture = QPixmap(edge, edge)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    QPixmapCache.insert(key, picture)
    return picture
