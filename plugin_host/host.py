"""Finds, checks, loads and isolates plugins; the only user of the plugin manager.

The order is fixed: names that are kept out, then what is built in, then entry points. Whatever a
plugin does wrong, it is taken out as a whole and listed with its reason, and the others go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import pluggy
from flask_smorest import Blueprint
from marshmallow import Schema

import hookspecs
from hookspecs import HealthCheck, TaskKind
from plugin_host.acceptance import Acceptance, BlueprintRegistrar
from plugin_host.call import PluginCall, PluginError, reason_of
from plugin_host.discovery import FoundPlugin, PluginSource
from plugin_host.events import TaskEvents
from plugin_host.offer import Offer, OwnedPanel
from plugin_host.record import PluginRecord
from plugin_host.start import ContextFactory, import_plugin, start_plugin
from sync_core.plugin_report import PluginReport
from sync_core.settings import Settings
from sync_core.task_model import TaskView

T = TypeVar("T")

STOP_SECONDS, DELIVER_SECONDS = 2.0, 0.5
"""How long a plugin may take to stop, and waiting task events before that to be delivered."""


class PluginHost:
    """The plugins of one run of the program.

    ``builtins`` are plugins that the program brings itself, as name and object, of the version
    ``version``; ``source`` finds the others. ``disabled`` are names to keep out besides those of
    the settings. ``with_panels`` says whether there is a window to show panels in.

    :meth:`load`, :meth:`start` and :meth:`stop` are called once each, in this order, by the thread
    that composes the program; everything else may be called from any thread.
    """

    def __init__(
        self,
        *,
        builtins: Sequence[tuple[str, object]],
        source: PluginSource,
        settings: Settings,
        context: ContextFactory,
        registrar: BlueprintRegistrar,
        logger: logging.Logger,
        disabled: Collection[str] = (),
        with_panels: bool = True,
        version: str | None = None,
    ) -> None:
        self._builtins = [
            FoundPlugin(name, version, "the program itself", name, partial(_itself, plugin))
            for name, plugin in builtins
        ]
        self._source = source
        self._settings = settings
        self._context = context
        self._logger = logger
        self._with_panels = with_panels
        self._seconds = settings.plugins.start_timeout
        self._acceptance = Acceptance(registrar)
        self._events = TaskEvents(self.report_failure)
        self._records: list[PluginRecord] = []
        self._stopping = threading.Event()
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._known = frozenset(name for name in vars(self._manager.hook) if name[0] != "_")
        self._disabled = frozenset({*settings.plugins.disabled, *disabled})
        for name in self._disabled:
            self._manager.set_blocked(name)

    def load(self) -> None:
        """Find and import the plugins; those that pass wait for :meth:`start`."""
        for found in self._builtins:
            self._load(found)
        for found in self._source():
            self._load(found)
        there = {record.name for record in self._records}
        for name in sorted((self._disabled | set(self._settings.plugin_sections)) - there):
            self._logger.warning("the settings name a plugin %s that is not there", name)

    def start(self) -> None:
        """Start all plugins at the same time and take in what they bring, in loading order.

        It returns when each has started, failed, or used up ``plugins.start_timeout``.
        """
        begin = partial(
            start_plugin,
            ask=self._ask,
            context=self._context,
            settings=self._settings,
            with_panels=self._with_panels,
        )
        starting = [record for record in self._records if record.report.state == "starting"]
        for record, call in [
            (record, self._call(record, "start", partial(begin, record))) for record in starting
        ]:
            try:
                self._take_in(record, call.outcome())
            except PluginError as error:
                self._fail(record, error)

    def task_kinds(self) -> tuple[TaskKind, ...]:
        """The kinds of tasks of all loaded plugins."""
        return tuple(kind for record in self._loaded() for kind in record.offer.task_kinds)

    def blueprints(self) -> tuple[Blueprint, ...]:
        """The blueprints of all loaded plugins; the registrar has them already."""
        return tuple(item for record in self._loaded() for item in record.offer.blueprints)

    def panels(self) -> tuple[OwnedPanel, ...]:
        """The panels of all loaded plugins, each with its plugin's name."""
        return tuple(
            OwnedPanel(record.name, panel)
            for record in self._loaded()
            for panel in record.offer.panels
        )

    def health_checks(self) -> tuple[HealthCheck, ...]:
        """The health checks of all loaded plugins."""
        return tuple(check for record in self._loaded() for check in record.offer.health_checks)

    def settings_schemas(self) -> Mapping[str, type[Schema]]:
        """The settings schemas by plugin name, also of plugins whose settings are wrong."""
        return {item.name: item.schema for item in list(self._records) if item.schema is not None}

    def task_event(self, view: TaskView) -> None:
        """Tell the plugins of a task's new picture; returns at once."""
        self._events.post(view)

    def report(self) -> list[PluginReport]:
        """What became of each plugin, in loading order."""
        return [record.report for record in list(self._records)]

    def report_failure(self, name: str, reason: str) -> None:
        """Note that a plugin failed at something after its start: a panel's factory, an endpoint.

        ``reason`` is one English line. A loaded plugin stays loaded and shows the reason. It is
        logged, unless the same was noted just before.
        """
        record = next((item for item in self._records if item.name == name), None)
        if record is not None and record.failed_later(reason):
            self._logger.error("plugin %s: %s", name, reason)

    def stop(self, timeout: float = DELIVER_SECONDS + STOP_SECONDS) -> None:
        """Deliver the last task events, then stop all plugins at the same time.

        It returns after ``timeout`` seconds at the latest; no plugin is given more than two.
        """
        if self._stopping.is_set():
            return
        self._stopping.set()
        end = time.monotonic() + timeout
        for record in self._records:
            record.given_up.set()
        self._events.end(min(DELIVER_SECONDS, timeout))
        seconds = max(0.0, min(STOP_SECONDS, end - time.monotonic()))
        for record, call in [
            (record, self._stop_call(record, seconds)) for record in self._records if record.begun
        ]:
            try:
                call.outcome()
            except PluginError as error:
                self.report_failure(record.name, str(error))
            self._unregister(record)

    def _load(self, found: FoundPlugin) -> None:
        first = next((item.found for item in self._records if item.name == found.name), None)
        if first is not None and found.repeats(first):
            self._logger.info(
                "plugin %s: version %s is used; %s comes later on the search path and is ignored",
                found.name,
                first.version,
                found.version,
            )
            return
        record = PluginRecord(found)
        self._records.append(record)
        if found.name in self._disabled:
            record.is_out("disabled", "disabled by plugins.disabled or --disable-plugin")
            self._logger.info("plugin %s is disabled", found.name)
            return
        if first is not None:
            taken = f"the name is taken by a plugin of {first.distribution}"
            self._fail(record, PluginError(taken))
            return
        try:
            work = partial(import_plugin, record, self._known)
            self._call(record, "import", work).outcome()
            self._register(record)
        except PluginError as error:
            self._fail(record, error)

    def _register(self, record: PluginRecord) -> None:
        try:
            self._manager.register(record.hooks, name=record.name)
        except Exception as error:
            raise PluginError(reason_of("hooks", error)) from error

    def _take_in(self, record: PluginRecord, offer: Offer) -> None:
        routes = self._acceptance.accept(record.name, offer)
        listeners = self._manager.hook.sync_gui_task_event.get_hookimpls()
        if any(listener.plugin is record.hooks for listener in listeners):
            self._events.add(record.name, partial(self._event, record))
        record.is_loaded(offer, routes)
        self._logger.info("plugin %s is loaded", record.name)

    def _fail(self, record: PluginRecord, error: PluginError) -> None:
        record.is_out("failed", str(error))
        if not record.begun:
            self._unregister(record)
        self._logger.error("plugin %s failed: %s", record.name, error)
        self._logger.debug("plugin %s failed", record.name, exc_info=error)

    def _unregister(self, record: PluginRecord) -> None:
        """Undo a registration, even one that ended halfway."""
        if record.hooks is not None and self._manager.get_plugin(record.name) is record.hooks:
            self._manager.unregister(name=record.name)

    def _call(self, record: PluginRecord, doing: str, work: Callable[[], T]) -> PluginCall[T]:
        return PluginCall(record.name, doing, work, seconds=self._seconds, stage=record.stage)

    def _stop_call(self, record: PluginRecord, seconds: float) -> PluginCall[list[Any]]:
        hook = "sync_gui_stop"
        work = partial(self._ask, record, hook)
        return PluginCall(record.name, "stop", work, seconds=seconds, stage=lambda: hook)

    def _ask(self, record: PluginRecord, hook: str, **arguments: Any) -> list[Any]:
        others = self._manager.get_plugins() - {record.hooks}
        answers: list[Any] = self._manager.subset_hook_caller(hook, others)(**arguments)
        return answers

    def _event(self, record: PluginRecord, view: TaskView) -> None:
        self._ask(record, "sync_gui_task_event", view=view)

    def _loaded(self) -> list[PluginRecord]:
        return [record for record in list(self._records) if record.report.state == "loaded"]


def _itself(plugin: object) -> object:
    return plugin
