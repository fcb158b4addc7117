"""Starts and ends the simulated systems together, in one folder."""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from threading import Lock
from types import TracebackType

from demo.calldoc_server import BASE_PATH, CallDocServer
from demo.calldoc_state import ordinary_state
from demo.control_server import control_server
from demo.day_plan import ORDINARY_DAY
from demo.faults import FaultBoard, Faults
from demo.gateway_server import GatewayServer
from demo.sqlhk_database import create_database, prepare_day
from demo.sqlhk_faults import SqlhkFault

DATABASE_NAME = "sqlhk.sqlite"
SETTINGS_NAME = "sync_gui.demo.toml"


class DemoSystems:
    """The simulated CallDoc, the SQLite SQLHK and the SQL gateway to it, running.

    A context manager that stops them.

    Attributes:
        calldoc_base_url, patient_url: the two CallDoc addresses, as the settings want them.
        control_url: where the demo's own switches are (``demo.control_server``).
        database_path, sqlhk_url: the SQLite file and its SQLAlchemy URL.
        gateway_url: the address of the SQL gateway to the same file.
        sqlhk_read_only_url: the same file as somebody sees it who has no right to write.
        settings_file: a settings file that names the addresses.
        calldoc, gateway: the servers themselves, for whoever runs them in the same process.
    """

    def __init__(
        self,
        folder: Path,
        *,
        today: date,
        port: int = 0,
        control_port: int = 0,
        gateway_port: int = 0,
    ) -> None:
        """Use ``DemoSystems.start``."""
        folder = folder.resolve()
        self.database_path = folder / DATABASE_NAME
        self._switching = Lock()
        self._sqlhk_fault = SqlhkFault(self.database_path)
        _provide_database(self.database_path, today)
        with ExitStack() as undo:
            undo.callback(self._sqlhk_fault.apply, "none")
            self.calldoc = CallDocServer(ordinary_state(today), FaultBoard(), port)
            undo.callback(self.calldoc.stop)
            self.gateway = GatewayServer(self.database_path, gateway_port)
            undo.callback(self.gateway.stop)
            self._control = control_server(
                self.calldoc, self.gateway, self.apply_faults, control_port
            )
            undo.callback(self._control.stop)
            address = f"http://127.0.0.1:{self.calldoc.port}"
            self.calldoc_base_url = address + BASE_PATH
            self.patient_url = address
            self.control_url = f"http://127.0.0.1:{self._control.port}/_demo"
            self.gateway_url = f"http://127.0.0.1:{self.gateway.port}"
            self.sqlhk_url = f"sqlite:///{self.database_path.as_posix()}"
            self.sqlhk_read_only_url = (
                f"sqlite:///file:{self.database_path.as_posix()}?mode=ro&uri=true"
            )
            self.settings_file = folder / SETTINGS_NAME
            self._write_settings()
            self._control.start()
            self.calldoc.listen()
            self.gateway.listen()
            self._undo = undo.pop_all()

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        today: date,
        port: int = 0,
        control_port: int = 0,
        gateway_port: int = 0,
    ) -> DemoSystems:
        """Start all systems on 127.0.0.1 (port 0: a free one).

        A database that is in the folder already is kept; examinations that an ordinary day begins
        with are added for ``today``. Raises ``OSError`` when a port is taken or the folder cannot
        be written, ``sqlite3.Error`` when the kept file is no usable database.
        """
        return cls(
            folder,
            today=today,
            port=port,
            control_port=control_port,
            gateway_port=gateway_port,
        )

    def apply_faults(self, faults: Faults) -> None:
        """Set all fault switches.

        Raises ``OSError`` or ``sqlite3.OperationalError`` when SQLHK's cannot be set; then no fault
        at all is on.
        """
        with self._switching:
            try:
                self._sqlhk_fault.apply(faults.sqlhk)
            except (OSError, sqlite3.OperationalError):
                self.calldoc.faults.replace(Faults())
                self.calldoc.listen()
                raise
            self.calldoc.faults.replace(faults)
            if faults.listener == "down":
                self.calldoc.refuse()
            else:
                self.calldoc.listen()

    def addresses(self) -> dict[str, str]:
        """What another process needs to know, by attribute name."""
        names = ("calldoc_base_url", "patient_url", "control_url", "sqlhk_url", "gateway_url")
        return {
            **{name: getattr(self, name) for name in names},
            "sqlhk_read_only_url": self.sqlhk_read_only_url,
            "database_path": str(self.database_path),
            "settings_file": str(self.settings_file),
        }

    def stop(self) -> None:
        """End all connections and threads and undo SQLHK's fault; the database stays."""
        self._undo.close()

    def __enter__(self) -> DemoSystems:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _write_settings(self) -> None:
        # JSON's strings are TOML's basic strings as long as nothing is written as surrogates.
        def quoted(text: str) -> str:
            return json.dumps(text, ensure_ascii=False)

        unfinished = self.settings_file.with_name(SETTINGS_NAME + ".new")
        unfinished.write_text(
            "# Written by the demo at every start.\n"
            f"# The simulated systems' switches: {self.control_url}\n"
            "[calldoc]\n"
            f"base_url = {quoted(self.calldoc_base_url)}\n"
            f"patient_url = {quoted(self.patient_url)}\n"
            "\n"
            "[sqlhk]\n"
            f"url = {quoted(self.sqlhk_url)}\n"
            "\n"
            "[gateway]\n"
            f"url = {quoted(self.gateway_url)}\n",
            encoding="utf-8",
        )
        unfinished.replace(self.settings_file)


def _provide_database(path: Path, today: date) -> None:
    if path.exists():
        prepare_day(path, today)
    else:
        create_database(path, sorted({ORDINARY_DAY, today}))
