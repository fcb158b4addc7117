"""The program without a window, as a test uses it: real journal, tasks, plugin host and API."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import requests
import tomlkit

from hookspecs import Bridge, HostContext, NamesHidden
from plugin_host.checks import checked_settings
from sync_core.key_store import KeyStoreInMemory
from sync_core.null_bridge import NullBridge
from sync_core.plugin_report import PluginReport
from sync_core.settings_loader import load_settings
from sync_core.task_model import TaskSource, TaskView
from sync_gui_testing.chosen import Chosen, found_plugins
from sync_gui_testing.systems import SimulatedSystems
from sync_program.program import Program, ProgramParts

__all__ = ["Chosen", "StartHost", "SyncHost", "Tables"]

Tables = Mapping[str, Mapping[str, Any]]
"""Tables of a settings file: ``{"plugins": {"greeter": {"greeting": "Moin"}}}``."""

Host = TypeVar("Host", bound="SyncHost")

_REQUEST_SECONDS = 15.0
_END_SECONDS = 10.0
_ASKER = TaskSource("plugin", "test")


class StartHost(Protocol):
    """What the fixture ``sync_host`` is."""

    def __call__(
        self,
        *plugins: Chosen,
        settings: Tables | None = None,
        systems: SimulatedSystems | None = None,
    ) -> SyncHost:
        """The started program, with these plugins and settings, and these foreign systems.

        Raises ``AssertionError`` with the reason for a plugin that was not loaded.
        """


class SyncHost:
    """One run of the program with chosen plugins, in ``folder``; nothing of it is simulated.

    Attributes: ``tasks`` (the task service, as plugins get it).
    """

    def __init__(
        self,
        folder: Path,
        plugins: Sequence[Chosen],
        settings: Tables | None = None,
        systems: SimulatedSystems | None = None,
    ) -> None:
        found = found_plugins(plugins)
        self._wanted = [plugin.name for plugin in found]
        self._settings = load_settings(_written(folder, settings or {}, systems), {})
        data_dir = folder / "data"
        data_dir.mkdir()
        bridge, names, builtins = self._surroundings()
        self._program = Program(
            self._settings,
            ProgramParts(
                version=importlib.metadata.version("sync-gui"),
                data_dir=data_dir,
                base_folder=folder,
                bridge=bridge,
                names=names,
                builtins=builtins,
                demo=systems is not None,
                plugins=lambda: found,
                key_store=KeyStoreInMemory(),
            ),
        )
        self.tasks = self._program.tasks

    def _surroundings(self) -> tuple[Bridge, NamesHidden, Sequence[tuple[str, object]]]:
        return NullBridge(), _NamesShown(), ()

    def start(self: Host) -> Host:
        """Start it; the fixtures do so. Raises ``AssertionError`` for a plugin that is not loaded.

        The API is opened when somebody asks for :attr:`url`.
        """
        self._program.start()
        self._program.plugins.wait_for_latecomers()
        for name in self._wanted:
            report = self.report(name)
            if report.state != "loaded":
                raise AssertionError(f"plugin {name} is {report.state}: {report.reason}")
        return self

    def report(self, plugin: str) -> PluginReport:
        """What became of a plugin: ``state``, ``reason``, ``panels``, ``routes`` …"""
        return next(one for one in self._program.plugins.report() if one.name == plugin)

    def context(self, plugin: str) -> HostContext:
        """A context like the one that the plugin was started with."""
        schema = self._program.plugins.settings_schemas().get(plugin)
        raw = self._settings.plugin_sections.get(plugin, {})
        return self._program.context_for(plugin, checked_settings(plugin, schema, raw, "test"))

    @property
    def url(self) -> str:
        """The API's address, on a free port; the first who asks opens it."""
        api = self._program.api
        if api is None:
            raise AssertionError("the program was not started")
        if api.status != "running":
            api.open()
        return api.url

    def get(self, path: str, **options: Any) -> requests.Response:
        """One GET over the API's socket; ``options`` are those of ``requests``."""
        return requests.get(self.url + path, timeout=_REQUEST_SECONDS, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        """One POST with a JSON body; ``options`` are those of ``requests``."""
        return requests.post(self.url + path, json=json, timeout=_REQUEST_SECONDS, **options)

    def wait(self, task_id: str, seconds: float = _END_SECONDS) -> TaskView:
        """The task's picture once it has ended. ``AssertionError`` if that takes longer."""
        view = self.tasks.wait(task_id, seconds)
        if view is None:
            raise AssertionError(f"there is no task {task_id}")
        if not view.status.ended:
            raise AssertionError(
                f"{task_id} has not ended after {seconds:g} s (stage {view.progress.stage})"
            )
        return view

    def run(self, kind: str, request: Mapping[str, Any], seconds: float = _END_SECONDS) -> TaskView:
        """Start a task and wait for its end. Raises what ``TaskService.start`` raises."""
        return self.wait(self.tasks.start(kind, request, _ASKER).task_id, seconds)

    def close(self) -> None:
        """End it; the fixtures do so."""
        self._program.shutdown()
        self._program.memory.close()


class _NamesShown:
    hidden = False


def _written(folder: Path, wanted: Tables, systems: SimulatedSystems | None) -> Path:
    """The settings file of a test; what it wants is stronger than where the systems are."""
    tables: dict[str, dict[str, Any]] = {"api": {"port": 0}, "plugins": {"dirs": []}}
    for source in (systems.settings if systems is not None else {}, wanted):
        for name, table in source.items():
            tables.setdefault(name, {}).update(table)
    file = folder / "sync_gui.toml"
    file.write_text(tomlkit.dumps(tables), encoding="utf-8")
    return file
