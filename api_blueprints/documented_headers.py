"""The documented headers that answers share, each under its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from apispec.core import Components

RETRY_AFTER: Mapping[str, Any] = MappingProxyType(
    {
        "schema": {"type": "integer", "minimum": 1},
        "description": "Seconds until asking again.",
        "example": 1,
    }
)

ANSWER_HEADERS: Mapping[str, str] = MappingProxyType(
    {"X-Request-ID": "RequestId", "Cache-Control": "CacheControl"}
)
"""The headers of every answer, by the names under which they are documented."""


def document_headers(components: Components) -> None:
    """Add the headers of :data:`ANSWER_HEADERS`."""
    components.header(
        "RequestId",
        {
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
            "description": "Names this answer in the log; the client's own if it sent one.",
            "example": "5a0c7d1e2f3b4c5d8e9f0a1b2c3d4e5f",
            "required": True,
        },
    )
    components.header(
        "CacheControl",
        {
            "schema": {"type": "string"},
            "description": "Answers are not for keeping: they may hold patient data.",
            "example": "no-store",
            "required": True,
        },
    )
