from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hookspecs import HealthCheck
from sync_api_server import ApiServer
from sync_core.journal import Journal
from sync_core.settings import ApiSettings
from sync_core.task_registry import TaskRegistry
from sync_core.task_service import RegistryTaskService
from tests.api.house import Gates, House, Starter, make_app, waiting_kind
from tests.clock import PATIENCE


@pytest.fixture
def gates() -> Iterator[Gates]:
    gates = Gates()
    yield gates
    gates.leave.set()


@pytest.fixture
def service(tmp_path: Path, gates: Gates) -> Iterator[RegistryTaskService]:
    journal = Journal(tmp_path / "journal.db")
    registry = TaskRegistry(
        journal,
        workers=2,
        queue_limit=10,
        timeout_seconds=30,
        logger=logging.getLogger("test.tasks"),
    )
    kind = waiting_kind(gates)
    yield RegistryTaskService(registry, lambda: {kind.name: kind})
    gates.leave.set()
    registry.shutdown(2)
    journal.close()


@pytest.fixture
def start(service: RegistryTaskService, gates: Gates) -> Iterator[Starter]:
    """Starts an API with the given settings ``api.*``; stops it at the end."""
    servers: list[ApiServer] = []

    def start(checks: Sequence[HealthCheck] = (), **settings: Any) -> House:
        health_seconds = settings.pop("health_seconds", 3.0)
        limits = settings.pop("limits", None)
        api = replace(ApiSettings(port=0), **settings)
        app = make_app(service, gates, api, checks, health_seconds=health_seconds)
        server = ApiServer(
            app,
            host=api.host,
            port=api.port,
            logger=logging.getLogger("test.api"),
            limits=limits,
        )
        server.start()
        servers.append(server)
        return House(server, gates)

    yield start
    gates.leave.set()
    for server in servers:
        assert server.stop(PATIENCE)


@pytest.fixture
def house(start: Starter) -> House:
    return start()
