"""One kept HTTP connection: as little as possible between the clock and the socket."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from types import MappingProxyType, TracebackType
from typing import Any
from urllib.parse import urlsplit

from benchmarks.results import BenchmarkError

_ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, and how many milliseconds passed from sending until its last byte."""

    status: int
    body: bytes
    ms: float

    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)


class Client:
    """A client that keeps its connection; not for several threads. A context manager."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        further_headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        """One call; a ``document`` is sent as JSON."""
        body = None if document is None else json.dumps(document).encode()
        headers = dict(further_headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        begin = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        return Answer(answer.status, content, (time.perf_counter() - begin) * 1000)

    def expect(self, status: int, method: str, path: str, document: Any = None) -> Answer:
        """A call that must be answered with ``status``; raises ``BenchmarkError`` otherwise."""
        answer = self.call(method, path, document)
        if answer.status != status:
            raise BenchmarkError(f"{method} {path} answered {answer.status}, not {status}")
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
