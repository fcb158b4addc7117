"""The program's own plugin, through a real plugin manager and a real CallDoc socket."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pluggy
import pytest

import hookspecs
from api_blueprints.base import ApiBaseImpl
from api_blueprints.host_plugin import create_host_plugin
from api_blueprints.registrar import BlueprintRegistrar
from hookspecs import HealthCheck, HealthResult, HostContext, Versions
from plugin_host.contract_values import ERROR_TYPES, TASK_SHAPES
from sync_core.errors import JournalError
from sync_core.health_runner import HealthRunner
from sync_core.settings import CallDocSettings, Settings
from sync_core.task_model import TaskSource
from sync_core.task_service import RegistryTaskService
from tests.clock import PATIENCE


def context(service: RegistryTaskService, base_url: str | None = None) -> HostContext:
    return HostContext(
        settings=Settings(calldoc=CallDocSettings(base_url=base_url)),
        plugin_settings={},
        tasks=service,
        calldoc=lambda *_: None,  # type: ignore[arg-type,return-value]
        logger=logging.getLogger("test"),
        versions=Versions("1.0"),
        bridge=SimpleNamespace(),  # type: ignore[arg-type]
        names=SimpleNamespace(hidden=False),  # type: ignore[arg-type]
        api=ApiBaseImpl(service),
        api_url=lambda: "http://127.0.0.1:5555",
        source=TaskSource("plugin", "test"),
        window=TaskSource("window"),
        own_folder=Path,
        errors=ERROR_TYPES,
        shapes=TASK_SHAPES,
    )


def hooks(service: RegistryTaskService, check_journal: Any = lambda: None) -> Any:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(
        create_host_plugin(
            ApiBaseImpl(service),
            plugin_report=list,
            check_health=dict,
            check_journal=check_journal,
        )
    )
    manager.check_pending()
    return manager.hook


@pytest.fixture
def answering() -> Iterator[int]:
    """A server that answers every connection with 404."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with closing(client):
                    client.recv(4096)
                    client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE)


def run(checks: list[HealthCheck], seconds: float = 2.0) -> Any:
    return HealthRunner(lambda: checks, logging.getLogger("test"), seconds=seconds).run()


def test_its_blueprints_are_accepted(service: RegistryTaskService) -> None:
    registrar = BlueprintRegistrar()
    [blueprints] = hooks(service).sync_gui_blueprints(context=context(service))
    routes = [route for item in blueprints for route in registrar.add("host_api", item)]
    assert set(routes) == {
        "GET /health",
        "GET /health/ready",
        "GET /api/plugins",
        "GET /api/sync/active",
        "GET /api/sync/history",
        "GET /api/sync/status/<task_id>",
        "POST /api/sync/cancel/<task_id>",
    }


def test_what_is_not_configured_is_not_checked(service: RegistryTaskService) -> None:
    [checks] = hooks(service).sync_gui_health_checks(context=context(service))
    assert [check.name for check in checks] == ["journal"]
    assert run(checks)["journal"].ok


def test_journal_that_cannot_be_written(service: RegistryTaskService) -> None:
    def broken() -> None:
        raise JournalError("disk full")

    [checks] = hooks(service, broken).sync_gui_health_checks(context=context(service))
    report = run(checks)["journal"]
    assert (report.ok, report.message) == (False, "the check failed (JournalError)")
    assert (report.message_de or "").startswith("Das Journal lässt sich nicht lesen")


def test_german_words_of_a_check_are_kept_and_may_be_missing() -> None:
    class Older:
        ok, message = True, "an older result without German words"

    def check(name: str, result: Any) -> HealthCheck:
        return HealthCheck(name, name, lambda _seconds: result)

    told = run(
        [
            check("new", HealthResult(False, "down", "Bitte warten.")),
            check("silent", HealthResult(True, "up")),
            check("older", Older()),
        ]
    )
    assert [told[name].message_de for name in ("new", "silent", "older")] == [
        "Bitte warten.",
        None,
        None,
    ]


def test_any_answer_of_calldoc_is_good(service: RegistryTaskService, answering: int) -> None:
    url = f"http://127.0.0.1:{answering}/frontend"
    [checks] = hooks(service).sync_gui_health_checks(context=context(service, url))
    assert [check.name for check in checks] == ["calldoc", "journal"]
    report = run(checks)["calldoc"]
    assert (report.ok, report.message) == (True, "answers")


def test_calldoc_that_refuses_or_is_silent(service: RegistryTaskService) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/frontend"
        [checks] = hooks(service).sync_gui_health_checks(context=context(service, url))
        report = checks[0].run(0.2)
        assert (report.ok, report.message) == (False, "no answer in time")
    report = checks[0].run(1.0)
    assert (report.ok, report.message) == (False, "not reachable")
