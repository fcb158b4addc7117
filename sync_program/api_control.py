"""The API server as the window switches it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from flask import Flask

from sync_api_server import ApiServer, PortInUseError, ServerStartError
from sync_core.settings import ApiSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Status = Literal["running", "port_in_use", "stopped"]


class ApiSwitch:
    """Starts and stops the server; remembers why it does not run. From any thread."""

    def __init__(self, app: Flask, settings: ApiSettings, logger: logging.Logger) -> None:
        self._app = app
        self._server = ApiServer(
            self._answer, host=settings.host, port=settings.port, logger=logger
        )
        self._settings = settings
        self._log = logger
        self._lock = threading.Lock()
        self._taken = False

    @property
    def url(self) -> str:
        """The API's address while it runs."""
        return self._server.url

    @property
    def status(self) -> Status:
        """Whether it runs, and if not, whether the port was taken."""
        if self._server.running:
            return "running"
        return "port_in_use" if self._taken else "stopped"

    @property
    def address(self) -> str:
        """``host:port``, wanted or real."""
        return self._server.url.removeprefix("http://")

    def start(self) -> None:
        """Open the port; a failure shows in :attr:`status` and in the log."""
        with self._lock:
            try:
                self.open()
            except ServerStartError as error:
                self._log.error("API not started: %s", error)

    def replace_app(self, app: Flask) -> None:
        """Answer with ``app`` from the next request on; those in flight end with the old one."""
        self._app = app

    def open(self) -> None:
        """Open the port. Raises ``PortInUseError`` or ``ServerStartError``."""
        self._taken = False
        try:
            self._server.start()
        except PortInUseError:
            self._taken = True
            raise

    def stop(self, timeout: float = 3.0) -> None:
        """Finish running answers and free the port."""
        with self._lock:
            self._taken = False
            self._server.stop(timeout)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)
