"""Idempotency keys: a request that comes again under its key gets the task it got before.

A key counts for 24 hours from its task's acceptance, restarts or not. It is recorded in the same
transaction as its task, so neither ever stands in the journal without the other; a request that
was refused leaves its key unused.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_core.errors import Refusal
from sync_core.journal_file import JournalFile
from sync_core.task_model import TaskOrder

KEPT = timedelta(hours=24)

_TURN_SECONDS = 10.0
"""Longer than a journal may make a writer wait, so whoever is ahead has come to an end by then."""


@dataclass(frozen=True)
class KeyUse:
    """A key and a hash of what was asked for under it."""

    key: str
    meaning: str

    @classmethod
    def of(cls, key: str, order: TaskOrder) -> KeyUse:
        """The key's use for this order. Equal meanings: same kind, same normalised request."""
        asked = {"kind": order.kind, "request": dict(order.request)}
        text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
        return cls(key, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True)
class UsedKey:
    """What a key stands for: its task, and the hash of what was asked for."""

    task_id: str
    meaning: str


class KeyBook:
    """The keys in the journal's ``file``. Raises ``JournalError``; safe from any thread."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def enter(self, writer: sqlite3.Connection, use: KeyUse, task_id: str, used: datetime) -> None:
        """Record the key within the transaction that records its task; drop what has expired."""
        _forget(writer, used)
        writer.execute(
            "INSERT OR REPLACE INTO idempotency_key (key, task_id, meaning, used_at)"
            " VALUES (?, ?, ?, ?)",
            (use.key, task_id, use.meaning, used.timestamp()),
        )

    def find(self, key: str, now: datetime) -> UsedKey | None:
        """What the key stands for at this moment; None when nothing, or no longer."""
        rows = self._file.read(
            "SELECT task_id, meaning FROM idempotency_key WHERE key = ? AND used_at > ?",
            (key, _oldest(now)),
        )
        return UsedKey(rows[0]["task_id"], rows[0]["meaning"]) if rows else None

    def forget_expired(self, now: datetime) -> int:
        """Delete the keys that count no longer; returns how many."""
        with self._file.writing() as writer:
            return _forget(writer, now)


class KeyTurns:
    """Lets requests under one key pass one after another. Different keys never wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: set[str] = set()

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Wait until nobody else is at work under this key.

        Raises ``Refusal`` (``journal_unavailable``) when that takes too long.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: key not in self._taken, _TURN_SECONDS):
                raise Refusal(
                    "journal_unavailable", "An earlier request with this key is still recorded"
                )
            self._taken.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._taken.discard(key)
                self._changed.notify_all()


def _forget(writer: sqlite3.Connection, now: datetime) -> int:
    cursor = writer.execute("DELETE FROM idempotency_key WHERE used_at <= ?", (_oldest(now),))
    return cursor.rowcount


def _oldest(now: datetime) -> float:
    # Seconds since 1970: neither a time zone nor the hour of a clock change can shift them.
    return (now - KEPT).timestamp()
