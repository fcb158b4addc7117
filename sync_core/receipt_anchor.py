"""The anchor: a small file beside the journal that remembers the newest receipt.

A line is appended after each receipt and reaches the disk before the receipt counts. A crash in
between leaves the anchor one receipt behind, which the next start repairs; a half-written line is
the same thing.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from sync_core.receipt_chain import BEGINNING, Anchor

_LINE = re.compile(r"(start|last) ([1-9][0-9]{0,17}) ([0-9a-f]{64})")
_LARGEST = 1024 * 1024


class AnchorFile:
    """The file ``path``; not for several threads at once. Raises ``OSError``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, until: int | None = None) -> Anchor:
        """What the file says; lines that are not whole are passed over.

        ``until``: newer receipts than that count as not written yet.
        """
        try:
            lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            lines = []
        # Until something is pruned the chain begins at its very beginning.
        starts: list[tuple[int, str]] = [(1, BEGINNING)]
        last: tuple[int, str] | None = None
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None:
                continue
            value = (int(match[2]), match[3])
            if match[1] == "start":
                starts.append(value)
            elif until is None or value[0] <= until:
                last = value
        return Anchor(tuple(starts[-2:]), last)

    def remember_last(self, number: int, digest: str) -> None:
        """The receipt ``number`` is the newest one."""
        self._append(f"last {number} {digest}")

    def remember_start(self, number: int, previous: str) -> None:
        """Receipts before ``number`` are about to be pruned."""
        self._append(f"start {number} {previous}")

    def copy_until(self, until: int, path: Path) -> None:
        """Write to ``path``, where nothing is, what was there when that receipt was the newest."""
        _write(path, _lines(self.read(until)))

    def compact(self) -> None:
        """Drop what is no longer needed, when the file has grown large; done on start."""
        if not self._path.exists() or self._path.stat().st_size < _LARGEST:
            return
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.unlink(missing_ok=True)
        _write(fresh, _lines(self.read()))
        fresh.replace(self._path)

    def _append(self, line: str) -> None:
        # The line break in front ends a line that a crash may have cut off.
        _write(self._path, f"\n{line}\n")


def _lines(anchor: Anchor) -> str:
    lines = [f"start {number} {digest}\n" for number, digest in anchor.starts if number > 1]
    if anchor.last is not None:
        lines.append(f"last {anchor.last[0]} {anchor.last[1]}\n")
    return "".join(lines)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, text.encode("ascii"))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
