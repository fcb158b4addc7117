"""Taking a port: sockets that nobody else can share, on IPv4 and IPv6 loopback alike."""

from __future__ import annotations

import errno
import os
import socket

from sync_core.errors import SyncGuiError

_LOOPBACK = ("127.0.0.1", "localhost")
_ATTEMPTS = 50
_IN_USE = {errno.EADDRINUSE, errno.EACCES, 10013, 10048} if os.name == "nt" else {errno.EADDRINUSE}
# Windows answers WSAEACCES (10013) when another program holds the port exclusively.


class ServerStartError(SyncGuiError):
    """The API could not be started; the message says why."""


class PortInUseError(ServerStartError):
    """Another program answers on the port.

    Attribute ``port``: its number.
    """

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} is in use")
        self.port = port


def bind_listeners(host: str, port: int) -> list[socket.socket]:
    """Bound sockets, not yet listening, all on the same port.

    ``127.0.0.1`` and ``localhost`` mean both loopback addresses, where ``[::1]`` exists; any other
    host is that address alone. Port 0 takes one that is free on all of them.

    Raises :class:`PortInUseError` (also when only one of the addresses is taken: otherwise another
    program would answer some of our clients) or :class:`ServerStartError`.
    """
    addresses = _addresses(host)
    for _ in range(_ATTEMPTS):
        try:
            return _bind_all(addresses, port)
        except PortInUseError:
            if port != 0:
                raise
    raise ServerStartError("no free port was found")


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    if host.lower() in _LOOPBACK:
        addresses = [(socket.AF_INET, "127.0.0.1")]
        if _ipv6_loopback_exists():
            addresses.append((socket.AF_INET6, "::1"))
        return addresses
    name = host.removeprefix("[").removesuffix("]")
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise ServerStartError("the address api.host is unknown on this computer") from error
    family, _, _, _, address = found[0]
    return [(family, str(address[0]))]


def _ipv6_loopback_exists() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bind_all(addresses: list[tuple[socket.AddressFamily, str]], port: int) -> list[socket.socket]:
    bound: list[socket.socket] = []
    try:
        for family, address in addresses:
            listener = socket.socket(family, socket.SOCK_STREAM)
            bound.append(listener)
            _bind(listener, family, address, port)
            port = listener.getsockname()[1]
            # Listening at once: two programs may bind, but only one may listen.
            listener.listen(socket.SOMAXCONN)
    except OSError as error:
        _close(bound)
        if error.errno in _IN_USE:
            raise PortInUseError(port) from error
        raise ServerStartError(
            f"the API cannot listen on port {port}: {os.strerror(error.errno or 0)}"
        ) from error
    return bound


def _bind(listener: socket.socket, family: socket.AddressFamily, address: str, port: int) -> None:
    if os.name == "nt":
        # Windows lets SO_REUSEADDR steal a port that another program listens on.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows only
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    listener.bind((address, port))


def _close(sockets: list[socket.socket]) -> None:
    for opened in sockets:
        opened.close()
