"""The demo's systems as a process, and the folder that it leaves."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from demo.sqlhk_database import fingerprint
from demo.systems import DemoSystems
from tests.clock import AT_ONCE, PATIENCE
from tests.demo.client import appointments_url, call, request

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 9)

pytestmark = pytest.mark.process


class Demo:
    """A running ``python -m demo``."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo", "--folder", str(folder), *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def end(self) -> tuple[int, str, str]:
        """Exit code, further standard output, standard error; it must be ending already."""
        begin = time.monotonic()
        output, errors = self.process.communicate(timeout=20)
        assert time.monotonic() - begin < AT_ONCE
        return self.process.returncode, output, errors

    def __enter__(self) -> Demo:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


@pytest.mark.parametrize("way", ["SIGTERM", "SIGINT", "stdin"])
def test_start_answer_and_end_with_hung_clients(tmp_path: Path, way: str) -> None:
    with Demo(tmp_path / "folder with ümlaut", "--today", "2026-03-09") as demo:
        ready = demo.ready
        assert ready["pid"] == demo.process.pid
        day = appointments_url(ready["calldoc_base_url"], "2026-03-09", appointment_type_id=24)
        assert call("GET", day)["data"][0]["piz"] == "1234567"
        call("PUT", f"{ready['control_url']}/faults", {"both": {"mode": "hang"}})
        port = int(ready["patient_url"].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as hung:
            hung.sendall(b"GET /api/v1/frontend/patient_search/?piz=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            deadline = time.monotonic() + PATIENCE
            while not call("GET", f"{ready['control_url']}/state")["running"]:
                assert time.monotonic() < deadline
            if way == "stdin":
                assert demo.process.stdin is not None
                demo.process.stdin.close()
                demo.process.stdin = None
            else:
                demo.process.send_signal(getattr(signal, way))
            assert demo.end() == (0, "", "")
            assert hung.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            request("GET", day)


def test_runs_on_without_a_pipe_as_stdin(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", "--folder", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert call("GET", f"{ready['control_url']}/state")["appointments"] > 80
    assert process.poll() is None
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo:
        call("PUT", f"{demo.ready['control_url']}/faults", {"sqlhk": "locked"})
        demo.process.kill()
        demo.process.communicate(timeout=20)
        database = Path(demo.ready["database_path"])
    with closing(sqlite3.connect(database, timeout=0)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")


def test_given_ports_are_used_and_taken_ports_refused(tmp_path: Path) -> None:
    with DemoSystems.start(tmp_path / "a", today=TODAY) as first:
        taken = first.calldoc.port
        with pytest.raises(OSError):
            DemoSystems.start(tmp_path / "b", today=TODAY, port=taken)
        with pytest.raises(OSError):
            DemoSystems.start(tmp_path / "b", today=TODAY, control_port=taken)
    with DemoSystems.start(tmp_path / "b", today=TODAY, port=taken) as second:
        assert second.calldoc.port == taken


def test_results_survive_a_restart(tmp_path: Path) -> None:
    with DemoSystems.start(tmp_path, today=TODAY) as systems:
        path = systems.database_path
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "INSERT INTO Untersuchung (PatientID, Datum) VALUES (815, '06.10.2025')"
            )
        synchronised = fingerprint(path)
    with DemoSystems.start(tmp_path, today=TODAY):
        assert fingerprint(path) == synchronised
    with DemoSystems.start(tmp_path, today=date(2026, 3, 10)):
        later = fingerprint(path)
        assert later != synchronised


def test_settings_file(systems: DemoSystems) -> None:
    settings = tomllib.loads(systems.settings_file.read_text(encoding="utf-8"))
    assert settings == {
        "calldoc": {"base_url": systems.calldoc_base_url, "patient_url": systems.patient_url},
        "sqlhk": {"url": systems.sqlhk_url},
        "gateway": {"url": systems.gateway_url},
    }
    assert systems.settings_file.name == "sync_gui.demo.toml"
    assert systems.calldoc_base_url.startswith("http://127.0.0.1:")
    assert systems.calldoc_base_url.endswith("/api/v1/frontend")
