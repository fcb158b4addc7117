"""The simulated CallDoc for the whole folder, a registry for each test, and the table of faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calldoc_interface import CallDocInterface, http_calls
from demo.calldoc_server import BASE_PATH, CallDocServer
from demo.calldoc_state import ordinary_state
from demo.day_plan import ORDINARY_DAY
from demo.faults import FaultBoard
from plugins.single_patient import unit_of_work
from sync_core.settings import CallDocSettings
from tests.faults.house import CallDocFactory, Houses, prepared_registry


@pytest.fixture(scope="package")
def calldoc() -> Iterator[CallDocFactory]:
    """The real client on the demo's server, which runs in this process."""
    server = CallDocServer(ordinary_state(ORDINARY_DAY), FaultBoard())
    server.listen()
    address = f"http://127.0.0.1:{server.port}"
    settings = CallDocSettings(base_url=address + BASE_PATH, patient_url=address)
    calls = http_calls(settings)

    def client(from_date: str, to_date: str, **options: object) -> CallDocInterface:
        return CallDocInterface(from_date, to_date, settings=settings, calls=calls, **options)  # type: ignore[arg-type]

    try:
        yield client
    finally:
        calls.close()
        server.stop()


@pytest.fixture(scope="package")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's registry, to be copied."""
    return prepared_registry(tmp_path_factory.mktemp("sqlhk"))


@pytest.fixture
def houses(tmp_path: Path, template: Path, calldoc: CallDocFactory) -> Iterator[Houses]:
    """Registries with synchronizers."""
    made = Houses(tmp_path, template, calldoc)
    yield made
    made.close()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly a pause between two attempts: hundreds of them are made here."""
    monkeypatch.setattr(unit_of_work, "_PAUSE_SECONDS", (0.0, 0.004))
