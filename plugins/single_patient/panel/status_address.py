"""Where a task's status can be read over HTTP. No Qt."""

from __future__ import annotations


def status_address(api_url: str, task_id: str) -> str:
    """The address for programs on this computer; ``api_url`` as ``http://127.0.0.1:5555``."""
    every_address = {"http://0.0.0.0": "http://127.0.0.1", "http://[::]": "http://[::1]"}
    host, _, port = api_url.rpartition(":")
    return f"{every_address.get(host, host)}:{port}/api/sync/status/{task_id}"
