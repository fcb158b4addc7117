"""From a file, the environment and the command line to one :class:`Settings`.

The environment wins over the file, the command line over both. Whatever is unknown or not allowed
ends the start with a ``SettingsError``: a setting that is silently not in force is worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs

from sync_core.errors import SettingsError
from sync_core.hosts import is_loopback
from sync_core.settings import SECTIONS, ApiSettings, MappingSettings, Settings
from sync_core.settings_sources import (
    CONFIG_VARIABLE,
    DECLARED,
    Gathered,
    from_environment,
    from_file,
    refuse_strangers,
)
from sync_core.settings_values import ValueNotAllowedError, parse_value

FILE_NAME = "sync_gui.toml"


def find_settings_file(
    explicit: Path | None, environ: Mapping[str, str], program_dir: Path
) -> Path | None:
    """The settings file to use, or None when there is none anywhere.

    ``explicit`` is the file of ``--config``; ``program_dir`` is the folder of the EXE, from
    source the working directory. Looked for in this order: ``explicit``, ``$SYNC_GUI_CONFIG``,
    ``program_dir``, the user's configuration folder. A file that somebody named and that is not
    there raises ``SettingsError``.
    """
    if explicit is not None:
        return _named_file(explicit, "--config")
    if environ.get(CONFIG_VARIABLE):
        return _named_file(Path(environ[CONFIG_VARIABLE]), CONFIG_VARIABLE)
    for file in (program_dir / FILE_NAME, users_settings_file()):
        if file.is_file():
            return file
    return None


def users_settings_file() -> Path:
    """The file in the user's configuration folder, there or not.

    It is the last place that is looked at, and the one where the program makes a file when there
    is none: that folder is the user's own, while the program's is often the administrator's.
    """
    return platformdirs.user_config_path("sync_gui", appauthor=False) / FILE_NAME


def load_settings(file: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of a file (None: none) and of environment variables.

    Raises ``SettingsError`` whose message names the file and line or the variable, what is wrong
    and what is allowed.
    """
    written = from_file(file) if file is not None else Gathered()
    overriding = from_environment(environ)
    values = {**written.values, **overriding.values}
    refuse_strangers(overriding.strangers, values.get("sqlhk.password_env"))
    rules = "mapping.rules"
    if rules in values:
        # Type by type, so that naming one type does not drop the rule of another.
        shipped = MappingSettings().rules
        values[rules] = MappingProxyType(
            {**shipped, **written.values.get(rules, {}), **overriding.values.get(rules, {})}
        )
    settings = Settings(
        **{section: _section(section, values) for section in SECTIONS},
        data_dir=values.get("data_dir"),
        plugin_sections=_plugin_sections(written, overriding),
        source=file,
    )
    places = {**written.places, **overriding.places}
    _check_api(settings.api, places.get("api.host", "api.host"))
    return settings


def with_overrides(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    data_dir: Path | None = None,
    disabled: Iterable[str] = (),
) -> Settings:
    """The settings with what the command line says instead; None leaves a setting alone.

    ``disabled`` are plugins to keep out besides those already kept out. Raises ``SettingsError``
    naming the option.
    """
    api, plugins = settings.api, settings.plugins
    if host is not None:
        api = replace(api, host=_option("--host", "api.host", host))
    if port is not None:
        api = replace(api, port=_option("--port", "api.port", port))
    names = [name for name in dict.fromkeys(disabled) if name not in plugins.disabled]
    if names:
        further: tuple[str, ...] = _option("--disable-plugin", "plugins.disabled", names)
        plugins = replace(plugins, disabled=plugins.disabled + further)
    if data_dir is not None:
        data_dir = _option("--data-dir", "data_dir", str(data_dir))
    _check_api(api, "--host" if host is not None else "api.host")
    return replace(settings, api=api, plugins=plugins, data_dir=data_dir or settings.data_dir)


def _named_file(file: Path, named_by: str) -> Path:
    if not file.is_file():
        raise SettingsError(f"{named_by}: there is no file {file}")
    return file


def _section(section: str, values: Mapping[str, Any]) -> Any:
    prefix = f"{section}."
    return SECTIONS[section](
        **{
            name.removeprefix(prefix): value
            for name, value in values.items()
            if name.startswith(prefix)
        }
    )


def _plugin_sections(written: Gathered, overriding: Gathered) -> Mapping[str, Mapping[str, Any]]:
    sections = {name: dict(table) for name, table in written.plugin_sections.items()}
    # Variables know neither small letters nor hyphens: they go to the section that is spelt alike.
    spelling = {name.lower().replace("-", "_"): name for name in sections}
    for name, table in overriding.plugin_sections.items():
        sections.setdefault(spelling.get(name, name), {}).update(table)
    return MappingProxyType({name: MappingProxyType(table) for name, table in sections.items()})


def _option(option: str, name: str, value: Any) -> Any:
    try:
        return parse_value(DECLARED[name], value)
    except ValueNotAllowedError as problem:
        raise SettingsError(f"{option}: {problem}") from None


def _check_api(api: ApiSettings, place: str) -> None:
    if api.key is None and api.key_source == "settings" and not is_loopback(api.host):
        raise SettingsError(
            f"{place}: {api.host} can be reached by other computers, so api.key must be set; "
            "without a key use 127.0.0.1, ::1 or localhost"
        )
