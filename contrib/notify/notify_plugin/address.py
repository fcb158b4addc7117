"""The webhook's address: a secret that must not leave this machine unencrypted. Pure rules."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LONGEST = 2000


class AddressError(ValueError):
    """The address cannot be used; the text says why and never repeats it."""


@dataclass(frozen=True)
class Address:
    """Where to post to. ``target`` is path and query; it is what is secret."""

    secure: bool
    host: str
    port: int
    target: str = field(repr=False)
    loopback: bool = False


def read_address(text: str) -> Address:
    """The parts of a webhook's URL.

    Raises ``AddressError`` for what is no http(s) URL, for plain http to anything but this
    machine, and for names and passwords in the URL.
    """
    text = text.strip()
    if len(text) > _LONGEST or not text.isascii() or any(sign <= " " for sign in text):
        raise AddressError("Must be a URL without blanks or special signs.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressError("Must be a URL.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise AddressError("Must be a URL beginning with https://.")
    if parts.username is not None or parts.password is not None:
        raise AddressError("Must not hold a user or a password before the host.")
    loopback = _is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise AddressError("Must begin with https:// unless it is on this machine.")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(secure, host, port or (443 if secure else 80), target, loopback)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
