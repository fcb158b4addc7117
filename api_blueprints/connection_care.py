"""Closing connections that keep others out: those beyond their time, and in a crowd the idlest.

Works in the server's own thread between two turns of its loop. Inside a turn nothing is closed:
the operating system could give the number of a closed socket to a new client at once, who would
then get what was meant for the old one.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence

from api_blueprints.http_channel import Channel
from api_blueprints.limits import Limits

_LOOK_SECONDS = 0.5
_SAY_SECONDS = 60.0


class ConnectionCare:
    """Looks after the connections of one server."""

    def __init__(self, limits: Limits, logger: logging.Logger) -> None:
        self._limits = limits
        self._log = logger
        self._next_look = 0.0
        self._next_word = 0.0
        self._room = True

    def may_connect(self) -> bool:
        """Whether there was room for newcomers after the last look. False only while nearly all
        connections are being answered."""
        return self._room

    def look(self, channels: Sequence[Channel], newcomers: int) -> None:
        """Close what is overdue, and make room for ``newcomers`` who may connect in this turn."""
        now = time.monotonic()
        surplus = len(channels) + newcomers - self._limits.connections
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            for channel in channels:
                if channel.is_overdue(now):
                    channel.handle_close()
                    surplus -= 1
        if surplus > 0:
            surplus -= self._make_room(channels, surplus, now)
        self._room = surplus <= 0

    def _make_room(self, channels: Sequence[Channel], surplus: int, now: float) -> int:
        """Close the idlest, first of all those of the address that has the most; returns how
        many were closed."""
        spare = [channel for channel in channels if channel.connected and not channel.requests]
        share = Counter(channel.address for channel in channels if channel.connected)
        count = min(surplus, len(spare))
        for _ in range(count):
            victim = min(spare, key=lambda item: (-share[item.address], item.useful_at))
            spare.remove(victim)
            share[victim.address] -= 1
            victim.handle_close()
        if now >= self._next_word:
            self._next_word = now + _SAY_SECONDS
            self._log.warning("too many connections: the idlest are closed for new clients")
        return count
