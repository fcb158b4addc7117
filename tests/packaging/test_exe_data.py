"""The EXE and data folders of other versions of the program: brought up, or refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sync_core.journal_file import FORMAT
from tests.crash.test_journal_faults import FIRST_FORMAT
from tests.packaging.exe import START_SECONDS, ExeProgram, System

MAX = {"piz": "1234567", "date": "2025-10-06", "appointment_type_id": 24}
REFUSAL = "was written by a newer version of the program"


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A data folder with the journal of a version to come."""
    folder = tmp_path / "newer"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
        journal.execute(f"PRAGMA user_version = {FORMAT + 1}")
    return folder


@pytest.mark.parametrize("way", ["--headless", "--check"])
def test_a_journal_of_a_newer_version_is_refused(system: System, newer: Path, way: str) -> None:
    before = (newer / "journal.sqlite").read_bytes()
    code, told = system.run("--demo", way, "--port", "0", "--data-dir", system.path(newer))
    assert code == 2
    assert REFUSAL in told
    assert len(told.splitlines()) == 1, told
    assert (newer / "journal.sqlite").read_bytes() == before


def test_without_a_console_the_window_says_what_is_wrong(system: System, newer: Path) -> None:
    with ExeProgram(system, newer, "--demo", "--port", "0", streams=False):
        system.display.wait_for("Sync GUI", START_SECONDS)
        system.display.close_window("Sync GUI")
        system.wait_until_gone()


def tasks_in(folder: Path) -> Iterator[sqlite3.Row]:
    with closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
        yield from journal.execute("SELECT * FROM task")


def test_the_journal_of_the_first_version_is_brought_up(system: System, tmp_path: Path) -> None:
    arguments = ("--demo", "--headless", "--port", "0")
    with ExeProgram(system, tmp_path / "new", *arguments) as program:
        done = program.wait_until_ready().sync(MAX)
    old = tmp_path / "old"
    old.mkdir()
    with closing(sqlite3.connect(old / "journal.sqlite")) as journal, journal:
        journal.executescript(FIRST_FORMAT)
        journal.executemany(
            "INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?)", tasks_in(tmp_path / "new")
        )
    with ExeProgram(system, old, *arguments) as program:
        program.wait_until_ready()
        assert program.get(f"/api/sync/status/{done['task_id']}").json() == done
        assert program.sync(MAX)["status"] == "completed"
    code, told = system.run("--demo", "--verify-receipts", "--data-dir", system.path(old))
    assert (code, told) == (0, "ok       2 receipts, none changed or removed\n")


def test_a_backup_is_made_while_it_runs_and_goes_on(system: System, tmp_path: Path) -> None:
    arguments = ("--demo", "--headless", "--port", "0")
    data, copy = tmp_path / "data", tmp_path / "copy"
    with ExeProgram(system, data, *arguments) as program:
        done = program.wait_until_ready().sync(MAX)
        code, told = system.run(
            "--demo", "--data-dir", system.path(data), "--backup", system.path(copy)
        )
    files = len([path for path in copy.rglob("*") if path.is_file()])
    assert (code, told.splitlines()) == (
        0,
        [f"ok       {files} files copied", "ok       2 receipts, none changed or removed"],
    )
    with ExeProgram(system, copy, *arguments) as program:
        program.wait_until_ready()
        assert program.get(f"/api/sync/status/{done['task_id']}").json() == done
