"""``--verify-receipts``: the proof that no receipt was changed or removed."""

from __future__ import annotations

from pathlib import Path

from sync_core.errors import JournalError
from sync_core.journal import ANCHOR_ENDING
from sync_core.receipt_check import check_receipts
from sync_program.command_line import EXIT_OK, EXIT_PROBLEM
from sync_program.console import say
from sync_program.program import JOURNAL_NAME


def verify_receipts(data_dir: Path) -> int:
    """Print what is wrong with the receipts, a line each; 0 when nothing is, else 1.

    It only reads, so it may be run while the program runs.
    """
    journal = data_dir / JOURNAL_NAME
    try:
        check = check_receipts(journal, journal.with_name(journal.name + ANCHOR_ENDING))
    except JournalError as error:
        say(f"PROBLEM  the receipts cannot be read: {error}")
        return EXIT_PROBLEM
    for finding in check.findings:
        say(f"PROBLEM  {finding.message}")
    if check.findings:
        return EXIT_PROBLEM
    say(f"ok       {check.count} receipts, none changed or removed")
    return EXIT_OK
