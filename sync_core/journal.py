"""The journal: the tasks, whose status can still be asked after a restart, keys and receipts.

A task is recorded before it is accepted and again when it has ended. Every method may be called
from any thread.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from sync_core.errors import JournalError
from sync_core.idempotency import KeyBook, KeyUse
from sync_core.journal_file import FORMAT, DamagedJournalError, JournalFile, set_aside
from sync_core.receipts import ReceiptBook
from sync_core.task_model import TaskPage, TaskStatus, TaskView
from sync_core.task_status import restored_task, stored_task

JOURNAL_NAME = "journal.sqlite"
"""What the journal is called in the data folder."""
ANCHOR_ENDING = ".anchor"

LOGGER = logging.getLogger("sync_gui.journal")


class DuplicateTaskError(JournalError):
    """A task with this id is already recorded."""


class Journal:
    """The journal ``path``; created on first use, its anchor beside it.

    Attributes: ``receipts``, the book of receipts; ``keys``, the book of idempotency keys.
    Raises ``JournalError`` for everything that SQLite or the disk refuses,
    ``DamagedJournalError`` for an unusable file.
    """

    def __init__(self, path: Path) -> None:
        self.file = JournalFile(path)
        self.keys = KeyBook(self.file)
        try:
            self.receipts = ReceiptBook(self.file, path.with_name(path.name + ANCHOR_ENDING))
        except BaseException:
            self.file.close()
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
        self.file.close()

    def check(self) -> None:
        """Raise ``JournalError`` if the journal cannot be written now."""
        with self.file.writing() as writer:
            # The same number again: a page is written, as a full disk shows only then.
            writer.execute(f"PRAGMA user_version = {FORMAT}")

    def add(self, view: TaskView, use: KeyUse | None = None) -> None:
        """Record a new task, and the key under which it was asked for.

        Raises ``DuplicateTaskError`` when its id is taken.
        """
        with self.file.writing() as writer:
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
            if use is not None:
                self.keys.enter(writer, use, view.task_id, view.created_at)

    def end(self, view: TaskView) -> None:
        """Record how a task ended."""
        ended_on = view.finished_at.date().isoformat() if view.finished_at else None
        with self.file.writing() as writer:
            writer.execute(
                "UPDATE task SET status = ?, stored = ?, ended_on = ?, ended_order ="
                " coalesce(ended_order, (SELECT coalesce(max(ended_order), 0) + 1 FROM task"
                " WHERE ended_order IS NOT NULL))"  # without it SQLite passes over the index
                " WHERE task_id = ?",
                (view.status.value, _dump(view), ended_on, view.task_id),
            )

    def keep(self, view: TaskView) -> None:
        """Record how far a task has come; of one that has ended, nothing."""
        with self.file.writing() as writer:
            writer.execute(
                "UPDATE task SET status = ?, stored = ? WHERE task_id = ? AND ended_order IS NULL",
                (view.status.value, _dump(view), view.task_id),
            )

    def task(self, task_id: str) -> TaskView | None:
        """The recorded task with this id, or None."""
        rows = self.file.read("SELECT stored FROM task WHERE task_id = ?", (task_id,))
        return _load(rows[0]["stored"]) if rows else None

    def unfinished(self) -> tuple[TaskView, ...]:
        """Tasks that were pending or running when they were last recorded, oldest first."""
        rows = self.file.read(
            "SELECT stored FROM task WHERE ended_order IS NULL ORDER BY created_at"
        )
        return _readable(rows)

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
        total = self.file.read(f"SELECT count(*) AS n FROM task WHERE {condition}", values)  # noqa: S608
        rows = self.file.read(
            f"SELECT stored FROM task WHERE {condition}"  # noqa: S608 - as above
            " ORDER BY ended_order DESC LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return TaskPage(total[0]["n"], _readable(rows))

    def forget_ended_before(self, day: datetime) -> int:
        """Delete tasks that ended before that day; returns how many."""
        with self.file.writing() as writer:
            cursor = writer.execute(
                "DELETE FROM task WHERE ended_order IS NOT NULL AND ended_on < ?",
                (day.date().isoformat(),),
            )
            return cursor.rowcount


def open_journal(path: Path, now: datetime) -> tuple[Journal, Path | None]:
    """The journal; a damaged one is set aside and a new one begun.

    Returns the new name of the damaged one as well, which people must be told. Raises
    ``JournalError`` for a journal of a newer program and for all that the disk refuses.
    """
    try:
        return Journal(path), None
    except DamagedJournalError:
        aside = set_aside(path, [path.with_name(path.name + ANCHOR_ENDING)], now)
        return Journal(path), aside


def _dump(view: TaskView) -> str:
    # ASCII only: foreign JSON can hold lone surrogates, which no file takes as they are.
    return json.dumps(stored_task(view), separators=(",", ":"))


def _readable(rows: Sequence[sqlite3.Row]) -> tuple[TaskView, ...]:
    """The tasks in the rows; one that cannot be read is named in the log and spoils no other."""
    views = []
    for row in rows:
        try:
            views.append(_load(row["stored"]))
        except JournalError:
            LOGGER.exception("a recorded task is passed over")
    return tuple(views)


def _load(text: str) -> TaskView:
    try:
        return restored_task(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError(f"a recorded task cannot be read: {type(error).__name__}") from error
