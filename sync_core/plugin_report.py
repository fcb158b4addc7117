"""What became of one plugin, as a value for the API, the plugin dialog and the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PluginState = Literal["loaded", "disabled", "failed", "starting"]


@dataclass(frozen=True)
class PluginReport:
    """One plugin as the host sees it.

    ``version`` is its distribution's version and ``contract`` the contract number it was written
    for; both are ``None`` where unknown. ``reason`` says in English why it is not loaded, without
    paths or stack traces. ``panels`` are panel ids, ``routes`` lines such as ``GET /api/plugins``,
    ``start_ms`` the milliseconds its start took.
    """

    name: str
    version: str | None
    state: PluginState
    reason: str | None
    panels: tuple[str, ...]
    routes: tuple[str, ...]
    contract: int | None
    start_ms: int | None
