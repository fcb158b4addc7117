"""The program with its window, as a process: what closing it leaves behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

from tests.clock import PATIENCE
from tests.end_to_end.program import END_SECONDS, ROOT, START_SECONDS, Lines, clean_environment

pytestmark = pytest.mark.process

# The user's click on the window's cross, made when a line arrives on standard input.
LAUNCHER = """
import sys, threading
from PyQt5.QtCore import QMetaObject, Qt
from PyQt5.QtWidgets import QApplication, QMainWindow
import sync_gui_qt

def close_when_told():
    sys.stdin.readline()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QMainWindow):
            QMetaObject.invokeMethod(widget, "close", Qt.ConnectionType.QueuedConnection)

threading.Thread(target=close_when_told, daemon=True).start()
sys.exit(sync_gui_qt.main())
"""
READY = "API ready on "


@pytest.fixture
def window(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            LAUNCHER,
            "--demo",
            "--port",
            "0",
            "--data-dir",
            str(tmp_path / "d"),
        ],
        cwd=ROOT,
        env={**clean_environment(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield process
    process.kill()
    process.wait(END_SECONDS)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


def test_closing_the_window_ends_the_api_and_the_process(window: subprocess.Popen[str]) -> None:
    lines = Lines(window)
    try:
        line = lines.next(START_SECONDS)
        assert line is not None
        assert line.startswith(READY)
        url = line.removeprefix(READY).strip()
        with requests.Session() as kept_alive:
            health = kept_alive.get(f"{url}/health", timeout=PATIENCE)
            assert health.json()["status"] == "healthy"
            plugins = kept_alive.get(f"{url}/api/plugins", timeout=PATIENCE).json()["plugins"]
            panels = {item["name"]: item["panels"] for item in plugins}
            assert panels["single_patient"] == ["single_patient"]
            clicked = time.monotonic()
            _say(window.stdin)
            assert window.wait(START_SECONDS) == 0
            assert time.monotonic() - clicked < END_SECONDS
    finally:
        window.kill()
        lines.end()
    port = int(url.rpartition(":")[2])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def _say(stream: IO[str] | None) -> None:
    assert stream is not None
    stream.write("close\n")
    stream.flush()
