"""The benchmarks run: the one that counts instead of timing, whose figures are always the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import runner
from benchmarks.effort import QUICK
from benchmarks.results import NothingToMeasureError, Row, percentile, table

ROOT = Path(__file__).parents[2]


@pytest.mark.process
def test_calls_and_batches_are_counted_and_within_their_budgets(tmp_path):
    file = tmp_path / "deeper" / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", str(file), "counts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["ok"] is True
    assert document["failures"] == []
    assert document["machine"]["cores"] >= 1
    measured = {row["name"]: row["measured"] for row in document["rows"]}
    # Exact, so that a listener that hears nothing does not pass for a program that asks nothing.
    assert measured == {
        "CallDoc calls of a sync": 2,
        "CallDoc calls, nothing of the type found": 3,
        "SQL batches, everything unchanged": 7,
        "SQL batches, new patient and examination": 10,
    }
    for row in document["rows"]:
        batches = row["details"].get("batches")
        if batches is not None:
            assert (batches[0], batches[-1]) == ("BEGIN IMMEDIATE", "COMMIT")
        assert row["name"] in done.stdout


def test_an_unknown_name_is_refused():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([3.0], 99, 3.0), ([4.0, 1.0, 3.0, 2.0], 50, 2.0), (list(range(1, 101)), 99, 99)],
)
def test_percentile(values, percent, expected):
    assert percentile(values, percent) == expected


def test_a_figure_above_its_budget_is_over():
    assert Row("group", "name", 10, 10, "ms").ok
    assert not Row("group", "name", 10.1, 10, "ms").ok


def test_a_group_without_anything_to_measure_is_told_and_no_failure(monkeypatch):
    def measure(folder, effort):
        raise NothingToMeasureError("not built")

    monkeypatch.setitem(runner.GROUPS, "exe", measure)
    report = runner.run(["exe"], QUICK, lambda text: None)
    assert report.ok
    assert "exe: skipped: not built" in table(report.rows, report.failures, report.skipped)
