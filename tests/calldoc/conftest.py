from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from calldoc_interface import CallDocInterface, http_calls
from demo.faults import parse_faults
from demo.systems import DemoSystems
from sync_core.run_control import RunControl
from sync_core.settings import CallDocSettings
from tests.clock import PATIENCE

TODAY = date(2026, 3, 9)


class House:
    """The demo's CallDoc, and clients of it that share their connections.

    Nothing but their control ends what the clients ask; ``hasty_client`` waits 0.4 seconds for a
    connection or a sign of life.
    """

    def __init__(self, systems: DemoSystems) -> None:
        self.systems = systems
        self.settings = CallDocSettings(
            base_url=systems.calldoc_base_url,
            patient_url=systems.patient_url,
            connect_timeout=PATIENCE,
            read_timeout=PATIENCE,
        )
        self._calls = http_calls(self.settings)
        self._hasty_calls = http_calls(CallDocSettings(connect_timeout=0.4, read_timeout=0.4))
        self.factory: Callable[..., CallDocInterface] = partial(
            CallDocInterface, settings=self.settings, calls=self._calls
        )

    def client(self, day: str = "2025-10-06", **values: Any) -> CallDocInterface:
        return self.factory(day, day, **values)

    def hasty_client(self, control: RunControl) -> CallDocInterface:
        """A client that soon gives up a silent CallDoc."""
        day = "2025-10-06"
        return CallDocInterface(
            day, day, settings=self.settings, calls=self._hasty_calls, control=control
        )

    def fault(self, **document: Any) -> None:
        self.systems.apply_faults(parse_faults(document))

    @property
    def log(self) -> dict[str, Any]:
        return self.systems.calldoc.log.as_json()

    def close(self) -> None:
        self._calls.close()
        self._hasty_calls.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with DemoSystems.start(tmp_path, today=TODAY) as systems:
        house = House(systems)
        yield house
        house.close()
