"""The two places settings are written down in: a TOML file and environment variables.

Both give the same picture, :class:`Gathered`, in which every value is checked and remembers the
words with which a message names its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from sync_core.errors import SettingsError
from sync_core.settings import SECTIONS, Declared, declared_settings
from sync_core.settings_values import ValueNotAllowedError, did_you_mean, parse_text, parse_value
from sync_core.toml_text import TomlError, line_of, parse_toml

PREFIX = "SYNC_GUI_"
CONFIG_VARIABLE = "SYNC_GUI_CONFIG"

DECLARED: Mapping[str, Declared] = MappingProxyType({one.name: one for one in declared_settings()})


@dataclass
class Gathered:
    """What one place says.

    ``values`` and ``places`` by full setting name; ``plugin_sections`` raw, by plugin name;
    ``strangers`` are environment variables with our prefix that mean nothing to us.
    """

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    plugin_sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    strangers: tuple[str, ...] = ()


def from_file(file: Path) -> Gathered:
    """Read a settings file (TOML in UTF-8).

    Raises ``SettingsError`` naming file and line for text that is not TOML, unknown names and
    values that are not allowed. A relative ``data_dir`` counts from the file's folder, so that it
    is the same folder wherever the program is started.
    """
    gathered = _TomlFile(file).gather()
    data_dir = gathered.values.get("data_dir")
    if data_dir is not None:
        gathered.values["data_dir"] = file.absolute().parent / data_dir
    return gathered


def from_environment(environ: Mapping[str, str]) -> Gathered:
    """Read the variables ``SYNC_GUI_<SECTION>__<KEY>``.

    Raises ``SettingsError`` naming the variable for a value that is not allowed. Unknown
    variables are only collected: one of them may be the password's, see
    :func:`refuse_strangers`.
    """
    known = _variables()
    gathered = Gathered()
    strangers: list[str] = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == CONFIG_VARIABLE:
            continue
        parts = variable.removeprefix(PREFIX).split("__")
        if variable in known:
            name = known[variable]
            try:
                gathered.values[name] = parse_text(DECLARED[name], environ[variable])
            except ValueNotAllowedError as problem:
                raise SettingsError(f"{variable}: {problem}") from None
            gathered.places[name] = variable
        elif len(parts) == 3 and parts[0] == "PLUGINS" and parts[1] and parts[2]:
            section = gathered.plugin_sections.setdefault(parts[1].lower(), {})
            section[parts[2].lower()] = environ[variable]
        else:
            strangers.append(variable)
    gathered.strangers = tuple(strangers)
    return gathered


def refuse_strangers(strangers: Iterable[str], password_variable: str | None) -> None:
    """Raise ``SettingsError`` for the first variable that is not the password's.

    ``password_variable`` is what `sqlhk.password_env` names; it may well begin with our prefix.
    """
    for variable in strangers:
        if variable != password_variable:
            hint = did_you_mean(variable.upper(), _variables())
            raise SettingsError(f"{variable}: there is no such setting{hint}")


def _variables() -> dict[str, str]:
    return {PREFIX + name.upper().replace(".", "__"): name for name in DECLARED}


class _TomlFile:
    """One file being read; it knows the line of whatever is wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._text = file.read_bytes().decode("utf-8-sig")  # Windows editors add a mark
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError:
            raise SettingsError(f"{file}: is not text in UTF-8") from None
        try:
            self._document = parse_toml(self._text)
        except TomlError as error:
            raise SettingsError(f"{file}, line {error.line}: is not TOML: {error}") from None
        self._gathered = Gathered()

    def gather(self) -> Gathered:
        top_level = [name for name in DECLARED if "." not in name]
        for name, value in self._document.items():
            if name in SECTIONS:
                if not isinstance(value, dict):
                    self._refuse((name,), f"{name}: expected a table [{name}]")
                self._section(name, value)
            elif name in top_level:
                self._value(name, (name,), value)
            else:
                hint = did_you_mean(name, [*SECTIONS, *top_level])
                noun = "section" if isinstance(value, dict) else "setting"
                self._refuse((name,), f"{name}: there is no such {noun}{hint}")
        return self._gathered

    def _section(self, section: str, table: Mapping[str, Any]) -> None:
        known = [name.split(".")[1] for name in DECLARED if name.startswith(f"{section}.")]
        for key, value in table.items():
            if key in known:
                self._value(f"{section}.{key}", (section, key), value)
            elif section == "plugins" and isinstance(value, dict):
                self._gathered.plugin_sections[key] = value
            else:
                self._refuse(
                    (section, key),
                    f"{section}.{key}: there is no such setting{did_you_mean(key, known)}",
                )

    def _value(self, name: str, path: tuple[str, ...], value: Any) -> None:
        try:
            self._gathered.values[name] = parse_value(DECLARED[name], value)
        except ValueNotAllowedError as problem:
            self._refuse(path + problem.path, f"{'.'.join((name, *problem.path))}: {problem}")
        self._gathered.places[name] = f"{self._place(path)}: {name}"

    def _place(self, path: tuple[str, ...]) -> str:
        line = line_of(self._text, path)
        return str(self._file) if line is None else f"{self._file}, line {line}"

    def _refuse(self, path: tuple[str, ...], message: str) -> NoReturn:
        raise SettingsError(f"{self._place(path)}: {message}")
