"""A small threaded HTTP/1.1 server on 127.0.0.1 that ends promptly, whatever its clients do."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from threading import Event, Lock, Thread
from typing import Any

_POLL_SECONDS = 0.02
_STOP_SECONDS = 2.0
_LARGEST_BODY = 64 * 1024 * 1024
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class LoopbackServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Bound on construction, listening after ``start()``; before and after, connecting is refused.

    ``stopping`` is set by ``stop()``, which ends every connection and waits for every thread.
    ``opened`` is called for each connection that a client opens.
    """

    request_queue_size = 128
    daemon_threads = True
    # On Windows the option would let a second program take the port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(
        self,
        port: int,
        handler: Callable[..., socketserver.BaseRequestHandler],
        opened: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(("127.0.0.1", port), handler, bind_and_activate=False)
        self.stopping = Event()
        self._opened = opened
        self._lock = Lock()
        self._connections: dict[Any, Thread] = {}
        self._serving: Thread | None = None
        try:
            self.server_bind()
        except OSError:
            self.server_close()
            raise

    @property
    def port(self) -> int:
        """The port it is bound to."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Listen, and answer in threads."""
        self.server_activate()
        self._serving = Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="demo-http", daemon=True
        )
        self._serving.start()

    def stop(self) -> None:
        """Stop listening, end all connections and wait for their threads (two seconds at most)."""
        self.stopping.set()
        deadline = time.monotonic() + _STOP_SECONDS
        if self._serving is not None:
            self.shutdown()
            self._serving.join()
        self.server_close()
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            _shut_down(connection)
        for thread in connections.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a new connection in a thread of its own."""
        self._opened()
        thread = Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name="demo-http-connection",
            daemon=True,
        )
        with self._lock:
            self._connections[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        """End a connection in good order, or by a reset where the handler asked for one."""
        with self._lock:
            self._connections.pop(request, None)
        if request.fileno() != -1 and not _is_reset_wanted(request):
            _shut_down(request)
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about clients that went away; show what is a fault of the demo's own."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class LoopbackHandler(BaseHTTPRequestHandler):
    """Reads JSON bodies and writes answers in one piece; logs nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: LoopbackServer
    error_content_type = "application/json"
    error_message_format = '{"error": true, "message": "%(message)s"}'

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep quiet: request lines could name people."""

    def read_body(self) -> bytes:
        """The request's body. Raises ``ValueError`` for an unusable or exorbitant length."""
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= _LARGEST_BODY:
            self.close_connection = True
            raise ValueError("the body is too long")
        return self.rfile.read(length)

    def send(self, status: int, body: bytes, content_type: str = "application/json") -> None:
        """Write a whole answer."""
        self.wfile.write(self.header_bytes(status, len(body), content_type) + body)

    def send_json(self, status: int, document: Any) -> None:
        """Write ``document`` as a whole answer."""
        self.send(status, encode_json(document))

    def header_bytes(self, status: int, length: int, content_type: str) -> bytes:
        """The status line and the header fields, the empty line included."""
        reason = self.responses.get(status, ("",))[0]
        return (
            f"{self.protocol_version} {status} {reason}\r\n"
            f"Date: {self.date_time_string()}\r\n"
            f"Content-Type: {content_type}; charset=utf-8\r\n"
            f"Content-Length: {length}\r\n\r\n"
        ).encode("ascii")

    def client_stays(self, seconds: float | None) -> bool:
        """Wait so long (None: for ever). False at once when the client goes or the server stops.

        A client that has shut down its sending half counts as gone.
        """
        if seconds is not None and seconds <= 0:
            return not self.server.stopping.is_set()
        begin = time.monotonic()
        self.connection.settimeout(seconds)
        try:
            more = self.connection.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        except OSError:
            return False
        finally:
            self.connection.settimeout(None)
        if not more:
            return False
        # The next request is there already, so the socket cannot tell any more whether it ends.
        left = None if seconds is None else max(0.0, begin + seconds - time.monotonic())
        return not self.server.stopping.wait(left)

    def reset_connection(self) -> None:
        """Let the connection end with a TCP reset instead of an orderly close."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.close_connection = True


def encode_json(document: Any) -> bytes:
    """JSON in UTF-8; half a surrogate pair, which UTF-8 does not know, is written as an escape."""
    try:
        return json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(document).encode()


def _is_reset_wanted(connection: socket.socket) -> bool:
    wanted = connection.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET_ON_CLOSE))
    return wanted == _RESET_ON_CLOSE


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # The client was faster.
