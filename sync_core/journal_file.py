"""The journal's file: opened, migrated, checked, and set aside when it is damaged.

SQLite in WAL mode. Tasks are written so that a killed process loses nothing; receipts through a
connection of their own that waits for the disk, so that a power failure loses nothing either.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sync_core.errors import JournalError

_MIGRATIONS = (
    """
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
    """,
    """
    CREATE TABLE receipt (
        number INTEGER PRIMARY KEY,
        task_id TEXT NOT NULL,
        event TEXT NOT NULL,
        created_at TEXT NOT NULL,
        body TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    );
    CREATE INDEX receipt_by_task ON receipt (task_id, number);
    """,
    """
    CREATE TABLE idempotency_key (
        key TEXT PRIMARY KEY,
        task_id TEXT NOT NULL,
        meaning TEXT NOT NULL,
        used_at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX idempotency_key_by_age ON idempotency_key (used_at);
    """,
)
"""What leads from each format to the next; a journal's format is how many were carried out."""

FORMAT = len(_MIGRATIONS)
_WAIT_SECONDS = 2
_SIDE_FILES = ("", "-wal", "-shm")


class DamagedJournalError(JournalError):
    """The file is no usable database."""


class JournalFile:
    """The database in the file ``path``; created when it is not there. Safe from any thread.

    Raises ``DamagedJournalError`` and ``JournalError`` for all that SQLite or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        with _journal_errors(), ExitStack() as undo:
            _create_private_file(path)
            self._writer = self._open(undo)
            _prepare(self._writer)
            self._durable = self._open(undo)
            self._durable.execute("PRAGMA synchronous = FULL")
            self._reader = self._open(undo)
            self._reader.execute("PRAGMA query_only = ON")
            self._connections = undo.pop_all()

    def close(self) -> None:
        """Close the file; it cannot be used afterwards."""
        with self._write_lock, self._read_lock, _journal_errors():
            self._connections.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that survives the death of the process."""
        with self._write_lock, _journal_errors(), _transaction(self._writer):
            yield self._writer

    @contextmanager
    def writing_durably(self) -> Iterator[sqlite3.Connection]:
        """A transaction that survives a power failure."""
        with self._write_lock, _journal_errors(), _transaction(self._durable):
            yield self._durable

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """The rows of a question; it never waits for a write."""
        with self._read_lock, _journal_errors():
            return self._reader.execute(sql, values).fetchall()

    def _open(self, undo: ExitStack) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        undo.callback(connection.close)
        connection.row_factory = sqlite3.Row
        # A flipped bit can make text no text at all: one such row must not stop the program.
        connection.text_factory = partial(bytes.decode, errors="backslashreplace")
        return connection


def set_aside(path: Path, companions: Sequence[Path], now: datetime) -> Path:
    """Rename a damaged journal and what belongs to it; returns the journal's new name.

    Raises ``JournalError`` when that is not possible.
    """
    ending = now.strftime(".damaged-%Y%m%d%H%M%S")
    with _journal_errors():
        files = [path.with_name(path.name + side) for side in _SIDE_FILES]
        for file in (*files, *companions):
            if file.exists():
                file.replace(file.with_name(file.name + ending))
    return path.with_name(path.name + ending)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _journal_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        # Plain DatabaseError: not a database, or malformed. Its subclasses are other matters.
        kind = DamagedJournalError if type(error) is sqlite3.DatabaseError else JournalError
        raise kind(f"{type(error).__name__}: {error}") from error
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{type(error).__name__}: {error}") from error


def _create_private_file(path: Path) -> None:
    # The journal holds patients' numbers and names: readable by its owner only, from the start.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "posix":
            os.fchmod(descriptor, 0o600)  # a file that was there keeps its mode otherwise
    finally:
        os.close(descriptor)


def _prepare(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > FORMAT:  # before anything else: not a byte of it may change
        raise JournalError(
            f"the journal was written by a newer version of the program (format {version}, "
            f"this version knows {FORMAT}); install that version again, or name another data folder"
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise DamagedJournalError(f"the journal is damaged: {found}")
    for number in range(version, FORMAT):
        connection.executescript(
            f"BEGIN IMMEDIATE; {_MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        )
