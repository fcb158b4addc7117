"""A whole API on real sockets: real registry, real journal, a blueprint and kind of the tests."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from marshmallow import Schema, ValidationError, fields

from api_blueprints import system, tasks
from api_blueprints.base import ApiBaseImpl, StrictBlueprint
from api_blueprints.registrar import BlueprintRegistrar
from hookspecs import HealthCheck, HealthResult, TaskKind, TaskService
from sync_api_server import ApiServer, create_app
from sync_core.health_runner import HealthRunner
from sync_core.plugin_report import PluginReport
from sync_core.settings import ApiSettings
from sync_core.task_model import TaskContext, TaskOrder, TaskOutcome, TaskSource
from tests.clock import PATIENCE

CANARY = "Kanarienvogel"


class EchoSchema(Schema):
    word = fields.String(required=True)
    times = fields.Integer(strict=True, load_default=1)


class NumberSchema(Schema):
    number = fields.Integer(required=True, strict=True)
    note = fields.String(load_default="none")


class WaitQuerySchema(Schema):
    page = fields.Integer(data_key="seite")


class WaitStatusSchema(Schema):
    waited = fields.Boolean()


@dataclass
class Gates:
    """What the tests' views and tasks wait for, and what they tell."""

    entered: threading.Event = field(default_factory=threading.Event)
    leave: threading.Event = field(default_factory=threading.Event)


def waiting_kind(gates: Gates) -> TaskKind:
    def prepare(asked: Mapping[str, Any], source: TaskSource, request_id: str) -> TaskOrder:
        if "number" not in asked:
            raise ValidationError({"number": ["Missing data for required field."]})

        def run(context: TaskContext) -> TaskOutcome:
            with context.control.abortable(gates.leave.set):
                gates.leave.wait(PATIENCE)
            context.control.check()
            return TaskOutcome("fertig", {"waited": True})

        return TaskOrder(
            "waiting",
            f"wait_{asked['number']}",
            run,
            source,
            request_id,
            f"{asked['number']}",
            request=asked,
        )

    return TaskKind("waiting", "Warten", WaitStatusSchema, {"kind": "waiting"}, prepare)


def echo_blueprint(api: ApiBaseImpl, gates: Gates) -> StrictBlueprint:
    """One view for each way in which a request can go."""
    blueprint = api.blueprint("echo", "Only for tests")

    @blueprint.route("/api/echo", methods=["POST"])
    @blueprint.arguments(EchoSchema, location="json")
    def echo(body: dict[str, Any]) -> dict[str, Any]:
        return {"words": [body["word"]] * body["times"], "request_id": api.request_id()}

    @blueprint.route("/api/echo/query")
    @blueprint.arguments(WaitQuerySchema, location="query")
    def query(asked: dict[str, Any]) -> dict[str, Any]:
        return {"asked": asked}

    @blueprint.route("/api/sync/waiting", methods=["POST"])
    @blueprint.starts_task
    def wait() -> Response:
        return api.start_task("waiting", {"number": 7}, "Waiting started")

    @blueprint.route("/api/sync/numbered", methods=["POST"])
    @blueprint.arguments(NumberSchema)
    @blueprint.starts_task
    def numbered(body: dict[str, Any]) -> Response:
        return api.start_task("waiting", body, "Waiting started")

    @blueprint.route("/api/sync/waiting/badly", methods=["POST"])
    def wait_badly() -> Response:
        return api.start_task("waiting", {}, "never")

    @blueprint.route("/api/echo/fault")
    def fault() -> dict[str, Any]:
        raise RuntimeError(f"secret of {CANARY}")

    @blueprint.route("/api/echo/refused")
    def refused() -> dict[str, Any]:
        raise api.refusal("queue_full", "Too many", retry_after=5, waiting=200)

    @blueprint.route("/api/echo/slow")
    def slow() -> dict[str, Any]:
        gates.entered.set()
        gates.leave.wait(PATIENCE)
        return {"slow": True}

    @blueprint.route("/api/echo/large")
    def large() -> Response:
        return Response(b"x" * int(request.headers["X-Size"]))

    return blueprint


REPORT = PluginReport(
    "example", "1.2", "failed", "it raised", ("panel",), ("GET /api/example",), 1, 12
)


@dataclass
class House:
    server: ApiServer
    gates: Gates

    @property
    def port(self) -> int:
        return self.server.port

    def raw(self, sent: bytes, *, family: socket.AddressFamily = socket.AF_INET) -> bytes:
        """Send bytes as they are and read until the server closes the connection."""
        host = "127.0.0.1" if family == socket.AF_INET else "::1"
        with closing(socket.socket(family, socket.SOCK_STREAM)) as client:
            client.settimeout(PATIENCE)
            client.connect((host, self.port))
            client.sendall(sent)
            received = b""
            while chunk := client.recv(65536):
                received += chunk
            return received


def make_app(
    service: TaskService,
    gates: Gates,
    settings: ApiSettings,
    checks: Sequence[HealthCheck] = (),
    *,
    kinds: Sequence[TaskKind] | None = None,
    health_seconds: float = 3.0,
) -> Any:
    logger = logging.getLogger("test.api")
    api = ApiBaseImpl(service)
    registrar = BlueprintRegistrar()
    runner = HealthRunner(lambda: checks, logger, seconds=health_seconds)
    registrar.add(
        "host",
        system.create_blueprint(
            api,
            service,
            version="9.8.7",
            plugin_report=lambda: [REPORT],
            check_health=runner.run,
        ),
    )
    registrar.add("host", tasks.create_blueprint(api, service))
    registrar.add("echo", echo_blueprint(api, gates))
    return create_app(
        blueprints=registrar.blueprints,
        kinds=[waiting_kind(gates)] if kinds is None else kinds,
        settings=settings,
        version="9.8.7",
        logger=logger,
    )


def good(_seconds: float) -> HealthResult:
    return HealthResult(True, "answers")


Starter = Callable[..., House]
