"""The book of receipts: what was about to be committed, and what became of it.

A receipt is appended and never updated: an *intent* before the commit, and a second one that
closes it (*written*, *not_written*, *undecided*); a *deletion* with the whole row before it goes,
and *not_deleted* behind it when it stayed. Each is on the disk before the next step.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sync_core.errors import JournalError
from sync_core.journal_file import JournalFile
from sync_core.receipt_anchor import AnchorFile
from sync_core.receipt_chain import BEGINNING, Receipt, canonical
from sync_core.task_model import DELETION, NOT_DELETED

INTENT = "intent"
CLOSING = ("written", "not_written", "undecided")

LOGGER = logging.getLogger("sync_gui.receipts")

COLUMNS = "number, task_id, event, created_at, body, previous, hash"


@dataclass(frozen=True)
class OpenIntent:
    """An intent that no receipt has closed: nobody knows yet what became of it.

    ``number`` is its receipt's; ``body`` is empty when somebody has made it unreadable.
    """

    number: int
    task_id: str
    body: Mapping[str, Any]


class ReceiptBook:
    """The receipts in a journal file, with their anchor beside it. Safe from any thread.

    ``now`` gives the wall clock's time with an offset. Raises ``JournalError``.
    """

    def __init__(
        self,
        file: JournalFile,
        anchor_path: Path,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._file = file
        self._anchor = AnchorFile(anchor_path)
        self._now = now
        self._lock = threading.Lock()
        self._anchored: tuple[int, str] | None = None
        self._repair_anchor()

    def record(self, task_id: str, event: str, body: Mapping[str, Any]) -> None:
        """Append a receipt; it is on the disk, and anchored, when this returns."""
        with self._lock:
            with self._file.writing_durably() as connection:
                number, previous = self._place(connection)
                receipt = Receipt(
                    number, task_id, event, self._moment(timedelta()), canonical(body), previous
                ).sealed()
                connection.execute(
                    f"INSERT INTO receipt ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                    astuple(receipt),
                )
            self._write_anchor(receipt)

    def open_intents(self) -> tuple[OpenIntent, ...]:
        """The latest intent of each task that no receipt after it has closed, oldest first."""
        rows = self._file.read(
            "SELECT number, task_id, body FROM receipt AS intent WHERE event = ? AND NOT EXISTS ("
            "SELECT 1 FROM receipt AS later WHERE later.task_id = intent.task_id"
            " AND later.number > intent.number AND later.event NOT IN (?, ?)) ORDER BY number",
            (INTENT, DELETION, NOT_DELETED),
        )
        return tuple(
            OpenIntent(row["number"], row["task_id"], _contents(row["body"])) for row in rows
        )

    def intents_after(self, number: int) -> tuple[Mapping[str, Any], ...]:
        """The bodies of all intents recorded after that receipt, oldest first."""
        rows = self._file.read(
            "SELECT body FROM receipt WHERE number > ? AND event = ? ORDER BY number",
            (number, INTENT),
        )
        return tuple(_contents(row["body"]) for row in rows)

    def prune(self, retention_days: int) -> int:
        """Remove receipts that are older, from the oldest end only; returns how many."""
        oldest_kept = self._moment(timedelta(days=retention_days))
        with self._lock:
            # The first receipt that is young enough: whatever stands behind it stays, so that a
            # clock that was wrong for a while leaves no gap in the chain. The newest one stays.
            rows = self._file.read(
                "SELECT number, previous FROM receipt WHERE created_at >= ? OR number ="
                " (SELECT max(number) FROM receipt) ORDER BY number LIMIT 1",
                (oldest_kept,),
            )
            if not rows:
                return 0
            first, previous = rows[0]["number"], rows[0]["previous"]
            older = self._file.read("SELECT count(*) AS n FROM receipt WHERE number < ?", (first,))[
                0
            ]["n"]
            if older:
                try:
                    self._anchor.remember_start(first, previous)
                except OSError as error:
                    raise JournalError(f"the anchor cannot be written: {error}") from error
                with self._file.writing_durably() as connection:
                    connection.execute("DELETE FROM receipt WHERE number < ?", (first,))
            return int(older)

    def _moment(self, ago: timedelta) -> str:
        """The time, so long ago, in UTC: as text it sorts as it passed, summer time or not."""
        return (self._now() - ago).astimezone(timezone.utc).isoformat()

    def _place(self, connection: sqlite3.Connection) -> tuple[int, str]:
        """The next receipt's number and the hash before it.

        If the newest receipt is not the anchored one any more, the chain goes on from the anchor:
        otherwise the next receipt would cover up that one was removed or exchanged.
        """
        row = connection.execute(
            "SELECT number, hash FROM receipt ORDER BY number DESC LIMIT 1"
        ).fetchone()
        number, digest = (row["number"], row["hash"]) if row else (0, BEGINNING)
        if self._anchored is not None and self._anchored[0] >= number:
            number, digest = self._anchored
        return number + 1, digest

    def _write_anchor(self, receipt: Receipt) -> None:
        try:
            self._anchor.remember_last(receipt.number, receipt.hash)
        except OSError as error:
            raise JournalError(f"the anchor cannot be written: {error}") from error
        self._anchored = receipt.number, receipt.hash

    def _repair_anchor(self) -> None:
        """After a crash between a receipt and its anchor the anchor is one behind; no more."""
        try:
            self._anchor.compact()
            self._anchored = self._anchor.read().last
        except OSError as error:
            raise JournalError(f"the anchor cannot be read: {error}") from error
        rows = self._file.read(
            f"SELECT {COLUMNS} FROM receipt ORDER BY number DESC LIMIT 2"  # noqa: S608 - fixed
        )
        newest = [Receipt(*row) for row in rows]
        anchored, digest = self._anchored or (0, BEGINNING)
        if newest and newest[0].number == anchored + 1 and newest[0].previous == digest:
            LOGGER.warning("the anchor was one receipt behind, as after a crash; repaired")
            self._write_anchor(newest[0])


def _contents(body: str) -> Mapping[str, Any]:
    try:
        contents = json.loads(body)
    except ValueError:
        return {}
    return contents if isinstance(contents, dict) else {}
