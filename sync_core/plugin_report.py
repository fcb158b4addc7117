"""What became of one plugin, as a value for the API, the plugin dialog and the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PLUGINS_TOPIC = "plugins_changed"
"""The bridge's topic for a plugin that was taken in or given up late; its value says nothing."""

PluginState = Literal["loaded", "disabled", "failed", "starting"]


@dataclass(frozen=True)
class PluginReport:
    """One plugin as the host sees it.

    ``version`` is its distribution's version and ``contract`` the contract number it was written
    for; both are ``None`` where unknown. ``reason`` says in English why it is not loaded, or what
    a loaded one did wrong since, without paths or stack traces. ``panels`` are panel ids,
    ``routes`` lines such as ``GET /api/plugins``, ``start_ms`` the milliseconds its start took.
    ``distribution`` tells where it comes from; ``ours`` that it ships with the program, and
    ``builtin`` that the program is not whole without it. ``set_aside``: it is disabled because it
    ended an earlier run. ``steps`` are the parts of its start and their milliseconds.
    ``summary_de`` says in German what it brings, ``distribution_summary`` what its distribution
    says of itself in whatever language; both are empty where nothing is told.
    """

    name: str
    version: str | None
    state: PluginState
    reason: str | None
    panels: tuple[str, ...]
    routes: tuple[str, ...]
    contract: int | None
    start_ms: int | None
    distribution: str = ""
    ours: bool = False
    builtin: bool = False
    set_aside: bool = False
    steps: tuple[tuple[str, int], ...] = ()
    summary_de: str = ""
    distribution_summary: str = ""
