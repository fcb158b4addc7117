"""Plugins that came after the window: their panels, menu entries and lights."""

from __future__ import annotations

from collections.abc import Callable

from hookspecs import PanelSpec
from sync_core.plugin_report import PLUGINS_TOPIC
from sync_gui.actions import Menus
from sync_gui.panel_area import PanelArea
from sync_gui.services import WindowServices
from sync_gui.status_strip import StatusStrip


class LatePlugins:
    """Adds to the window what came since it was made, whenever the bridge tells of a change."""

    def __init__(
        self, services: WindowServices, panels: PanelArea, menus: Menus, strip: StatusStrip
    ) -> None:
        self._plugins = services.plugins
        self._panels = panels
        self._menus = menus
        self._strip = strip
        self.stop: Callable[[], None] = services.bridge.subscribe(PLUGINS_TOPIC, self._look)
        self._look()

    def _look(self, _nothing: object = None) -> None:
        if self._plugins is None:
            return
        there = {frame.spec.id for frame in self._panels.frames}
        for plugin, spec in self._plugins.panels():
            if spec.id not in there:
                self._add_panel(plugin, spec)
        for name, label in self._plugins.health_labels().items():
            self._strip.add_health(name, label)

    def _add_panel(self, plugin: str, spec: PanelSpec) -> None:
        frame = self._panels.add(plugin, spec)
        self._menus.add_panel(frame)
