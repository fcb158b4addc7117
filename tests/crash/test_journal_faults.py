"""The journal's disk is full, its file is damaged, newer, or of the first format."""

from __future__ import annotations

import random
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync_core.journal_file import FORMAT
from tests.crash.nursery import Nursery
from tests.crash.program import Born, OwnRegistry, anchor_of, journal_of, query, receipts_of
from tests.crash.scenes import new_patient, settle
from tests.end_to_end.answers import Contract, problem

# --- a full disk ---------------------------------------------------------------------------------


class LimitedFiles:
    """No file of the program may grow, as if the disk were full."""

    def __init__(self, program: Born) -> None:
        self._pid = program.process.pid
        self._journal = journal_of(program.data_dir)
        self._before = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        size = self._journal.with_name(self._journal.name + "-wal").stat().st_size
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (size, self._before[1]))

    def free(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, self._before)


class FullDisk:
    """The data folder lies on a disk of its own, which has no room left."""

    def __init__(self, program: Born) -> None:
        self._filler = program.data_dir.parent / "filler"

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def free(self) -> None:
        self._filler.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("how", [LimitedFiles, FullDisk])
def test_full(
    nursery: Nursery,
    registry: OwnRegistry,
    contract: Contract,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    how: Callable[[Born], Any],
) -> None:
    folder = tmp_path if how is LimitedFiles else request.getfixturevalue("small_disk")
    running, refused = new_patient(registry), new_patient(registry)
    with Born(nursery, folder, registry.settings()) as program:
        program.wait_until_ready()
        earlier = program.sync(new_patient(registry).stage.body())
        disk = how(program)
        registry.faults(both={"mode": "hold"})
        with running.stage.nothing_written():
            task_id = program.start(running.stage.body())
            program.wait_for_stage(task_id, "calldoc")
            disk.fill()
            problem(program.send(refused.stage.body()), 503, "journal_unavailable")
            ready = program.get("/health/ready")
            assert (ready.status_code, ready.json()["checks"]["journal"]["ok"]) == (503, False)
            registry.faults()
            ended = program.wait(task_id)
            contract.check_status(ended)
            assert (ended["status"], ended["error_code"]) == ("failed", "journal_unavailable")
            assert program.status(earlier["task_id"]) == earlier
        disk.free()
        for scene in (running, refused):
            assert program.sync(scene.stage.body())["sqlhk_sync"]["action"] == "created"
            assert scene.written()
        settle(program)
    with Born(nursery, folder, registry.settings()) as program:
        program.wait_until_ready()
        settle(program)
        assert program.status(task_id) == ended  # recorded once the journal took it again
        assert program.status(earlier["task_id"]) == earlier


# --- a damaged file ------------------------------------------------------------------------------


def _overwrite_the_middle(file: Path) -> None:
    content = bytearray(file.read_bytes())
    middle = slice(4096, len(content) - 4096)
    content[middle] = random.Random(1).randbytes(len(content[middle]))
    file.write_bytes(content)


def _cut_off(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2 + 100])


def _replace_by_text(file: Path) -> None:
    file.write_text("this is no database\n" * 1000, encoding="ascii")


@pytest.mark.parametrize("damage", [_overwrite_the_middle, _cut_off, _replace_by_text])
def test_a_damaged_journal_is_set_aside_and_told(
    nursery: Nursery, registry: OwnRegistry, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    scene = new_patient(registry)
    with Born(nursery, tmp_path, registry.settings()) as program:
        program.wait_until_ready()
        task_id = program.sync(scene.stage.body())["task_id"]
        program.terminate()
        damage(journal_of(program.data_dir))
        damaged = journal_of(program.data_dir).read_bytes()
    with Born(nursery, tmp_path, registry.settings()) as program:
        program.wait_until_ready()
        (aside,) = program.data_dir.glob("journal.sqlite.damaged-*")
        assert aside.read_bytes() == damaged
        assert len(list(program.data_dir.glob("*.anchor.damaged-*"))) == 1
        told = program.errors() + (program.data_dir / "sync_gui.log").read_text(encoding="utf-8")
        assert aside.name in told
        assert program.get(f"/api/sync/status/{task_id}").status_code == 404
        assert program.sync(scene.stage.body())["sqlhk_sync"]["action"] == "unchanged"
        created = new_patient(registry)
        assert program.sync(created.stage.body())["sqlhk_sync"]["action"] == "created"
        settle(program)
        assert receipts_of(program.data_dir).count == 2
        for file in (program.data_dir, *program.data_dir.iterdir()):
            assert file.stat().st_mode & 0o077 == 0, file.name
    with Born(nursery, tmp_path, registry.settings()) as program:
        program.wait_until_ready()  # once is enough
        assert len(list(program.data_dir.glob("journal.sqlite.damaged-*"))) == 1


# --- other formats -------------------------------------------------------------------------------


def test_a_newer_format_is_refused(nursery: Nursery, registry: OwnRegistry, tmp_path: Path) -> None:
    with Born(nursery, tmp_path, registry.settings()) as program:
        program.wait_until_ready()
        program.terminate()
    journal = journal_of(program.data_dir)
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    before = journal.read_bytes()
    with Born(nursery, tmp_path, registry.settings()) as program:
        assert program.ended(10) == 2
        (line,) = program.errors().splitlines()
        assert "newer version" in line
        assert "Traceback" not in line
    assert journal.read_bytes() == before
    assert list(program.data_dir.glob("*damaged*")) == []


FIRST_FORMAT = """
CREATE TABLE task (
    task_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    ended_order INTEGER,
    ended_on TEXT,
    stored TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX task_by_end ON task (ended_order) WHERE ended_order IS NOT NULL;
CREATE INDEX task_by_kind_and_end ON task (kind, ended_order) WHERE ended_order IS NOT NULL;
CREATE INDEX task_unfinished ON task (status) WHERE ended_order IS NULL;
PRAGMA user_version = 1;
"""


def test_the_first_format_is_migrated(
    nursery: Nursery, registry: OwnRegistry, tmp_path: Path
) -> None:
    """An ended task can still be asked for, and one that was running is looked after."""
    with Born(nursery, tmp_path / "new", registry.settings()) as program:
        program.wait_until_ready()
        ended = program.sync(new_patient(registry).stage.body())
        registry.faults(both={"mode": "hang"})
        running = program.start(new_patient(registry).stage.body())
        program.wait_for_stage(running, "calldoc")
        program.kill()
        registry.faults()
    rows = query(journal_of(program.data_dir), "SELECT * FROM task")
    data_dir = tmp_path / "old" / "data"
    data_dir.mkdir(parents=True)
    with closing(sqlite3.connect(journal_of(data_dir))) as connection, connection:
        connection.executescript(FIRST_FORMAT)
        connection.executemany("INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    with Born(nursery, tmp_path / "old", registry.settings()) as program:
        program.wait_until_ready()
        assert program.status(ended["task_id"]) == ended
        assert program.status(running)["error_code"] == "interrupted"
        assert program.sync(new_patient(registry).stage.body())["status"] == "completed"
        settle(program)
        assert query(journal_of(data_dir), "PRAGMA user_version") == [(FORMAT,)]
        assert receipts_of(data_dir).count == 2
        assert anchor_of(data_dir).exists()
        assert list(data_dir.glob("*damaged*")) == []


def test_old_tasks_are_forgotten(nursery: Nursery, registry: OwnRegistry, tmp_path: Path) -> None:
    settings = {**registry.settings(), "TASKS__RETENTION_DAYS": "10"}
    with Born(nursery, tmp_path, settings) as program:
        program.wait_until_ready()
        tasks = [program.sync(new_patient(registry).stage.body())["task_id"] for _ in range(3)]
        program.terminate()
    with closing(sqlite3.connect(journal_of(program.data_dir))) as connection, connection:
        for task_id, days in zip(tasks, (11, 10, 0), strict=True):
            day = (datetime.now().astimezone() - timedelta(days=days)).date().isoformat()
            connection.execute("UPDATE task SET ended_on = ? WHERE task_id = ?", (day, task_id))
    with Born(nursery, tmp_path, settings) as program:
        program.wait_until_ready()
        found = [program.get(f"/api/sync/status/{task_id}").status_code for task_id in tasks]
        assert found == [404, 200, 200]
        assert receipts_of(program.data_dir).count == 6  # they are kept for longer
