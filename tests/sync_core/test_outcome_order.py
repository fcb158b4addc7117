"""The order in which a settled outcome is written: a kill in between must lose nothing."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from sync_core.journal import Journal
from sync_core.outcome_resolver import OutcomeResolver, intent_body
from sync_core.receipts import INTENT
from sync_core.task_model import Resolution, TaskOutcome, TaskStatus, TaskView
from sync_core.task_recovery import end_unfinished
from tests.sync_core.test_journal import BEGIN, pending

LOGGER = logging.getLogger("tests.outcome")


class KilledError(BaseException):
    """Stands for the end of the process at this very point."""


@pytest.mark.parametrize("outcome", ["written", "not_written"])
def test_killed_between_the_status_and_its_receipt(tmp_path: Path, outcome: str) -> None:
    with Journal(tmp_path / "journal.sqlite") as journal:
        view = pending(status=TaskStatus.RUNNING)
        journal.add(view)
        body = intent_body(view, {"rows": []}, TaskOutcome("Geschrieben", {"dry_run": False}))
        journal.receipts.record(view.task_id, INTENT, body)

        def resolver(settled: object) -> OutcomeResolver:
            return OutcomeResolver(
                journal,
                active=frozenset,
                resolvers=lambda: {view.kind: lambda intent, control, later: Resolution(outcome)},
                settled=settled,
                logger=LOGGER,
            )

        def die(_: TaskView) -> None:
            raise KilledError

        with pytest.raises(KilledError):
            resolver(die).settle()
        assert end_unfinished(journal, BEGIN + timedelta(seconds=9), LOGGER) == 0
        seen: list[TaskView] = []
        assert resolver(seen.append).settle() == 0
        assert journal.receipts.open_intents() == ()
        told = journal.task(view.task_id)
        assert told is not None
        expected = {"written": ("completed", None), "not_written": ("failed", "interrupted")}
        assert (told.status.value, told.error_code) == expected[outcome]
        assert seen == [told]
