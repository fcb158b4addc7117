"""A server made of plain sockets, for answers that no proper server gives."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from tests.clock import PATIENCE

_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)

Serve = Callable[["RawConnection"], None]


class RawConnection:
    """One connection of a client. ``number`` counts from 1; ``ending`` is set at the end."""

    def __init__(self, sock: socket.socket, number: int, ending: threading.Event) -> None:
        self.socket = sock
        self.number = number
        self.ending = ending

    def read_request(self) -> bytes:
        """A whole request; empty when the client has gone."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.socket.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += self.socket.recv(65536)
        return head + b"\r\n\r\n" + body

    def answer(self, body: bytes = b"{}", *headers: str, status: str = "200 OK") -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.send("\r\n".join(lines).encode() + body)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def drip(self, data: bytes, interval: float = 0.02) -> None:
        for position in range(len(data)):
            self.send(data[position : position + 1])
            if self.ending.wait(interval):
                return

    def hold(self) -> None:
        """Stay silent until the client goes or the server ends."""
        with contextlib.suppress(OSError):
            while self.socket.recv(65536):
                pass

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


class RawServer:
    """Runs ``serve`` for each connection in a thread of its own; ends them all on leaving."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.connections = 0
        self._ending = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="raw-server")]
        self._lock = threading.Lock()

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(PATIENCE)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
                raw = RawConnection(connection, self.connections, self._ending)
                thread = threading.Thread(target=self._run, args=(raw,), name="raw-connection")
                self._threads.append(thread)
                thread.start()

    def _run(self, raw: RawConnection) -> None:
        with contextlib.suppress(OSError):
            self._serve(raw)
        with self._lock:
            self._open.remove(raw.socket)
            raw.socket.close()
