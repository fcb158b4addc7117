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
from http.client import RemoteDisconnected
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ProtocolError

from sync_core.run_control import RunControl

LARGEST_ANSWER = 64 * 1024 * 1024


class AnswerTooLargeError(Exception):
    """The server sent more than we are willing to hold in memory."""


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
            sockets = list(self._sockets)
        for sock in sockets:
            _shut(sock)


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


class HttpCalls:
    """A pool of connections for calls that end in time. May be used by any number of threads.

    ``connect_timeout`` and ``read_timeout`` in seconds; the latter is how long the server may
    stay silent.
    """

    def __init__(
        self, *, connect_timeout: float, read_timeout: float, connections: int = 32
    ) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._adapter = HTTPAdapter(pool_maxsize=connections, max_retries=0)
        self._adapter.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

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
        try:
            return self._once(method, url, control, params, json)
        except requests.ConnectionError as error:
            if not _was_stale(error):
                raise
            control.check()
            return self._once(method, url, control, params, json)

    def _once(
        self,
        method: str,
        url: str,
        control: RunControl,
        params: Mapping[str, str] | None,
        json: object,
    ) -> Answer:
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
                answer = self._send(method, url, params, json, timeout)
        except requests.RequestException:
            control.check()  # a deadline or stop request is the truer reason
            raise
        finally:
            _current.call = None
            timer.cancel()
        if call.broken_off:  # an answer without a length looks complete when it is cut off
            control.check()
        return answer

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        json: object,
        timeout: tuple[float, float],
    ) -> Answer:
        session = requests.Session()
        session.trust_env = False  # CallDoc is in the house: no proxy, no .netrc
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)
        with session.request(
            method,
            url,
            params=params,
            json=json,
            timeout=timeout,
            stream=True,
            allow_redirects=False,
            headers={"Accept": "application/json"},
        ) as response:
            body = bytearray()
            for chunk in response.iter_content(64 * 1024):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise AnswerTooLargeError
            return Answer(
                response.status_code, response.headers.get("Content-Type", ""), bytes(body)
            )


def _was_stale(error: requests.ConnectionError) -> bool:
    """Whether the server had closed a kept connection before it read the request."""
    cause = error.args[0] if error.args else None
    if not isinstance(cause, ProtocolError) or len(cause.args) < 2:
        return False
    return isinstance(cause.args[1], (RemoteDisconnected, ConnectionResetError, BrokenPipeError))
