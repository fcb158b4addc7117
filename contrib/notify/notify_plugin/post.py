"""One POST that ends in time, whatever the other side does, and that can be broken off.

The standard library alone: no redirects (a secret address must not be sent on), no ``.netrc``, no
kept connections. Proxies of the environment are used for what is not on this machine, because a
chat is usually outside and the way there is IT's to say; over a proxy the connection is still
encrypted from end to end.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import urllib.request
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from notify_plugin.address import Address

CONNECT_SECONDS, CALL_SECONDS = 5.0, 10.0
MOST_WAIT_ASKED_FOR = 300.0
"""The longest ``Retry-After`` that is honoured."""


@dataclass(frozen=True)
class Answer:
    """``status`` 0: none came. ``problem`` is English, one line, without the address.

    ``retry_after`` are seconds that the other side asked for.
    """

    status: int
    problem: str = ""
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the message was taken."""
        return 200 <= self.status < 300

    @property
    def worth_retrying(self) -> bool:
        """Whether the very same message may be taken later."""
        return self.status == 0 or self.status in (408, 425, 429) or self.status >= 500


class Post:
    """One call. :meth:`send` once, on one thread; :meth:`break_off` from any other."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._broken_off = False

    def break_off(self) -> None:
        """Let :meth:`send` return at once."""
        with self._lock:
            self._broken_off = True
            if self._socket is not None:
                with contextlib.suppress(OSError):  # closed meanwhile: that is what we want
                    self._socket.shutdown(socket.SHUT_RDWR)

    def send(self, body: bytes, seconds: float = CALL_SECONDS) -> Answer:
        """Post the JSON ``body``; raises nothing that the network does."""
        timer = threading.Timer(seconds, self.break_off)
        timer.daemon = True
        timer.name = "notify-deadline"
        timer.start()
        try:
            return self._send(body, seconds)
        except (OSError, http.client.HTTPException, ValueError) as error:
            with self._lock:
                late = self._broken_off
            return Answer(0, "no answer in time" if late else f"no answer ({type(error).__name__})")
        finally:
            timer.cancel()

    def _send(self, body: bytes, seconds: float) -> Answer:
        connection = self._connection(min(CONNECT_SECONDS, seconds))
        try:
            connection.connect()
            with self._lock:
                self._socket = connection.sock
                if self._broken_off:
                    raise TimeoutError
            connection.sock.settimeout(seconds)
            headers = {"Content-Type": "application/json", "User-Agent": "sync-gui-notify"}
            connection.request("POST", self._address.target, body, headers)
            response = connection.getresponse()
            status = response.status  # the body tells nothing that we need
            problem = "" if 200 <= status < 300 else f"HTTP {status}"
            return Answer(status, problem, wait_asked_for(response.getheader("Retry-After")))
        finally:
            with self._lock:
                self._socket = None
            connection.close()

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        address = self._address
        proxy = None if address.loopback else _proxy_for(address)
        host, port = proxy or (address.host, address.port)
        if not address.secure:
            return http.client.HTTPConnection(host, port, timeout=seconds)
        context = ssl.create_default_context()
        secure = http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
        if proxy is not None:
            secure.set_tunnel(address.host, address.port)
        return secure


def wait_asked_for(header: str | None, now: datetime | None = None) -> float | None:
    """The seconds of a ``Retry-After`` (a number or a date), capped; None when it says nothing."""
    if header is None:
        return None
    text = header.strip()
    try:
        if text.isdecimal():
            seconds = float(text[:9])
        else:
            moment = parsedate_to_datetime(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=timezone.utc)
            seconds = (moment - (now or datetime.now(timezone.utc))).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), MOST_WAIT_ASKED_FOR)


def _proxy_for(address: Address) -> tuple[str, int] | None:
    if urllib.request.proxy_bypass(address.host):
        return None
    url = urllib.request.getproxies().get("https")
    if not url:
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    return (parts.hostname, parts.port or 3128) if parts.hostname else None
