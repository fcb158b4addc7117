"""The demo's own switches over HTTP, on a second port that works whatever is wrong with CallDoc.

========  =============================  ========================================================
method    path (below ``/_demo``)        body, answer
========  =============================  ========================================================
GET, PUT  ``/faults``                    a fault document (``demo.faults``); PUT sets all of it
GET       ``/state``                     counts of calls, connections, appointments
POST      ``/calls/reset``               begin counting anew
GET, PUT  ``/options``                   an option document (``demo.calldoc_search``)
GET, PUT  ``/days/<date>``               ``{"appointments": [...]}``, any JSON values; PUT also
                                         ``{"generated": {"count": 300, "seed": 1}}``
POST      ``/days/<date>/appointments``  one appointment, any JSON value
PATCH     ``/appointments/<id>``         fields to overwrite
DELETE    ``/appointments/<id>``
POST      ``/patients``                  one patient, any JSON value
PATCH     ``/patients/<piz>``            fields to overwrite
DELETE    ``/patients/<piz>``
GET, PUT  ``/gateway``                   how the SQL gateway behaves (``demo.gateway_faults``)
GET       ``/gateway/calls``             counts of its calls; POST ``/gateway/calls/reset``
========  =============================  ========================================================

Refusals are ``{"error": "..."}`` with 400 (unusable body or path), 404 (nothing there) or 409 (the
fault cannot be produced now).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date
from typing import Any

from demo.calldoc_search import options_json, parse_options
from demo.calldoc_server import CallDocServer
from demo.day_plan import generated_day
from demo.faults import Faults, parse_faults
from demo.gateway_faults import parse_behaviour
from demo.gateway_server import GatewayServer
from demo.http_server import LoopbackHandler, LoopbackServer

_PREFIX = "_demo"
_MOST_GENERATED = 100_000


class _NotFoundError(LookupError):
    """Nothing is there under this path."""


def control_server(
    calldoc: CallDocServer,
    gateway: GatewayServer,
    apply_faults: Callable[[Faults], None],
    port: int = 0,
) -> LoopbackServer:
    """The control server, bound and not yet started.

    ``apply_faults`` sets all switches; it may raise ``OSError`` or ``sqlite3.OperationalError``.
    """

    def handler(*args: Any) -> _Handler:
        return _Handler(calldoc, gateway, apply_faults, *args)

    return LoopbackServer(port, handler)


class _Handler(LoopbackHandler):
    def __init__(
        self,
        calldoc: CallDocServer,
        gateway: GatewayServer,
        apply_faults: Callable[[Faults], None],
        *args: Any,
    ) -> None:
        self._calldoc = calldoc
        self._gateway = gateway
        self._apply_faults = apply_faults
        super().__init__(*args)

    def do_GET(self) -> None:
        """Show a resource."""
        self._handle(self._show)

    def do_PUT(self) -> None:
        """Replace a resource."""
        self._handle(self._replace)

    def do_POST(self) -> None:
        """Add something."""
        self._handle(self._add)

    def do_PATCH(self) -> None:
        """Overwrite fields."""
        self._handle(self._change)

    def do_DELETE(self) -> None:
        """Remove something."""
        self._handle(self._remove)

    def _handle(self, carry_out: Callable[[list[str], Any], dict[str, Any]]) -> None:
        try:
            body = self.read_body()
            answer = carry_out(_path(self.path), json.loads(body) if body else None)
        except _NotFoundError:
            self.send_json(404, {"error": "there is nothing under this path"})
        except ValueError as error:
            self.send_json(400, {"error": str(error)})
        except (OSError, sqlite3.OperationalError) as error:
            self.send_json(409, {"error": f"not possible now: {error}"})
        else:
            self.send_json(200, answer)

    def _show(self, path: list[str], _: Any) -> dict[str, Any]:
        state = self._calldoc.state
        match path:
            case ["faults"]:
                return self._calldoc.faults.current().as_json()
            case ["gateway"]:
                return self._gateway.board.current().as_json()
            case ["gateway", "calls"]:
                return self._gateway.board.counts()
            case ["options"]:
                return options_json(state.options)
            case ["state"]:
                return {**self._calldoc.log.as_json(), "appointments": state.count_appointments()}
            case ["days", day]:
                return {"appointments": state.appointments_listed_on(date.fromisoformat(day))}
        raise _NotFoundError

    def _replace(self, path: list[str], body: Any) -> dict[str, Any]:
        match path:
            case ["faults"]:
                self._apply_faults(parse_faults(body))
            case ["gateway"]:
                self._gateway.apply(parse_behaviour(body))
            case ["options"]:
                self._calldoc.state.options = parse_options(body)
            case ["days", day]:
                self._replace_day(date.fromisoformat(day), body)
            case _:
                raise _NotFoundError
        return self._show(path, None)

    def _replace_day(self, day: date, body: Any) -> None:
        match body:
            case {"appointments": list(entries)}:
                self._calldoc.state.replace_day(day, entries)
            case {"generated": {"count": int(count), "seed": int(seed)}} if (
                0 <= count <= _MOST_GENERATED
            ):
                plan = generated_day(day, count, seed)
                self._calldoc.state.replace_day_by_plan(plan, day)
            case _:
                raise ValueError('"appointments" (a list) or "generated" (count, seed) is expected')

    def _add(self, path: list[str], body: Any) -> dict[str, Any]:
        match path:
            case ["calls", "reset"]:
                self._calldoc.log.reset()
                return self._calldoc.log.as_json()
            case ["gateway", "calls", "reset"]:
                self._gateway.board.reset_counts()
                return self._gateway.board.counts()
            case ["days", day, "appointments"]:
                self._calldoc.state.add_appointment(date.fromisoformat(day), body)
            case ["patients"]:
                self._calldoc.state.add_patient(body)
            case _:
                raise _NotFoundError
        return {"added": 1}

    def _change(self, path: list[str], body: Any) -> dict[str, Any]:
        match path, body:
            case ["appointments", number], dict(fields):
                changed = self._calldoc.state.change_appointment(int(number), fields)
            case ["patients", piz], dict(fields):
                changed = self._calldoc.state.change_patient(piz, fields)
            case ["appointments" | "patients", _], _:
                raise ValueError("an object with the fields to overwrite is expected")
            case _:
                raise _NotFoundError
        return {"changed": _some(changed)}

    def _remove(self, path: list[str], _: Any) -> dict[str, Any]:
        match path:
            case ["appointments", number]:
                removed = self._calldoc.state.remove_appointment(int(number))
            case ["patients", piz]:
                removed = self._calldoc.state.remove_patient(piz)
            case _:
                raise _NotFoundError
        return {"removed": _some(removed)}


def _path(url: str) -> list[str]:
    prefix, *path = url.strip("/").split("/")
    if prefix != _PREFIX:
        raise _NotFoundError
    return path


def _some(count: int) -> int:
    if not count:
        raise _NotFoundError
    return count
