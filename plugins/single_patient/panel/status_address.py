"""Where a task's status can be read over HTTP. No Qt."""

from __future__ import annotations

from sync_core.settings import ApiSettings

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound


def status_address(api: ApiSettings, task_id: str) -> str:
    """The address for programs on this computer."""
    host = _EVERY_ADDRESS.get(api.host, f"[{api.host}]" if ":" in api.host else api.host)
    return f"http://{host}:{api.port}/api/sync/status/{task_id}"
