"""Starts the program with its SQLHK slowed down and listened to: a process of its own.

``python traced_program.py TRACE DATABASE DELAY_MS OPTIONS…`` runs ``sync_gui_qt.py`` with the
options. In this process only, connections to the SQLite file DATABASE take DELAY_MS longer for
each batch and write its text, without values, as a line to TRACE. The program's own files and
code stay as they are: the ``connect`` function of Python's sqlite3 module is what is replaced.

A batch is what would cost a real server one round trip: each statement, the lock (here BEGIN),
and the commit or rollback of an open transaction. PRAGMAs are SQLite's own affair.
"""

from __future__ import annotations

import runpy
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

PROGRAM = Path(__file__).parents[1] / "sync_gui_qt.py"

Batch = Callable[[str], None]


def batch_listener(trace: TextIO, delay_seconds: float) -> Batch:
    """What is called with each batch's text before it is sent."""
    lock = threading.Lock()

    def listen(text: str) -> None:
        if text.lstrip().upper().startswith("PRAGMA"):
            return
        with lock:
            trace.write(" ".join(text.split()) + "\n")
            trace.flush()
        time.sleep(delay_seconds)

    return listen


def listening_connection(on_batch: Batch) -> type[sqlite3.Connection]:
    """A connection class that tells ``on_batch`` what it is about to send."""

    class ListeningCursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> ListeningCursor:
            on_batch(sql)
            super().execute(sql, *values)
            return self

    class ListeningConnection(sqlite3.Connection):
        def cursor(self, *_: Any) -> Any:
            return super().cursor(ListeningCursor)

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            on_batch(sql)
            return super().execute(sql, *values)

        def commit(self) -> None:
            if self.in_transaction:
                on_batch("COMMIT")
            super().commit()

        def rollback(self) -> None:
            if self.in_transaction:
                on_batch("ROLLBACK")
            super().rollback()

    return ListeningConnection


def listen_to(database: str, on_batch: Batch) -> None:
    """From now on connections to the file named ``database`` tell what they send."""
    factory = listening_connection(on_batch)
    real_connect = sqlite3.connect

    def connect(address: Any, *args: Any, **options: Any) -> sqlite3.Connection:
        if database in str(address):
            options["factory"] = factory
        connection: sqlite3.Connection = real_connect(address, *args, **options)
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]  # the overloads say no more than this


def main() -> None:
    """Run the program; its exit code is this process's."""
    trace, database, delay_ms, *options = sys.argv[1:]
    sys.path[0] = str(PROGRAM.parent)  # as if the program itself had been started
    sys.argv = [str(PROGRAM), *options]
    with Path(trace).open("w", encoding="utf-8") as file:
        listen_to(database, batch_listener(file, float(delay_ms) / 1000))
        runpy.run_path(str(PROGRAM), run_name="__main__")


if __name__ == "__main__":
    main()
