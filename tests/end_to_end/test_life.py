"""Starting, ending, being killed, and starting again."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from sync_program.command_line import EXIT_SETTINGS, parse_command_line
from tests.clock import PATIENCE
from tests.end_to_end.answers import Contract, problem
from tests.end_to_end.program import END_SECONDS, Demo, Program, run_program
from tests.end_to_end.stage import Stage

KEY = "Geheim-42"


def _port(program: Program) -> int:
    port = urlsplit(program.url).port
    assert port is not None
    return port


def _refuses(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_signal_ends_it_and_the_next_start_remembers(
    demo: Demo, tmp_path: Path, contract: Contract, stage: Stage, name: str
) -> None:
    stage.planned_once()
    with Program(tmp_path, demo.settings()) as program, ExitStack() as clients:
        program.wait_until_ready()
        port = _port(program)
        done = program.sync(stage.body())
        failed = program.sync(stage.body(piz="6999999"))
        for _ in range(3):  # idle clients that keep their connection
            client = clients.enter_context(
                closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE))
            )
            client.request("GET", "/health")
            client.getresponse().read()
        half = clients.enter_context(
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        )
        half.sendall(b"POST /api/sync/patient HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        demo.faults(both={"mode": "hang"})
        hanging = program.start(stage.body(date="2038-01-01"))
        program.wait_for_stage(hanging, "calldoc")
        begin = time.monotonic()
        program.process.send_signal(getattr(signal, name))
        assert program.ended(PATIENCE) == 0
        assert time.monotonic() - begin < END_SECONDS
        assert _refuses(port)
        assert program.errors() == ""
        assert program.lines.seen == [f"API ready on {program.url}"]
    demo.faults()
    with stage.nothing_written(), Program(tmp_path, demo.settings()) as again:
        again.wait_until_ready()
        assert again.status(done["task_id"]) == done
        assert again.status(failed["task_id"]) == failed
        interrupted = again.status(hanging)
        contract.check_status(interrupted)
        assert interrupted["error_code"] == "interrupted"
        assert interrupted["safe_to_retry"] is True
        assert again.get("/api/sync/active").json()["count"] == 0
        assert again.sync(stage.body())["sqlhk_sync"]["action"] == "unchanged"
        assert again.sync(stage.body(date="2038-01-01"))["error_code"] == "no_appointments"


@pytest.mark.parametrize("fault", ["calldoc", "sqlhk"])
def test_killed_while_a_sync_hangs(
    demo: Demo, tmp_path: Path, contract: Contract, stage: Stage, fault: str
) -> None:
    stage.planned_once()
    with Program(tmp_path, demo.settings()) as program:
        program.wait_until_ready()
        if fault == "calldoc":
            demo.faults(patients={"mode": "hang"})
        else:
            demo.faults(sqlhk="locked")
        with stage.nothing_written():
            task_id = program.start(stage.body())
            program.wait_for_stage(task_id, "calldoc" if fault == "calldoc" else "match")
            program.kill()
    demo.faults()
    with Program(tmp_path, demo.settings()) as again:
        again.wait_until_ready()
        status = again.status(task_id)
        contract.check_status(status)
        assert (status["status"], status["error_code"]) == ("failed", "interrupted")
        assert status["finished_at"] is not None
        created, finished = (
            datetime.fromisoformat(status[name]) for name in ("created_at", "finished_at")
        )
        assert created < finished
        problem(again.cancel(task_id), 409, "not_running")
        assert again.sync(stage.body())["sqlhk_sync"]["action"] == "created"
    assert len(stage.examinations()) == 1


def test_taken_port(program: Program, demo: Demo, tmp_path: Path) -> None:
    port = _port(program)
    with Program(tmp_path, demo.settings(), port=port) as second:
        assert second.ended(PATIENCE) == 3
        assert second.errors() == f"API not started: port {port} is in use\n"
        assert second.lines.seen == []
    assert program.get("/health").status_code == 200


def test_taken_port_of_somebody_else(demo: Demo, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with Program(tmp_path, demo.settings(), port=port) as second:
            assert second.ended(PATIENCE) == 3
            assert second.errors() == f"API not started: port {port} is in use\n"


def test_data_folder_belongs_to_one_process(program: Program, demo: Demo, tmp_path: Path) -> None:
    with Program(tmp_path, demo.settings(), data_dir=program.data_dir) as second:
        assert second.ended(PATIENCE) == 4
        (line,) = second.errors().splitlines()
        assert str(program.data_dir) in line
        assert second.lines.seen == []
    assert program.get("/health").status_code == 200


def test_version(tmp_path: Path) -> None:
    told = run_program(tmp_path, "--version")
    assert told.returncode == 0
    assert re.fullmatch(r"sync_gui_qt \S+ \(Python 3\.\d+\.\S+, \S+\)\n", told.stdout)
    assert list(tmp_path.iterdir()) == []


def test_check(demo: Demo, tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    config = demo.ready["settings_file"]
    good = run_program(tmp_path, "--check", "--data-dir", data, "--config", config)
    assert good.returncode == 0, good.stdout + good.stderr
    assert {"settings", "data folder", "calldoc", "sqlhk", "gateway", "journal"} <= {
        re.split(r"[ :]{2,}|: ", line)[1] for line in good.stdout.splitlines()
    }
    assert "PROBLEM" not in good.stdout
    demo.faults(listener="down", sqlhk="down")
    try:
        bad = run_program(tmp_path, "--check", "--data-dir", data, "--config", config)
    finally:
        demo.faults()
    assert bad.returncode == 1
    problems = [line for line in bad.stdout.splitlines() if line.startswith("PROBLEM")]
    assert sorted(line.split()[1] for line in problems) == ["calldoc:", "gateway:", "sqlhk:"]
    nothing = run_program(tmp_path, "--check", "--data-dir", data)
    assert nothing.returncode == 1
    assert nothing.stdout.count("not configured") == 2


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("[api]\nport = 5555\nprot = 1\n", 3, "api.prot"),
        ('[tasks]\n\ntimeout_seconds = "60"\n', 3, "tasks.timeout_seconds"),
        ("[tasks]\ntimeout_seconds = 61\n", 2, "tasks.timeout_seconds"),
        ("[tasks]\nworkers = true\n", 2, "tasks.workers"),
        ("# comment\n[clldoc]\n", 2, "clldoc"),
        ("[api\n", 1, "TOML"),
        ('[api]\nhost = "0.0.0.0"\n', 2, "api.key"),
        ("[log]\nlevel = 'LOUD'\n", 2, "log.level"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_bad_settings_file(tmp_path: Path, text: str, line: int, name: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    data = tmp_path / "data"
    ended = run_program(tmp_path, "--headless", "--config", str(file), "--data-dir", str(data))
    assert ended.returncode == 2
    assert ended.stdout == ""
    (told,) = ended.stderr.splitlines()
    assert f"{file}, line {line}" in told
    assert name in told
    assert not data.exists()


def test_bad_variables_and_arguments(tmp_path: Path) -> None:
    for settings, word in (
        ({"API__PRT": "1"}, "SYNC_GUI_API__PRT"),
        ({"API__PORT": "70000"}, "SYNC_GUI_API__PORT"),
        ({"CONFIG": str(tmp_path / "none.toml")}, "SYNC_GUI_CONFIG"),
    ):
        ended = run_program(tmp_path, "--headless", **settings)
        assert ended.returncode == 2
        assert word in ended.stderr
        assert "Traceback" not in ended.stderr
    for arguments in (["--prot", "1"], ["--port", "x"], ["--port", "-1"], ["more"]):
        assert run_program(tmp_path, "--headless", *arguments).returncode == 2


@pytest.mark.parametrize("name", ["--check", "--verify-receipts", "--backup=copy"])
def test_what_ends_by_itself_can_be_asked_for_by_itself_only(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    ways = ["--check", "--verify-receipts", "--backup=copy"]
    assert parse_command_line([name], "").without_window
    for other in ways:
        if other != name:
            with pytest.raises(SystemExit) as ended:
                parse_command_line([name, other], "")
            assert ended.value.code == EXIT_SETTINGS
            assert "not allowed with argument" in capsys.readouterr().err


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Program]:
    """A program with an API key and nothing else configured."""
    with Program(tmp_path, {"API__KEY": KEY}) as running:
        line = running.lines.next(30)
        assert line is not None
        running.url = line.removeprefix("API ready on ")
        yield running


def test_key_and_nothing_configured(secret: Program, contract: Contract) -> None:
    body = {"piz": "1234567", "date": "2025-10-06"}
    problem(secret.send(body), 401, "key_required")
    problem(secret.send(body, headers={"X-API-Key": "wrong"}), 401, "key_invalid")
    problem(secret.get("/api/sync/active"), 401, "key_required")
    problem(secret.get("/health/ready"), 401, "key_required")
    problem(secret.get("/nowhere"), 401, "key_required")
    for path in ("/health", "/api/docs", "/api/openapi.json", "/api/docs/swagger-ui.css"):
        assert secret.get(path).status_code == 200, path
    for headers in ({"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}):
        refused = secret.send(body, headers=headers)
        contract.check("Problem", problem(refused, 503, "not_configured"))
        assert secret.get("/api/sync/active", headers=headers).json()["count"] == 0
        checks = secret.get("/health/ready", headers=headers).json()["checks"]
        assert checks.keys() == {"journal"}
    log = (secret.data_dir / "sync_gui.log").read_text(encoding="utf-8")
    assert KEY not in log + secret.errors()


def test_safe_mode_and_disabled_plugin_and_no_qt(demo: Demo, tmp_path: Path) -> None:
    """Three starts at once; PyQt5 and pyodbc cannot be imported in any of them."""
    for module in ("PyQt5", "pyodbc"):
        package = tmp_path / "blocked" / module
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("raise ImportError('not on this machine')\n")
    arguments = {"safe": ["--safe-mode"], "out": ["--disable-plugin", "single_patient"], "all": []}
    with ExitStack() as programs:
        started = {
            name: programs.enter_context(
                Program(
                    tmp_path / name,
                    demo.settings(),
                    *options,
                    environment={"PYTHONPATH": str(tmp_path / "blocked")},
                )
            )
            for name, options in arguments.items()
        }
        for name, program in started.items():
            program.wait_until_ready()
            plugins = {
                item["name"]: item["state"]
                for item in program.get("/api/plugins").json()["plugins"]
            }
            assert plugins["host_api"] == "loaded"
            answer = requests.post(f"{program.url}/api/sync/patient", json={}, timeout=PATIENCE)
            if name == "all":
                problem(answer, 400, "invalid_request")
            else:
                problem(answer, 404, "not_found")
            if name == "out":
                assert plugins["single_patient"] == "disabled"
            if name == "safe":
                assert "single_patient" not in plugins


def test_receipts_can_be_verified(demo: Demo, tmp_path: Path, stage: Stage) -> None:
    appointment = stage.planned_once()
    with Program(tmp_path, demo.settings()) as program:
        program.wait_until_ready()
        assert program.sync(stage.body())["sqlhk_sync"]["action"] == "created"
        stage.change(appointment, employee=18)
        assert program.sync(stage.body())["sqlhk_sync"]["action"] == "updated"
        program.kill()
    data = str(program.data_dir)
    good = run_program(tmp_path, "--verify-receipts", "--data-dir", data)
    assert good.returncode == 0, good.stdout + good.stderr
    with closing(sqlite3.connect(program.data_dir / "journal.sqlite")) as journal, journal:
        (count,) = journal.execute("SELECT count(*) FROM receipt").fetchone()
        assert count >= 2
        journal.execute("DELETE FROM receipt WHERE rowid = (SELECT max(rowid) FROM receipt)")
    bad = run_program(tmp_path, "--verify-receipts", "--data-dir", data)
    assert bad.returncode == 1, bad.stdout + bad.stderr


def test_files_are_their_owners_only(program: Program) -> None:
    for file in (program.data_dir, *program.data_dir.iterdir()):
        assert file.stat().st_mode & 0o077 == 0, file.name
