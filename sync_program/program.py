"""The program without a window: journal, tasks, plugins and API, put together and taken apart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_blueprints.base import ApiBaseImpl
from api_blueprints.host_plugin import create_host_plugin
from api_blueprints.registrar import BlueprintRegistrar
from calldoc_interface import CallDocInterface, http_calls
from day_task.plugin import DayPlugin
from hookspecs import (
    Bridge,
    HealthCheck,
    HostContext,
    NamesHidden,
    TaskKind,
    Versions,
)
from plugin_host.contract_values import ERROR_TYPES, TASK_SHAPES
from plugin_host.crash_memory import CrashMemory
from plugin_host.discovery import PluginSource, installed_plugins, no_plugins, plugin_folders
from plugin_host.folder_rights import changeable_by_others
from plugin_host.host import PluginHost
from sync_api_server import create_app
from sync_core.data_dir import make_plugin_folder
from sync_core.errors import OutcomeUnknownError
from sync_core.health_runner import CheckReport, HealthRunner
from sync_core.journal import JOURNAL_NAME, open_journal
from sync_core.key_store import KeyStore, SystemKeyStore
from sync_core.outcome_resolver import OutcomeResolver, Resolve
from sync_core.plugin_report import PLUGINS_TOPIC, PluginReport
from sync_core.settings import Settings
from sync_core.settings_place import SettingsPlace
from sync_core.task_model import TaskSource, TaskView
from sync_core.task_recovery import end_unfinished, forget_old
from sync_core.task_registry import TaskRegistry
from sync_core.task_service import RegistryTaskService
from sync_program.api_control import ApiSwitch
from sync_program.key_in_force import UNREADABLE_NOTICE, create_api_key
from sync_program.leftovers import strange_threads

if TYPE_CHECKING:
    from flask import Flask


SHUTDOWN_SECONDS = 2.7
"""Within what :meth:`Program.shutdown` is done: a log-off of Windows waits about three."""

_CHECK_SECONDS = 15.0
_TASKS_SECONDS = 0.8
_RESOLVER_SECONDS = 0.2
_API_SECONDS = 1.0


@dataclass(frozen=True)
class ProgramParts:
    """What the program is made of besides its settings.

    ``bridge`` and ``names`` are the window's or stand-ins for it, ``builtins`` the window's own
    plugins, ``base_folder`` what relative plugin folders are relative to. ``place`` is where the
    settings are kept and ``key_store`` where secrets are. ``plugins`` finds plugins instead of the
    search in what is installed and dropped in. ``check_only`` tells them that the program only
    looks.
    """

    version: str
    data_dir: Path
    base_folder: Path
    bridge: Bridge
    names: NamesHidden
    builtins: Sequence[tuple[str, object]] = ()
    demo: bool = False
    safe_mode: bool = False
    check_only: bool = False
    place: SettingsPlace = field(default_factory=SettingsPlace)
    key_store: KeyStore = field(default_factory=SystemKeyStore)
    retry_plugins: Sequence[str] = ()
    plugins: PluginSource | None = None


class Program:
    """One run of the program. Made, :meth:`start`-ed and :meth:`shutdown` once each.

    Attributes: ``plugins`` (the plugin host), ``tasks`` (the task service), ``api`` (the server's
    switch, after :meth:`start`), ``api_key`` (the key that calls must bring), ``health`` (runs
    all health checks), ``notices`` (German sentences that people must see at the start), ``memory``
    (what the next start learns if a plugin ends this run; whoever runs the program closes it last).
    """

    def __init__(self, settings: Settings, parts: ProgramParts) -> None:
        self._settings = settings
        self._parts = parts
        self._log = logging.getLogger("sync_gui")
        now = datetime.now().astimezone()
        self._journal, aside = open_journal(parts.data_dir / JOURNAL_NAME, now)
        self.notices: tuple[str, ...] = ()
        if aside is not None:
            self._log.error("the journal was damaged and set aside as %s; a new one began", aside)
            self.notices = (
                "Das Journal war beschädigt und wurde beiseitegelegt "
                f"({aside.name}). Ein neues wurde begonnen; frühere Abgleiche und Belege stehen "
                "nur noch in der beiseitegelegten Datei. Bitte die IT verständigen.",
            )
        end_unfinished(self._journal, now, self._log)
        forget_old(self._journal, now, settings.tasks.retention_days)
        self._journal.keys.forget_expired(now)
        self._journal.receipts.prune(settings.receipts.retention_days)
        self._registry = TaskRegistry(
            self._journal,
            workers=settings.tasks.workers,
            queue_limit=settings.tasks.queue_limit,
            timeout_seconds=settings.tasks.timeout_seconds,
            logger=logging.getLogger("sync_gui.tasks"),
        )
        self.tasks = RegistryTaskService(self._registry, self._kinds)
        self._resolver = OutcomeResolver(
            self._journal,
            active=self._active_ids,
            resolvers=self._resolvers,
            settled=self._registry.replace_ended,
            logger=logging.getLogger("sync_gui.tasks"),
        )
        self._calldoc_calls = http_calls(settings.calldoc)
        self._api_base = ApiBaseImpl(self.tasks)
        self._registrar = BlueprintRegistrar()
        self.health = HealthRunner(self._health_checks, self._log, on_fault=self._check_fault)
        self.memory = CrashMemory(parts.data_dir, logging.getLogger("sync_gui.plugins"))
        for name in parts.retry_plugins:
            self.memory.retry(name)
        host_api = create_host_plugin(
            self._api_base,
            plugin_report=self._plugin_report,
            check_health=self.health.run,
            check_journal=self._journal.check,
        )
        self.plugins = PluginHost(
            builtins=[("host_api", host_api), ("host_day", DayPlugin()), *parts.builtins],
            source=self._source(),
            settings=settings,
            context=self.context_for,
            registrar=self._registrar,
            logger=logging.getLogger("sync_gui.plugins"),
            with_panels=bool(parts.builtins),
            version=parts.version,
            memory=self.memory,
            on_late=self._plugins_changed,
        )
        self._app_lock = threading.Lock()
        self._stop_listening: Callable[[], None] = lambda: None
        self.api: ApiSwitch | None = None
        self.api_key = create_api_key(
            settings.api, parts.place, parts.key_store, logging.getLogger("sync_gui.api")
        )
        if self.api_key.state().source == "unreadable":
            self.notices += (UNREADABLE_NOTICE,)

    def start(self) -> ApiSwitch:
        """Start plugins and build the API; it is not opened yet."""
        self.plugins.load()
        self.plugins.start()
        self.notices += tuple(self._set_aside_notices())
        self._stop_listening = self._registry.listen(self._task_event)
        self._resolver.start()
        with self._app_lock:
            self.api = ApiSwitch(self._app(), self._settings.api, logging.getLogger("sync_gui.api"))
        return self.api

    def _app(self) -> Flask:
        return create_app(
            blueprints=self._registrar.blueprints,
            kinds=self.plugins.task_kinds(),
            settings=self._settings.api,
            version=self._parts.version,
            logger=logging.getLogger("sync_gui.api"),
            key=self.api_key.value,
            on_fault=self.plugins.complaints.endpoint_fault,
        )

    def _set_aside_notices(self) -> Iterator[str]:
        new = {item.plugin for item in self.memory.verdict.set_aside}
        for report in self.plugins.report():
            # What ships with the program is missed by everybody, so it is told at every start.
            if report.set_aside and (report.name in new or report.ours):
                yield (
                    f"Die Erweiterung „{report.name}“ hat das Programm bei einem früheren Lauf "
                    "beendet und wurde deshalb nicht geladen. Alles andere arbeitet. Unter "
                    "„Erweiterungen → Liste der Erweiterungen“ lässt sie sich wieder einschalten."
                )

    def check_thoroughly(self) -> Mapping[str, CheckReport]:
        """Every health check in its thorough form, for ``--check``."""
        checks = [
            replace(check, run=check.thorough or check.run) for check in self._health_checks()
        ]
        return HealthRunner(lambda: checks, self._log, seconds=_CHECK_SECONDS).run()

    def shutdown(self) -> None:
        """End tasks, API, plugins and threads, in this order, within ``SHUTDOWN_SECONDS``."""
        until = time.monotonic() + SHUTDOWN_SECONDS
        self._registry.shutdown(_TASKS_SECONDS)
        self._resolver.stop(_RESOLVER_SECONDS)
        if self.api is not None:
            self.api.stop(_API_SECONDS)
        self._stop_listening()
        self.plugins.stop(max(0.3, until - time.monotonic()))
        self._calldoc_calls.close()
        for line in strange_threads():
            self._log.warning("left behind: %s", line)
        self._journal.close()

    # The plugin host comes last, but what it is given asks it in turn.

    def _health_checks(self) -> tuple[HealthCheck, ...]:
        return self.plugins.health_checks()

    def _check_fault(self, check: str, fault: str) -> None:
        self.plugins.complaints.check_fault(check, fault)

    def _plugins_changed(self) -> None:
        """A late plugin was taken in or given up: answer with what it brings, tell the window."""
        with self._app_lock:
            if self.api is not None:
                self.api.replace_app(self._app())
        self._parts.bridge.emit(PLUGINS_TOPIC, None)

    def _plugin_report(self) -> list[PluginReport]:
        return self.plugins.report()

    def _api_url(self) -> str:
        return self.api.url if self.api is not None else ""

    def _task_event(self, view: TaskView) -> None:
        self.plugins.task_event(view)
        if view.error_code == OutcomeUnknownError.code and view.resolution is None:
            self._resolver.wake()

    def _active_ids(self) -> frozenset[str]:
        return frozenset(view.task_id for view in self._registry.active())

    def _resolvers(self) -> dict[str, Resolve]:
        return {
            name: kind.resolve for name, kind in self._kinds().items() if kind.resolve is not None
        }

    def _kinds(self) -> dict[str, TaskKind]:
        return {kind.name: kind for kind in self.plugins.task_kinds()}

    def _source(self) -> PluginSource:
        if self._parts.plugins is not None:
            return self._parts.plugins
        if self._parts.safe_mode:
            return no_plugins
        folders = plugin_folders(self._settings.plugins.dirs, self._parts.base_folder)
        self.notices += tuple(
            f"Der Plugin-Ordner {folder} ist nicht geschützt: Andere Benutzer dieses Computers "
            "können Programme hineinlegen, die dann hier mit Ihren Rechten laufen. "
            "Bitte die IT verständigen."
            for folder in folders
            if folder.is_dir() and changeable_by_others(folder) is not None
        )
        return installed_plugins(folders, logging.getLogger("sync_gui.plugins"))

    def context_for(self, name: str, plugin_settings: Mapping[str, Any]) -> HostContext:
        """What the plugin of this name gets; its settings are checked already."""
        return HostContext(
            settings=self._settings,
            plugin_settings=plugin_settings,
            tasks=self.tasks,
            calldoc=partial(
                CallDocInterface, settings=self._settings.calldoc, calls=self._calldoc_calls
            ),
            logger=logging.getLogger(f"sync_gui.plugin.{name}"),
            versions=Versions(self._parts.version),
            bridge=self._parts.bridge,
            names=self._parts.names,
            api=self._api_base,
            api_url=self._api_url,
            source=TaskSource("plugin", name),
            window=TaskSource("window"),
            own_folder=partial(make_plugin_folder, self._parts.data_dir, name),
            errors=ERROR_TYPES,
            shapes=TASK_SHAPES,
            demo=self._parts.demo,
            check_only=self._parts.check_only,
        )
