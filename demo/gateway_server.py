"""The simulated HTTP SQL gateway on the demo's SQLHK, with its quirks and switchable faults."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from demo.gateway_faults import GatewayBehaviour, GatewayBoard, GatewayFault
from demo.gateway_sql import NO_ROWS, GatewayDatabase, GatewaySqlError
from demo.http_server import LoopbackHandler
from demo.switchable_server import SwitchableServer

DATABASE = "SQLHK"
_EXECUTE = "/api/execute_sql"
_UPSERT = "/api/upsert_data"
_HOLD_GLANCE_SECONDS = 0.01

Document = dict[str, Any]


class GatewayServer(SwitchableServer):
    """The gateway on one port of 127.0.0.1, which it keeps until ``stop()``.

    Attributes: ``board`` (switches and counts), ``port``.
    """

    def __init__(self, database: Path, port: int = 0) -> None:
        self.board = GatewayBoard()
        handler = partial(_Handler, GatewayDatabase(database), self.board)
        super().__init__(port, handler, lambda: None)

    def apply(self, behaviour: GatewayBehaviour) -> None:
        """Set all switches."""
        self.board.replace(behaviour)
        if behaviour.listener == "down":
            self.refuse()
        else:
            self.listen()


class _Handler(LoopbackHandler):
    def __init__(self, database: GatewayDatabase, board: GatewayBoard, *args: Any) -> None:
        self._database = database
        self._board = board
        super().__init__(*args)

    def do_POST(self) -> None:
        """Answer the two calls."""
        work: dict[str, tuple[str, Callable[[Document], Document], Callable[[Document], bool]]] = {
            _EXECUTE: ("execute_sql", self._execute, lambda asked: _writes(asked["query"])),
            _UPSERT: ("upsert_data", self._upsert, lambda asked: True),
        }
        try:
            asked = json.loads(self.read_body())
        except ValueError:
            asked = None
        path = self.path.rstrip("/")
        if path not in work:
            self.send_json(404, {"error": "not found"})
        elif not _is_usable(path, asked):
            self.send_json(422, {"error": "the body is not as documented"})
        else:
            endpoint, carry_out, is_write = work[path]
            fault = self._fault_of(endpoint, is_write=is_write(asked))
            if fault is not None and self.client_stays(self._board.current().latency):
                self._answer(fault, partial(carry_out, asked))
            else:
                self.close_connection = True

    def _fault_of(self, endpoint: str, *, is_write: bool) -> GatewayFault | None:
        """What the call meets, at the end of its being held; None when the client has gone."""
        times_set = self._board.times_set
        fault = self._board.take(endpoint, is_write=is_write)
        while fault.mode == "hold":
            while self._board.times_set == times_set:
                if not self.client_stays(_HOLD_GLANCE_SECONDS):
                    return None
            times_set = self._board.times_set
            fault = self._board.take_again(endpoint, is_write=is_write)
        return fault

    def _answer(self, fault: GatewayFault, carry_out: Callable[[], Document]) -> None:
        mode = fault.mode
        if mode == "status_before":
            self.send_json(500, {"error": "internal server error"})
        elif mode == "refuse":
            self._send({"success": False, "error": "(OperationalError) simulated refusal"})
        elif mode == "close_before" or (
            mode == "slow_before" and not self.client_stays(fault.seconds)
        ):
            self.close_connection = True
        else:
            self._spoil(fault, carry_out())

    def _spoil(self, fault: GatewayFault, document: Document) -> None:
        mode = fault.mode
        if mode == "status_after":
            self.send_json(500, {"error": "internal server error"})
        elif mode == "half_json":
            body = self._encoded(document)
            self.send(200, body[: len(body) // 2])
        elif mode == "close_after" or (
            mode == "slow_after" and not self.client_stays(fault.seconds)
        ):
            self.close_connection = True
        else:
            self._send(document)

    def _send(self, document: Document) -> None:
        self.send(200, self._encoded(document))

    def _encoded(self, document: Document) -> bytes:
        try:
            text = json.dumps(document, ensure_ascii=False)
        except TypeError as error:
            text = json.dumps({"success": False, "error": str(error)})
        if self._board.current().form == "wrapped":
            text = json.dumps({"content": [{"text": text}]}, ensure_ascii=False)
        return text.encode()

    def _execute(self, asked: Document) -> Document:
        try:
            rows = self._database.execute(asked["query"], asked.get("params") or {})
        except GatewaySqlError as error:
            return {"success": False, "error": str(error)}
        if rows is not None:
            return {"success": True, "rows": rows}
        if self._board.current().writes_answer == "success":
            return {"success": True, "rows": []}
        return {"success": False, "error": NO_ROWS}

    def _upsert(self, asked: Document) -> Document:
        try:
            done = self._database.upsert(
                asked["table"], asked["search_fields"], asked["update_fields"], asked["key_fields"]
            )
        except GatewaySqlError as error:
            return {"success": False, "error": str(error)}
        return {"success": True, "operation_code": done.operation_code, "id": done.key}


def _writes(query: str) -> bool:
    return not query.lstrip().upper().startswith("SELECT")


def _is_usable(path: str, asked: Any) -> bool:
    match asked:
        case {"query": str(), "database": database} if path == _EXECUTE:
            return database == DATABASE and isinstance(asked.get("params") or {}, dict)
        case {
            "table": str(),
            "database": database,
            "search_fields": dict(search),
            "update_fields": dict(),
            "key_fields": list(),
        } if path == _UPSERT:
            return database == DATABASE and bool(search)
    return False
