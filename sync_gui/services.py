"""What the window needs from the rest of the program, handed in as values and callables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from hookspecs import Bridge, HealthResult, PanelSpec
from sync_core.api_key import ApiKey
from sync_core.plugin_report import PluginReport
from sync_gui.appearance import AppearanceSwitch
from sync_gui.arrangement import Arrangement
from sync_gui.names_hidden import NamesSwitch
from sync_gui.settings_dialog.access import SettingsAccess


class ApiStatus(Enum):
    """How the API server is. STARTING is known to the window only, which asked for it."""

    STARTING = "starting"
    RUNNING = "running"
    PORT_IN_USE = "port_in_use"
    STOPPED = "stopped"


@dataclass(frozen=True)
class ApiState:
    """How the API server is, and its ``address`` as ``host:port`` (wanted or real)."""

    status: ApiStatus
    address: str

    @property
    def port(self) -> str:
        """The address's port, as text."""
        return self.address.rpartition(":")[2]

    @property
    def host(self) -> str:
        """The address without its port, IPv6 in brackets."""
        return self.address.rpartition(":")[0]

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the API; every-address hosts become loopback."""
        host, _, port = self.address.rpartition(":")
        if host in ("", "0.0.0.0", "::", "[::]"):  # noqa: S104 - recognised, not bound
            host = "127.0.0.1"
        return f"http://{host}:{port}"


class ApiControl(Protocol):
    """The API server's switch. ``state`` is quick; the others are called on a worker thread."""

    def state(self) -> ApiState:
        """How the server is now. From any thread."""

    def start(self) -> None:
        """Open the port; a taken one shows in :meth:`state`."""

    def stop(self) -> None:
        """Finish running answers and free the port."""


class PluginControl(Protocol):
    """Plugins as the window follows and switches them; what is switched counts from the next
    start on. Everything is quick but :meth:`disable`, :meth:`enable` and :meth:`retry`, which
    write a file and raise ``SettingsError`` or ``OSError``."""

    def panels(self) -> Sequence[tuple[str, PanelSpec]]:
        """Plugin name and panel, as the plugins are now."""

    def health_labels(self) -> Mapping[str, str]:
        """The names of all health checks and their German words, as the plugins are now."""

    def fixed_by(self) -> str | None:
        """Why nothing can be switched on and off here, in German; None: it can."""

    def is_out_next(self, name: str) -> bool:
        """Whether the plugin will be kept out at the next start."""

    def disable(self, name: str) -> None:
        """Keep the plugin out."""

    def enable(self, name: str) -> None:
        """Load the plugin."""

    def retry(self, name: str) -> None:
        """Load the plugin again that was set aside."""


@dataclass(frozen=True)
class WindowServices:
    """Everything that comes into the window.

    ``source`` says in one German sentence or address where the source code is. ``panels`` are
    pairs of plugin name and panel. ``active_tasks`` counts pending and running tasks and
    ``plugin_reports`` lists plugins; both are quick and called on the GUI thread.
    ``check_health`` asks every health check and is called on a worker thread; ``health_labels``
    names its keys in German, in the order of the lights. ``shutdown`` is called once, on the GUI
    thread, when the window has closed (it is hidden by then). ``on_panel_failed`` gets a panel
    whose factory raised, and an English reason of one line. ``demo_control`` is the address of the
    simulated systems' switches; None: there are none. ``plugins`` follows and switches plugins;
    None: they stay as they are. ``missing`` are the full names of the addresses that this run
    lacks; ``missing_next`` tells those that the next start would lack, is called on a worker thread
    and raises ``SettingsError``.
    """

    title: str
    version: str
    source: str
    demo: bool
    panels: Sequence[tuple[str, PanelSpec]]
    api: ApiControl
    active_tasks: Callable[[], int]
    plugin_reports: Callable[[], Sequence[PluginReport]]
    check_health: Callable[[], Mapping[str, HealthResult]]
    health_labels: Mapping[str, str]
    bridge: Bridge
    names_hidden: NamesSwitch
    shutdown: Callable[[], None]
    on_panel_failed: Callable[[PanelSpec, str], None]
    appearance: AppearanceSwitch
    arrangement: Arrangement
    settings: SettingsAccess
    api_key: ApiKey
    demo_control: str | None = None
    plugins: PluginControl | None = None
    missing: Sequence[str] = ()
    missing_next: Callable[[], Sequence[str]] = tuple
