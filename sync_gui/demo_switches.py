"""The switches of the demo's simulated systems, over HTTP. Knows no Qt; called on worker threads.

What can be chosen here is a small part of what the demo can do: what staff may really meet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 10.0
"""Locking the simulated SQLHK may itself wait for its lock."""

_FINE = {"mode": "none"}
_GATEWAY_FINE = {"mode": "none", "calls": "all", "skip": 0, "times": None, "seconds": 1.0}


class DemoSwitchError(Exception):
    """A switch could not be read or set; the text is a German sentence."""


@dataclass(frozen=True)
class Choice:
    """One thing that a system can do: German words, and the part of the document that does it."""

    words: str
    part: Mapping[str, Any]


@dataclass(frozen=True)
class DemoSystem:
    """A simulated system: its name, the document that its switches are in, and what it can do.

    The first choice is that everything is in order.
    """

    name: str
    document: str
    choices: tuple[Choice, ...]

    def chosen(self, documents: Mapping[str, Mapping[str, Any]]) -> int | None:
        """The number of the choice that is switched on; None when it is none of these."""
        told = documents[self.document]
        for number, choice in enumerate(self.choices):
            if all(told.get(name) == value for name, value in choice.part.items()):
                return number
        return None


def _calldoc(words: str, fault: Mapping[str, Any] = _FINE, listener: str = "up") -> Choice:
    return Choice(words, {"appointments": fault, "patients": fault, "listener": listener})


def _gateway(words: str, **changes: Any) -> Choice:
    fault = {**_GATEWAY_FINE, **changes.pop("fault", {})}
    usual = {"writes_answer": "does_not_return_rows", "form": "plain", "listener": "up"}
    whole = {**usual, "latency": 0.0, **changes, "execute_sql": fault, "upsert_data": fault}
    return Choice(words, whole)


SYSTEMS = (
    DemoSystem(
        "CallDoc",
        "faults",
        (
            _calldoc("in Ordnung"),
            _calldoc("langsam (2 Sekunden)", {"mode": "slow", "seconds": 2.0}),
            _calldoc("antwortet nicht", {"mode": "hang"}),
            _calldoc("nicht erreichbar", listener="down"),
            _calldoc("meldet Fehler", {"mode": "status", "status": 500}),
            _calldoc("halbe Antworten", {"mode": "half_json"}),
        ),
    ),
    DemoSystem(
        "SQLHK",
        "faults",
        (
            Choice("in Ordnung", {"sqlhk": "none"}),
            Choice("gesperrt", {"sqlhk": "locked"}),
            Choice("nicht erreichbar", {"sqlhk": "down"}),
        ),
    ),
    DemoSystem(
        "Gateway",
        "gateway",
        (
            _gateway("in Ordnung"),
            _gateway("andere Antwortform", form="wrapped", writes_answer="success"),
            _gateway("langsam (1 Sekunde)", latency=1.0),
            _gateway("nicht erreichbar", listener="down"),
            _gateway("meldet Fehler", fault={"mode": "status_before"}),
            _gateway(
                "schreibt, meldet aber Fehler", fault={"mode": "status_after", "calls": "writes"}
            ),
        ),
    ),
)

DemoState = tuple[int | None, ...]
"""For each of ``SYSTEMS`` the number of its choice, as :meth:`DemoSystem.chosen` tells it."""

ALL_FINE: DemoState = tuple(0 for _ in SYSTEMS)


def state_words(state: DemoState) -> str:
    """What is switched on, in one German sentence."""
    faults = [
        f"{system.name} {'anders gestört' if number is None else system.choices[number].words}"
        for system, number in zip(SYSTEMS, state, strict=True)
        if number != 0
    ]
    return f"Störung: {', '.join(faults)}" if faults else "Keine Störung nachgestellt"


class DemoSwitches:
    """The switches at ``url`` (``http://127.0.0.1:PORT/_demo``)."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def read(self) -> DemoState:
        """What is switched on. Raises ``DemoSwitchError``."""
        documents = {name: self._call("GET", name) for name in ("faults", "gateway")}
        return tuple(system.chosen(documents) for system in SYSTEMS)

    def choose(self, system: DemoSystem, number: int) -> DemoState:
        """Switch a choice on and leave the other systems; what is switched on afterwards.

        Raises ``DemoSwitchError``.
        """
        now = self._call("GET", system.document)
        self._call("PUT", system.document, {**now, **system.choices[number].part})
        return self.read()

    def clear(self) -> DemoState:
        """Put everything in order again. Raises ``DemoSwitchError``."""
        self._call("PUT", "faults", {})
        self._call("PUT", "gateway", {})
        return self.read()

    def _call(self, method: str, name: str, document: Mapping[str, Any] | None = None) -> Any:
        body = None if document is None else json.dumps(document)
        host, port = self._url.hostname or "", self._url.port
        connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request(method, f"{self._url.path}/{name}", body)
            answer = connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, HTTPException, ValueError) as error:
            raise DemoSwitchError("Die nachgestellten Systeme antworten nicht.") from error
        finally:
            connection.close()
        if answer.status == 409:
            raise DemoSwitchError("Das geht gerade nicht, weil die Datenbank in Benutzung ist.")
        if answer.status != 200:
            raise DemoSwitchError("Die nachgestellten Systeme haben das nicht angenommen.")
        return told
