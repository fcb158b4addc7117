from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PyQt5.QtWidgets import QApplication, QLineEdit, QPushButton

from sync_gui.style import apply_style, style_sheet, system_font
from tests.clock import AT_ONCE, PATIENCE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_program_promptly_without_asking(number, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gui.ending_program", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    try:
        assert process.stdout.readline() == "ready\n"
        begin = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        taken = time.monotonic() - begin
    finally:
        process.kill()
        process.wait(PATIENCE)
    assert process.returncode == 0
    assert taken < AT_ONCE
    assert out == "left []\n"
    # A fault in a slot was logged on the way and ended nothing.
    assert "unexpected fault in the window" in err
    assert "ZeroDivisionError" in err


def test_the_style_knows_the_roles_that_panels_use(qapp):
    apply_style(qapp)
    sheet = qapp.styleSheet()
    for role in (
        'QPushButton[role="primary"]',
        'QPushButton[role="danger"]',
        'QLabel[role="heading"]',
        'QLabel[role="hint"]',
        'QLabel[role="error"]',
        'QLabel[role="big"]',
        'QLineEdit[invalid="true"]',
        'QFrame[role="card"]',
        'QFrame[role="counter"]',
    ):
        assert role in sheet
    assert "$" not in sheet


def test_lengths_follow_the_font(qapp):
    small, large = system_font(), system_font()
    large.setPointSizeF(small.pointSizeF() * 2)
    assert style_sheet(small) != style_sheet(large)
    button, big = QPushButton("Synchronisieren"), QPushButton("Synchronisieren")
    button.setStyleSheet(style_sheet(small))
    button.setFont(small)
    big.setStyleSheet(style_sheet(large))
    big.setFont(large)
    assert big.sizeHint().height() > 1.7 * button.sizeHint().height()


def test_the_focus_ring_and_wrong_input_can_be_seen(qtbot, qapp: QApplication):
    apply_style(qapp)
    field = QLineEdit("123")
    qtbot.addWidget(field)
    field.show()
    qtbot.waitExposed(field)
    field.clearFocus()
    calm = field.grab().toImage()
    field.setProperty("invalid", "true")
    field.style().unpolish(field)
    field.style().polish(field)
    assert field.grab().toImage() != calm
    field.setProperty("invalid", "false")
    field.style().unpolish(field)
    field.style().polish(field)
    assert field.grab().toImage() == calm
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    assert field.grab().toImage() != calm
