from __future__ import annotations

import sys

import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QApplication, QMessageBox

from sync_program.start_problem import tell_start_problem

PROBLEM = "sync_gui.toml, line 3: <b>unknown</b> name `calldok`"


def test_it_is_printed_where_there_is_somewhere(capfd, qtbot):
    tell_start_problem(PROBLEM)
    assert capfd.readouterr().err == PROBLEM + "\n"
    assert QApplication.activeModalWidget() is None


def test_without_a_console_a_box_shows_it_as_it_is(monkeypatch: pytest.MonkeyPatch, qtbot):
    monkeypatch.setattr(sys, "__stderr__", None)
    shown = []

    def look_and_close():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        shown.append((box.text(), box.textFormat()))
        box.accept()

    QTimer.singleShot(0, look_and_close)
    tell_start_problem(PROBLEM)
    ((text, form),) = shown
    assert text.startswith("Das Programm kann nicht gestartet werden.")
    assert text.endswith(PROBLEM)
    assert form == Qt.TextFormat.PlainText
