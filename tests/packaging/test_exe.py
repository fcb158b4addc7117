"""The one-file program, started, used and ended in every way, on Linux and in Wine."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import statistics
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT  # puts the scripts on the search path

# isort: split
from tests.packaging.exe import END_SECONDS, START_SECONDS, ExeProgram, System
from version_resource import version_texts

MAX = {"piz": "1234567", "date": "2025-10-06", "appointment_type_id": 24}
STARTS = 5


@pytest.fixture
def demo(system: System, tmp_path: Path) -> Iterator[ExeProgram]:
    """The EXE with simulated systems and no window."""
    with ExeProgram(system, tmp_path / "d", "--demo", "--headless", "--port", "0") as program:
        yield program.wait_until_ready()


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_command_line_tells_and_refuses(system: System) -> None:
    code, told = system.run("--version")
    assert code == 0
    assert re.fullmatch(r"sync_gui_qt \d+\.\d+\.\d+ \(Python 3\.\d+\.\d+, \w+\)\n", told)
    code, told = system.run("--nonsense")
    assert code == 2
    assert "unrecognized arguments: --nonsense" in told
    system.wait_until_gone()


def test_it_answers_within_its_budget(system: System, tmp_path: Path) -> None:
    seconds = []
    for _ in range(STARTS + 1):  # the first makes the data folder
        with ExeProgram(system, tmp_path / "d", "--demo", "--headless", "--port", "0") as program:
            program.wait_until_ready()
            seconds.append(program.seconds_until_ready)
        system.wait_until_gone()
    print(f"{system.name}: seconds until the first answer: {[round(one, 1) for one in seconds]}")
    # Where more programs want to run than there are cores, each gets its share only.
    share = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert statistics.median(seconds[1:]) <= system.seconds * share, (seconds, share)


def test_the_documentation_needs_no_internet(demo: ExeProgram) -> None:
    page = demo.get("/api/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"/api/docs/swagger-ui-bundle.js", "/api/docs/swagger-ui.css"} <= set(assets)
    for asset in assets:
        answer = demo.get(asset)
        assert answer.status_code == 200, asset
        assert len(answer.content) > 100
    document = demo.get("/api/openapi.json").json()
    assert "/api/sync/patient" in document["paths"]


def test_a_whole_sync(demo: ExeProgram) -> None:
    status = demo.sync(MAX)
    assert status["status"] == "completed", status
    assert status["sqlhk_sync"]["action"] == "created"
    assert demo.sync(MAX)["sqlhk_sync"]["action"] == "unchanged"
    plugins = demo.get("/api/plugins").json()["plugins"]
    assert {plugin["state"] for plugin in plugins} == {"loaded"}


def test_a_taken_port_and_a_taken_folder(system: System, demo: ExeProgram, tmp_path: Path) -> None:
    port = ("--port", str(demo.port))
    other = ("--data-dir", system.path(tmp_path / "other"))
    code, told = system.run("--demo", "--headless", *port, *other)
    assert (code, told) == (3, f"API not started: port {demo.port} is in use\n")
    same = ("--data-dir", system.path(demo.data_dir))
    code, told = system.run("--demo", "--headless", "--port", "0", *same)
    assert code == 4
    assert "is in use by another process" in told
    assert demo.get("/health").status_code == 200


def test_a_port_that_another_program_holds(system: System, tmp_path: Path) -> None:
    with closing(socket.socket()) as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = str(holder.getsockname()[1])
        folder = system.path(tmp_path / "d")
        code, told = system.run("--demo", "--headless", "--port", port, "--data-dir", folder)
    assert (code, told) == (3, f"API not started: port {port} is in use\n")


def test_closing_the_window_leaves_nothing(system: System, tmp_path: Path) -> None:
    with ExeProgram(system, tmp_path / "d", "--demo", "--port", "0") as program:
        program.wait_until_ready()
        system.display.wait_for("Sync GUI", START_SECONDS)
        assert len(system.processes()) >= 2
        assert system.unpacked()
        system.display.close_window("Sync GUI")
        assert program.ended(END_SECONDS) == 0
        system.wait_until_gone()
        assert is_free(program.port)


def test_a_second_window_brings_the_first_to_the_front(system: System, tmp_path: Path) -> None:
    with ExeProgram(system, tmp_path / "d", "--demo", "--port", "0") as program:
        program.wait_until_ready()
        system.display.wait_for("Sync GUI", START_SECONDS)
        code, _ = system.run("--demo", "--data-dir", system.path(program.data_dir))
        assert code == 0
        assert program.get("/health").status_code == 200


def test_it_needs_no_console(system: System, tmp_path: Path) -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    arguments = ("--demo", "--headless", "--port", port)
    with ExeProgram(system, tmp_path / "d", *arguments, streams=False) as program:
        program.wait_for_health(f"http://127.0.0.1:{port}")
        assert program.sync(MAX)["status"] == "completed"
        assert program.get("/no/such/page").status_code == 404


@pytest.mark.parametrize("which", ["starter", "program"])
def test_a_killed_process_takes_the_other_along(system: System, tmp_path: Path, which: str) -> None:
    folder = tmp_path / "d"
    with ExeProgram(system, folder, "--demo", "--headless", "--port", "0") as program:
        program.wait_until_ready()
        done = program.sync(MAX)
        starter, *rest = system.processes()
        program.kill([starter] if which == "starter" else rest)
        system.wait_until_no_process()
        assert is_free(program.port)
    with ExeProgram(system, folder, "--demo", "--headless", "--port", "0") as again:
        again.wait_until_ready()
        assert again.get(f"/api/sync/status/{done['task_id']}").json() == done


def test_the_odbc_driver_manager_is_in_it(system: System, tmp_path: Path) -> None:
    code, told = system.run(
        "--check",
        "--data-dir",
        system.path(tmp_path / "d"),
        SQLHK__URL="mssql+pyodbc://sync_gui@127.0.0.1:9/SQLHK?driver=No+Such+Driver",
        SQLHK__PASSWORD_ENV="SYNC_GUI_TEST_PASSWORD",
        TEST_PASSWORD="invented",
    )
    assert code == 1
    (line,) = [line for line in told.splitlines() if "sqlhk" in line]
    assert line.startswith("PROBLEM  sqlhk: "), told
    assert "ODBC driver" in line, told
    assert "Error" not in line
    assert "Traceback" not in told


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A data folder with the journal of a version to come."""
    folder = tmp_path / "newer"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
        journal.execute("PRAGMA user_version = 999")
    return folder


def test_a_journal_of_a_newer_version_is_refused(system: System, newer: Path) -> None:
    before = (newer / "journal.sqlite").read_bytes()
    code, told = system.run("--demo", "--headless", "--port", "0", "--data-dir", system.path(newer))
    assert code == 2
    assert "was written by a newer version of the program" in told
    assert (newer / "journal.sqlite").read_bytes() == before


def test_without_a_console_the_window_says_what_is_wrong(system: System, newer: Path) -> None:
    with ExeProgram(system, newer, "--demo", "--port", "0", streams=False):
        system.display.wait_for("Sync GUI", START_SECONDS)
        system.display.close_window("Sync GUI")
        system.wait_until_gone()


def assert_windows_knows_what_it_is(system: System) -> None:
    _, told = system.run("--version")
    version = told.split()[1]
    program = system.exe.read_bytes()
    head = struct.unpack_from("<I", program, 0x3C)[0]
    assert program[head : head + 4] == b"PE\0\0"
    assert struct.unpack_from("<H", program, head + 24 + 68)[0] == 2, "not a windowed program"
    for name, text in version_texts(version).items():
        pair = f"{name}\0".encode("utf-16-le")
        (place,) = {match.start() for match in re.finditer(re.escape(pair), program)}
        assert text.encode("utf-16-le") in program[place : place + 200]


def test_the_papers_lie_beside_it(system: System) -> None:
    built = ROOT / "dist" / system.name
    bill = json.loads((built / "sync_gui_qt.cdx.json").read_text("utf-8"))
    names = {component["name"] for component in bill["components"]}
    assert {"cpython", "openssl", "sqlite", "Flask", "PyQt5", "PyQt5-Qt5", "pyodbc"} <= names
    assert not names & {"mssql-python", "pytest", "setuptools", "pip"}
    licences = (built / "THIRD-PARTY-LICENCES.txt").read_text("utf-8")
    for name in ("Flask", "PyQt5", "SQLAlchemy", "Werkzeug"):
        assert re.search(rf"^{name} \d", licences, re.MULTILINE), name
    assert list(built.glob("sync_gui-*-source.zip"))
    if system.name == "windows":
        assert_windows_knows_what_it_is(system)
