"""Counting wrong API keys by address, so that guessing is slow and seen.

An address has some wrong keys free and gets new ones slowly. When they are used up, what it
offers is refused without being looked at. A client with the right key never feels that: an
address that brought the right key lately is always looked at, and so is this very computer, where
one program could otherwise lock out all others.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sync_core.hosts import is_loopback

FREE_ATTEMPTS = 20
SECONDS_AN_ATTEMPT = 3.0
TRUST_SECONDS = 3600.0
ADDRESSES = 1024
"""How many addresses are remembered at most; the one not heard of for longest is forgotten."""


@dataclass
class _Record:
    """What is known of an address: the attempts it has left as of ``at``, and until when it is
    trusted."""

    left: float
    at: float
    trusted_until: float = 0.0
    told: bool = False


class KeyAttempts:
    """The memory of wrong and right keys. ``clock`` is in seconds. From any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def seconds_to_wait(self, address: str) -> int:
        """Whole seconds until a key from this address is looked at again; 0: now."""
        if is_loopback(address):
            return 0
        with self._lock:
            record = self._record(address)
            if record.left >= 1 or record.trusted_until > self._clock():
                return 0
            return math.ceil((1 - record.left) * SECONDS_AN_ATTEMPT)

    def was_wrong(self, address: str) -> bool:
        """Note a wrong key; returns whether that used up the address's attempts just now."""
        with self._lock:
            record = self._record(address)
            record.left = max(0.0, record.left - 1)
            news = record.left < 1 and not record.told
            record.told = record.told or news
            return news

    def was_right(self, address: str) -> None:
        """Note the right key."""
        with self._lock:
            self._record(address).trusted_until = self._clock() + TRUST_SECONDS

    def __len__(self) -> int:
        return len(self._records)

    def _record(self, address: str) -> _Record:
        network = _network(address)
        now = self._clock()
        record = self._records.setdefault(network, _Record(FREE_ATTEMPTS, now))
        record.left = min(FREE_ATTEMPTS, record.left + (now - record.at) / SECONDS_AN_ATTEMPT)
        record.at = now
        if record.left >= FREE_ATTEMPTS:
            record.told = False
        self._records.move_to_end(network)
        if len(self._records) > ADDRESSES:
            self._records.popitem(last=False)
        return record


def _network(address: str) -> str:
    """What counts as one client: an IPv4 address, or a whole IPv6 network, whose single addresses
    everybody has by the billion."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
