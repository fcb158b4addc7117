"""Plugins as the window follows and switches them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hookspecs import PanelSpec
from plugin_host.crash_memory import CrashMemory
from plugin_host.host import PluginHost
from sync_core.settings_place import SettingsPlace

_DISABLED = "plugins.disabled"


class WindowPlugins:
    """Fulfils ``sync_gui.services.PluginControl``.

    ``place`` is where the settings are kept, ``disabled`` the names that this run keeps out.
    """

    def __init__(
        self,
        host: PluginHost,
        memory: CrashMemory,
        place: SettingsPlace,
        disabled: Sequence[str],
    ) -> None:
        self._host = host
        self._memory = memory
        self._place = place
        self._disabled = frozenset(disabled)
        self._changed: dict[str, bool] = {}

    def panels(self) -> Sequence[tuple[str, PanelSpec]]:
        """Plugin name and panel, as the plugins are now."""
        return [(owned.plugin, owned.spec) for owned in self._host.panels()]

    def health_labels(self) -> Mapping[str, str]:
        """The names of all health checks and their German words, as the plugins are now."""
        return {check.name: check.label_de for check in self._host.health_checks()}

    def fixed_by(self) -> str | None:
        """Why nothing can be switched on and off here, in German; None: it can."""
        if self._place.file is None:
            return "Die Demo speichert nichts; Erweiterungen lassen sich hier nicht umschalten."
        if _DISABLED in self._place.fixed:
            name = self._place.fixed[_DISABLED].name
            return f"{name} gibt die abgeschalteten Erweiterungen vor; hier geht das nicht."
        return None

    def is_out_next(self, name: str) -> bool:
        """Whether the plugin will be kept out at the next start."""
        out = self._changed.get(name, name in self._disabled)
        return out or self._memory.is_set_aside(name)

    def disable(self, name: str) -> None:
        """Keep the plugin out from the next start on. Raises ``SettingsError``."""
        seen = self._place.read()
        names = [*_kept_out(seen.document())]
        if name not in names:
            self._place.change({_DISABLED: [*names, name]}, seen=seen)
        self._changed[name] = True

    def enable(self, name: str) -> None:
        """Load the plugin from the next start on. Raises ``SettingsError``."""
        seen = self._place.read()
        names = [*_kept_out(seen.document())]
        if name in names:
            self._place.change({_DISABLED: [item for item in names if item != name]}, seen=seen)
        self._changed[name] = False

    def retry(self, name: str) -> None:
        """Load the plugin again that was set aside. Raises ``OSError``."""
        self._memory.retry(name)


def _kept_out(document: Mapping[str, object]) -> list[str]:
    section = document.get("plugins")
    names = section.get("disabled", []) if isinstance(section, Mapping) else []
    return [str(name) for name in names] if isinstance(names, list) else []
