"""The wall clock is set back, while the program runs and between two runs."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sync_core.journal import Journal
from sync_core.journal_file import JournalFile
from sync_core.outcome_resolver import OutcomeResolver
from sync_core.receipt_check import check_receipts
from sync_core.receipts import INTENT, ReceiptBook
from sync_core.task_model import Resolution, TaskOrder, TaskStatus, TaskView
from sync_core.task_recovery import end_unfinished, forget_old
from sync_core.task_registry import TaskRegistry
from tests.clock import PATIENCE
from tests.sync_core.task_house import DONE, SOURCE

LOG = logging.getLogger("sync_gui.tasks")
NOON = datetime(2025, 10, 26, 12, 0, 0, tzinfo=timezone(timedelta(hours=1)))


class Clock:
    """A wall clock that goes back by an hour at each look."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        self.moment -= timedelta(hours=1)
        return self.moment


def order() -> TaskOrder:
    return TaskOrder(
        kind="single_patient",
        id_stem="patient_sync_1_2025-10-26",
        run=lambda _context: DONE,
        source=SOURCE,
        request_id="request",
        exclusion=None,
        day_lock=None,
        body={},
        request={},
    )


def run_some(journal: Journal, now: object, tasks: int) -> list[TaskView]:
    registry = TaskRegistry(
        journal, workers=2, queue_limit=10, timeout_seconds=5, logger=LOG, now=now
    )
    try:
        views = []
        for _ in range(tasks):
            view = registry.wait(registry.submit(order()).task_id, PATIENCE)
            assert view is not None
            views.append(view)
        return views
    finally:
        registry.shutdown(2)


def test_ids_are_unique_and_times_not_negative(tmp_path: Path) -> None:
    """Also when the same second comes again in another run."""
    views: list[TaskView] = []
    for _ in range(3):
        with closing(Journal(tmp_path / "journal.sqlite")) as journal:
            views += run_some(journal, Clock(), 4)
            views += run_some(journal, lambda: NOON, 4)
    assert len({view.task_id for view in views}) == len(views) == 24
    for view in views:
        assert view.status is TaskStatus.COMPLETED
        assert min(view.timing_ms.values()) >= 0
        assert sum(view.timing_ms.values()) == view.execution_time_ms
        assert 0 <= (view.execution_time_ms or 0) < 5000


def test_a_start_in_the_past_ends_what_was_left(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as journal:
        (ended,) = run_some(journal, lambda: NOON, 1)
        for name in ("lost", "open"):
            journal.add(_running(ended, name))
        intent = {"kind": "single_patient", "intent": {}, "if_written": {}}
        journal.receipts.record("open", INTENT, intent)
    earlier = NOON - timedelta(days=400)
    told: list[TaskView] = []
    with closing(Journal(path)) as journal:
        assert end_unfinished(journal, earlier, LOG) == 1
        assert forget_old(journal, earlier, 30) == 0
        resolver = OutcomeResolver(
            journal,
            active=frozenset,
            resolvers=lambda: {
                "single_patient": lambda _intent, _control, _later: Resolution("not_written")
            },
            settled=told.append,
            logger=LOG,
            now=lambda: earlier,
        )
        assert resolver.settle() == 0
        for name in ("lost", "open"):
            view = journal.task(name)
            assert view is not None
            assert (view.status, view.error_code) == (TaskStatus.FAILED, "interrupted")
            assert view.execution_time_ms == 0
            assert sum(view.timing_ms.values()) == 0
        assert [view.task_id for view in told] == ["open"]
        assert journal.task(ended.task_id) is not None
    check = check_receipts(path, path.with_name(path.name + ".anchor"))
    assert (check.count, check.findings) == (2, ())


def test_receipts_of_a_clock_that_was_wrong_are_kept(tmp_path: Path) -> None:
    """Receipts that seem old stand behind young ones: removing them would leave a gap."""
    path = tmp_path / "journal.sqlite"
    anchor = path.with_name(path.name + ".anchor")
    long_ago = NOON - timedelta(days=9000)
    moments = iter([NOON, long_ago, NOON, long_ago, NOON])
    with closing(JournalFile(path)) as file:
        book = ReceiptBook(file, anchor, lambda: next(moments))
        for _ in range(4):
            book.record("task", "written", {})
        assert book.prune(3650) == 0
    assert check_receipts(path, anchor).findings == ()


def _running(like: TaskView, name: str) -> TaskView:
    return replace(
        like,
        task_id=name,
        status=TaskStatus.PENDING,
        finished_at=None,
        execution_time_ms=None,
        timing_ms={},
    )
