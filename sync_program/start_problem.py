"""Why the program with a window could not start, told where people see it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from sync_program.console import say_problem

_TITLE = "Sync GUI"
_GERMAN = (
    "Das Programm kann nicht gestartet werden. Bitte die IT verständigen und ihr diese Meldung "
    "zeigen:"
)
_UNSEEN = ("offscreen", "minimal", "vnc")
"""Displays of Qt that nobody sits in front of."""


def tell_start_problem(text: str) -> None:
    """Print ``text``, and where somebody may see it show it in a box and wait for its end.

    ``text`` is one English line. Only for starts with a window: nobody would close the box of
    others. A windowed EXE has nowhere to print, so it shows the box in any case.
    """
    say_problem(text)
    if sys.__stderr__ is None or has_screen(sys.platform, os.environ):
        from PyQt5.QtCore import Qt  # noqa: PLC0415 - for this box only
        from PyQt5.QtWidgets import QApplication, QMessageBox  # noqa: PLC0415

        application = QApplication.instance() or QApplication([])
        box = QMessageBox(QMessageBox.Icon.Critical, _TITLE, f"{_GERMAN}\n\n{text}")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.exec_()
        del application  # it had to live until here


def has_screen(platform: str, environ: Mapping[str, str]) -> bool:
    """Whether Qt has a screen to show a window on; without one it would end the process.

    ``platform`` is Python's name of the system.
    """
    if environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in _UNSEEN:
        return False
    return platform in ("win32", "darwin") or any(
        environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
