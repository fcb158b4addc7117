"""``--verify-receipts`` and ``--backup``: proofs that no receipt was changed or removed."""

from __future__ import annotations

from pathlib import Path

from sync_core.backup import back_up
from sync_core.errors import BackupError, JournalError
from sync_core.journal import ANCHOR_ENDING, JOURNAL_NAME
from sync_core.receipt_check import ReceiptCheck, check_receipts
from sync_program.command_line import EXIT_OK, EXIT_PROBLEM
from sync_program.console import say


def verify_receipts(data_dir: Path) -> int:
    """Print what is wrong with the receipts, a line each; 0 when nothing is, else 1.

    It writes nothing, so it may be run while the program runs.
    """
    journal = data_dir / JOURNAL_NAME
    try:
        check = check_receipts(journal, journal.with_name(journal.name + ANCHOR_ENDING))
    except JournalError as error:
        say(f"PROBLEM  the receipts cannot be read: {error}")
        return EXIT_PROBLEM
    return _say_found(check)


def make_backup(data_dir: Path, folder: Path) -> int:
    """Copy the data folder, and print what is wrong with the copy's receipts; 0 or 1 as above.

    It writes into no file of the data folder, so it may be run while the program runs.
    """
    try:
        backup = back_up(data_dir, folder)
    except BackupError as error:
        say(f"PROBLEM  {error}")
        return EXIT_PROBLEM
    say(f"ok       {backup.files} files copied")
    for problem in backup.problems:
        say(f"PROBLEM  {problem}")
    return max(_say_found(backup.receipts), EXIT_PROBLEM if backup.problems else EXIT_OK)


def _say_found(check: ReceiptCheck) -> int:
    for finding in check.findings:
        say(f"PROBLEM  {finding.message}")
    if check.findings:
        return EXIT_PROBLEM
    say(f"ok       {check.count} receipts, none changed or removed")
    return EXIT_OK
