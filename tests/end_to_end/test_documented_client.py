"""The client that the documentation shows, unchanged: a process of its own, on the real port."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.end_to_end.program import END_SECONDS, ROOT, Program, clean_environment

PORT = 5555

CLIENT = """
import json

import requests

from calldoc_interface import CallDocInterface

calldoc_client = CallDocInterface("2025-10-06", "2025-10-06")
appointments = calldoc_client.appointment_search(appointment_type_id=24)
test_piz = appointments["data"][0]["piz"]

response = requests.post(
    "http://localhost:5555/api/sync/patient",
    json={"piz": test_piz, "date": "2025-10-06"}
)
task_id = response.json()["task_id"]
while True:
    status = requests.get(f"http://localhost:5555/api/sync/status/{task_id}").json()
    if status["status"] in ("completed", "failed"):
        break
print(json.dumps(status))
"""


def _free(port: int) -> bool:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with closing(socket.socket(family)) as probe:
                probe.settimeout(1)
                if probe.connect_ex((address, port)) == 0:
                    return False
        except OSError:
            continue  # this machine has no such address
    return True


def test_documented_client(tmp_path: Path) -> None:
    if not _free(PORT):
        pytest.skip(f"port {PORT} is in use on this machine")
    client = tmp_path / "client.py"
    client.write_text(CLIENT, encoding="utf-8")
    with Program(tmp_path / "program", {}, "--demo", port=PORT) as program:
        program.wait_until_ready()
        assert program.url == f"http://127.0.0.1:{PORT}"
        settings_file = program.data_dir / "sync_gui.demo.toml"
        statuses = []
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, str(client)],
                cwd=tmp_path,
                env={
                    **clean_environment(tmp_path, CONFIG=str(settings_file)),
                    "PYTHONPATH": str(ROOT),
                },
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            statuses.append(json.loads(done.stdout))
        assert [status["status"] for status in statuses] == ["completed", "completed"]
        assert [status["sqlhk_sync"]["action"] for status in statuses] == ["created", "unchanged"]
        assert statuses[0]["patient"]["piz"] == "1234567"
        assert program.terminate() < END_SECONDS
    assert program.lines.seen == [f"API ready on http://127.0.0.1:{PORT}"]
    assert program.errors() == ""
