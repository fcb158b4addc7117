"""The simulated foreign systems, as a test uses them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from demo.systems import DemoSystems

_SECONDS = 10.0


class SimulatedSystems:
    """The demo's systems, running; a context manager that ends them.

    Attributes: ``database`` (the SQLite file that stands for SQLHK), ``control_url`` (where the
    demo's switches are), ``settings`` (the addresses, as tables of a settings file).
    """

    def __init__(self, folder: Path) -> None:
        self._demo = DemoSystems.start(folder, today=date.today())
        self.database: Path = self._demo.database_path
        self.control_url: str = self._demo.control_url
        self.settings: Mapping[str, Mapping[str, Any]] = {
            "calldoc": {
                "base_url": self._demo.calldoc_base_url,
                "patient_url": self._demo.patient_url,
            },
            "sqlhk": {"url": self._demo.sqlhk_url},
            "gateway": {"url": self._demo.gateway_url},
        }

    def faults(self, **faults: Any) -> None:
        """Set all faults: ``faults(both={"mode": "slow", "seconds": 3})``; what is not named works.

        Raises ``requests.HTTPError`` for a fault that there is not.
        """
        answer = requests.put(f"{self.control_url}/faults", json=faults, timeout=_SECONDS)
        answer.raise_for_status()

    def __enter__(self) -> SimulatedSystems:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._demo.stop()
