"""waitress fitted to us: its own refusals as problem documents, and endings without surprises."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

from api_blueprints.problems import PROBLEM_CONTENT_TYPE, Problem, problem
from api_blueprints.request_guard import BODY_LIMIT, SECURITY_HEADERS
from api_blueprints.request_rules import request_id_from
from api_blueprints.waiting_room import WAIT_KEY, WaitingRoom

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 32
_CONNECTIONS = 200
_HEADER_LIMIT = 32 * 1024
_READ_LIMIT = 8 * BODY_LIMIT
"""What is read of a body at most. The exact limit is the request guard's; this one is wider
because waitress counts the framing of a chunked body too, six bytes a chunk at least."""
_IDLE_SECONDS = 120
SLOW_REQUEST_SECONDS = 30.0
_LINGER_SECONDS = 2.0

SocketMap = MutableMapping[int, Any]


def adjustments(host: str, port: int) -> Adjustments:
    """waitress's settings; its defaults (1 GiB bodies, a Server header) are not for us."""
    return Adjustments(
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        connection_limit=_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=1,
        max_request_header_size=_HEADER_LIMIT,
        max_request_body_size=_READ_LIMIT,
        expose_tracebacks=False,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=True,
        asyncore_use_poll=True,
    )


class Dispatcher(ThreadedTaskDispatcher):
    """waitress's threads, silent about requests that wait a moment for one of them."""

    queue_logger = logging.Logger("waiting requests", logging.ERROR)

    def __init__(self) -> None:
        super().__init__()
        self.set_thread_count(THREADS)


class AppTask(WSGITask):
    """Lets the application answer, and shows it the way into the waiting room."""

    def get_environment(self) -> dict[str, Any]:
        """The WSGI environment."""
        environ = super().get_environment()
        channel = self.channel
        assert isinstance(channel, Channel)  # noqa: S101 - for the type checker
        environ[WAIT_KEY] = partial(
            channel.listener.waiting_room.wait, client_is_gone=channel.client_is_gone
        )
        return environ


class ProblemErrorTask(ErrorTask):
    """Answers what waitress itself refuses: broken headers, bodies or encodings."""

    def execute(self) -> None:
        """Write the problem document and let the connection end."""
        error = self.request.error  # type: ignore[attr-defined]  # the stubs mix up the types
        answer = _problem_of(error.code)
        request_id = request_id_from(self.request.headers.get("X_REQUEST_ID"))  # type: ignore[attr-defined]  # as above
        body = answer.body(request_id)
        self.status = answer.status_line
        self.response_headers = [
            ("Content-Type", PROBLEM_CONTENT_TYPE),
            ("X-Request-ID", request_id),
            ("Cache-Control", "no-store"),
            *SECURITY_HEADERS,
        ]
        channel = self.channel
        if isinstance(channel, Channel):
            channel.lingers = True
            channel.listener.access_log.info("- - %s %s %s", answer.status, answer.code, request_id)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def _problem_of(status: int) -> Problem:
    if status == 413:
        return problem("body_too_large", f"The body is larger than {BODY_LIMIT} bytes")
    if status == 431:
        return problem("invalid_request", "The request's header is too large")
    if status >= 500 and status != 501:  # 501 is an unknown transfer encoding: the client's doing
        return problem("internal_error")
    return problem("invalid_request", "The request cannot be read as HTTP")


class Channel(HTTPChannel):
    """One connection.

    ``lingers``: after the answer the rest of what the client still sends is read and thrown away
    for a moment. Closing at once would reset the connection, and the client would never see why
    its request was refused.
    """

    task_class = AppTask
    error_task_class = ProblemErrorTask
    lingers = False
    _linger_until: float | None = None
    _request_since: float | None = None

    @property
    def listener(self) -> Listener:
        """The server that accepted the connection."""
        assert isinstance(self.server, Listener)  # noqa: S101 - for the type checker
        return self.server

    @property
    def idle(self) -> bool:
        """Whether no request is being answered and no answer waits to be sent."""
        return not self.requests and not self.total_outbufs_len

    @property
    def slow(self) -> bool:
        """Whether a request has been arriving for too long: somebody drips it."""
        since = self._request_since
        return since is not None and time.monotonic() - since > SLOW_REQUEST_SECONDS

    def client_is_gone(self) -> bool:
        """Whether the client has hung up, as far as the network knows. From any thread.

        While a request is answered the loop reads nothing, so it would not notice. A client that
        has only said its last word looks the same; it still gets its answer.
        """
        connection = self.socket
        if connection is None or not self.connected:
            return True
        try:
            return connection.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def received(self, data: bytes) -> bool:
        """Take in bytes, and remember since when a request has been incomplete."""
        result = super().received(data)
        request: HTTPRequestParser | None = self.request
        if request is None:
            self._request_since = None
        elif self._request_since is None:
            self._request_since = time.monotonic()
        return result

    def readable(self) -> bool:
        """Whether bytes are wanted; those thrown away are, too."""
        return self._linger_until is not None or bool(super().readable())

    def writable(self) -> bool:
        """Whether there is something to send or to close."""
        return self._linger_until is None and bool(super().writable())

    def handle_write(self) -> None:
        """Send, or begin to linger once everything is sent."""
        if self.lingers and self.close_when_flushed and not self.total_outbufs_len:
            self._begin_to_linger()
        else:
            super().handle_write()

    def handle_read(self) -> None:
        """Read a request, or throw away what comes after a refusal."""
        if self._linger_until is None:
            super().handle_read()
            return
        try:
            self.recv(65536)  # closes the connection at the client's end of it
        except OSError:
            self.handle_close()
        if time.monotonic() > self._linger_until:
            self.handle_close()

    def _begin_to_linger(self) -> None:
        self.close_when_flushed = False
        self._linger_until = time.monotonic() + _LINGER_SECONDS
        try:
            assert self.socket is not None  # noqa: S101 - for the type checker
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()


class Listener(TcpWSGIServer):
    """A listening socket of ours in waitress's loop.

    ``access_log`` gets a line for each request that waitress itself refuses; ``waiting_room`` is
    where answers wait for a task's end.
    """

    channel_class = Channel

    def __init__(
        self,
        app: WSGIApplication,
        listener: socket.socket,
        *,
        sockets: SocketMap,
        dispatcher: Dispatcher,
        access_log: logging.Logger,
        waiting_room: WaitingRoom,
    ) -> None:
        self.access_log = access_log
        self.waiting_room = waiting_room
        self._pulling = threading.Lock()
        self._closed = False
        host, port = listener.getsockname()[:2]
        super().__init__(
            app,
            sockets,
            True,
            listener,
            dispatcher=dispatcher,
            adj=adjustments(host, port),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def set_reuse_addr(self) -> None:
        """Nothing: the socket was bound with the options it needs."""

    def maintenance(self, now: int) -> None:
        """Close connections that are idle for long or that drip their request."""
        super().maintenance(now)
        channels: dict[int, Channel] = self.active_channels  # type: ignore[assignment]  # the stubs err
        for channel in list(channels.values()):
            if channel.slow:
                channel.will_close = True

    def pull_trigger(self) -> None:
        """Wake the loop. After the end nothing is written: the pipe's number may by then belong
        to somebody else's file."""
        with self._pulling:
            if not self._closed:
                super().pull_trigger()

    def stop_listening(self) -> None:
        """Free the port; connections go on."""
        wasyncore.dispatcher.close(self)

    def close(self) -> None:
        """Free the port and the loop's alarm."""
        with self._pulling:
            if not self._closed:
                self._closed = True
                super().close()
