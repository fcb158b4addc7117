"""Whether what a plugin brings fits with what the others brought before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from flask_smorest import Blueprint

from plugin_host.call import PluginError, reason_of
from plugin_host.offer import Offer
from sync_core.errors import SyncGuiError


class BlueprintRegistrar(Protocol):
    """Where accepted blueprints go."""

    def add(self, plugin_name: str, blueprint: Blueprint) -> Sequence[str]:
        """Take a blueprint; its routes as lines such as ``GET /api/plugins``.

        Raises a ``SyncGuiError`` if its name or one of its routes is taken.
        """

    def withdraw(self, plugin_name: str) -> None:
        """Forget everything that was taken from this plugin."""


class Acceptance:
    """Accepts whole offers: panel ids, task kinds, health checks and routes exist only once."""

    def __init__(self, registrar: BlueprintRegistrar) -> None:
        self._registrar = registrar
        self._owners: dict[tuple[str, str], str] = {}

    def accept(self, plugin: str, offer: Offer) -> tuple[str, ...]:
        """Take in everything that ``plugin`` brings; its routes as lines.

        Raises ``PluginError`` when a single piece clashes, and has taken in nothing then.
        """
        names = list(_names(offer))
        for what, name in names:
            if (what, name) in self._owners:
                owner = self._owners[what, name]
                raise PluginError(f"{what} {name!r} is taken by plugin {owner}")
            if names.count((what, name)) > 1:
                raise PluginError(f"{what} {name!r} is brought twice")
        routes = self._add(plugin, offer.blueprints)
        self._owners.update(dict.fromkeys(names, plugin))
        return routes

    def _add(self, plugin: str, blueprints: Sequence[Blueprint]) -> tuple[str, ...]:
        routes: list[str] = []
        try:
            for blueprint in blueprints:
                routes += self._registrar.add(plugin, blueprint)
        except SyncGuiError as error:
            self._registrar.withdraw(plugin)
            raise PluginError(str(error)) from error
        except Exception as error:
            # Whatever the web framework finds wrong with a blueprint of foreign making.
            self._registrar.withdraw(plugin)
            raise PluginError(reason_of("sync_gui_blueprints", error)) from error
        return tuple(routes)


def _names(offer: Offer) -> Iterator[tuple[str, str]]:
    for panel in offer.panels:
        yield "panel id", panel.id
    for kind in offer.task_kinds:
        yield "task kind", kind.name
    for check in offer.health_checks:
        yield "health check", check.name
