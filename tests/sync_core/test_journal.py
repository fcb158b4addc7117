"""The journal's file: what it keeps, in which order, for whom, and what it refuses."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sync_core.errors import JournalError
from sync_core.journal import DuplicateTaskError, Journal
from sync_core.journal_file import FORMAT
from sync_core.task_model import (
    Progress,
    TaskSource,
    TaskStatus,
    TaskView,
    TaskWarning,
)
from sync_core.task_status import status_body, stored_task
from tests.clock import PATIENCE

ROOT = Path(__file__).parents[2]
SUMMER = timezone(timedelta(hours=2))
BEGIN = datetime(2025, 10, 6, 15, 0, 0, 123000, SUMMER)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal(path) as journal:
        yield journal


def pending(name: str = "task", **values: Any) -> TaskView:
    view = TaskView(
        task_id=name,
        kind="single_patient",
        status=TaskStatus.PENDING,
        progress=Progress("queued", 0, "In der Warteschlange"),
        created_at=BEGIN,
        deadline_at=BEGIN + timedelta(seconds=60),
        source=TaskSource("api", "127.0.0.1"),
        request_id="request",
        body={"dry_run": False, "patient": {"vorname": "Jörg", "name": "O'Weiß"}},
        request={"piz": "1234567"},
    )
    return replace(view, **values)


def ended(name: str, end: datetime = BEGIN, **values: Any) -> TaskView:
    known = {
        "status": TaskStatus.COMPLETED,
        "progress": Progress("done", 100, "Fertig"),
        "started_at": BEGIN,
        "finished_at": end,
        "execution_time_ms": 12,
        "timing_ms": {"queue": 1, "calldoc": 2, "sqlhk": 3, "other": 6},
    }
    return pending(name, **{**known, **values})


def record(journal: Journal, *views: TaskView) -> None:
    for view in views:
        journal.add(pending(view.task_id, kind=view.kind))
        journal.end(view)


def names(views: tuple[TaskView, ...]) -> list[str]:
    return [view.task_id for view in views]


# --- what is kept --------------------------------------------------------------------------------


def test_everything_is_there_after_a_restart(path: Path) -> None:
    failed = ended(
        "failed",
        status=TaskStatus.FAILED,
        error="Daneben",
        error_code="calldoc_error",
        safe_to_retry=True,
        warnings=(TaskWarning("married", "Anderer Name"),),
        resolution="written",
        resolved_at=BEGIN,
    )
    with Journal(path) as journal:
        journal.add(pending("waits"))
        record(journal, failed)
    with Journal(path) as journal:
        for view in (pending("waits"), failed):
            found = journal.task(view.task_id)
            assert found is not None
            assert status_body(found) == status_body(view)
            assert stored_task(found) == stored_task(view)
        assert journal.task("unknown") is None


def test_it_is_on_disk_at_once_for_a_second_reader(path: Path, journal: Journal) -> None:
    journal.add(pending())
    with Journal(path) as second:
        assert second.task("task") is not None


def test_text_that_is_no_valid_unicode_is_kept(journal: Journal) -> None:
    """A foreign system's JSON can hold half a character (a lone surrogate)."""
    body = {"patient": {"name": "\ud83d"}}
    record(journal, ended("odd", body=body))
    found = journal.task("odd")
    assert found is not None
    assert found.body == body


def test_an_id_is_taken_once(journal: Journal) -> None:
    journal.add(pending())
    with pytest.raises(DuplicateTaskError):
        journal.add(pending(kind="day"))
    found = journal.task("task")
    assert found is not None
    assert found.kind == "single_patient"
    journal.add(pending("another"))


def test_unfinished_tasks_are_listed_oldest_first(journal: Journal) -> None:
    for minute, name in ((2, "third"), (0, "first"), (1, "second")):
        journal.add(pending(name, created_at=BEGIN + timedelta(minutes=minute)))
    record(journal, ended("ended"))
    assert names(journal.unfinished()) == ["first", "second", "third"]


# --- pages ---------------------------------------------------------------------------------------


def test_pages_are_newest_first_by_their_end(journal: Journal) -> None:
    started = [f"task{number}" for number in range(5)]
    for name in started:
        journal.add(pending(name))
    for name in reversed(started):  # the clock may go back: the order of ending counts
        journal.end(ended(name, BEGIN - timedelta(hours=len(journal.ended().tasks))))
    assert names(journal.ended().tasks) == started
    first, second = journal.ended(limit=2), journal.ended(offset=2, limit=2)
    assert (first.total, second.total) == (5, 5)
    assert names(first.tasks + second.tasks) == started[:4]
    assert names(journal.ended(offset=4, limit=2).tasks) == ["task4"]
    assert journal.ended(offset=9).tasks == ()
    assert journal.ended(offset=9).total == 5


def test_recording_an_end_again_keeps_its_place(journal: Journal) -> None:
    record(journal, ended("first"), ended("second"))
    journal.end(ended("first", resolution="written", resolved_at=BEGIN))
    assert names(journal.ended().tasks) == ["second", "first"]
    assert journal.ended().tasks[1].resolution == "written"


def test_filters(journal: Journal) -> None:
    record(
        journal,
        ended("a"),
        ended("b", status=TaskStatus.FAILED),
        ended("c", kind="day"),
        ended("d", kind="day", status=TaskStatus.FAILED),
        ended("e", status=TaskStatus.CANCELLED),
    )
    journal.add(pending("running"))
    assert names(journal.ended(kind="day").tasks) == ["d", "c"]
    assert names(journal.ended(status=TaskStatus.FAILED).tasks) == ["d", "b"]
    both = journal.ended(kind="single_patient", status=TaskStatus.FAILED)
    assert (both.total, names(both.tasks)) == (1, ["b"])
    assert journal.ended(kind="' OR 1=1 --").tasks == ()


def test_forgetting_old_tasks(journal: Journal) -> None:
    record(
        journal,
        ended("old", BEGIN - timedelta(days=2)),
        ended("yesterday", BEGIN - timedelta(days=1)),
        ended("today", BEGIN),
    )
    journal.add(pending("unfinished", created_at=BEGIN - timedelta(days=400)))
    assert journal.forget_ended_before(BEGIN - timedelta(days=1)) == 1
    assert names(journal.ended().tasks) == ["today", "yesterday"]
    assert names(journal.unfinished()) == ["unfinished"]
    assert journal.forget_ended_before(BEGIN + timedelta(days=1)) == 2


def test_a_place_in_the_order_is_found_without_reading_every_task(
    path: Path, journal: Journal
) -> None:
    """Ending a task must not grow slower with the number of tasks kept."""
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "INSERT INTO task VALUES (?, 'day', 'completed', '', ?, '2025-10-06', ?)",
            ((f"task{number}", number, "x" * 1500) for number in range(1, 20_001)),
        )
    connection.close()
    journal.add(pending("before"))
    journal.end(ended("before"))  # the pages of the way down are in memory from here on
    steps = 0
    journal.add(pending("last"))

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with journal.file.writing() as writer:
        writer.set_progress_handler(count, 100)
    journal.end(ended("last"))
    assert steps < 20
    assert names(journal.ended(limit=2).tasks) == ["last", "before"]


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("before", [None, 0o644])
def test_the_file_is_its_owners_only(path: Path, before: int | None) -> None:
    previous = os.umask(0)
    try:
        if before is not None:
            path.touch(before)
        with Journal(path) as journal:
            journal.add(pending())
            files = sorted(path.parent.iterdir())
            assert [file.name for file in files] == [
                "journal.sqlite",
                "journal.sqlite-shm",
                "journal.sqlite-wal",
            ]
            assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    finally:
        os.umask(previous)


def test_a_newer_format_is_refused_and_left_alone(path: Path) -> None:
    Journal(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="newer version"):
        Journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all " * 60, b"SQLite format 3\0 but not"])
def test_a_file_that_is_no_journal_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError):
        Journal(path)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(JournalError):
        Journal(path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError):
        Journal(tmp_path / "missing" / "journal.sqlite")


def test_a_task_that_cannot_be_read_is_told_as_such(path: Path, journal: Journal) -> None:
    record(journal, ended("spoilt"))
    for stored in ("{}", "no json", "[]", '{"status_body": null}'):
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE task SET stored = ?", (stored,))
        connection.close()
        with pytest.raises(JournalError, match="cannot be read"):
            journal.task("spoilt")


def test_a_closed_journal_is_refused_and_not_a_crash(path: Path) -> None:
    journal = Journal(path)
    journal.close()
    for use in (
        journal.check,
        journal.unfinished,
        journal.ended,
        lambda: journal.add(pending()),
        lambda: journal.end(ended("task")),
        lambda: journal.task("task"),
        lambda: journal.forget_ended_before(BEGIN),
    ):
        with pytest.raises(JournalError):
            use()


def test_a_lock_of_somebody_else_is_waited_for_a_while(path: Path, journal: Journal) -> None:
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, holder.execute, ("ROLLBACK",))
    release.start()
    journal.add(pending())
    release.join()
    holder.close()
    assert journal.task("task") is not None


def test_a_read_waits_for_no_write(path: Path, journal: Journal) -> None:
    journal.add(pending())
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    holder.execute("UPDATE task SET kind = 'another'")
    found = journal.task("task")
    assert found is not None
    assert found.kind == "single_patient"
    holder.execute("ROLLBACK")
    holder.close()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from sync_core.errors import JournalError
from sync_core.journal import Journal
from tests.sync_core.test_journal import pending
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path(sys.argv[1]))
journal.check()
journal.add(pending("before"))
size = Path(sys.argv[1] + "-wal").stat().st_size
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
for use, name in ((journal.add, "full"), (journal.end, "before"), (None, "")):
    try:
        use(pending(name)) if use else journal.check()
    except JournalError as error:
        print("refused", error)
    else:
        print("not refused")
assert journal.task("full") is None
assert journal.task("before") is not None
resource.setrlimit(resource.RLIMIT_FSIZE, before)
journal.check()
journal.add(pending("full"))
journal.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_full_disk_is_told_and_spoils_nothing(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["refused"] * 3, done.stdout
    with Journal(path) as journal:
        assert sorted(names(journal.unfinished())) == ["before", "full"]


def test_it_serves_many_threads_at_once(journal: Journal) -> None:
    start = threading.Barrier(9)
    faults: list[BaseException] = []
    open_tasks = 0

    def write(number: int) -> None:
        start.wait(PATIENCE)
        try:
            for turn in range(20):
                name = f"{number}/{turn}"
                journal.add(pending(name))
                journal.end(ended(name))
        except BaseException as error:  # noqa: BLE001 - told by the asking thread
            faults.append(error)

    def read() -> None:
        nonlocal open_tasks
        start.wait(PATIENCE)
        try:
            while any(thread.is_alive() for thread in writers):
                page = journal.ended(limit=10)
                assert len(set(names(page.tasks))) == len(page.tasks)
                open_tasks = max(open_tasks, len(journal.unfinished()))
        except BaseException as error:  # noqa: BLE001 - told by the asking thread
            faults.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    reader = threading.Thread(target=read)
    for thread in (*writers, reader):
        thread.start()
    for thread in (*writers, reader):
        thread.join(PATIENCE)
    assert faults == []
    assert journal.ended().total == 160
    assert journal.unfinished() == ()
    assert open_tasks <= 8
