"""The program under :mod:`benchmarks.traced_program`, and what it sent to SQLHK."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import ROOT, Demo, Program

_LAUNCHER = ROOT / "benchmarks" / "traced_program.py"


class Trace:
    """The batches that a traced program has sent; ask it while no sync runs."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._read = 0

    def new_batches(self) -> Sequence[str]:
        """The batches since the last call, as SQL without values."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        fresh = lines[self._read :]
        self._read = len(lines)
        return fresh


def start_traced(folder: Path, demo: Demo, delay_ms: float) -> tuple[Program, Trace]:
    """The program, starting without a window, with ``delay_ms`` for each of SQLHK's batches."""
    folder.mkdir(parents=True, exist_ok=True)
    trace = Trace(folder / "batches.txt")
    entry = [sys.executable, str(_LAUNCHER), str(trace.file), demo.database.name, str(delay_ms)]
    return Program(folder, demo.settings(), entry=entry), trace
