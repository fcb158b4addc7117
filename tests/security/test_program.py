"""The real program: what its answers, its log and its files give away, and what stops a crowd."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import stat
import statistics
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from demo.sqlhk_database import fingerprint
from tests.clock import AT_ONCE, PATIENCE
from tests.end_to_end.answers import problem
from tests.end_to_end.program import END_SECONDS, ROOT, Demo, Program, until
from tests.end_to_end.stage import Stage
from tests.security.conftest import QUEUE_LIMIT

needs_modes = pytest.mark.skipif(os.name != "posix", reason="files have no modes here")

EVIL = "Böse\r\n2026-01-01 ERROR gefälscht\x1b[2J\u202egnp.exe\u2028neu"
TELLTALES = re.compile(
    r"Traceback|File \"|\.py\b|line \d+|sqlite|sqlalchemy|werkzeug|flask|waitress|marshmallow|"
    r"python|SELECT |INSERT |UPDATE |Exception|Error:|object at 0x",
    re.IGNORECASE,
)


def everything_logged(program: Program) -> str:
    files = sorted(program.data_dir.glob("sync_gui.log*"))
    return "".join(file.read_bytes().decode() for file in files) + program.errors()


def test_error_answers_tell_nothing_of_the_inside(program: Program, demo: Demo) -> None:
    url = f"{program.url}/api/sync"
    json_type = {"Content-Type": "application/json"}
    answers = [
        program.get("/api/nothing"),
        program.get("/api/docs/../../setup.py"),
        program.get("/api/docs/__init__.py"),
        program.get("/api/sync/status/%00"),
        program.get("/api/sync/history?page=-1&kind=' OR 1=1"),
        program.get("/api/sync/history?page=99999999999999999999"),
        program.get("/api/sync/status/x?wait=1e9"),
        program.get("/health", headers={"Host": "evil"}),
        program.get("/health", headers={"Origin": "evil"}),
        requests.put(f"{url}/patient", timeout=PATIENCE),
        requests.post(f"{url}/patient", data="x", timeout=PATIENCE),
        requests.post(f"{url}/patient", data="{" * 9999, headers=json_type, timeout=PATIENCE),
        requests.post(f"{url}/patient", data="\xff", headers=json_type, timeout=PATIENCE),
        requests.post(f"{url}/patient", data=" " * 70_000, headers=json_type, timeout=PATIENCE),
        program.send({"piz": {"$gt": ""}, "date": ["x"], "__class__": "x"}),
        program.send({"piz": "1", "date": "2025-10-06", "plan_token": "' --"}),
        requests.post(f"{url}/cancel/x'; DROP TABLE task", timeout=PATIENCE),
    ]
    inside = (str(ROOT), str(Path.home()), str(program.data_dir), str(demo.database), sys.prefix)
    for answer in answers:
        assert 400 <= answer.status_code < 500
        told = f"{answer.text} {dict(answer.headers)}"
        assert TELLTALES.search(told) is None, told
        assert not [path for path in inside if path in told]


def test_sql_in_every_field(program: Program, stage: Stage) -> None:
    stage.planned_once()
    before = fingerprint(stage.demo.database)
    tried = ("'; DROP TABLE Patient; --", "1 OR 1=1", "1); DELETE FROM Untersuchung; --")
    for text in tried:
        for name in ("piz", "date", "appointment_type_id", "plan_token", "expected_birth_date"):
            problem(program.send(stage.body(**{name: text})), 400, "invalid_request")
        for query in ("page", "page_size", "status", "kind"):
            answer = program.get("/api/sync/history", params={query: text})
            assert answer.status_code in (200, 400)
            assert query == "kind" or answer.status_code == 400
            assert answer.json().get("count", 0) == 0
    assert fingerprint(stage.demo.database) == before


def test_nobody_can_forge_a_log_line(program: Program, stage: Stage) -> None:
    """Line ends, terminal commands and turned writing, in all that is ever logged."""
    stage.known(surname=EVIL, city=EVIL)
    stage.planned(stage.appointment(surname=EVIL, status=EVIL, employee_last_name=EVIL, room=EVIL))
    program.sync(stage.body())
    stage.planned(stage.appointment(surname=EVIL, status=EVIL))
    program.sync(stage.body())
    quoted = requests.utils.quote(EVIL)
    program.get(f"/api/sync/status/{quoted}")
    program.get(f"/{quoted}?{quoted}={quoted}")
    program.send({EVIL: EVIL})
    raw = EVIL.encode()
    parts = urlsplit(program.url)
    head = b" /health HTTP/1.1\r\nHost: localhost\r\n"
    for sent in (
        b"GET" + head + b"X-Request-ID: " + raw + b"\r\n\r\n",
        b"GET" + head + b"Origin: " + raw.replace(b"\r\n", b"") + b"\r\n\r\n",
        raw + head + b"\r\n",
        b"X\x1b[31m" + head + b"\r\n",
        b"GET /" + raw + head + b"\r\n",
    ):
        with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as client:
            client.sendall(sent)
            assert b"HTTP/1" in client.recv(1000)
    log = everything_logged(program)
    assert "gefälscht" not in log
    assert not set("\x1b\r\u202e\u2028\u2029\x85") & set(log)
    line = re.compile(
        r"\d{4}-\d\d-\d\dT[\d:.+-]+ (DEBUG|INFO|WARNING|ERROR) +sync_gui\S* task=|  \| "
    )
    files = (program.data_dir / "sync_gui.log").read_text("utf-8").splitlines()
    ours = [one for one in files if " sync_gui" in one or one.startswith("  ")]
    assert len(ours) > 20
    assert [one for one in ours if line.match(one) is None] == []


@needs_modes
def test_other_users_cannot_read_what_is_kept(program: Program, stage: Stage) -> None:
    stage.planned_once()
    program.sync(stage.body())
    files = [file for file in program.data_dir.rglob("*") if file.is_file()]
    assert {"journal.sqlite", "sync_gui.log"} <= {file.name for file in files}
    for path in (program.data_dir, *files):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_what_a_stolen_journal_holds(demo: Demo, stage: Stage, tmp_path: Path) -> None:
    """Patients' numbers, names and what was written, which is why it is protected; but no key, no
    password and no address of a system, and nothing of a patient that was not written."""
    key, password = "Schluessel-Kanarienvogel-4711", "Passwort-Kanarienvogel-0815"
    settings = {**demo.settings(), "API__KEY": key, "GATEWAY__URL": "http://gw.invalid/x"}
    stage.known(insurance_provider="Kanarienkasse")
    stage.planned(stage.appointment(employee_last_name="Kanarienarzt"))
    with Program(tmp_path, settings, environment={"SQLHK_PASSWORD": password}) as program:
        program.wait_until_ready()
        headers = {"X-API-Key": key, "Prefer": "wait=10", "Idempotency-Key": "k-1"}
        answer = program.send(stage.body(), headers=headers)
        assert answer.json()["status"] == "completed"
        program.terminate()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert json.dumps(stage.surname)[1:-1].encode() in kept
    for secret in (key, password, "gw.invalid", "Kanarienkasse", "Kanarienarzt"):
        assert secret.encode() not in kept
    assert urlsplit(demo.ready["calldoc_base_url"]).netloc.encode() not in kept


def test_mass_start_of_tasks(program: Program, stage: Stage) -> None:
    """Two run, a few wait, the rest is refused; the server goes on answering."""
    stage.demo.faults(appointments={"mode": "hang"})
    bodies = [{"piz": str(7_000_000 + number), "date": stage.day} for number in range(40)]
    answers = [program.send(body) for body in bodies]
    accepted = [answer.json()["task_id"] for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code != 202]
    assert QUEUE_LIMIT <= len(accepted) <= QUEUE_LIMIT + 3
    for answer in refused:
        problem(answer, 429, "queue_full")
        assert int(answer.headers["Retry-After"]) >= 1
    assert program.get("/health").json()["active_syncs"] == len(accepted)
    for task_id in accepted:
        program.cancel(task_id)
    stage.demo.faults()
    for task_id in accepted:
        assert program.wait(task_id)["status"] == "cancelled"


@needs_modes
def test_plugin_folder_that_others_may_write(tmp_path: Path) -> None:
    for name, mode in (("open", 0o777), ("closed", 0o755)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    dirs = json.dumps([str(tmp_path / "open"), str(tmp_path / "closed")])
    with Program(tmp_path / "run", {"PLUGINS__DIRS": dirs}) as program:
        program.wait_until_ready()
        log = everything_logged(program)  # folders are looked at before the API is ready
    assert f"plugin folder {tmp_path / 'open'}: others can change" in log
    assert f"plugin folder {tmp_path / 'closed'}: others" not in log


def test_forty_waiting_clients_keep_nobody_out(demo: Demo, stage: Stage, tmp_path: Path) -> None:
    """Others are answered quickly meanwhile, and the end lets all of them go."""
    stage.planned_once()
    stage.demo.faults(appointments={"mode": "hang"})
    with Program(tmp_path, demo.settings()) as program, ExitStack() as clients:
        program.wait_until_ready()
        headers = {"Idempotency-Key": "crowd"}
        task_id = program.send(stage.body(), headers=headers).json()["task_id"]
        parts = urlsplit(program.url)
        body = json.dumps(stage.body())
        asks = (
            f"GET /api/sync/status/{task_id}?wait=30 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "POST /api/sync/patient HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: crowd\r\n"
            "Prefer: wait=30\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}",
        )
        crowd = []
        for number in range(40):
            client = socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)
            crowd.append(clients.enter_context(closing(client)))
            client.sendall(asks[number % 2].encode())
        until(
            lambda: unanswered(crowd) == 16 or None,
            PATIENCE,
            "sixteen wait, the others are answered",
        )
        times = []
        for number in range(30):
            begin = time.monotonic()
            program.start({"piz": str(7_100_000 + number), "date": stage.day})
            assert program.get("/health").status_code == 200
            times.append(time.monotonic() - begin)
        assert statistics.median(times) < AT_ONCE
        assert unanswered(crowd) == 16
        assert program.terminate() < END_SECONDS
        for client in crowd:
            assert client.recv(100).startswith((b"HTTP/1.1 200", b"HTTP/1.1 202"))
    stage.demo.faults()


def unanswered(clients: list[socket.socket]) -> int:
    """How many have nothing to read."""
    return len(clients) - len(select.select(clients, [], [], 0)[0])
