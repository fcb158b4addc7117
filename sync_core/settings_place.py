"""Where the settings of a run are kept, and which of them come from somewhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sync_core.errors import SettingsError
from sync_core.settings_sources import Gathered
from sync_core.settings_writer import SettingsFile, change_settings, read_settings_file


@dataclass(frozen=True)
class Origin:
    """What a setting's value is taken from instead of the file: ``value`` from ``name``.

    ``name`` is an environment variable or an option of the command line.
    """

    name: str
    value: Any = field(repr=False)  # it may be a secret


@dataclass(frozen=True)
class SettingsPlace:
    """The settings file of a run, and the settings that it does not decide.

    ``file`` is read and written, and need not exist yet; None: this run has none, and changes are
    not kept (the demo). ``fixed`` are origins by the setting's full name.
    """

    file: Path | None = None
    fixed: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))

    def read(self) -> SettingsFile:
        """The file as it is now; an empty one for a run without. Raises ``SettingsError``."""
        return read_settings_file(self.file) if self.file else SettingsFile(Path(), None)

    def change(self, changes: Mapping[str, Any], *, seen: SettingsFile | None = None) -> None:
        """See :func:`~sync_core.settings_writer.change_settings`; without a file, nothing.

        Raises ``SettingsError`` also for a setting that comes from somewhere else, because the
        change would never be in force.
        """
        for name in changes:
            if name in self.fixed:
                raise SettingsError(f"{name}: is set by {self.fixed[name].name}, not by the file")
        if self.file is not None:
            change_settings(self.file, changes, seen=seen)


def origins(environment: Gathered, options: Mapping[str, tuple[str, Any]]) -> dict[str, Origin]:
    """Every setting that the environment or the command line decides.

    ``options`` has the option and its value by setting; a value of None was not given.
    """
    fixed = {
        name: Origin(variable, environment.values[name])
        for name, variable in environment.places.items()
    }
    for plugin, table in environment.plugin_sections.items():
        for key, value in table.items():
            variable = f"SYNC_GUI_PLUGINS__{plugin.upper()}__{key.upper()}"
            fixed[f"plugins.{plugin}.{key}"] = Origin(variable, value)
    for name, (option, value) in options.items():
        if value is not None:
            fixed[name] = Origin(option, value)
    return fixed
