"""Which plugins a test's program loads: those it names, and nobody else's."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from plugin_host.discovery import FoundPlugin, installed_plugins

Chosen = str | tuple[str, object]
"""The name of an installed plugin's entry point, or a name and the module or object itself."""


def found_plugins(plugins: Sequence[Chosen]) -> list[FoundPlugin]:
    """These plugins, in this order, not imported yet.

    Raises ``LookupError`` for a name that no installed distribution has.
    """
    wanted = [one for one in plugins if isinstance(one, str)]
    there = _installed() if wanted else {}
    missing = [name for name in wanted if name not in there]
    if missing:
        raise LookupError(
            f"no installed plugin is called {', '.join(missing)} "
            f"(there are: {', '.join(sorted(there)) or 'none'}); "
            "is the project installed? pip install --editable ."
        )
    return [there[one] if isinstance(one, str) else _given(*one) for one in plugins]


def _installed() -> dict[str, FoundPlugin]:
    found: dict[str, FoundPlugin] = {}
    for plugin in installed_plugins((), logging.getLogger("sync_gui.plugins"))():
        found.setdefault(plugin.name, plugin)  # the first on the search path wins, as ever
    return found


def _given(name: str, plugin: object) -> FoundPlugin:
    return FoundPlugin(name, None, f"{name}, given by the test", name, lambda: plugin)
