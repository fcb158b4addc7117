"""What every error answer must look like."""

from __future__ import annotations

import requests

from sync_core.error_catalogue import http_error


def assert_problem(answer: requests.Response, code: str, status: int | None = None) -> dict:
    entry = http_error(code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code
    assert answer.status_code == body["status"] == (status or entry.status)
    assert body["type"] == f"/api/docs/errors#{code}"
    assert body["title"] == entry.title
    assert body["error"] == body["detail"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return body
