"""The fault switches of the demo: what each part of the two simulated systems shall do wrong.

As JSON (every part may be left out and is then in order)::

    {"appointments": {"mode": "slow", "seconds": 2, "times": 3},
     "patients": {"mode": "status", "status": 500},
     "sqlhk": "locked", "listener": "down"}

``both`` in place of ``appointments`` and ``patients`` sets the two endpoints alike. ``hold`` keeps
a call waiting until the switches are set again; then it is answered as it should be.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

ENDPOINTS = ("appointments", "patients")
SQLHK_MODES = ("none", "locked", "down")
LISTENER_MODES = ("up", "down")

_EXTRAS: dict[str, tuple[str, ...]] = {
    "none": (),
    "slow": ("seconds", "times"),
    "hang": ("times",),
    "hold": (),
    "drip_header": ("interval", "times"),
    "drip_body": ("interval", "times"),
    "close": ("times",),
    "reset": ("times",),
    "status": ("status", "times"),
    "html": ("times",),
    "half_json": ("times",),
    "error_200": ("times",),
    "data_null": ("times",),
    "data_missing": ("times",),
    "wrong_types": ("times",),
    "foreign_patient": ("times",),
}
ENDPOINT_MODES = tuple(_EXTRAS)
_LONGEST_SECONDS = 3600.0


class FaultError(ValueError):
    """A fault document with an unknown name or a value out of range; the text says which."""


@dataclass(frozen=True)
class EndpointFault:
    """What one CallDoc endpoint does wrong.

    ``seconds`` is the wait before a slow answer, ``interval`` the seconds between two dripped
    bytes, ``status`` the HTTP status, ``times`` for how many calls it holds (None: until changed).
    """

    mode: str = "none"
    seconds: float = 1.0
    interval: float = 1.0
    status: int = 500
    times: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The document that ``parse_faults`` reads back to the same value."""
        values = {name: getattr(self, name) for name in _EXTRAS[self.mode]}
        return {"mode": self.mode} | {k: v for k, v in values.items() if v is not None}


@dataclass(frozen=True)
class Faults:
    """All switches at once."""

    appointments: EndpointFault = field(default_factory=EndpointFault)
    patients: EndpointFault = field(default_factory=EndpointFault)
    sqlhk: str = "none"
    listener: str = "up"

    def as_json(self) -> dict[str, Any]:
        """The document that ``parse_faults`` reads back to the same value."""
        return {
            "appointments": self.appointments.as_json(),
            "patients": self.patients.as_json(),
            "sqlhk": self.sqlhk,
            "listener": self.listener,
        }


class FaultBoard:
    """The switches as they stand now, shared by the threads that answer calls."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults = Faults()

    def current(self) -> Faults:
        """All switches; ``times`` is what is left of it."""
        with self._lock:
            return self._faults

    def replace(self, faults: Faults) -> None:
        """Set all switches."""
        with self._lock:
            self._faults = faults

    def take(self, endpoint: str) -> EndpointFault:
        """The fault for one call to ``endpoint``; counts the call against ``times``."""
        with self._lock:
            fault: EndpointFault = getattr(self._faults, endpoint)
            if fault.times is not None:
                left = fault.times - 1
                remaining = replace(fault, times=left) if left else EndpointFault()
                changed: dict[str, Any] = {endpoint: remaining}
                self._faults = replace(self._faults, **changed)
            return fault


def parse_faults(document: object) -> Faults:
    """Read a fault document (decoded JSON). Raises ``FaultError`` on anything unknown."""
    parts = _object(document, "faults", (*ENDPOINTS, "both", "sqlhk", "listener"))
    if "both" in parts:
        if any(endpoint in parts for endpoint in ENDPOINTS):
            raise FaultError("both: not together with appointments or patients")
        parts = parts | dict.fromkeys(ENDPOINTS, parts["both"])
    return Faults(
        **{name: _endpoint_fault(parts[name], name) for name in ENDPOINTS if name in parts},
        sqlhk=_word(parts.get("sqlhk", "none"), "sqlhk", SQLHK_MODES),
        listener=_word(parts.get("listener", "up"), "listener", LISTENER_MODES),
    )


def _endpoint_fault(document: object, where: str) -> EndpointFault:
    values = _object(document, where, ("mode", "seconds", "interval", "status", "times"))
    mode = _word(values.get("mode", "none"), f"{where}.mode", ENDPOINT_MODES)
    for name in values:
        if name != "mode" and name not in _EXTRAS[mode]:
            raise FaultError(f"{where}.{name}: does not go with the mode {mode}")
    default = EndpointFault()
    return EndpointFault(
        mode=mode,
        seconds=_seconds(values.get("seconds", default.seconds), f"{where}.seconds"),
        interval=_seconds(values.get("interval", default.interval), f"{where}.interval"),
        status=_whole(values.get("status", default.status), f"{where}.status", 200, 599),
        times=_whole(values["times"], f"{where}.times", 1, 10**6) if "times" in values else None,
    )


def _object(value: object, where: str, allowed: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FaultError(f"{where}: an object is expected")
    for name in value:
        if name not in allowed:
            raise FaultError(f"{where}: unknown name {name!r}; known are {', '.join(allowed)}")
    return value


def _word(value: object, where: str, allowed: Collection[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise FaultError(f"{where}: unknown value {value!r}; known are {', '.join(allowed)}")
    return value


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FaultError(f"{where}: a number of seconds is expected")
    if not 0 <= value <= _LONGEST_SECONDS:
        raise FaultError(f"{where}: 0 to {_LONGEST_SECONDS:.0f} seconds are possible")
    return float(value)


def _whole(value: object, where: str, lowest: int, highest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FaultError(f"{where}: a whole number is expected")
    if not lowest <= value <= highest:
        raise FaultError(f"{where}: {lowest} to {highest} are possible")
    return value
