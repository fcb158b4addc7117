"""The steps a plugin goes through on its own threads: import and checks, then start and offer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from flask_smorest import Blueprint
from marshmallow import Schema

from hookspecs import HealthCheck, HostContext, PanelSpec, TaskKind
from plugin_host.call import PluginCall, PluginError
from plugin_host.checks import (
    check_contract,
    checked_settings,
    declared_contract,
    declared_summary,
    marked_hooks,
)
from plugin_host.crash_memory import StartMemory
from plugin_host.offer import Offer, offered
from plugin_host.record import PluginRecord
from sync_core.settings import Settings

ContextFactory = Callable[[str, Mapping[str, Any]], HostContext]
"""Makes a plugin's context from its name and its checked settings."""


class Ask(Protocol):
    """Calls one hook of one plugin; the list of its answers."""

    def __call__(self, record: PluginRecord, hook: str, **arguments: Any) -> list[Any]:
        """Raises whatever the plugin raises."""


def import_plugin(record: PluginRecord, known: Collection[str], memory: StartMemory) -> None:
    """Import a plugin and find its hooks; ``known`` are the names of the specified ones.

    Raises ``PluginError`` for a plugin that cannot be used, and anything that the plugin raises.
    """
    with record.timed():
        with memory.during(record.name, "import"), record.step("import"):
            plugin = record.found.load()
        record.at("contract")
        contract = declared_contract(plugin)
        record.says_contract(contract)
        check_contract(contract)
        record.says_summary(declared_summary(plugin))
        record.at("hooks")
        record.hooks = marked_hooks(record.name, plugin, known)


def start_plugin(
    record: PluginRecord,
    ask: Ask,
    *,
    context: ContextFactory,
    settings: Settings,
    with_panels: bool,
    memory: StartMemory,
) -> Offer:
    """Check a plugin's settings, start it and collect what it brings.

    Raises ``PluginError`` for a plugin that cannot be used, and anything that the plugin raises.
    """

    def step(hook: str, **arguments: Any) -> list[Any]:
        record.at(hook)
        with memory.during(record.name, hook), record.step(hook):
            return ask(record, hook, **arguments)

    with record.timed():
        record.schema = _schema(step("sync_gui_settings_schema"))
        record.at("settings")
        source = settings.source.name if settings.source is not None else "settings"
        raw = settings.plugin_sections.get(record.name, {})
        given = context(record.name, checked_settings(record.name, record.schema, raw, source))
        record.begun = True
        step("sync_gui_start", context=given)
        kinds = step("sync_gui_task_kinds", context=given)
        task_kinds = offered("sync_gui_task_kinds", TaskKind, kinds)
        answers = step("sync_gui_blueprints", context=given)
        blueprints = offered("sync_gui_blueprints", Blueprint, answers)
        answers = step("sync_gui_panels", context=given) if with_panels else []
        panels = offered("sync_gui_panels", PanelSpec, answers)
        answers = step("sync_gui_health_checks", context=given)
        checks = offered("sync_gui_health_checks", HealthCheck, answers)
    return Offer(task_kinds, blueprints, panels, checks)


def catch_up(
    importing: PluginCall[None], register: Callable[[], None], begin: Callable[[], Offer]
) -> Offer:
    """Start a plugin whose import has taken so long that nobody waits for it alone any more."""
    importing.outcome()
    register()
    return begin()


def _schema(answers: list[Any]) -> type[Schema] | None:
    if not answers:
        return None
    schema = answers[0]
    if not isinstance(schema, type) or not issubclass(schema, Schema):
        raise PluginError(
            f"sync_gui_settings_schema returned a {type(schema).__name__}, "
            "not a marshmallow schema class"
        )
    return schema
