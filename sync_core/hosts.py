"""Which names mean this very computer."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server that listens on ``host``.

    ``host`` is a name or an address, IPv6 with or without brackets. Every other name counts as
    reachable from outside, because what it resolves to can change.
    """
    name = host.strip().lower().removeprefix("[").removesuffix("]")
    if name == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
