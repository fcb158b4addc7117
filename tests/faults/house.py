"""A synchronizer on a registry of its own, with a driver that tests can make fail."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from demo.day_plan import ORDINARY_DAY
from demo.sqlhk_database import create_database, fingerprint
from plugins.single_patient.resolution import Intent
from plugins.single_patient.result import SyncResult
from plugins.single_patient.single_patient_sync import SinglePatientSynchronizer
from plugins.single_patient.sqlhk_dialect import dialect_for
from plugins.single_patient.sqlhk_engine import create_sqlhk_engine
from plugins.single_patient.statement_guard import install_guard
from plugins.single_patient.unit_of_work import Sqlhk
from sync_core.errors import TaskCancelledError, TaskError
from sync_core.run_control import RunControl
from sync_core.settings import MappingSettings
from tests.faults.injection import Injection, inject_into_sqlite
from tests.faults.sql_server import URL, SqlServer, connect_to

CallDocFactory = Callable[..., Any]
"""Makes the real client, or one that answers from memory."""

LOGGER = logging.getLogger("tests.faults")
COMPLETED = "completed"
SECONDS = 30.0
"""How long a sync may take here; none needs it unless it waits for something that hangs."""


@dataclass(frozen=True)
class Outcome:
    """How a sync ended: ``completed`` or an error's code, and the last result that was known."""

    code: str
    result: SyncResult
    error: TaskError | None = None

    @property
    def actions(self) -> list[str]:
        """The outcomes of the appointments that have a row of their own."""
        return [line.outcome for line in self.result.lines if line.outcome != "skipped"]


@dataclass
class House:
    """One registry (``path``) and a synchronizer on it; ``injection`` is below its engine.

    ``intents`` are those of the last sync, as the journal would have got them. ``server`` is the
    stand-in for SQL Server where there is one.
    """

    path: Path
    sqlhk: Sqlhk
    synchronizer: SinglePatientSynchronizer
    injection: Injection
    server: SqlServer | None = None
    intents: list[Intent] = field(default_factory=list)
    template: Path | None = None

    def start_over(self) -> House:
        """The registry as it was at first, and no faults."""
        assert self.template is not None
        self.close()
        with (
            closing(sqlite3.connect(self.template)) as source,
            closing(sqlite3.connect(self.path, timeout=10)) as target,
        ):
            source.backup(target)
        self.injection.clear()
        return self

    def close(self) -> None:
        """Close every connection."""
        self.sqlhk.engine.dispose()
        for connection in self.server.connections if self.server else ():
            connection.close()

    def sync(
        self, piz: str | int | None, *, control: RunControl | None = None, **options: Any
    ) -> Outcome:
        """Sync one patient of the ordinary day (or ``day``)."""
        assert piz is not None
        self.intents.clear()
        known = [SyncResult(None)]  # type: ignore[arg-type]  # replaced before anything happens
        try:
            result = self.synchronizer.sync(
                int(piz),
                options.pop("day", ORDINARY_DAY),
                control=control or RunControl(SECONDS),
                keep=known.append,
                intend=lambda intent, _result: self.intents.append(intent),
                **options,
            )
        except TaskError as error:
            return Outcome(error.code, known[-1], error)
        except TaskCancelledError:
            return Outcome("cancelled", known[-1])
        return Outcome(COMPLETED, result)

    def fingerprint(self, *, without: set[int] | None = None) -> str:
        """Everything that stands in the five tables, but for these patients' rows."""
        return fingerprint(self.path, exclude_patient_ids=without or set())

    def query(self, question: str, *parameters: Any) -> list[Any]:
        """What somebody else sees, or does."""
        with closing(sqlite3.connect(self.path, timeout=10)) as connection, connection:
            return connection.execute(question, parameters).fetchall()

    def patient_ids(self, piz: str | int | None) -> set[int]:
        """The rows with this number."""
        rows = self.query("SELECT PatientID FROM Patient WHERE M1Ziffer = ?", int(piz or 0))
        return {row[0] for row in rows}


class Houses:
    """Makes houses on copies of one prepared registry; ends what they opened."""

    def __init__(self, folder: Path, template: Path, calldoc: CallDocFactory) -> None:
        self._folder = folder
        self._template = template
        self._calldoc = calldoc
        self._made: list[House] = []

    def make(
        self,
        database: str = "sqlite",
        *,
        guarded: bool = True,
        calldoc: CallDocFactory | None = None,
        read_only: bool = False,
        connections: int = 4,
    ) -> House:
        """A house on ``sqlite`` or on the stand-in for ``sql server``."""
        path = self._folder / f"sqlhk-{len(self._made)}.sqlite"
        shutil.copyfile(self._template, path)
        house = self._house(path, database, read_only, connections, calldoc or self._calldoc)
        if guarded:
            install_guard(house.sqlhk.engine, house.sqlhk.dialect.statements, LOGGER)
        self._made.append(house)
        return house

    def second(self, house: House) -> House:
        """Another program on the same SQLite registry."""
        other = self._house(house.path, "sqlite", False, 4, self._calldoc)
        install_guard(other.sqlhk.engine, other.sqlhk.dialect.statements, LOGGER)
        self._made.append(other)
        return other

    def close(self) -> None:
        """Close every connection."""
        for house in self._made:
            house.close()

    def _house(
        self,
        path: Path,
        database: str,
        read_only: bool,
        connections: int,
        calldoc: CallDocFactory,
    ) -> House:
        injection = Injection()
        server = None
        url = f"sqlite:///{path.as_posix()}"
        if read_only:
            url = f"sqlite:///file:{path.as_posix()}?mode=ro&uri=true"
        if database == "sql server":
            url = URL
        engine = create_sqlhk_engine(
            url, password=None, connections=connections, query_timeout=15, login_timeout=5
        )
        dialect = dialect_for(engine)
        if database == "sql server":
            server = SqlServer(path, injection)
            connect_to(engine, server)
        else:
            inject_into_sqlite(engine, injection, dialect.statements)
        sqlhk = Sqlhk(engine, dialect)
        synchronizer = SinglePatientSynchronizer(calldoc, sqlhk, MappingSettings(), LOGGER)
        return House(path, sqlhk, synchronizer, injection, server, template=self._template)


def prepared_registry(folder: Path, day: date = ORDINARY_DAY) -> Path:
    """The demo's registry as one small file without companions, to be copied."""
    path = folder / "template.sqlite"
    create_database(path, (day,))
    with closing(sqlite3.connect(path)) as connection:
        with connection:  # a part of the crowd is enough to notice what touches strangers
            for table in ("Patient", "Untersuchung"):
                connection.execute(f"DELETE FROM {table} WHERE PatientID BETWEEN 61 AND 600")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path
