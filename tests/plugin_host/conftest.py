"""A host over a drop-in folder, and the check that nothing of it is left behind."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from api_blueprints.base import ApiBaseImpl
from api_blueprints.registrar import BlueprintRegistrar
from hookspecs import HostContext, Versions
from plugin_host.contract_values import ERROR_TYPES, TASK_SHAPES
from plugin_host.discovery import PluginSource, installed_plugins
from plugin_host.host import PluginHost
from sync_core.plugin_report import PluginReport
from sync_core.settings import PluginSettings, Settings
from sync_core.task_model import TaskSource
from tests.clock import PATIENCE


@dataclass
class Bench:
    """A drop-in folder and the hosts made over it."""

    folder: Path
    registrar: BlueprintRegistrar = field(default_factory=BlueprintRegistrar)
    hosts: list[PluginHost] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    def host(
        self,
        *,
        source: PluginSource | None = None,
        disabled: Collection[str] = (),
        builtins: Sequence[tuple[str, object]] = (),
        with_panels: bool = True,
        folders: Sequence[Path] = (),
        on_late: Callable[[], None] = lambda: None,
    ) -> PluginHost:
        """A host that has neither loaded nor started anything."""
        host = PluginHost(
            builtins=builtins,
            source=source
            or without_our_own(
                installed_plugins(folders or [self.folder], logging.getLogger("host"))
            ),
            settings=self.settings,
            context=self.context,
            registrar=self.registrar,
            logger=logging.getLogger("host"),
            disabled=disabled,
            with_panels=with_panels,
            on_late=on_late,
        )
        self.hosts.append(host)
        return host

    def started(self, **options: Any) -> PluginHost:
        """A host that has loaded and started what is there."""
        host = self.host(**options)
        host.load()
        host.start()
        return host

    def started_over(self, folders: Sequence[Path]) -> PluginHost:
        """A host over several drop-in folders, in this order."""
        found = installed_plugins(folders, logging.getLogger("host"))
        return self.started(source=without_our_own(found))

    def wait_for_threads(self) -> None:
        """Wait until no thread of a plugin is left."""
        until(lambda: not plugin_threads(), "a plugin's thread is left")

    def context(self, name: str, plugin_settings: Mapping[str, Any]) -> HostContext:
        missing = cast(Any, None)
        return HostContext(
            settings=self.settings,
            plugin_settings=plugin_settings,
            tasks=missing,
            calldoc=missing,
            logger=logging.getLogger(f"plugin.{name}"),
            versions=Versions("1.0"),
            bridge=missing,
            names=missing,
            api=ApiBaseImpl(missing),
            api_url=missing,
            source=TaskSource("plugin", "test"),
            window=TaskSource("window"),
            own_folder=Path,
            errors=ERROR_TYPES,
            shapes=TASK_SHAPES,
        )

    def set_plugins(self, **changes: Any) -> None:
        """Change settings of the section ``plugins``."""
        self.settings = replace(self.settings, plugins=replace(self.settings.plugins, **changes))

    def set_section(self, name: str, table: Mapping[str, Any]) -> None:
        """Write the table ``[plugins.name]``."""
        self.settings = replace(
            self.settings,
            plugin_sections={**self.settings.plugin_sections, name: table},
            source=Path("/etc/somewhere/sync_gui.toml"),
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An empty drop-in folder; what plugins left in the interpreter is removed afterwards."""
    folder = tmp_path / "plugins.d"
    folder.mkdir()
    path, modules = list(sys.path), set(sys.modules)
    bench = Bench(folder, settings=Settings(plugins=PluginSettings(start_timeout=PATIENCE)))
    yield bench
    for name in set(sys.modules) - modules:
        release = getattr(sys.modules[name], "release", None)
        if isinstance(release, threading.Event):
            release.set()
    for host in bench.hosts:
        host.stop()
    for name in set(sys.modules) - modules:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    sys.path[:] = path
    bench.wait_for_threads()


def plugin_threads() -> list[str]:
    """Names of the host's threads that are alive."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("plugin ")]


def until(reached: Callable[[], bool], complaint: str) -> None:
    """Poll until ``reached``, or fail with ``complaint``."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not reached():
        assert time.monotonic() < deadline, complaint
        pause.wait(0.01)


def report_of(host: PluginHost, name: str) -> PluginReport:
    """The only report about this plugin."""
    (report,) = [item for item in host.report() if item.name == name]
    return report


def without_our_own(source: PluginSource) -> PluginSource:
    """The plugins found, without those that ship with the program where it is installed."""
    return lambda: (found for found in source() if found.distribution != "sync-gui")
