"""Makes the demo's SQLHK unusable for a while: locked by somebody else, or gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock

_LOCK_WAIT_SECONDS = 5.0
_COMPANIONS = ("", "-wal", "-shm")


class SqlhkFault:
    """Switches one database file between the modes ``none``, ``locked`` and ``down``.

    ``locked`` holds a write transaction on the file, as another program would. ``down`` moves the
    file away and puts a folder in its place, so that opening fails instead of creating an empty
    database; a connection that a client opened before keeps the file it has open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._switching = Lock()
        self._holder: sqlite3.Connection | None = None
        bring_back(path)

    def apply(self, mode: str) -> None:
        """Leave the present mode and enter ``mode``.

        Raises ``sqlite3.OperationalError`` when the lock cannot be had within five seconds, and
        ``OSError`` when the file cannot be moved (on Windows: while somebody has it open). The mode
        is then ``none``.
        """
        with self._switching:
            self._end()
            if mode == "locked":
                self._hold()
            elif mode == "down":
                self._take_away()

    def _end(self) -> None:
        if self._holder is not None:
            self._holder.rollback()
            self._holder.close()
            self._holder = None
        bring_back(self._path)

    def _hold(self) -> None:
        # Taken by one control request and let go by another, never used by two at once.
        connection = sqlite3.connect(
            self._path, timeout=_LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            connection.close()
            raise
        self._holder = connection

    def _take_away(self) -> None:
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            for file in _companions(self._path):
                if file.exists():
                    file.rename(_away(file))
            self._path.mkdir()
        except OSError:
            bring_back(self._path)
            raise


def bring_back(path: Path) -> None:
    """Put a database that was moved away back into its place, also after a crash."""
    if not any(_away(file).exists() for file in _companions(path)):
        return
    if path.is_dir():
        path.rmdir()
    for file in _companions(path):
        if _away(file).exists():
            _away(file).rename(file)


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + suffix) for suffix in _COMPANIONS)


def _away(file: Path) -> Path:
    return file.with_name(f"away-{file.name}")
