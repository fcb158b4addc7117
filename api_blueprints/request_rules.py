"""Who may ask: rules about names, origins, keys and request ids, without any I/O."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from sync_core.settings import ApiSettings

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_WILDCARD_ADDRESSES = ("0.0.0.0", "::")  # noqa: S104 - compared with, not bound to

_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_.-]{1,253})(?::([0-9]{1,5}))?")
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_LONGEST_LOGGED_PATH = 200


@dataclass(frozen=True)
class Authority:
    """A host name (lower case, IPv6 in brackets) and the port that was given with it."""

    name: str
    port: int | None


def parse_authority(text: str) -> Authority | None:
    """``name`` or ``name:port`` taken apart; None for anything else, user parts included."""
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    name = match[1].lower()
    if name.startswith("["):
        try:
            name = f"[{ipaddress.IPv6Address(name[1:-1])}]"
        except ValueError:
            return None
    return Authority(name, int(match[2]) if match[2] else None)


def parse_origin(text: str) -> tuple[str, Authority] | None:
    """Scheme and authority of a web origin; None for ``null`` and anything else."""
    scheme, separator, rest = text.partition("://")
    authority = parse_authority(rest) if separator else None
    return None if authority is None else (scheme.lower(), authority)


@dataclass(frozen=True)
class AccessRules:
    """Which names are ours, which foreign origins may call, and the key that is asked for.

    ``host_names`` are as in :class:`Authority`, ``origins`` as a browser sends them.
    """

    host_names: frozenset[str]
    origins: frozenset[str] = frozenset()
    key: str | None = None

    @classmethod
    def from_settings(cls, api: ApiSettings) -> AccessRules:
        """The rules that the settings ``api.*`` ask for."""
        own = () if api.host in _WILDCARD_ADDRESSES else (_in_brackets(api.host),)
        return cls(
            frozenset(_names((*LOOPBACK_NAMES, *own, *map(_in_brackets, api.allowed_hosts)))),
            frozenset(_origins(api.allowed_origins)),
            api.key,
        )

    def host_is_ours(self, host: str | None) -> bool:
        """Whether a ``Host`` header names us.

        Only the name counts: a page that got our address by DNS rebinding still sends its own
        name, while behind a forwarded port (``ssh -L``) the port is legitimately another one.
        """
        authority = parse_authority(host or "")
        return authority is not None and authority.name in self.host_names

    def origin_is_listed(self, origin: str) -> bool:
        """Whether the settings allow this foreign origin."""
        return origin.lower() in self.origins

    def origin_is_ours(self, origin: str, host: str, server_port: str) -> bool:
        """Whether a page of our own sends the request: our name, and our port.

        Our port is the one we listen on or, behind a forwarded port, the one the browser went to.
        """
        parsed = parse_origin(origin)
        target = parse_authority(host)
        if parsed is None or target is None or parsed[0] != "http":
            return False
        port = parsed[1].port or 80
        return parsed[1].name in self.host_names and port in (target.port or 80, int(server_port))

    def key_matches(self, offered: Iterable[str]) -> bool:
        """Whether one of the offered keys is the right one.

        Takes the same time for each, however much of it is right: digests are compared, so that
        not even the length shows.
        """
        wanted = hashlib.sha256((self.key or "").encode()).digest()
        matches = [
            hmac.compare_digest(hashlib.sha256(key.encode("latin-1")).digest(), wanted)
            for key in offered
        ]
        return any(matches)


def browser_may_send(
    *, site: str | None, mode: str | None, destination: str | None, is_open: bool
) -> bool:
    """Whether a request without ``Origin`` may be answered, by what the browser says of it.

    ``site``, ``mode`` and ``destination`` are the headers ``Sec-Fetch-*``, which no page can set;
    other programs send none. Images, scripts, frames and forms of foreign pages are refused.
    Following a link from elsewhere to what ``is_open`` to everybody is harmless: the page that the
    link stands on learns nothing of the answer.
    """
    if site in (None, "none", "same-origin"):
        return True
    return is_open and mode == "navigate" and destination == "document"


def offered_keys(authorization: str | None, api_key: str | None) -> list[str]:
    """The keys in ``Authorization: Bearer KEY`` and ``X-API-Key: KEY``."""
    scheme, _, credentials = (authorization or "").partition(" ")
    bearer = credentials.strip() if scheme.lower() == "bearer" else ""
    return [key for key in (bearer, (api_key or "").strip()) if key]


def request_id_from(offered: str | None) -> str:
    """The client's own request id if it is sane (1 to 128 plain characters), else a new one."""
    if offered is not None and _SANE_REQUEST_ID.fullmatch(offered):
        return offered
    return uuid.uuid4().hex


def loggable_path(path: str) -> str:
    """A path (WSGI: latin-1) that cannot break a log line: percent-encoded and cut."""
    return quote(path.encode("latin-1", "replace"), safe="/:._-~")[:_LONGEST_LOGGED_PATH]


def _in_brackets(name: str) -> str:
    return f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name


def _origins(listed: Iterable[str]) -> Iterable[str]:
    """As browsers send them. What is no origin is left out: ``null`` is that of every sandboxed
    frame, and ``*`` would be everybody."""
    for origin in listed:
        if parse_origin(origin.strip().rstrip("/")) is not None:
            yield origin.strip().rstrip("/").lower()


def _names(hosts: Iterable[str]) -> Iterable[str]:
    for host in hosts:
        authority = parse_authority(host.strip())
        if authority is not None:
            yield authority.name
