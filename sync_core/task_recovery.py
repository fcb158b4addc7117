"""What becomes of tasks that were pending or running when the program last ended."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sync_core.errors import InterruptedTaskError
from sync_core.journal import Journal
from sync_core.log_scope import log_scope
from sync_core.run_control import CommitState
from sync_core.task_end import failed_view
from sync_core.task_model import TaskStatus, TaskView


def end_unfinished(journal: Journal, now: datetime, logger: logging.Logger) -> int:
    """End the tasks of the last run that it left unfinished; returns how many.

    A task's intent is recorded before its commit is sent, so one without an open intent has
    written nothing. The others are left to the outcome resolver. Tasks that write step by step have
    no intents: what they had written stays, and their last recorded state is all that is known.
    Raises ``JournalError``.
    """
    open_intents = {intent.task_id for intent in journal.receipts.open_intents()}
    unfinished = [view for view in journal.unfinished() if view.task_id not in open_intents]
    error = InterruptedTaskError()
    for view in unfinished:
        whole = max(0, round((now - view.created_at).total_seconds() * 1000))
        ended = replace(
            failed_view(view, error, _came_to(view)),
            finished_at=now,
            execution_time_ms=whole,
            timing_ms={"queue": 0, "calldoc": 0, "sqlhk": 0, "other": whole},
        )
        journal.end(ended)
        with log_scope(task_id=view.task_id, request_id=view.request_id):
            logger.warning("left unfinished by the last run: code=%s", error.code)
    return len(unfinished)


def _came_to(view: TaskView) -> CommitState:
    """A task that writes step by step is recorded as running before its first step."""
    return CommitState.NOT_SENT if view.status is TaskStatus.PENDING else CommitState.STEPS


def forget_old(journal: Journal, now: datetime, retention_days: int) -> int:
    """Delete tasks that ended longer ago than ``tasks.retention_days``; returns how many."""
    return journal.forget_ended_before(now - timedelta(days=retention_days))
