"""The documented refusals: which codes a call may answer with, under which status, by example.

What every call has in common (a bad query, a foreign origin, a missing key, a fault of ours) is
added to each; what is a call's own, its view declares with ``StrictBlueprint.refuses``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from apispec import APISpec

from api_blueprints.documented_headers import ANSWER_HEADERS, RETRY_AFTER
from api_blueprints.problems import PROBLEM_CONTENT_TYPE, problem
from api_blueprints.schemas import ProblemSchema
from sync_core.error_catalogue import HTTP_ERRORS, http_error

REFUSALS = "refusals"
"""Where a view's own codes are kept among what flask-smorest knows of it."""

START_REFUSALS = (
    "already_running",
    "idempotency_key_reused",
    "queue_full",
    "not_configured",
    "shutting_down",
    "journal_unavailable",
)
"""What refuses a call that starts a task, besides what refuses every call."""

TASK_REFUSALS = ("task_not_found", "not_running")
"""What refuses a call about a task."""

_EVERY_CALL = ("invalid_request", "host_not_allowed", "origin_not_allowed", "internal_error")
_WITH_KEY = ("key_required", "key_invalid", "too_many_attempts")
_WITH_BODY = ("body_too_large", "json_required")

_REQUEST_ID = "5a0c7d1e2f3b4c5d8e9f0a1b2c3d4e5f"
_OTHER_TASK = "patient_sync_1234567_2025-10-06_20251004150000"
_MEMBERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "invalid_request": {
            "errors": {"json": {"date": ["Not a valid date: YYYY-MM-DD is needed."]}}
        },
        "already_running": {
            "task_id": _OTHER_TASK,
            "status_url": f"/api/sync/status/{_OTHER_TASK}",
        },
    }
)
_HEADERS: Mapping[int, Mapping[str, Any]] = MappingProxyType(
    {
        401: {
            "WWW-Authenticate": {
                "schema": {"type": "string"},
                "description": "How to send the key.",
                "example": "Bearer",
                "required": True,
            }
        },
        405: {
            "Allow": {
                "schema": {"type": "string"},
                "description": "The methods that this path knows.",
                "example": "GET, HEAD, OPTIONS",
                "required": True,
            }
        },
        429: {"Retry-After": {**RETRY_AFTER, "required": True}},
    }
)


def codes_of_call(own: Iterable[str], *, method: str, is_open: bool) -> tuple[str, ...]:
    """Every code that a call may be refused with, in the catalogue's spelling.

    ``own`` are those its view declares, ``method`` is in small letters, ``is_open`` says that it
    never needs the key.
    """
    key = () if is_open else _WITH_KEY
    body = () if method in ("get", "head", "options") else _WITH_BODY
    return (*_EVERY_CALL, *key, *body, *own)


def codes_of_no_call() -> list[str]:
    """The codes that no call is documented with: what is refused before it is known which call is
    meant, and what only a plugin's calls answer."""
    called = {*_EVERY_CALL, *_WITH_KEY, *_WITH_BODY, *START_REFUSALS, *TASK_REFUSALS}
    return [entry.code for entry in HTTP_ERRORS if entry.code not in called]


def by_status(codes: Iterable[str]) -> dict[int, list[str]]:
    """The codes in groups of one HTTP status, each code once."""
    groups: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        groups.setdefault(http_error(code).status, []).append(code)
    return groups


def example_of(code: str) -> dict[str, Any]:
    """The problem document of a code as it could be answered."""
    return problem(code, members=_MEMBERS.get(code)).document(_REQUEST_ID)


class RefusalAnswers:
    """The answers of one document that refuse, each group of codes under a name of its own."""

    def __init__(self, spec: APISpec) -> None:
        self._spec = spec
        self._names: set[str] = set()

    def named(self, codes: Iterable[str]) -> str:
        """The name of the answer that tells one of these codes, all of one HTTP status."""
        codes = tuple(codes)
        name = "Or".join("".join(part.title() for part in code.split("_")) for code in codes)
        if name not in self._names:
            self._names.add(name)
            self._spec.components.response(name, refusal_answer(codes), lazy=True)
        return name


def refusal_answer(codes: Iterable[str], description: str = "") -> dict[str, Any]:
    """The documented answer that tells one of the codes: an example of each, and its headers."""
    entries = [http_error(code) for code in codes]
    told = "\n\n".join(f"`{entry.code}`: {entry.meaning} {entry.advice}" for entry in entries)
    headers: dict[str, Any] = dict(ANSWER_HEADERS)
    statuses = {entry.status for entry in entries}
    for status in statuses:
        for name, header in _HEADERS.get(status, {}).items():
            # Where several statuses share an answer, not each of them sends the header.
            headers[name] = {**header, "required": len(statuses) == 1}
    return {
        "description": description or told,
        "headers": headers,
        "content": {
            PROBLEM_CONTENT_TYPE: {
                "schema": ProblemSchema,
                "examples": {
                    entry.code: {"summary": entry.title, "value": example_of(entry.code)}
                    for entry in entries
                },
            }
        },
    }
