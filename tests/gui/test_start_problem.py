from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QApplication, QMessageBox

from sync_program.start_problem import has_screen, tell_start_problem
from tests.end_to_end.program import ROOT, START_SECONDS, clean_environment
from tests.packaging.x_display import Display

PROBLEM = "sync_gui.toml, line 3: <b>unknown</b> name `calldok`"

WITH_X = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="there is no X server")


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


@pytest.mark.parametrize(
    ("platform", "environ", "there"),
    [
        ("win32", {}, True),
        ("darwin", {}, True),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        ("win32", {"QT_QPA_PLATFORM": "minimal:enable_fonts"}, False),
        ("linux", {"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, True),
    ],
)
def test_where_somebody_may_see_a_box(platform, environ, there):
    assert has_screen(platform, environ) is there


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    made = Display()
    yield made
    made.close()


def started(folder: Path, screen: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**clean_environment(folder), "DISPLAY": screen, "QT_QPA_PLATFORM": "xcb"}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "sync_gui_qt.py"), *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.process
@WITH_X
@pytest.mark.parametrize("content", [None, "[calldok]\n"], ids=["missing", "broken"])
def test_a_settings_file_that_cannot_be_read_is_told_in_a_window_too(display, tmp_path, content):
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    process = started(tmp_path, display.name, "--config", str(file))
    try:
        display.wait_for("Sync GUI", START_SECONDS)
        assert process.poll() is None
        display.close_window("Sync GUI")
        out, err = process.communicate(timeout=START_SECONDS)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 2
    assert out == ""
    assert str(file) in err
    assert err.startswith("sync_gui_qt: ")


@pytest.mark.process
@WITH_X
@pytest.mark.parametrize("mode", ["--headless", "--check"])
def test_nobody_is_shown_a_box_where_no_window_was_asked_for(display, tmp_path, mode):
    process = started(tmp_path, display.name, mode, "--config", str(tmp_path / "none.toml"))
    try:
        _out, err = process.communicate(timeout=START_SECONDS)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, len(err.splitlines())) == (2, 1)
