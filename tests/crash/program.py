"""The program born by a nursery, its own SQLHK, and the ways to look at both from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from demo.sqlhk_database import create_database
from sync_core.journal import ANCHOR_ENDING, JOURNAL_NAME
from sync_core.receipt_anchor import AnchorFile
from sync_core.receipt_check import ReceiptCheck, check_receipts
from tests.clock import PATIENCE
from tests.crash.doom import Step, order
from tests.crash.nursery import ORDERS, Nursery
from tests.end_to_end.program import Demo, Lines, Program, clean_environment


class Born(Program):
    """The program without a window, born by ``nursery``; used like ``Program``.

    With ``orders`` it dies as that file says (``tests.crash.doom``).
    """

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        settings: Mapping[str, str],
        *arguments: str,
        orders: Path | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data_dir = folder / "data"
        self.url = ""
        self._stderr = (folder / "stderr.txt").open("a+", encoding="utf-8")
        environment = clean_environment(folder, **settings)
        if orders is not None:
            environment[ORDERS] = str(orders)
        command = ["--headless", "--port", "0", "--data-dir", str(self.data_dir), *arguments]
        self.process = nursery.bear(command, environment, folder, self._stderr)  # type: ignore[assignment]
        self.lines = Lines(self.process)

    def __exit__(self, *_: object) -> None:
        """Kill it, if it lives: whatever it has not written by now it shall not need."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        self.lines.end()
        self._stderr.close()

    def die(self, seconds: float = 20.0) -> None:
        """It dies by itself as it was ordered to."""
        assert self.process.wait(seconds) == -9
        self.lines.end()

    def tasks_of(self, piz: str) -> list[dict[str, Any]]:
        """The status of each recorded task of the patient, oldest first."""
        ids = query(
            journal_of(self.data_dir),
            "SELECT task_id FROM task WHERE task_id GLOB ? ORDER BY created_at, task_id",
            f"patient_sync_{piz}_*",
        )
        return [self.status(task_id) for (task_id,) in ids]


class OwnRegistry:
    """The shared demo's CallDoc with an SQLHK of the test's own, for ``Stage``."""

    def __init__(self, demo: Demo, database: Path) -> None:
        self._demo = demo
        self.database = database
        self.control = demo.control
        self.faults = demo.faults

    @classmethod
    def create(cls, demo: Demo, folder: Path) -> OwnRegistry:
        """With a new database in ``folder``."""
        create_database(folder / "sqlhk.sqlite")
        return cls(demo, folder / "sqlhk.sqlite")

    @classmethod
    def of_demo(cls, demo: Demo) -> OwnRegistry:
        """With the demo's database, the one that its faults are made for."""
        return cls(demo, demo.database)

    def settings(self) -> dict[str, str]:
        """What the program needs to know, as environment settings."""
        return {**self._demo.settings(), "SQLHK__URL": f"sqlite:///{self.database.as_posix()}"}


def journal_of(data_dir: Path) -> Path:
    """The journal's file."""
    return data_dir / JOURNAL_NAME


def anchor_of(data_dir: Path) -> Path:
    """The anchor's file."""
    return data_dir / (JOURNAL_NAME + ANCHOR_ENDING)


def receipts_of(data_dir: Path) -> ReceiptCheck:
    """The check of all receipts."""
    return check_receipts(journal_of(data_dir), anchor_of(data_dir))


def query(database: Path, sql: str, *values: Any) -> list[Any]:
    """The rows of a question to an SQLite file, asked by a connection of our own."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute(sql, values).fetchall()


def open_intents(data_dir: Path) -> list[str]:
    """The tasks with an intent that no later receipt of theirs closes."""
    rows = query(journal_of(data_dir), "SELECT task_id, event FROM receipt ORDER BY number")
    last = dict(rows)
    return [task_id for task_id, event in last.items() if event == "intent"]


def anchor_is_up_to_date(data_dir: Path) -> bool:
    """Whether the newest receipt is the anchored one: then no recording is under way."""
    rows = query(
        journal_of(data_dir), "SELECT number, hash FROM receipt ORDER BY number DESC LIMIT 1"
    )
    return AnchorFile(anchor_of(data_dir)).read().last == (rows[0] if rows else None)


class Lives:
    """Programs that live one after the other on one data folder; a context manager.

    Attributes: ``program``, the present one; ``orders``, what it obeys (``tests.crash.doom``).
    """

    def __init__(self, nursery: Nursery, folder: Path, settings: Mapping[str, str]) -> None:
        self.orders = folder.with_name(f"{folder.name}.orders")
        self._bear = partial(Born, nursery, folder, settings, orders=self.orders)
        self.program = self._bear()

    def reborn(self) -> Born:
        """Begin the next life, which dies of no old order."""
        self.program.__exit__()
        self.orders.unlink(missing_ok=True)
        self.program = self._bear()
        return self.program.wait_until_ready()

    def begin(self, step: Step) -> None:
        """Begin the next life, which dies at ``step`` as soon as it comes to it."""
        self.program.__exit__()
        order(self.orders, step)
        self.program = self._bear()

    def __enter__(self) -> Lives:
        return self

    def __exit__(self, *_: object) -> None:
        self.program.__exit__()
