"""A plain HTTP client for the demo's two servers: no library that repeats or repairs anything."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.clock import PATIENCE


def request(method: str, url: str, document: Any = None) -> tuple[int, bytes]:
    """One call on a connection of its own; a ``document`` is sent as JSON."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)
    try:
        body = None if document is None else json.dumps(document)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def call(method: str, url: str, document: Any = None) -> Any:
    """The decoded JSON of a call that must succeed."""
    status, body = request(method, url, document)
    assert status == 200, (status, body)
    return json.loads(body)


def appointments_url(base_url: str, day: str = "2025-10-06", **filters: Any) -> str:
    extra = "".join(f"&{name}={value}" for name, value in filters.items())
    return f"{base_url}/appointment_search/?from_date={day}&to_date={day}{extra}"
