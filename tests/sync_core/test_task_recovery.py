"""What the next start makes of tasks that the last run left unfinished."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sync_core.journal import Journal
from sync_core.receipts import INTENT
from sync_core.task_model import Progress, TaskStatus
from sync_core.task_recovery import end_unfinished, forget_old
from tests.sync_core.task_house import House
from tests.sync_core.test_journal import BEGIN, ended, names, pending, record

ROOT = Path(__file__).parents[2]
LOGGER = logging.getLogger("tests.recovery")
NOW = BEGIN + timedelta(seconds=90)
BODY = {"kind": "single_patient", "intent": {}, "if_written": {}}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite") as journal:
        yield journal


def test_nothing_is_left(journal: Journal) -> None:
    record(journal, ended("done"))
    before = journal.task("done")
    assert end_unfinished(journal, NOW, LOGGER) == 0
    assert journal.task("done") == before


def test_what_was_left_is_interrupted(journal: Journal, caplog: pytest.LogCaptureFixture) -> None:
    record(journal, ended("done"))
    journal.add(pending("waiting"))
    journal.add(
        pending(
            "running",
            status=TaskStatus.RUNNING,
            created_at=BEGIN + timedelta(seconds=1),
            progress=Progress("write", 70, "Wird geschrieben"),
        )
    )
    assert end_unfinished(journal, NOW, LOGGER) == 2
    assert journal.unfinished() == ()
    assert names(journal.ended().tasks) == ["running", "waiting", "done"]
    view = journal.ended().tasks[0]
    assert (view.status, view.error_code) == (TaskStatus.FAILED, "interrupted")
    assert view.safe_to_retry is True
    assert view.error == view.progress.message
    assert view.finished_at == NOW
    assert view.execution_time_ms == sum(view.timing_ms.values()) == 89_000
    assert set(view.timing_ms) == {"queue", "calldoc", "sqlhk", "other"}
    assert view.body["patient"]["name"] not in caplog.text
    assert caplog.text.count("code=interrupted") == 2
    assert end_unfinished(journal, NOW, LOGGER) == 0


def test_a_task_with_an_open_intent_is_left_to_the_resolver(journal: Journal) -> None:
    for name in ("open", "closed"):
        journal.add(pending(name))
        journal.receipts.record(name, INTENT, BODY)
    journal.receipts.record("closed", "not_written", {})
    assert end_unfinished(journal, NOW, LOGGER) == 1
    assert names(journal.unfinished()) == ["open"]
    assert journal.ended().tasks[0].task_id == "closed"


def test_a_clock_that_was_set_back(journal: Journal) -> None:
    journal.add(pending("early"))
    end_unfinished(journal, BEGIN - timedelta(hours=1), LOGGER)
    assert journal.ended().tasks[0].execution_time_ms == 0


KILLED = """
import os, sys
from pathlib import Path
from tests.sync_core.task_house import House
house = House(Path(sys.argv[1]), workers=1)
print(house.running(house.work()), house.submit(), flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no kill -9")
def test_after_a_kill_every_accepted_task_is_told_as_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    ids = done.stdout.split()
    assert len(ids) == 2
    with Journal(path) as journal:
        end_unfinished(journal, NOW, LOGGER)
    house = House(path)
    try:
        for task_id in ids:
            view = house.now_of(task_id)
            assert (view.status, view.error_code) == (TaskStatus.FAILED, "interrupted")
            assert view.request == {"piz": "1"}
    finally:
        house.close()


def test_old_tasks_are_forgotten_and_unfinished_ones_are_not(journal: Journal) -> None:
    record(
        journal,
        ended("old", BEGIN - timedelta(days=91)),
        ended("kept", BEGIN - timedelta(days=90)),
    )
    journal.add(replace(pending("unfinished"), created_at=BEGIN - timedelta(days=400)))
    assert forget_old(journal, BEGIN, 90) == 1
    assert names(journal.ended().tasks) == ["kept"]
    assert names(journal.unfinished()) == ["unfinished"]
