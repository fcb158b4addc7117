"""Runs groups of measurements, each in a folder of its own, and writes the result file."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from benchmarks import (
    counts,
    crowd,
    exe,
    heartbeat,
    long_journal,
    posting,
    process_life,
    waiting_clients,
    whole_day,
    whole_sync,
)
from benchmarks.effort import Effort
from benchmarks.machine import machine_info
from benchmarks.results import BenchmarkError, Failure, NothingToMeasureError, Row
from sync_core.errors import SyncGuiError

Measure = Callable[[Path, Effort], list[Row]]

GROUPS: Mapping[str, Measure] = {
    group.GROUP: group.measure
    for group in (
        counts,
        posting,
        waiting_clients,
        whole_sync,
        whole_day,
        crowd,
        long_journal,
        heartbeat,
        process_life,
        exe,
    )
}
"""What can be measured, by the name that the command line knows; in the order it is run."""

_GROUP_ENDS = (BenchmarkError, SyncGuiError, HTTPException, OSError, sqlite3.Error)
"""What ends one group and not the others."""


@dataclass(frozen=True)
class Report:
    """The result of a run; ``skipped`` are groups for which there is nothing to measure here."""

    machine: Mapping[str, Any]
    rows: Sequence[Row]
    failures: Sequence[Failure]
    skipped: Sequence[Failure]

    @property
    def ok(self) -> bool:
        """Whether everything that is here was measured and is within its budget."""
        return not self.failures and all(row.ok for row in self.rows)

    def write(self, path: Path) -> None:
        """Write the result file (JSON)."""
        document = {
            "ok": self.ok,
            "machine": self.machine,
            "rows": [row.as_json() for row in self.rows],
            "failures": [failure.as_json() for failure in self.failures],
            "skipped": [group.as_json() for group in self.skipped],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def run(names: Sequence[str], effort: Effort, say: Callable[[str], None]) -> Report:
    """Measure the named groups one after the other; ``say`` is told which, and how long."""
    machine = machine_info()
    rows: list[Row] = []
    failures: list[Failure] = []
    skipped: list[Failure] = []
    for name in names:
        say(f"--- {name}")
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="sync_gui_bench_") as folder:
            try:
                rows += GROUPS[name](Path(folder), effort)
            except NothingToMeasureError as error:
                skipped.append(Failure(name, str(error)))
            except _GROUP_ENDS as error:
                failures.append(Failure(name, f"{type(error).__name__}: {error}"))
        say(f"    {time.monotonic() - begin:.0f} s")
    return Report(machine, rows, failures, skipped)
