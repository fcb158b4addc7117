"""The one-file program, started, used and ended in every way, on Linux and in Wine."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.packaging.exe import END_SECONDS, START_SECONDS, ExeProgram, System, free_port, is_free

MAX = {"piz": "1234567", "date": "2025-10-06", "appointment_type_id": 24}


@pytest.fixture
def demo(system: System, tmp_path: Path) -> Iterator[ExeProgram]:
    """The EXE with simulated systems and no window."""
    with ExeProgram(system, tmp_path / "d", "--demo", "--headless", "--port", "0") as program:
        yield program.wait_until_ready()


def test_the_command_line_tells_and_refuses(system: System) -> None:
    code, told = system.run("--version")
    assert code == 0
    assert re.fullmatch(r"sync_gui_qt \d+\.\d+\.\d+ \(Python 3\.\d+\.\d+, \w+\)\n", told)
    code, told = system.run("--nonsense")
    assert code == 2
    assert "unrecognized arguments: --nonsense" in told
    system.wait_until_gone()


def test_the_documentation_needs_no_internet(demo: ExeProgram) -> None:
    page = demo.get("/api/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "http" not in page.headers["Content-Security-Policy"], "a browser may ask others"
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


def test_a_second_window_brings_the_first_to_the_front(system: System, tmp_path: Path) -> None:
    with ExeProgram(system, tmp_path / "d", "--demo", "--port", "0") as program:
        program.wait_until_ready()
        system.display.wait_for("Sync GUI", START_SECONDS)
        code, _ = system.run("--demo", "--data-dir", system.path(program.data_dir))
        assert code == 0
        assert program.get("/health").status_code == 200


def test_it_needs_no_console(system: System, tmp_path: Path) -> None:
    port = free_port()
    arguments = ("--demo", "--headless", "--port", str(port))
    with ExeProgram(system, tmp_path / "d", *arguments, streams=False) as program:
        program.wait_for_health(f"http://127.0.0.1:{port}")
        assert program.sync(MAX)["status"] == "completed"
        assert program.get("/no/such/page").status_code == 404


def test_a_window_needs_no_console(system: System, tmp_path: Path) -> None:
    port = free_port()
    arguments = ("--demo", "--port", str(port))
    with ExeProgram(system, tmp_path / "d", *arguments, streams=False) as program:
        program.wait_for_health(f"http://127.0.0.1:{port}")
        system.display.wait_for("Sync GUI", START_SECONDS)
        assert program.sync(MAX)["status"] == "completed"
        system.display.close_window("Sync GUI")
        system.wait_until_gone()
        assert is_free(port)


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


@pytest.mark.parametrize("system", ["linux"], indirect=True)
def test_a_service_manager_ends_it(system: System, demo: ExeProgram) -> None:
    """SIGTERM to the process that was started, which is the one that unpacked the program."""
    demo.process.terminate()
    assert demo.ended(END_SECONDS) == 0
    system.wait_until_gone()
    assert is_free(demo.port)
