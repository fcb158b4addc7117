"""The receipts' chain: pure functions that make a receipt's hash and find a break in the chain.

Each receipt carries the hash of the one before, so none can be changed, removed or put in between
without all later hashes changing; the newest one is anchored in a file of its own. This proves
nothing against somebody who can rewrite both the journal and the anchor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

BEGINNING = "0" * 64
"""What the first receipt of all has instead of the hash of the one before."""


@dataclass(frozen=True)
class Receipt:
    """One receipt. ``number`` counts from 1 without gaps, ``event`` says what it records.

    ``body`` is the canonical JSON text exactly as it was hashed.
    """

    number: int
    task_id: str
    event: str
    created_at: str
    body: str
    previous: str
    hash: str = ""

    def computed_hash(self) -> str:
        """The hash of the contents and of the hash before it, as 64 hexadecimal digits."""
        contents = [
            self.number,
            self.task_id,
            self.event,
            self.created_at,
            self.body,
            self.previous,
        ]
        return hashlib.sha256(json.dumps(contents).encode("ascii")).hexdigest()

    def sealed(self) -> Receipt:
        """The receipt with its hash."""
        return replace(self, hash=self.computed_hash())


@dataclass(frozen=True)
class Anchor:
    """What the anchor file says: the oldest receipts kept and the newest one.

    ``starts`` are pairs of number and previous hash; the last two that were written, because a
    crash can come between announcing a pruning and carrying it out. ``last`` is number and hash.
    """

    starts: tuple[tuple[int, str], ...]
    last: tuple[int, str] | None


@dataclass(frozen=True)
class Finding:
    """Something wrong with the chain: a sentence in English that names the receipt."""

    message: str


def canonical(body: Any) -> str:
    """A body as the one text that is hashed and stored."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def chain_findings(receipts: Iterable[Receipt], anchor: Anchor) -> list[Finding]:
    """Everything wrong with the chain, in order; empty: it is whole, the newest included.

    ``receipts`` in the order of their numbers.
    """
    findings: list[Finding] = []
    before: Receipt | None = None
    for receipt in receipts:
        expected = _expected(before, anchor, receipt, findings)
        if receipt.previous != expected:
            findings.append(
                Finding(f"receipt {receipt.number} does not follow on the one before it")
            )
        if receipt.hash != receipt.computed_hash():
            findings.append(Finding(f"receipt {receipt.number} was changed"))
        before = receipt
    _check_end(before, anchor, findings)
    return findings


def _expected(
    before: Receipt | None, anchor: Anchor, receipt: Receipt, findings: list[Finding]
) -> str:
    if before is None:
        for number, previous in anchor.starts:
            if number == receipt.number:
                return previous
        findings.append(Finding(f"the receipts before {receipt.number} are missing"))
        return receipt.previous
    if receipt.number != before.number + 1:
        missing = f"{before.number + 1} to {receipt.number - 1}"
        findings.append(Finding(f"receipts are missing: {missing}"))
        return receipt.previous
    return before.hash


def _check_end(newest: Receipt | None, anchor: Anchor, findings: list[Finding]) -> None:
    if anchor.last is None:
        if newest is not None:
            findings.append(Finding("the anchor of the newest receipt is missing"))
        return
    number, digest = anchor.last
    if newest is None or newest.number < number:
        found = "none" if newest is None else str(newest.number)
        findings.append(
            Finding(f"the newest receipts are missing: {number} is anchored, {found} is the last")
        )
    elif newest.number > number:
        findings.append(
            Finding(f"receipts after {number} are not anchored; the newest is {newest.number}")
        )
    elif newest.hash != digest:
        findings.append(Finding(f"receipt {number} is not the one that was anchored"))
