"""Finds, checks, loads and isolates plugins; the only user of the plugin manager.

The order is fixed: names that are kept out, then what is built in, then entry points. Whatever a
plugin does wrong, it is taken out as a whole and listed with its reason, and the others go on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import pluggy
from flask_smorest import Blueprint
from marshmallow import Schema

import hookspecs
from hookspecs import HealthCheck, PanelSpec, TaskKind
from plugin_host.acceptance import Acceptance, BlueprintRegistrar
from plugin_host.blame import Places, places_of_hooks
from plugin_host.call import PluginCall, PluginError, reason_of
from plugin_host.complaints import Complaints
from plugin_host.crash_memory import NoMemory, StartMemory
from plugin_host.discovery import BUILT_IN, FoundPlugin, PluginSource
from plugin_host.events import TaskEvents
from plugin_host.latecomers import Latecomers
from plugin_host.offer import Offer, OwnedPanel
from plugin_host.record import PluginRecord
from plugin_host.start import ContextFactory, catch_up, import_plugin, start_plugin
from sync_core.plugin_report import PluginReport
from sync_core.settings import Settings
from sync_core.task_model import TaskView

T = TypeVar("T")

STOP_SECONDS, DELIVER_SECONDS = 2.0, 0.5
"""How long a plugin may take to stop, and waiting task events before that to be delivered."""

IMPORT_SECONDS, LATE_SECONDS = 1.5, 2.0
"""How long imports of plugins may hold up the next ones, all of them together, and how long all
plugins may hold up the program. What ships with the program does not use up the first."""

_LEAST_SECONDS = 0.5


class PluginHost:
    """The plugins of one run of the program.

    ``builtins`` are plugins that the program brings itself, as name and object, of the version
    ``version``; ``source`` finds the others. ``disabled`` are names to keep out besides those of
    the settings. ``with_panels`` says whether there is a window to show panels in. ``memory`` is
    told what plugins are asked, and says which one must be kept out. ``on_late`` is called after a
    plugin was taken in or given up later than :meth:`start` returned, on a thread of the host.

    :meth:`load`, :meth:`start` and :meth:`stop` are called once each, in this order, by the thread
    that composes the program; everything else may be called from any thread.

    Attributes: ``complaints`` (where failures of plugins after their start are noted).
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
        memory: StartMemory | None = None,
        on_late: Callable[[], None] = lambda: None,
    ) -> None:
        self._builtins = [
            FoundPlugin(name, version, BUILT_IN, name, partial(_itself, plugin))
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
        self._memory: StartMemory = memory or NoMemory()
        self._places = Places()
        self.complaints = Complaints(lambda: list(self._records), self._places, logger)
        self._imports: dict[PluginRecord, PluginCall[None]] = {}
        self._patience = IMPORT_SECONDS
        self._begun = 0.0
        self._latecomers = Latecomers(self._settle, on_late)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._known = frozenset(name for name in vars(self._manager.hook) if name[0] != "_")
        self._disabled = frozenset({*settings.plugins.disabled, *disabled})
        for name in self._disabled:
            self._manager.set_blocked(name)

    def load(self) -> None:
        """Find and import the plugins; those that pass wait for :meth:`start`.

        They are imported in turn. One that takes long goes on beside the next ones.
        """
        self._begun = time.monotonic()
        for found in self._builtins:
            self._load(found)
        for found in self._source():
            self._load(found)
        there = {record.name for record in self._records}
        for name in sorted((self._disabled | set(self._settings.plugin_sections)) - there):
            self._logger.warning("the settings name a plugin %s that is not there", name)

    def start(self) -> None:
        """Start all plugins at the same time and take in what they bring, in loading order.

        It returns when each has started, failed, or used up ``plugins.start_timeout``, but after
        ``LATE_SECONDS`` since :meth:`load` began it waits only for what ships with the program:
        the others are taken in as they come, in a thread of the host's.
        """
        patience = max(self._begun + LATE_SECONDS, time.monotonic() + _LEAST_SECONDS)
        starting = [record for record in self._records if record.report.state == "starting"]
        for record, call in [(record, self._start(record)) for record in starting]:
            seconds = max(0.0, patience - time.monotonic())
            if record.found.ours or call.is_over_within(seconds):
                self._settle(record, call)
            else:
                record.is_late(LATE_SECONDS)
                self._logger.warning("plugin %s is %s", record.name, record.report.reason)
                self._latecomers.add(record, call)
        self._latecomers.begin()

    def wait_for_latecomers(self) -> None:
        """Return when no plugin is starting any more."""
        self._latecomers.join(self._seconds + LATE_SECONDS)

    def task_kinds(self) -> tuple[TaskKind, ...]:
        """The kinds of tasks of all loaded plugins."""
        return tuple(kind for record in self._loaded() for kind in record.offer.task_kinds)

    def blueprints(self) -> tuple[Blueprint, ...]:
        """The blueprints of all loaded plugins; the registrar has them already."""
        return tuple(item for record in self._loaded() for item in record.offer.blueprints)

    def panels(self) -> tuple[OwnedPanel, ...]:
        """The panels of all loaded plugins, each with its plugin's name."""
        return tuple(
            OwnedPanel(record.name, replace(panel, factory=self._remembered(record, panel)))
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
        self.complaints.failure(name, reason)

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
        self._latecomers.end(min(DELIVER_SECONDS, timeout))
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
        reason = self._memory.set_aside(found.name, found.version)
        if reason is not None:
            record.is_set_aside(f"set aside: {reason}")
            self._logger.error("plugin %s is set aside: %s", found.name, reason)
            return
        if first is not None:
            taken = f"the name is taken by a plugin of {first.distribution}"
            self._fail(record, PluginError(taken))
            return
        self._located(record, found.places)
        work = partial(import_plugin, record, self._known, self._memory)
        call = self._call(record, "start", work)
        begin = time.monotonic()
        is_over = call.is_over_within(self._patience)
        if not found.ours:
            self._patience = max(0.0, self._patience - (time.monotonic() - begin))
        if not is_over:
            self._imports[record] = call
            return
        try:
            call.outcome()
            self._register(record)
        except PluginError as error:
            self._fail(record, error)

    def _start(self, record: PluginRecord) -> PluginCall[Offer]:
        begin = partial(
            start_plugin,
            record,
            self._ask,
            context=self._context,
            settings=self._settings,
            with_panels=self._with_panels,
            memory=self._memory,
        )
        importing = self._imports.pop(record, None)
        if importing is None:
            return self._call(record, "start", begin)
        work = partial(catch_up, importing, partial(self._register, record), begin)
        return self._call(record, "start", work, since=importing.begun)

    def _settle(self, record: PluginRecord, call: PluginCall[Offer]) -> None:
        """Take the plugin in, or note why not, when its start is over or its time is."""
        try:
            self._take_in(record, call.outcome())
        except PluginError as error:
            self._fail(record, error)

    def _register(self, record: PluginRecord) -> None:
        if record.hooks is not None and record.found.distribution != BUILT_IN:
            self._located(record, places_of_hooks(record.hooks))
        with self._lock:
            record.at("hooks")
            try:
                self._manager.register(record.hooks, name=record.name)
            except Exception as error:
                raise PluginError(reason_of("hooks", error)) from error

    def _located(self, record: PluginRecord, places: Iterable[str]) -> None:
        found = record.found
        places = tuple(dict.fromkeys(places))
        self._places.add(record.name, places)
        self._memory.about(record.name, found.version, ours=found.ours, places=places)

    def _remembered(self, record: PluginRecord, panel: PanelSpec) -> Callable[[], Any]:
        def build() -> Any:
            with self._memory.during(record.name, f"panel {panel.id}"):
                return panel.factory()

        return build

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
        with self._lock:
            if record.hooks is not None and self._manager.get_plugin(record.name) is record.hooks:
                self._manager.unregister(name=record.name)

    def _call(
        self,
        record: PluginRecord,
        doing: str,
        work: Callable[[], T],
        since: float | None = None,
    ) -> PluginCall[T]:
        return PluginCall(
            record.name, doing, work, seconds=self._seconds, stage=record.stage, since=since
        )

    def _stop_call(self, record: PluginRecord, seconds: float) -> PluginCall[list[Any]]:
        hook = "sync_gui_stop"

        def work() -> list[Any]:
            with self._memory.during(record.name, hook):
                return self._ask(record, hook)

        return PluginCall(record.name, "stop", work, seconds=seconds, stage=lambda: hook)

    def _ask(self, record: PluginRecord, hook: str, **arguments: Any) -> list[Any]:
        with self._lock:
            others = self._manager.get_plugins() - {record.hooks}
            only_this = self._manager.subset_hook_caller(hook, others)
        answers: list[Any] = only_this(**arguments)
        return answers

    def _event(self, record: PluginRecord, view: TaskView) -> None:
        self._ask(record, "sync_gui_task_event", view=view)

    def _loaded(self) -> list[PluginRecord]:
        return [record for record in list(self._records) if record.report.state == "loaded"]


def _itself(plugin: object) -> object:
    return plugin
