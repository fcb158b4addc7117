"""A backup of the data folder, made while the program runs or not.

SQLite files are copied through SQLite, so each copy is whole although somebody writes. The anchor
is copied after the journal and only as far as the journal's copy goes: what the program wrote in
between would look like receipts that somebody removed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sync_core.data_dir import LOCK_NAME
from sync_core.errors import BackupError, JournalError, SyncGuiError
from sync_core.journal import ANCHOR_ENDING, JOURNAL_NAME
from sync_core.receipt_anchor import AnchorFile
from sync_core.receipt_check import ReceiptCheck, check_receipts, newest_number, seen_until
from sync_core.sqlite_reading import open_for_reading

ANCHOR_NAME = JOURNAL_NAME + ANCHOR_ENDING
_SQLITE = b"SQLite format 3\0"
_SIDE_FILES = ("-wal", "-shm", "-journal")
_DAMAGED = ".damaged-"
"""In the name of what was set aside because SQLite cannot read it."""
WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class Backup:
    """``files``: how many were copied. ``receipts``: what a check of the copy's receipts found.

    ``problems``: English sentences about files that were not copied, or not whole.
    """

    files: int
    receipts: ReceiptCheck
    problems: tuple[str, ...]


def back_up(data_dir: Path, folder: Path, seconds: float = WAIT_SECONDS) -> Backup:
    """Copy all of ``data_dir`` into ``folder``, which must be empty or not be there yet.

    ``seconds``: how long to wait for each database that somebody else holds. A file other than the
    journal that cannot be copied is a problem of the backup and does not end it.

    Raises ``BackupError`` when there is no journal to copy or it cannot be copied, and when
    ``folder`` cannot take it; what was copied until then stays, for somebody to look at.
    """
    try:
        data_dir, folder = data_dir.resolve(), folder.expanduser().resolve()
        _refuse_unusable(data_dir, folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _Copying(data_dir, folder, seconds).all()
    except (OSError, ValueError, RuntimeError, sqlite3.Error, SyncGuiError) as error:
        if isinstance(error, BackupError):
            raise
        raise BackupError(f"the backup is not complete: {_told(error)}") from error


def _refuse_unusable(data_dir: Path, folder: Path) -> None:
    if not (data_dir / JOURNAL_NAME).is_file():
        raise BackupError(f"there is no journal in the data folder {data_dir}")
    if folder.is_relative_to(data_dir):
        raise BackupError(f"the backup cannot be made inside the data folder {data_dir}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BackupError(f"{folder} is not an empty folder; nothing was copied")


class _Copying:
    """One backup while it is made."""

    def __init__(self, data_dir: Path, folder: Path, seconds: float) -> None:
        self._data_dir, self._folder, self._seconds = data_dir, folder, seconds
        self._files = 0
        self._problems: list[str] = []

    def all(self) -> Backup:
        journal, anchor = self._folder / JOURNAL_NAME, self._folder / ANCHOR_NAME
        living = AnchorFile(self._data_dir / ANCHOR_NAME)
        before = living.read()
        unreadable = None
        try:
            self._copy(Path(JOURNAL_NAME))
            living.copy_until(seen_until(before, newest_number(journal)), anchor)
            self._files += 1
        except (sqlite3.DatabaseError, JournalError) as error:
            unreadable = error
            for name in (JOURNAL_NAME, ANCHOR_NAME):
                if (self._data_dir / name).exists():
                    shutil.copyfile(self._data_dir / name, self._folder / name)
        for place in self._places():
            try:
                self._copy(place)
            except (OSError, sqlite3.Error) as error:
                self._problems.append(f"{place.as_posix()} was not copied: {_told(error)}")
        if unreadable is not None:
            raise BackupError(f"the journal was copied byte for byte, but: {_told(unreadable)}")
        return Backup(self._files, check_receipts(journal, anchor), tuple(self._problems))

    def _places(self) -> Iterator[Path]:
        """What there is beside journal and anchor; where a link leads is somebody else's."""
        for path, names in self._folders():
            for name in sorted(names):
                whole = [name.removesuffix(end) for end in _SIDE_FILES if name.endswith(end)]
                of_a_database = any(one and _is_database(path / one) for one in whole)
                place = (path / name).relative_to(self._data_dir)
                known = place in (Path(JOURNAL_NAME), Path(ANCHOR_NAME))
                is_ours = (path / name).is_file() and not (path / name).is_symlink()
                if is_ours and not known and name != LOCK_NAME and not of_a_database:
                    yield place

    def _folders(self) -> Iterator[tuple[Path, list[str]]]:
        def note(error: OSError) -> None:
            self._problems.append(f"a folder was not copied: {_told(error)}")

        for path, folders, names in os.walk(self._data_dir, onerror=note):
            folders.sort()
            yield Path(path), names

    def _copy(self, place: Path) -> None:
        """Copy one file to its place, unless it has gone meanwhile, as old logs do."""
        source, target = self._data_dir / place, self._folder / place
        for parent in reversed(place.parents):
            (self._folder / parent).mkdir(mode=0o700, exist_ok=True)
        try:
            if _is_database(source) and _DAMAGED not in source.name:
                found = _copy_database(source, target, self._seconds)
                if found != "ok":
                    self._problems.append(f"{place.as_posix()} is damaged: {found}")
            else:
                shutil.copyfile(source, target)
        except FileNotFoundError:
            return
        except (OSError, sqlite3.Error):
            target.unlink(missing_ok=True)  # half a file would be taken for a whole one
            raise
        target.chmod(0o600)
        self._files += 1


def _is_database(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _copy_database(source: Path, target: Path, seconds: float) -> str:
    """Copy it as it was last committed; "ok", or what is wrong with it."""
    until = time.monotonic() + seconds

    def give_up(_status: int, _left: int, _pages: int) -> None:
        if time.monotonic() > until:  # SQLite itself would try for ever
            raise TimeoutError("another process holds the database")

    with closing(sqlite3.connect(target)) as writing:
        with closing(open_for_reading(source, seconds)) as reading:
            reading.backup(writing, pages=-1, progress=give_up, sleep=0.05)
        try:
            writing.execute("PRAGMA journal_mode = DELETE")  # one file, without any beside it
            return str(writing.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as error:
            return str(error)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
