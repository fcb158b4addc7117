"""Checks the receipts of a journal from outside: it opens the file for reading only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sync_core.errors import JournalError
from sync_core.receipt_anchor import AnchorFile
from sync_core.receipt_chain import BEGINNING, Anchor, Finding, Receipt, chain_findings
from sync_core.receipts import COLUMNS
from sync_core.sqlite_reading import open_for_reading

_TRIES = 5
"""A program that starts may shorten the anchor between our looks; then we look again."""


@dataclass(frozen=True)
class ReceiptCheck:
    """How many receipts there are and what is wrong with them."""

    count: int
    findings: tuple[Finding, ...]


def check_receipts(journal: Path, anchor: Path) -> ReceiptCheck:
    """Look at every receipt and at the anchor.

    What a running program writes meanwhile is no finding, nor is an anchor that is exactly one
    receipt behind: a crash leaves it so, and the next start mends it. Raises ``JournalError`` when
    the files cannot be read.
    """
    file = AnchorFile(anchor)
    try:
        for _ in range(_TRIES):
            before = file.read()
            receipts = _read(journal)
            newest = receipts[-1].number if receipts else 0
            anchored = file.read(seen_until(before, newest))
            findings = chain_findings(receipts, _caught_up(anchored, receipts))
            if not findings or file.read() == before:
                break
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{type(error).__name__}: {error}") from error
    return ReceiptCheck(len(receipts), tuple(findings))


def newest_number(journal: Path) -> int:
    """The number of the newest receipt, 0 without any. Raises ``JournalError``."""
    try:
        receipts = _read(journal)
    except sqlite3.Error as error:
        raise JournalError(f"{type(error).__name__}: {error}") from error
    return receipts[-1].number if receipts else 0


def seen_until(before: Anchor, newest: int) -> int:
    """Up to which receipt an anchor counts that is read after the journal's ``newest``.

    Later ones were written in between; but those that were anchored ``before`` the journal was
    read must be in it.
    """
    return max(newest, before.last[0] if before.last is not None else 0)


def _read(journal: Path) -> list[Receipt]:
    connection = open_for_reading(journal)
    # A flipped bit can make text no text at all: it must be shown as changed, not fail.
    connection.text_factory = _text
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] < 2:
            return []  # a journal from before there were receipts
        rows = connection.execute(f"SELECT {COLUMNS} FROM receipt ORDER BY number")  # noqa: S608
        return [Receipt(row[0], *map(_text, row[1:])) for row in rows]
    finally:
        connection.close()


def _text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _caught_up(anchor: Anchor, receipts: list[Receipt]) -> Anchor:
    newest = receipts[-1] if receipts else None
    number, digest = anchor.last or (0, BEGINNING)
    if newest and newest.number == number + 1 and newest.previous == digest:
        return Anchor(anchor.starts, (newest.number, newest.hash))
    return anchor
