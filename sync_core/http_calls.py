"""HTTP calls that end in time, whatever the server does.

``requests``' time-out counts from byte to byte, so a server that sends one byte a second holds a
call for ever. Here every call remembers its sockets and a timer shuts them down when the time is
over; the blocked read then fails at once. Connections are kept alive and shared by all threads
(urllib3's pool is made for that); the session objects around them are not shared.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, RemoteDisconnected
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ProtocolError

from sync_core.run_control import RunControl

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes after which an answer is given up; a busy day's list has some hundred thousand."""


class AnswerTooLargeError(Exception):
    """The server sent more than we are willing to hold in memory."""


class NotHttpError(requests.RequestException):
    """The server is there, but what it answers is not HTTP."""


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    content_type: str
    body: bytes


class _Call:
    """The sockets of one call, so that another thread can break it off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self.broken_off = False

    def uses(self, sock: socket.socket | None) -> None:
        if sock is None:
            return
        with self._lock:
            self._sockets.append(sock)
            broken_off = self.broken_off
        if broken_off:
            _shut(sock)

    def break_off(self) -> None:
        with self._lock:
            self.broken_off = True
            for sock in self._sockets:
                _shut(sock)

    def ended(self) -> None:
        """From now on the sockets may serve other calls."""
        with self._lock:
            self._sockets.clear()


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed meanwhile: that is what we want
        sock.shutdown(socket.SHUT_RDWR)


_current = threading.local()


class _RememberingMixin:
    """Tells the current thread's call which socket a connection uses, new or kept alive."""

    sock: socket.socket | None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]  # urllib3's connection is the other base
        self._remember()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._remember()
        super().request(*args, **kwargs)  # type: ignore[misc]  # as above

    def _remember(self) -> None:
        call: _Call | None = getattr(_current, "call", None)
        if call is not None:
            call.uses(self.sock)


class _Connection(_RememberingMixin, HTTPConnection):
    pass


class _SecureConnection(_RememberingMixin, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _adapter(connections: int) -> HTTPAdapter:
    adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
    adapter.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return adapter


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, str] | None
    json: object


class HttpCalls:
    """A pool of connections for calls that end in time. May be used by any number of threads.

    ``connect_timeout`` and ``read_timeout`` in seconds; the latter is how long the server may
    stay silent. ``largest_answer`` in bytes.
    """

    def __init__(
        self,
        *,
        connect_timeout: float,
        read_timeout: float,
        connections: int = 32,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._largest_answer = largest_answer
        self._adapter = _adapter(connections)

    def close(self) -> None:
        """Close the kept connections."""
        self._adapter.close()

    def call(
        self,
        method: str,
        url: str,
        control: RunControl,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer:
        """Make one call, which must be safe to repeat: it is, once, on a stale connection.

        Raises what ``control.check`` raises when the time is over or the task was stopped,
        ``requests.RequestException`` for every failure of the network or the protocol, and
        ``AnswerTooLargeError``.
        """
        request = _Request(method, url, params, json)
        try:
            return self._once(self._adapter, request, control)
        except requests.ConnectionError as error:
            if not _was_stale(error):
                raise
        # On a new connection: where one kept connection is stale, the others are likely to be.
        with contextlib.closing(_adapter(connections=1)) as adapter:
            return self._once(adapter, request, control)

    def call_once(
        self, method: str, url: str, control: RunControl, *, json: object = None
    ) -> Answer:
        """Make one call that is never repeated, because it may change something.

        Raises as :meth:`call` does; after ``requests.RequestException`` nobody knows what the
        server made of it.
        """
        return self._once(self._adapter, _Request(method, url, None, json), control)

    def _once(self, adapter: HTTPAdapter, request: _Request, control: RunControl) -> Answer:
        control.check()
        call = _Call()
        left = control.remaining()
        timer = threading.Timer(left, call.break_off)
        timer.daemon = True
        timer.name = "http-deadline"
        timeout = (min(self._connect_timeout, left), min(self._read_timeout, left))
        _current.call = call
        try:
            with control.abortable(call.break_off):
                timer.start()
                answer = self._send(adapter, request, timeout)
        except requests.RequestException as error:
            control.check()  # a deadline or stop request is the truer reason
            if isinstance(error, requests.ConnectionError) and _is_nonsense(error):
                raise NotHttpError("the server does not speak HTTP") from error
            raise
        finally:
            _current.call = None
            call.ended()
            timer.cancel()
        if call.broken_off:  # an answer without a length looks complete when it is cut off
            control.check()
        return answer

    def _send(
        self, adapter: HTTPAdapter, request: _Request, timeout: tuple[float, float]
    ) -> Answer:
        session = requests.Session()
        session.trust_env = False  # CallDoc is in the house: no proxy, no .netrc
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        with session.request(
            request.method,
            request.url,
            params=request.params,
            json=request.json,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
            headers={"Accept": "application/json"},
        ) as response:
            body = bytearray()
            for chunk in response.iter_content(64 * 1024):
                body += chunk
                if len(body) > self._largest_answer:
                    raise AnswerTooLargeError
            return Answer(
                response.status_code, response.headers.get("Content-Type", ""), bytes(body)
            )


def _was_stale(error: requests.ConnectionError) -> bool:
    """Whether the server had closed a kept connection before it read the request."""
    return isinstance(_cause(error), (RemoteDisconnected, ConnectionResetError, BrokenPipeError))


def _is_nonsense(error: requests.ConnectionError) -> bool:
    return isinstance(_cause(error), HTTPException) and not _was_stale(error)


def _cause(error: requests.ConnectionError) -> object:
    """What urllib3 wrapped in its own exception, and requests in another."""
    wrapped = error.args[0] if error.args else None
    if isinstance(wrapped, ProtocolError) and len(wrapped.args) > 1:
        return wrapped.args[1]
    return None
