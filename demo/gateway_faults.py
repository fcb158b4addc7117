"""How the simulated gateway behaves: its everyday quirks, and the faults that are switched on.

As JSON (every part may be left out)::

    {"writes_answer": "does_not_return_rows", "form": "wrapped", "listener": "up",
     "latency": 0.005,
     "execute_sql": {"mode": "status_after", "calls": "writes", "skip": 10, "times": 1}}

====================  ============================================================================
mode                  what the call comes to
====================  ============================================================================
``none``              the right answer
``status_before``     HTTP 500, nothing was carried out
``status_after``      HTTP 500, and yet it was carried out
``refuse``            ``success: false`` with an error text, nothing was carried out
``half_json``         carried out, the answer breaks off in the middle of the JSON
``close_before``      the connection ends, nothing was carried out
``close_after``       the connection ends, and yet it was carried out
``slow_before``       carried out after ``seconds``, if the client is still there
``slow_after``        carried out at once, answered after ``seconds``
``hold``              waits until the switches are set again, then meets what they say then
====================  ============================================================================
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

ENDPOINTS = ("execute_sql", "upsert_data")
MODES = (
    "none",
    "status_before",
    "status_after",
    "refuse",
    "half_json",
    "close_before",
    "close_after",
    "slow_before",
    "slow_after",
    "hold",
)
_CALLS = ("all", "reads", "writes")
_CHOICES = {
    "writes_answer": ("does_not_return_rows", "success"),
    "form": ("plain", "wrapped"),
    "listener": ("up", "down"),
}
_LONGEST_SECONDS = 3600.0


class GatewayFaultError(ValueError):
    """A document with an unknown name or a value out of range; the text says which."""


@dataclass(frozen=True)
class GatewayFault:
    """What one endpoint does wrong.

    ``calls`` says which calls are meant; the first ``skip`` of them go well, the next ``times``
    do not (None: all further ones).
    """

    mode: str = "none"
    calls: str = "all"
    skip: int = 0
    times: int | None = None
    seconds: float = 1.0

    def concerns(self, is_write: bool) -> bool:
        """Whether a call of this sort is meant."""
        return self.mode != "none" and self.calls in ("all", "writes" if is_write else "reads")


@dataclass(frozen=True)
class GatewayBehaviour:
    """All switches at once; the defaults are what the practice's gateway is like."""

    writes_answer: str = "does_not_return_rows"
    form: str = "plain"
    listener: str = "up"
    latency: float = 0.0
    execute_sql: GatewayFault = field(default_factory=GatewayFault)
    upsert_data: GatewayFault = field(default_factory=GatewayFault)

    def as_json(self) -> dict[str, Any]:
        """The document that ``parse_behaviour`` reads back to the same value."""
        faults = {name: vars(getattr(self, name)) for name in ENDPOINTS}
        return {**vars(self), **faults}


class GatewayBoard:
    """The switches as they stand now and the counts of calls; shared by the answering threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._behaviour = GatewayBehaviour()
        self._times_set = 0
        self._calls: Counter[str] = Counter()

    def current(self) -> GatewayBehaviour:
        """All switches; ``skip`` and ``times`` are what is left of them."""
        with self._lock:
            return self._behaviour

    def replace(self, behaviour: GatewayBehaviour) -> None:
        """Set all switches."""
        with self._lock:
            self._behaviour = behaviour
            self._times_set += 1

    @property
    def times_set(self) -> int:
        """How often the switches were set; a held call waits for the next time."""
        with self._lock:
            return self._times_set

    def take(self, endpoint: str, *, is_write: bool) -> GatewayFault:
        """Count a call; the fault that it meets, which is counted against ``times``."""
        with self._lock:
            self._calls[endpoint] += 1
            self._calls["writes" if is_write else "reads"] += 1
            return self._met_by(endpoint, is_write=is_write)

    def take_again(self, endpoint: str, *, is_write: bool) -> GatewayFault:
        """The fault that a held call meets afterwards; it was counted before."""
        with self._lock:
            return self._met_by(endpoint, is_write=is_write)

    def counts(self) -> dict[str, int]:
        """Calls by endpoint, and how many of them could write."""
        with self._lock:
            return {name: self._calls[name] for name in (*ENDPOINTS, "reads", "writes")}

    def reset_counts(self) -> None:
        """Begin counting from zero."""
        with self._lock:
            self._calls.clear()

    def _met_by(self, endpoint: str, *, is_write: bool) -> GatewayFault:
        fault: GatewayFault = getattr(self._behaviour, endpoint)
        if not fault.concerns(is_write):
            return GatewayFault()
        if fault.skip:
            self._set(endpoint, replace(fault, skip=fault.skip - 1))
            return GatewayFault()
        if fault.times is not None:
            left = fault.times - 1
            self._set(endpoint, replace(fault, times=left) if left else GatewayFault())
        return fault

    def _set(self, endpoint: str, fault: GatewayFault) -> None:
        changed: dict[str, Any] = {endpoint: fault}
        self._behaviour = replace(self._behaviour, **changed)


def parse_behaviour(document: object) -> GatewayBehaviour:
    """Read a document (decoded JSON). Raises ``GatewayFaultError`` on anything unknown."""
    known = (*_CHOICES, "latency", *ENDPOINTS)
    values = _object(document, "gateway", known)
    for name, allowed in _CHOICES.items():
        if name in values:
            _one_of(values[name], name, allowed)
    if "latency" in values:
        values["latency"] = _seconds(values["latency"], "latency")
    for name in ENDPOINTS:
        if name in values:
            values[name] = _fault(values[name], name)
    return GatewayBehaviour(**values)


def _fault(document: object, where: str) -> GatewayFault:
    values = _object(document, where, tuple(GatewayFault.__dataclass_fields__))
    _one_of(values.get("mode", "none"), f"{where}.mode", MODES)
    _one_of(values.get("calls", "all"), f"{where}.calls", _CALLS)
    if "seconds" in values:
        values["seconds"] = _seconds(values["seconds"], f"{where}.seconds")
    for name in ("skip", "times"):
        count = values.get(name)
        if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
            raise GatewayFaultError(f"{where}.{name}: a whole number is expected")
        if count is not None and count < (0 if name == "skip" else 1):
            raise GatewayFaultError(f"{where}.{name}: too small")
    return GatewayFault(**values)


def _object(value: object, where: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GatewayFaultError(f"{where}: an object is expected")
    for name in value:
        if name not in allowed:
            raise GatewayFaultError(
                f"{where}: unknown name {name!r}; known are {', '.join(allowed)}"
            )
    return dict(value)


def _one_of(value: object, where: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise GatewayFaultError(f"{where}: unknown value {value!r}; known are {', '.join(allowed)}")


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise GatewayFaultError(f"{where}: a number of seconds is expected")
    if not 0 <= value <= _LONGEST_SECONDS:
        raise GatewayFaultError(f"{where}: 0 to {_LONGEST_SECONDS:.0f} seconds are possible")
    return float(value)
