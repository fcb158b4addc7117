"""The one-file program for Linux: how large it is, how soon it answers, how soon it is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.process_life import IDLE_CLIENTS, close_with_clients, start_again
from benchmarks.processes import ROOT, WITH_WINDOW, Demo
from benchmarks.results import NothingToMeasureError, Row

GROUP = "exe"

_EXE = ROOT / "dist" / "linux" / "sync_gui_qt"
_MOST_MEGABYTES = 60
_START_SECONDS = 5
_CLOSE_SECONDS = 3
_ASK_SECONDS = 120


def measure(folder: Path, effort: Effort) -> list[Row]:
    """With Qt's *offscreen* window. Raises ``NothingToMeasureError`` without a program of today."""
    if not _is_current():
        raise NothingToMeasureError("no up-to-date program in dist/linux; see dev.py build")
    entry = (str(_EXE),)
    with Demo(folder / "demo") as demo:
        start, starts = start_again(folder / "start", demo, WITH_WINDOW, effort.starts, entry)
        closes = close_with_clients(folder / "close", demo, effort.closes, entry)
    size = _EXE.stat().st_size / 1e6
    close = f"close with {IDLE_CLIENTS} idle kept connections, EXE: slowest"
    return [
        Row(GROUP, "size of the EXE", size, _MOST_MEGABYTES, "MB"),
        Row(GROUP, "start until /health answers, EXE: median", start, _START_SECONDS, "s", starts),
        Row(GROUP, close, max(closes), _CLOSE_SECONDS, "s", {"all": closes}),
    ]


def _is_current() -> bool:
    if sys.platform != "linux" or not _EXE.exists():
        return False
    script = ROOT / "packaging" / "build_exe.py"
    asked = [sys.executable, str(script), "--is-current"]
    return subprocess.run(asked, cwd=ROOT, timeout=_ASK_SECONDS, check=False).returncode == 0
