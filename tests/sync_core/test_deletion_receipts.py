"""Rows that are about to be deleted stand in the receipts first."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sync_core.errors import JournalUnavailableError
from sync_core.journal import ANCHOR_ENDING, Journal
from sync_core.receipt_check import check_receipts
from sync_core.receipts import INTENT
from sync_core.run_control import StopReason
from sync_core.task_model import TaskContext, TaskOutcome, Writing
from tests.sync_core.task_house import DONE, House

ROW = {"table": "Untersuchung", "row": {"UntersuchungID": 7, "Materialpreis": "12.50"}}


def receipts(path: Path) -> list[tuple[str, Any]]:
    with closing(sqlite3.connect(path)) as journal:
        rows = journal.execute("SELECT event, body FROM receipt ORDER BY number").fetchall()
    return [(event, json.loads(body)) for event, body in rows]


def test_a_row_is_recorded_whole_and_taken_back(house: House) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.record_deletion(ROW)
        assert receipts(house.path) == [("deletion", ROW)]  # before it goes on
        context.record_kept({"table": "Untersuchung", "key": 7, "code": "conflict"})
        return DONE

    house.end_of(house.submit(run, writing=Writing.STEP_BY_STEP))
    assert [event for event, _ in receipts(house.path)] == ["deletion", "not_deleted"]
    anchor = house.path.with_name(house.path.name + ANCHOR_ENDING)
    check = check_receipts(house.path, anchor)
    assert (check.count, check.findings) == (2, ())


def test_nothing_is_recorded_after_a_stop_request(house: House) -> None:
    def run(context: TaskContext) -> TaskOutcome:
        context.control.stop(StopReason.CANCELLED)
        context.record_deletion(ROW)
        return DONE

    house.end_of(house.submit(run, writing=Writing.STEP_BY_STEP))
    assert receipts(house.path) == []


def test_a_journal_that_refuses_is_told(house: House) -> None:
    with house.journal.file.writing() as writer:
        writer.execute(
            "CREATE TRIGGER full BEFORE INSERT ON receipt BEGIN SELECT raise(ABORT, 'full'); END"
        )

    def run(context: TaskContext) -> TaskOutcome:
        for record in (context.record_deletion, context.record_kept):
            with pytest.raises(JournalUnavailableError):
                record(ROW)
        return DONE

    assert house.end_of(house.submit(run)).error_code is None


def test_a_deletion_does_not_close_an_intent(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        journal.receipts.record("task", INTENT, {})
        journal.receipts.record("task", "deletion", ROW)
        journal.receipts.record("task", "not_deleted", {})
        assert [item.task_id for item in journal.receipts.open_intents()] == ["task"]
        journal.receipts.record("task", "written", {})
        assert journal.receipts.open_intents() == ()


def test_pruning_copes(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        for number in range(4):
            journal.receipts.record("task", ("deletion", "not_deleted")[number % 2], ROW)
    with Journal(path) as journal:
        assert journal.receipts.prune(0) in (3, 4)
        assert check_receipts(path, path.with_name(path.name + ANCHOR_ENDING)).findings == ()
