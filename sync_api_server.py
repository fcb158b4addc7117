"""The HTTP API: one Flask application made from blueprints, and the server that answers with it.

waitress does the HTTP, but we drive its loop ourselves: its own ``close`` neither ends the loop
while a client keeps a connection open nor lets answers in flight finish.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from flask import Flask, request
from waitress import wasyncore

from api_blueprints import docs
from api_blueprints.base import StrictBlueprint
from api_blueprints.connection_care import ConnectionCare
from api_blueprints.documented_api import DocumentedApi
from api_blueprints.http_channel import THREADS, Channel, Dispatcher, Listener, SocketMap
from api_blueprints.limits import Limits
from api_blueprints.listening import PortInUseError, ServerStartError, bind_listeners
from api_blueprints.problems import register_problem_handlers
from api_blueprints.request_guard import KNOWN_PATH_KEY, RequestGuard
from api_blueprints.request_rules import AccessRules
from api_blueprints.waiting_room import WaitingRoom
from hookspecs import TaskKind
from sync_core.hosts import is_loopback
from sync_core.settings import ApiSettings

if TYPE_CHECKING:
    import socket

    from _typeshed.wsgi import WSGIApplication

__all__ = ["ApiServer", "PortInUseError", "ServerStartError", "create_app"]

DRAIN_SECONDS = 1.0
"""How long answers in flight may still take when the server stops."""

_LOOP_SECONDS = 1.0
_DRAIN_STEP_SECONDS = 0.02
_THREADS_SECONDS = 1


def create_app(
    *,
    blueprints: Sequence[StrictBlueprint],
    kinds: Sequence[TaskKind],
    settings: ApiSettings,
    version: str,
    logger: logging.Logger,
    key: Callable[[], str | None] | None = None,
    on_fault: Callable[[str, BaseException], None] = lambda _blueprint, _error: None,
) -> Flask:
    """The application with the given blueprints, behind the request guard.

    ``blueprints`` are those a :class:`~api_blueprints.registrar.BlueprintRegistrar` accepted,
    ``kinds`` the task kinds whose statuses are documented, ``version`` the program's. ``key``
    tells the API key in force and is asked for every request; without it ``api.key`` holds.
    ``on_fault`` is told of a view that fails through a fault: its blueprint's name, and the fault.
    """
    app = Flask("sync_gui", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the default provider
    app.json.sort_keys = False  # type: ignore[attr-defined]  # as above
    app.url_map.merge_slashes = False

    @app.before_request
    def remember_known_path() -> None:
        if request.url_rule is not None:
            request.environ[KNOWN_PATH_KEY] = request.url_rule.rule

    register_problem_handlers(app, logger, on_fault)
    api = DocumentedApi(app, version)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    api.document_tasks(kinds, logger)
    document = json.dumps(api.spec.to_dict(), ensure_ascii=False).encode()
    app.register_blueprint(docs.create_blueprint(lambda: document))
    guard = RequestGuard(app.wsgi_app, AccessRules.from_settings(settings), logger, key=key)
    app.wsgi_app = guard  # type: ignore[method-assign]  # how flask wants middleware to be put on
    return app


class ApiServer:
    """Answers HTTP on a port; may be started and stopped again and again.

    Attributes: ``port`` (the real one while running, else the configured one), ``url``,
    ``running``. ``start`` and ``stop`` are called from one thread at a time.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        host: str,
        port: int,
        logger: logging.Logger,
        limits: Limits | None = None,
    ) -> None:
        self._app = app
        self._limits = limits or Limits()
        self._host = host
        self._configured_port = port
        self._log = logger
        self._run: _Run | None = None

    @property
    def running(self) -> bool:
        """Whether the server answers."""
        return self._run is not None and self._run.alive

    @property
    def port(self) -> int:
        """The port; 0 when any free one is wanted and the server does not run."""
        return self._run.port if self._run is not None else self._configured_port

    @property
    def url(self) -> str:
        """The address to tell people. ``localhost`` is told as ``127.0.0.1``: clients that try
        IPv6 first could stall on the name."""
        host = "127.0.0.1" if self._host.lower() == "localhost" else self._host
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Take the port and answer; returns once clients can connect.

        Raises :class:`PortInUseError` or :class:`ServerStartError`. Does nothing while running.
        """
        if self.running:
            return
        listeners = bind_listeners(self._host, self._configured_port)
        self._run = _Run(self._app, listeners, self._log, self._limits)
        self._run.start()
        if not is_loopback(self._host):
            self._log.warning(
                "the API listens on %s: other computers can reach it, and nothing on the way is "
                "encrypted, neither the key nor the patients' data",
                self._host,
            )
        self._log.info("API ready on %s", self.url)

    def stop(self, timeout: float = 3.0) -> bool:
        """Free the port, let answers in flight finish for a moment, end all connections.

        Returns within ``timeout`` seconds; False when the server's thread had not ended by then.
        """
        if self._run is None:
            return True
        ended = self._run.stop(timeout)
        self._run = None
        self._log.info("API stopped")
        return ended


class _Run:
    """One run of the server, from start to stop, in a thread of its own."""

    def __init__(
        self,
        app: WSGIApplication,
        listeners: list[socket.socket],
        logger: logging.Logger,
        limits: Limits,
    ) -> None:
        self._log = logger
        self._care = ConnectionCare(limits, logger)
        self._sockets: SocketMap = {}
        self._dispatcher = Dispatcher()
        self._waiting_room = WaitingRoom(THREADS // 2)
        self._stopping = threading.Event()
        self.port = cast(int, listeners[0].getsockname()[1])
        self._listeners = [
            Listener(
                app,
                listener,
                sockets=self._sockets,
                dispatcher=self._dispatcher,
                access_log=logger,
                waiting_room=self._waiting_room,
                limits=limits,
                may_connect=self._care.may_connect,
            )
            for listener in listeners
        ]
        self._thread = threading.Thread(target=self._serve, name="api-server", daemon=True)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        self._waiting_room.close()
        self._stopping.set()
        self._listeners[0].pull_trigger()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn(_LOOP_SECONDS)
            for listener in self._listeners:
                listener.stop_listening()
            self._drain()
        except Exception:  # noqa: BLE001 - the edge: no caller, and the port must be freed
            self._log.exception("the API server ended through a fault")
        finally:
            self._end()

    def _turn(self, seconds: float) -> None:
        self._care.look(self._channels(), len(self._listeners))
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)

    def _drain(self) -> None:
        """Let requests in flight be answered; what is idle is closed at once, so that a client
        that keeps asking over one connection cannot hold us up."""
        until = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < until:
            busy = False
            for channel in self._channels():
                if channel.idle:
                    channel.handle_close()
                else:
                    busy = True
            if not busy:
                return
            self._turn(_DRAIN_STEP_SECONDS)

    def _end(self) -> None:
        self._waiting_room.close()
        for listener in self._listeners:
            listener.stop_listening()
        self._dispatcher.shutdown(timeout=_THREADS_SECONDS)
        for channel in self._channels():
            channel.handle_close()
        for listener in self._listeners:
            listener.close()
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _channels(self) -> list[Channel]:
        # Copied in one go: a worker that finds its client gone removes it in the middle of ours.
        return [item for item in list(self._sockets.values()) if isinstance(item, Channel)]
