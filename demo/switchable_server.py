"""A simulated system's port, which can refuse connections for a while and answer again."""

from __future__ import annotations

from collections.abc import Callable
from socketserver import BaseRequestHandler
from threading import Lock

from demo.http_server import LoopbackServer


class SwitchableServer:
    """One port of 127.0.0.1, kept until ``stop()`` whether it answers or refuses.

    ``handler`` makes the handler of a connection, ``opened`` is called for each connection.
    Attribute: ``port``.
    """

    def __init__(
        self, port: int, handler: Callable[..., BaseRequestHandler], opened: Callable[[], None]
    ) -> None:
        self._handler = handler
        self._opened = opened
        self._switching = Lock()
        self._server = self._bound(port)
        self._listening = False
        self.port = self._server.port

    def listen(self) -> None:
        """Answer connections from now on."""
        with self._switching:
            if not self._listening:
                self._server.start()
                self._listening = True

    def refuse(self) -> None:
        """End all connections and refuse new ones; the port stays taken."""
        with self._switching:
            if self._listening:
                self._server.stop()
                self._listening = False
                self._server = self._bound(self.port)

    def stop(self) -> None:
        """End everything and let go of the port."""
        with self._switching:
            self._server.stop()
            self._listening = False

    def _bound(self, port: int) -> LoopbackServer:
        return LoopbackServer(port, self._handler, self._opened)
