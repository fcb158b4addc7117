"""What the window needs from the rest of the program, handed in as values and callables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from hookspecs import Bridge, HealthResult, PanelSpec
from sync_core.plugin_report import PluginReport
from sync_gui.names_hidden import NamesSwitch


class ApiStatus(Enum):
    """How the API server is."""

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


@dataclass(frozen=True)
class WindowServices:
    """Everything that comes into the window.

    ``source`` says in one German sentence or address where the source code is. ``panels`` are
    pairs of plugin name and panel. ``active_tasks`` counts pending and running tasks and
    ``plugin_reports`` lists plugins; both are quick and called on the GUI thread.
    ``check_health`` asks every health check and is called on a worker thread; ``health_labels``
    names its keys in German, in the order of the lights. ``shutdown`` is called once, on the GUI
    thread, when the window has closed (it is hidden by then). ``on_panel_failed`` gets a panel
    whose factory raised, and an English reason of one line.
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
