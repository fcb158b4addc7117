"""How somebody arranged the window, remembered in the data folder from run to run.

Kept: place and size of the window, docks, the tab in front, widths of columns, sizes of split
parts and dialogs, and whether names are hidden. Nothing of it matters enough to fail for: what is
damaged or does not fit any more is left out.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QByteArray, QObject, QRect, QSettings, QSize, Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import (
    QDialog,
    QHeaderView,
    QMainWindow,
    QSplitter,
    QTableView,
    QTreeView,
    QWidget,
)

_GROUP = "arrangement"
_NAMES_HIDDEN = "names_hidden"
_STATE_VERSION = 1
_LEAST_VISIBLE = QSize(120, 40)
"""So much of a window must be on a screen, or nobody could take hold of it."""


class Arrangement:
    """Keeps arrangements in the ini file ``file``; used on the GUI thread only."""

    def __init__(self, file: Path) -> None:
        is_new = not file.exists()
        self._kept = QSettings(str(file), QSettings.Format.IniFormat)
        if is_new:
            self.remember_names_hidden(False)
        self._first: dict[QObject, Any] = {}
        self._window_state = QByteArray()

    @property
    def names_hidden(self) -> bool:
        """Whether names were hidden last; also when a file is there that no longer tells."""
        return str(self._kept.value(_NAMES_HIDDEN)).lower() != "false"

    def remember_names_hidden(self, hidden: bool) -> None:
        """At once and not at the end: the program may end otherwise than by closing."""
        self._kept.setValue(_NAMES_HIDDEN, hidden)
        self._kept.sync()

    @property
    def tab(self) -> str:
        """The id of the panel whose tab was in front; empty when none was kept."""
        return str(self._value("tab") or "")

    def restore_window(self, window: QMainWindow) -> None:
        """Give ``window`` its place, size and docks back. Its docks must be there."""
        self._window_state = window.saveState(_STATE_VERSION)
        geometry = self._bytes("geometry")
        before = window.geometry()
        if geometry is not None and not (
            window.restoreGeometry(geometry) and is_on_screen(window.geometry())
        ):
            window.setGeometry(before)
        state = self._bytes("state")
        if state is not None:
            window.restoreState(state, _STATE_VERSION)

    def save_window(self, window: QMainWindow, tab: str) -> None:
        """Remember the window's place, size and docks, and the tab in front."""
        self._set("geometry", _text(window.saveGeometry()))
        self._set("state", _text(window.saveState(_STATE_VERSION)))
        self._set("tab", tab)
        self._kept.sync()

    def reset_window(self, window: QMainWindow) -> None:
        """Forget everything but hidden names, and put docks, columns and parts back."""
        self._kept.remove(_GROUP)
        self._kept.sync()
        window.restoreState(self._window_state, _STATE_VERSION)
        for part, first in self._first.items():
            if isinstance(part, QHeaderView):
                _set_widths(part, first)
            elif isinstance(part, QSplitter):
                part.restoreState(first)

    def restore_parts(self, root: QWidget, name: str) -> None:
        """Give the tables and split parts below ``root`` their sizes back."""
        for key, header in _headers(root):
            self._follow(header, _widths(header))
            kept = self._value(f"{name}/{key}")
            widths = _widths_of(kept, _fingerprint(header))
            if widths is not None:
                _set_widths(header, widths)
        for key, splitter in _splitters(root):
            self._follow(splitter, splitter.saveState())
            state = self._bytes(f"{name}/{key}")
            if state is not None:
                splitter.restoreState(state)

    def save_parts(self, root: QWidget, name: str) -> None:
        """Remember the sizes of tables and split parts below ``root``."""
        for key, header in _headers(root):
            told = {"of": _fingerprint(header), "widths": _widths(header)}
            self._set(f"{name}/{key}", json.dumps(told))
        for key, splitter in _splitters(root):
            self._set(f"{name}/{key}", _text(splitter.saveState()))

    def follow_dialog(self, dialog: QDialog) -> None:
        """Give ``dialog`` the size it was closed with last, and remember it when it closes."""
        name = f"dialog/{type(dialog).__name__}"
        kept = self._value(name)
        size = _size_of(kept)
        screen = QGuiApplication.primaryScreen()
        if size is not None and screen is not None:
            dialog.resize(size.boundedTo(screen.availableSize()))
        dialog.finished.connect(
            lambda _result: self._set(name, f"{dialog.width()}x{dialog.height()}")
        )

    def _follow(self, part: QObject, first: Any) -> None:
        if part not in self._first:
            self._first[part] = first
            part.destroyed.connect(lambda: self._first.pop(part, None))

    def _value(self, name: str) -> Any:
        return self._kept.value(f"{_GROUP}/{name}")

    def _set(self, name: str, text: str) -> None:
        self._kept.setValue(f"{_GROUP}/{name}", text)

    def _bytes(self, name: str) -> QByteArray | None:
        kept = self._value(name)
        if not isinstance(kept, str) or not kept:
            return None
        try:
            return QByteArray(base64.b64decode(kept, validate=True))
        except (binascii.Error, ValueError):
            return None


def is_on_screen(frame: QRect) -> bool:
    """Whether enough of a window is on a screen to take hold of it."""
    for screen in QGuiApplication.screens():
        seen = screen.availableGeometry().intersected(frame).size()
        least = _LEAST_VISIBLE.boundedTo(frame.size())
        if seen.width() >= least.width() and seen.height() >= least.height():
            return True
    return False


def _headers(root: QWidget) -> Iterator[tuple[str, QHeaderView]]:
    tables = [view for view in root.findChildren(QTableView) if _is_ours(view)]
    trees = [view for view in root.findChildren(QTreeView) if _is_ours(view)]
    headers = [view.horizontalHeader() for view in tables] + [view.header() for view in trees]
    for number, header in enumerate(headers):
        if header is not None:
            yield f"table{number}", header


def _is_ours(view: QWidget) -> bool:
    """Not a table that Qt itself is made of, as the sheet of a calendar is."""
    return not view.objectName().startswith("qt_")


def _splitters(root: QWidget) -> Iterator[tuple[str, QSplitter]]:
    for number, splitter in enumerate(root.findChildren(QSplitter)):
        yield f"splitter{number}", splitter


def _fingerprint(header: QHeaderView) -> str:
    """What makes widths useless when it has changed: the columns and the size of the font."""
    model = header.model()
    names = [
        str(model.headerData(column, Qt.Orientation.Horizontal)) if model is not None else ""
        for column in range(header.count())
    ]
    return "|".join([str(header.fontMetrics().height()), *names])


def _widths(header: QHeaderView) -> list[int]:
    return [header.sectionSize(column) for column in range(header.count())]


def _widths_of(kept: Any, fingerprint: str) -> list[int] | None:
    try:
        told = json.loads(kept) if isinstance(kept, str) else None
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("of") != fingerprint:
        return None
    widths = told.get("widths")
    if not isinstance(widths, list) or not all(isinstance(width, int) for width in widths):
        return None
    return widths


def _set_widths(header: QHeaderView, widths: list[int]) -> None:
    """Only where people can change a width; the others work theirs out."""
    for column, width in enumerate(widths[: header.count()]):
        free = header.sectionResizeMode(column) == QHeaderView.ResizeMode.Interactive
        last = header.stretchLastSection() and column == header.count() - 1
        if free and not last and 0 < width < 10_000:
            header.resizeSection(column, width)


def _size_of(kept: Any) -> QSize | None:
    width, _, height = str(kept or "").partition("x")
    if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
        return None
    size = QSize(min(int(width), 20_000), min(int(height), 20_000))
    return size if size.width() >= 100 and size.height() >= 100 else None


def _text(state: QByteArray) -> str:
    return base64.b64encode(state.data()).decode("ascii")
