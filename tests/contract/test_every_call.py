"""Every documented call, with data as documented and data that are not, over a real socket.

The tool makes the requests from the document and checks each answer against it: status, headers,
body, whether bad data are refused and good data are not, whether other methods are, and what
comes of following the document's links.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import all_settings
from tests.contract.reading import Document
from tests.end_to_end.program import ROOT, Demo, Program, clean_environment

CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = 20251006
PHASES = {"examples", "coverage", "fuzzing", "stateful"}


class Report:
    """What the tool wrote down: ``answers`` counts phase, method, path and status."""

    def __init__(self, file: Path) -> None:
        self.answers: Counter[tuple[str, str, str, int]] = Counter()
        self.links: Counter[str] = Counter()
        for line in file.read_text(encoding="utf-8").splitlines():
            finished = json.loads(line).get("ScenarioFinished")
            if finished is not None:
                self._read(finished["phase"].lower(), finished["recorder"])

    def _read(self, phase: str, recorder: dict[str, Any]) -> None:
        for name, case in recorder.get("cases", {}).items():
            answer = recorder["interactions"].get(name, {}).get("response")
            if answer is None:
                continue  # thought of and never sent
            sent = case["value"]
            self.answers[phase, sent["method"].lower(), sent["path"], answer["status_code"]] += 1
            transition = case.get("transition")
            if transition:
                self.links[transition["id"]] += 1

    def statuses(self, method: str, path: str) -> set[int]:
        """What a call was answered with."""
        return {key[3] for key in self.answers if key[1:3] == (method, path)}


@pytest.mark.parametrize(
    "most",
    [
        pytest.param(60, id="quick", marks=pytest.mark.timeout(240)),
        pytest.param(2000, id="full", marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_every_call(tmp_path: Path, most: int) -> None:
    demo = Demo(tmp_path / "demo")
    try:
        with Program(tmp_path / "program", all_settings(demo)) as program:
            program.wait_until_ready()
            document = Document(program.get("/api/openapi.json").json())
            report = run_tool(program.url, tmp_path, most)
            assert program.get("/health").json()["status"] == "healthy"
            log = (program.data_dir / "sync_gui.log").read_text(encoding="utf-8")
    finally:
        demo.stop()
    assert " ERROR " not in log
    assert {key[0] for key in report.answers} == PHASES
    for operation in document.operations():
        answered = report.statuses(operation.method, operation.path)
        assert any(status < 300 for status in answered), operation
        assert all(status < 500 for status in answered), operation
        undocumented = {str(status) for status in answered} - operation.told["responses"].keys()
        assert not undocumented, operation
        assert 405 in set().union(
            *(report.statuses(other, operation.path) for other in ("delete", "patch", "put"))
        )
    for method, path in (("post", "/api/sync/patient"), ("post", "/api/sync")):
        assert {200, 202, 400, 415} <= report.statuses(method, path)
    assert {200, 400, 404} <= report.statuses("get", "/api/sync/status/{task_id}")
    assert {202, 404, 409} <= report.statuses("post", "/api/sync/cancel/{task_id}")
    assert len(report.links) == 4, "from each call that starts a task to its status and its end"


def run_tool(url: str, folder: Path, most: int) -> Report:
    """Let the tool loose on the program; it must find nothing. ``most`` cases a call and phase."""
    found = folder / "report.ndjson"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
            f"{url}/api/openapi.json",
            *("--checks", "all", "--mode", "all", "--continue-on-failure"),
            *("--max-examples", str(most), "--seed", str(SEED), "--generation-database", "none"),
            *("--request-timeout", "40", "--no-color", "--output-truncate", "false"),
            *("--report", "ndjson", "--report-ndjson-path", str(found)),
        ],
        cwd=folder,
        env={**clean_environment(folder), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    return Report(found)
