"""A copy of a data folder that somebody writes to: whole, provable, and nothing else touched."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sync_core.backup import ANCHOR_NAME, back_up
from sync_core.data_dir import LOCK_NAME, DataFolderLock, make_plugin_folder
from sync_core.errors import BackupError
from sync_core.journal import JOURNAL_NAME, Journal
from sync_core.receipt_check import check_receipts


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def journal(data_dir: Path) -> Iterator[Journal]:
    """The data folder's journal, open as in a running program, with three receipts."""
    with Journal(data_dir / JOURNAL_NAME) as opened:
        for number in range(3):
            opened.receipts.record(f"task {number}", "intent", {"number": number})
        yield opened


@contextmanager
def always_writing(journal: Journal) -> Iterator[None]:
    """Receipts are written one after the other for as long as the block runs."""
    enough = threading.Event()

    def write() -> None:
        while not enough.is_set():
            journal.receipts.record("busy", "intent", {})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        enough.set()
        writer.join(10)
    assert not writer.is_alive()


def execute(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_all_is_copied_but_what_belongs_to_the_running_program(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    (data_dir / "sync_gui.log").write_text("eine Zeile\n", encoding="utf-8")
    own = make_plugin_folder(data_dir, "notify")
    (own / "sent.json").write_text("{}", encoding="utf-8")
    (tmp_path / "elsewhere.txt").write_text("not ours", encoding="utf-8")
    (own / "link").symlink_to(tmp_path / "elsewhere.txt")
    (own / "plan-wal").write_text("a name that only looks like it", encoding="utf-8")
    with DataFolderLock(data_dir):
        before = contents(data_dir)
        backup = back_up(data_dir, tmp_path / "new" / "copy")
        after = contents(data_dir)
    readers = f"{JOURNAL_NAME}-shm"  # SQLite's own list of who reads
    assert set(after) == set(before)
    assert all(after[name] == before[name] for name in before if name != readers)
    copied = contents(tmp_path / "new" / "copy")
    assert set(copied) == {
        JOURNAL_NAME,
        ANCHOR_NAME,
        "sync_gui.log",
        "plugins/notify/sent.json",
        "plugins/notify/plan-wal",
    }
    assert {f"{JOURNAL_NAME}-wal", LOCK_NAME} < set(before)
    assert backup.files == len(copied)
    assert (backup.receipts.count, backup.receipts.findings) == (3, ())
    for name in ("sync_gui.log", "plugins/notify/sent.json"):
        assert copied[name] == before[name]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_only_its_owner_can_read_the_copy(data_dir: Path, journal: Journal, tmp_path: Path) -> None:
    own = make_plugin_folder(data_dir, "notify")
    (own / "open.txt").touch(mode=0o644)
    back_up(data_dir, tmp_path / "copy")
    for path in (tmp_path / "copy", *(tmp_path / "copy").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_copy_is_a_journal_to_go_on_with(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    back_up(data_dir, tmp_path / "copy")
    journal.receipts.record("later", "intent", {})
    with Journal(tmp_path / "copy" / JOURNAL_NAME) as restored:
        assert [intent.task_id for intent in restored.receipts.open_intents()] == [
            "task 0",
            "task 1",
            "task 2",
        ]
        restored.receipts.record("task 3", "intent", {})
    check = check_receipts(tmp_path / "copy" / JOURNAL_NAME, tmp_path / "copy" / ANCHOR_NAME)
    assert (check.count, check.findings) == (4, ())


def test_every_copy_fits_together_while_receipts_are_written_without_a_pause(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    counts = []
    with always_writing(journal):
        for number in range(20):
            backup = back_up(data_dir, tmp_path / f"copy{number}")
            assert backup.receipts.findings == ()
            counts.append(backup.receipts.count)
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_a_check_finds_nothing_while_receipts_are_written_without_a_pause(
    data_dir: Path, journal: Journal
) -> None:
    counts = []
    with always_writing(journal):
        for _ in range(100):
            check = check_receipts(data_dir / JOURNAL_NAME, data_dir / ANCHOR_NAME)
            assert check.findings == ()
            counts.append(check.count)
    assert counts[0] < counts[-1]


def test_pruning_is_no_loss(data_dir: Path, journal: Journal, tmp_path: Path) -> None:
    assert journal.receipts.prune(0) == 2
    backup = back_up(data_dir, tmp_path / "copy")
    assert (backup.receipts.count, backup.receipts.findings) == (1, ())


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DELETE FROM receipt WHERE number = 3", "the newest receipts are missing"),
        ("DELETE FROM receipt", "the newest receipts are missing"),
        ("DELETE FROM receipt WHERE number = 2", "receipts are missing: 2 to 2"),
        ("UPDATE receipt SET body = '{}' WHERE number = 1", "receipt 1 was changed"),
    ],
)
def test_what_is_wrong_with_the_receipts_is_wrong_in_the_copy(
    data_dir: Path, journal: Journal, tmp_path: Path, sql: str, told: str
) -> None:
    execute(data_dir / JOURNAL_NAME, sql)
    (found, *_) = back_up(data_dir, tmp_path / "copy").receipts.findings
    assert found.message.startswith(told)


def test_a_plugins_database_is_copied_as_it_was_last_committed(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    path = make_plugin_folder(data_dir, "labor") / "labor.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as own:
        own.execute("PRAGMA journal_mode = WAL")
        own.execute("CREATE TABLE value (number INTEGER)")
        own.execute("INSERT INTO value VALUES (1)")
        own.execute("BEGIN IMMEDIATE")
        own.execute("INSERT INTO value VALUES (2)")
        back_up(data_dir, tmp_path / "copy")
        own.execute("ROLLBACK")
    copy = tmp_path / "copy" / path.relative_to(data_dir)
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT number FROM value").fetchall() == [(1,)]
    assert [file.name for file in copy.parent.iterdir()] == ["labor.db"]


# --- what is refused -----------------------------------------------------------------------------


def test_a_folder_without_a_journal_is_no_data_folder(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there is no journal in the data folder"):
        back_up(data_dir, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_folder_with_something_in_it_stays_as_it_is(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "letter.txt").write_text("dear", encoding="utf-8")
    (tmp_path / "file").write_text("dear", encoding="utf-8")
    for folder in (tmp_path / "copy", tmp_path / "file"):
        with pytest.raises(BackupError, match="is not an empty folder; nothing was copied"):
            back_up(data_dir, folder)
    assert contents(tmp_path / "copy") == {"letter.txt": b"dear"}


@pytest.mark.parametrize("place", [".", "copy", "plugins/copy"])
def test_a_backup_is_not_made_inside_what_it_saves(
    data_dir: Path, journal: Journal, place: str
) -> None:
    before = set(contents(data_dir))
    with pytest.raises(BackupError, match="inside the data folder"):
        back_up(data_dir, data_dir / place)
    assert set(contents(data_dir)) == before


def test_a_place_that_takes_nothing_is_told(data_dir: Path, journal: Journal) -> None:
    with pytest.raises(BackupError, match=r"the backup is not complete: .*/dev/null/copy"):
        back_up(data_dir, Path("/dev/null/copy"))


def test_a_journal_that_is_none_is_told_and_copied_all_the_same(
    data_dir: Path, tmp_path: Path
) -> None:
    (data_dir / JOURNAL_NAME).write_bytes(b"no database")
    (data_dir / ANCHOR_NAME).write_bytes(b"last 3 \n")
    (data_dir / "sync_gui.log").write_bytes(b"a line")
    with pytest.raises(BackupError, match=r"copied byte for byte, but: .*not a database"):
        back_up(data_dir, tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(data_dir)


def test_a_damaged_journal_is_told_although_its_receipts_can_be_read(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    path = data_dir / JOURNAL_NAME
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'task'")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page[0] - 1) * size)
        file.write(b"\xff" * 100)
    backup = back_up(data_dir, tmp_path / "copy")
    (problem,) = backup.problems
    assert problem.startswith(f"{JOURNAL_NAME} is damaged: ")
    assert (tmp_path / "copy" / ANCHOR_NAME).exists()


def test_what_was_set_aside_and_names_that_mislead_stop_no_backup(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    aside = data_dir / f"{JOURNAL_NAME}.damaged-20261124031500"
    aside.write_bytes((data_dir / JOURNAL_NAME).read_bytes()[:3000])
    for name in ("labor", "labor-journal"):
        (make_plugin_folder(data_dir, name) / "own.txt").write_text(name, encoding="utf-8")
    (data_dir / "-wal").write_bytes(b"odd")
    backup = back_up(data_dir, tmp_path / "copy")
    copied = contents(tmp_path / "copy")
    assert (backup.problems, backup.receipts.findings) == ((), ())
    assert copied[aside.name] == aside.read_bytes()
    assert {"plugins/labor/own.txt", "plugins/labor-journal/own.txt", "-wal"} < set(copied)


@pytest.mark.timeout(20)
def test_a_database_that_somebody_holds_is_told_and_the_rest_is_copied(
    data_dir: Path, journal: Journal, tmp_path: Path
) -> None:
    own = make_plugin_folder(data_dir, "labor")
    (own / "values.txt").write_text("1", encoding="utf-8")
    with closing(sqlite3.connect(own / "labor.db", isolation_level=None)) as held:
        held.execute("CREATE TABLE value (number INTEGER)")
        held.execute("BEGIN EXCLUSIVE")
        backup = back_up(data_dir, tmp_path / "copy", seconds=1.5)
    (problem,) = backup.problems
    assert problem.startswith("plugins/labor/labor.db was not copied: ")
    assert contents(tmp_path / "copy" / "plugins") == {"labor/values.txt": b"1"}
    assert backup.receipts.findings == ()


@pytest.mark.parametrize("place", ["~nobody-of-that-name/x", "x" * 300, "a\0b"])
def test_an_impossible_name_is_told(data_dir: Path, journal: Journal, place: str) -> None:
    with pytest.raises(BackupError, match="the backup is not complete"):
        back_up(data_dir, Path(place))
