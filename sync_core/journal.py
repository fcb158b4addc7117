"""The journal: a small SQLite database in the data folder that remembers tasks.

A task is recorded before it is accepted and again when it has ended, so its status can be asked
after a restart. Every method may be called from any thread; one connection writes, another one
reads, so that a status call never waits for a write.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from sync_core.errors import JournalError
from sync_core.task_model import TaskStatus, TaskView
from sync_core.task_status import restored_task, stored_task

SCHEMA_VERSION = 1

_SCHEMA = """
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
"""


@dataclass(frozen=True)
class TaskPage:
    """One page of ended tasks, newest first, and how many there are in all."""

    total: int
    tasks: tuple[TaskView, ...]


class DuplicateTaskError(JournalError):
    """A task with this id is already recorded."""


class Journal:
    """The journal in the file ``path``; created on first use.

    Raises ``JournalError`` for everything that SQLite or the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        with _journal_errors():
            _create_private_file(path)
            self._writer = _connect(path)
            try:
                _prepare(self._writer)
                self._reader = _connect(path)
                self._reader.execute("PRAGMA query_only = ON")
            except BaseException:
                self._writer.close()
                raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. The journal cannot be used afterwards."""
        with self._write_lock, self._read_lock, _journal_errors():
            self._reader.close()
            self._writer.close()

    def check(self) -> None:
        """Raise ``JournalError`` if the journal cannot be written now."""
        with self._writing() as writer:
            writer.execute("UPDATE task SET status = status WHERE task_id = ''")

    def add(self, view: TaskView) -> None:
        """Record a new task. Raises ``DuplicateTaskError`` when its id is taken."""
        with self._writing() as writer:
            try:
                writer.execute(
                    "INSERT INTO task (task_id, kind, status, created_at, stored)"
                    " VALUES (?, ?, ?, ?, ?)",
                    (
                        view.task_id,
                        view.kind,
                        view.status.value,
                        view.created_at.isoformat(),
                        _dump(view),
                    ),
                )
            except sqlite3.IntegrityError as error:
                raise DuplicateTaskError("a task with this id is recorded") from error

    def progressed(self, view: TaskView) -> None:
        """Record how far a running task has come."""
        with self._writing() as writer:
            writer.execute(
                "UPDATE task SET status = ?, stored = ? WHERE task_id = ?",
                (view.status.value, _dump(view), view.task_id),
            )

    def end(self, view: TaskView) -> None:
        """Record how a task ended."""
        ended_on = view.finished_at.date().isoformat() if view.finished_at else None
        with self._writing() as writer:
            writer.execute(
                "UPDATE task SET status = ?, stored = ?, ended_on = ?, ended_order ="
                " coalesce(ended_order, (SELECT coalesce(max(ended_order), 0) + 1 FROM task))"
                " WHERE task_id = ?",
                (view.status.value, _dump(view), ended_on, view.task_id),
            )

    def task(self, task_id: str) -> TaskView | None:
        """The recorded task with this id, or None."""
        rows = self._read("SELECT stored FROM task WHERE task_id = ?", (task_id,))
        return _load(rows[0]["stored"]) if rows else None

    def unfinished(self) -> tuple[TaskView, ...]:
        """Tasks that were pending or running when they were last recorded, oldest first."""
        rows = self._read(
            "SELECT stored FROM task WHERE ended_order IS NULL ORDER BY created_at", ()
        )
        return tuple(_load(row["stored"]) for row in rows)

    def ended(
        self,
        *,
        kind: str | None = None,
        status: TaskStatus | None = None,
        offset: int = 0,
        limit: int = 200,
    ) -> TaskPage:
        """Ended tasks, newest first; ``kind`` and ``status`` narrow them down."""
        where, values = ["ended_order IS NOT NULL"], []
        if kind is not None:
            where.append("kind = ?")
            values.append(kind)
        if status is not None:
            where.append("status = ?")
            values.append(status.value)
        condition = " AND ".join(where)  # fixed texts only; the values are bound
        total = self._read(f"SELECT count(*) AS n FROM task WHERE {condition}", values)  # noqa: S608
        rows = self._read(
            f"SELECT stored FROM task WHERE {condition}"  # noqa: S608 - as above
            " ORDER BY ended_order DESC LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return TaskPage(total[0]["n"], tuple(_load(row["stored"]) for row in rows))

    def forget_ended_before(self, day: datetime) -> int:
        """Delete tasks that ended before that day; returns how many."""
        with self._writing() as writer:
            cursor = writer.execute(
                "DELETE FROM task WHERE ended_order IS NOT NULL AND ended_on < ?",
                (day.date().isoformat(),),
            )
            return cursor.rowcount

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._write_lock, _journal_errors():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def _read(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        with self._read_lock, _journal_errors():
            return self._reader.execute(sql, values).fetchall()


@contextmanager
def _journal_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{type(error).__name__}: {error}") from error


def _create_private_file(path: Path) -> None:
    # The journal holds patients' numbers and names: readable by its owner only, from the start.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.close(descriptor)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    # A killed process loses nothing that was committed; only a power failure may lose the very
    # last task, which then had not been carried out either.
    connection.execute("PRAGMA synchronous = NORMAL")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise JournalError(
            f"the journal was written by a newer version of the program (format {version}, "
            f"this version knows {SCHEMA_VERSION})"
        )
    if version == 0:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def _dump(view: TaskView) -> str:
    return json.dumps(stored_task(view), ensure_ascii=False, separators=(",", ":"))


def _load(text: str) -> TaskView:
    try:
        return restored_task(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(f"a recorded task cannot be read: {type(error).__name__}") from error
