from __future__ import annotations

import signal

import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication

from sync_gui.application import install_termination


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_before_the_loop_runs_ends_it_at_once(qapp: QApplication, number):
    """The API answers before the window's loop runs: whoever sees that may ask to end already."""
    lost = QTimer()
    lost.setSingleShot(True)
    lost.timeout.connect(lambda: qapp.exit(1))
    lost.start(3000)
    undo = install_termination(qapp, qapp.quit)
    try:
        signal.raise_signal(number)
        assert qapp.exec_() == 0, "the signal was lost"
    finally:
        undo()
        lost.stop()
