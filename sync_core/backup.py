"""A backup of the data folder, made while the program runs or not; nothing in it is changed.

SQLite files are copied through SQLite, so each copy is whole although somebody writes. The anchor
is copied after the journal and only as far as the journal's copy goes: what the program wrote in
between would look like receipts that somebody removed.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sync_core.data_dir import LOCK_NAME, create_data_dir
from sync_core.errors import BackupError, SyncGuiError
from sync_core.journal import ANCHOR_ENDING, JOURNAL_NAME
from sync_core.receipt_anchor import AnchorFile
from sync_core.receipt_check import ReceiptCheck, check_receipts, newest_number, seen_until
from sync_core.sqlite_reading import open_for_reading

ANCHOR_NAME = JOURNAL_NAME + ANCHOR_ENDING
_SQLITE = b"SQLite format 3\0"
_SIDE_FILES = ("-wal", "-shm", "-journal")
_WAIT_SECONDS = 10


@dataclass(frozen=True)
class Backup:
    """``files``: how many were copied. ``receipts``: what a check of the copy's receipts found."""

    files: int
    receipts: ReceiptCheck


def back_up(data_dir: Path, folder: Path) -> Backup:
    """Copy all of ``data_dir`` into ``folder``, which must be empty or not be there yet.

    Raises ``BackupError`` when there is no journal to copy, when ``folder`` cannot take it, and
    when a file cannot be copied; what was copied until then stays, for somebody to look at.
    """
    data_dir, folder = data_dir.resolve(), folder.expanduser().resolve()
    _refuse_unusable(data_dir, folder)
    anchor = AnchorFile(data_dir / ANCHOR_NAME)
    try:
        create_data_dir(folder)
        before = anchor.read()
        files = sum(
            _copied(source, folder, source.relative_to(data_dir)) for source in _files(data_dir)
        )
        newest = newest_number(folder / JOURNAL_NAME)
        anchor.copy_until(seen_until(before, newest), folder / ANCHOR_NAME)
        return Backup(files + 1, check_receipts(folder / JOURNAL_NAME, folder / ANCHOR_NAME))
    except (OSError, sqlite3.Error, SyncGuiError) as error:
        raise BackupError(f"the backup is not complete: {type(error).__name__}: {error}") from error


def _refuse_unusable(data_dir: Path, folder: Path) -> None:
    if not (data_dir / JOURNAL_NAME).is_file():
        raise BackupError(f"there is no journal in the data folder {data_dir}")
    if folder.is_relative_to(data_dir):
        raise BackupError(f"the backup cannot be made inside the data folder {data_dir}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is not an empty folder; nothing was copied")


def _files(data_dir: Path) -> Iterator[Path]:
    """What there is to copy; where a link leads is not part of the data folder."""
    for path in sorted(data_dir.rglob("*")):
        belongs_to = [path.name.removesuffix(end) for end in _SIDE_FILES if path.name.endswith(end)]
        of_a_database = any(_is_database(path.with_name(name)) for name in belongs_to)
        left_out = path.name == LOCK_NAME or path == data_dir / ANCHOR_NAME or of_a_database
        if path.is_file() and not path.is_symlink() and not left_out:
            yield path


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except FileNotFoundError:
        return False


def _copied(source: Path, folder: Path, place: Path) -> bool:
    """Copy one file to its place; False when it has gone meanwhile, as old logs do."""
    for parent in reversed(place.parents):
        (folder / parent).mkdir(mode=0o700, exist_ok=True)
    target = folder / place
    try:
        if _is_database(source):
            _copy_database(source, target)
        else:
            shutil.copyfile(source, target)
    except FileNotFoundError:
        return False
    target.chmod(0o600)
    return True


def _copy_database(source: Path, target: Path) -> None:
    with (
        closing(open_for_reading(source, _WAIT_SECONDS)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")  # one file, without any beside it
