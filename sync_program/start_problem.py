"""Why the program with a window could not start, told where people see it."""

from __future__ import annotations

import sys

from sync_program.console import say_problem

_TITLE = "Sync GUI"
_GERMAN = (
    "Das Programm kann nicht gestartet werden. Bitte die IT verständigen und ihr diese Meldung "
    "zeigen:"
)


def tell_start_problem(text: str) -> None:
    """Print ``text``; a windowed EXE has nowhere to print, so it shows a box and waits for its end.

    ``text`` is one English line. Only for starts with a window: nobody would close the box of
    others.
    """
    say_problem(text)
    if sys.__stderr__ is None:
        from PyQt5.QtCore import Qt  # noqa: PLC0415 - for this box only
        from PyQt5.QtWidgets import QApplication, QMessageBox  # noqa: PLC0415

        application = QApplication.instance() or QApplication([])
        box = QMessageBox(QMessageBox.Icon.Critical, _TITLE, f"{_GERMAN}\n\n{text}")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.exec_()
        del application  # it had to live until here
