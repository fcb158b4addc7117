"""Sizes of windows, in heights of the font, never larger than the screen."""

from __future__ import annotations

from PyQt5.QtCore import QSize
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QWidget

_SHARE_OF_SCREEN = 0.94


def fit(window: QWidget, width: float, height: float) -> None:
    """Give ``window`` a size of ``width`` by ``height`` font heights, if the screen has room."""
    window.resize(_on_screen(window, width, height))


def set_least(window: QWidget, width: float, height: float) -> None:
    """Let ``window`` become no smaller than that, unless the screen is."""
    window.setMinimumSize(_on_screen(window, width, height))


def _on_screen(window: QWidget, width: float, height: float) -> QSize:
    em = window.fontMetrics().height()
    wanted = QSize(round(em * width), round(em * height))
    screen = QGuiApplication.primaryScreen()
    if screen is not None:
        wanted = wanted.boundedTo(screen.availableSize() * _SHARE_OF_SCREEN)
    return wanted
