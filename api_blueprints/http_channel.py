"""waitress fitted to us: its own refusals as problem documents, and endings without surprises."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

from api_blueprints.http_request import StrictRequest
from api_blueprints.limits import Limits
from api_blueprints.problems import PROBLEM_CONTENT_TYPE, Problem, problem
from api_blueprints.request_guard import BODY_LIMIT, SECURITY_HEADERS
from api_blueprints.request_rules import request_id_from
from api_blueprints.waiting_room import WAIT_KEY, WaitingRoom

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 32
_READ_LIMIT = 8 * BODY_LIMIT
"""What is read of a body at most. The exact limit is the request guard's; this one is wider
because waitress counts the framing of a chunked body too, six bytes a chunk at least."""

SocketMap = MutableMapping[int, Any]


def adjustments(host: str, port: int, limits: Limits) -> Adjustments:
    """waitress's settings; its defaults (1 GiB bodies, a Server header) are not for us.

    How long a connection may live is not among them: waitress cannot close one whose client does
    not read (see :mod:`api_blueprints.connection_care`).
    """
    return Adjustments(
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        max_request_header_size=limits.header_bytes,
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

    def service(self) -> None:
        """Answer; the connection's patience counts from the end of the answer."""
        try:
            super().service()
        finally:
            channel = self.channel
            assert isinstance(channel, Channel)  # noqa: S101 - for the type checker
            channel.was_useful()

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
        return problem("headers_too_large")
    if status == 501:
        return problem("not_implemented")
    if status >= 500:
        return problem("internal_error")
    return problem("invalid_request", "The request cannot be read as HTTP")


class Channel(HTTPChannel):
    """One connection.

    ``lingers``: after the answer the rest of what the client still sends is read and thrown away
    for a moment. Closing at once would reset the connection, and the client would never see why
    its request was refused. ``useful_at``: when (monotonic) its last answer was made, before the
    first one when the client connected.
    """

    task_class = AppTask
    error_task_class = ProblemErrorTask
    requests_lock: threading.Lock  # the stubs lack it
    lingers = False
    _linger_until: float | None = None
    _request_since: float | None = None
    _unsent_since: float | None = None
    _answered = False
    _sent = 0
    _sent_before = 0

    def __init__(
        self,
        server: Listener,
        sock: socket.socket,
        addr: Any,
        adj: Adjustments,
        map: SocketMap | None = None,  # noqa: A002 - waitress's name
    ) -> None:
        self.useful_at = time.monotonic()
        self.limits = server.limits
        self.parser_class = partial(StrictRequest, limits=server.limits)  # type: ignore[assignment]  # called only
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def listener(self) -> Listener:
        """The server that accepted the connection."""
        assert isinstance(self.server, Listener)  # noqa: S101 - for the type checker
        return self.server

    @property
    def address(self) -> str:
        """The client's address, without its port."""
        return str(self.addr[0])

    @property
    def idle(self) -> bool:
        """Whether no request is being answered and no answer waits to be sent."""
        return not self.requests and not self.total_outbufs_len

    def was_useful(self) -> None:
        """An answer was made. On its worker thread, before its request counts as done."""
        self._answered = True
        self.useful_at = time.monotonic()

    def is_overdue(self, now: float) -> bool:
        """Whether the client used up its time: silent, dripping a request, not reading its answer.

        A call that is being answered never is, so a call may wait for a task's end. To be asked
        regularly and on the loop's thread only.
        """
        if self._linger_until is not None:
            return now > self._linger_until
        if self.total_outbufs_len:
            return self._reads_too_slowly(now)
        self._unsent_since = None
        if self.requests:
            return False
        if self._request_since is None:
            allowed = self.limits.idle if self._answered else self.limits.first_request
            return now - self.useful_at > allowed
        request: HTTPRequestParser | None = self.request
        in_body = request is not None and request.headers_finished
        allowed = self.limits.request if in_body else self.limits.header
        # While an earlier request was answered, nothing of this one was read.
        return now - max(self._request_since, self.useful_at) > allowed

    def _reads_too_slowly(self, now: float) -> bool:
        if self._unsent_since is None:
            self._unsent_since = now
            self._sent_before = self._sent
        fetched = (self._sent - self._sent_before) / self.limits.reader_rate
        return now - self._unsent_since > self.limits.reader + fetched

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
        self._limit_pipelining()
        request: HTTPRequestParser | None = self.request
        if request is None:
            self._request_since = None
        elif self._request_since is None:
            self._request_since = time.monotonic()
        return result

    def _limit_pipelining(self) -> None:
        """End the connection after so many requests sent ahead: each may have a large answer, and
        nobody is bound to read it. The client repeats what was not answered."""
        with self.requests_lock:
            surplus = self.requests[self.limits.pipelined :]
            if surplus:
                self.requests = self.requests[: self.limits.pipelined]
                self.requests[-1].headers["CONNECTION"] = "close"  # type: ignore[index]  # stubs
        for request in surplus:
            request.close()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send some of the bytes and count them."""
        sent: int = super().send(data, do_close)
        self._sent += sent
        return sent

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

    def _begin_to_linger(self) -> None:
        self.close_when_flushed = False
        self._linger_until = time.monotonic() + self.limits.linger
        try:
            assert self.socket is not None  # noqa: S101 - for the type checker
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()


class Listener(TcpWSGIServer):
    """A listening socket of ours in waitress's loop.

    ``access_log`` gets a line for each request that waitress itself refuses; ``waiting_room`` is
    where answers wait for a task's end; ``may_connect`` says whether there is room for a client.
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
        limits: Limits,
        may_connect: Callable[[], bool],
    ) -> None:
        self.limits = limits
        self._may_connect = may_connect
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
            adj=adjustments(host, port, limits),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def set_reuse_addr(self) -> None:
        """Nothing: the socket was bound with the options it needs."""

    def readable(self) -> bool:
        """Whether a client may connect now. If not, all connections are being answered, and the
        operating system lets the client wait."""
        return bool(self.accepting) and self._may_connect()

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
