"""Changes in the text of a settings file that leave everything else in it as it is.

Comments, order and line ends are somebody's work, so the text is edited and not written anew.
Pure functions; :mod:`sync_core.settings_writer` does the reading and writing.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from sync_core.errors import SettingsError
from sync_core.settings import TypeRule
from sync_core.settings_sources import DECLARED
from sync_core.settings_values import ValueNotAllowedError, did_you_mean, parse_value
from sync_core.toml_text import TomlError, parse_toml

_WINDOWS_END = "\r\n"

Table = MutableMapping[str, Any]


def setting_path(name: str) -> tuple[str, ...]:
    """The keys of a setting's full name, from the outermost table inwards.

    A plugin's setting is ``plugins.NAME.KEY``; the plugin's name may hold dots. Raises
    ``SettingsError`` for a name that is neither declared nor of this form.
    """
    if name in DECLARED:
        return tuple(name.split(".", 1))
    section, _, rest = name.partition(".")
    plugin, _, key = rest.rpartition(".")
    if section == "plugins" and plugin and key:
        return (section, plugin, key)
    raise SettingsError(f"{name}: there is no such setting{did_you_mean(name, DECLARED)}")


def toml_value(value: Any) -> Any:
    """A setting's value in the types that TOML has: lists, tables with text keys, texts."""
    if isinstance(value, TypeRule):
        pairs = {member.name: getattr(value, member.name) for member in fields(value)}
        return {key: number for key, number in pairs.items() if number is not None}
    if isinstance(value, Mapping):
        return {str(key): toml_value(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [toml_value(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value


def edited_text(text: str, changes: Mapping[str, Any]) -> str:
    """The TOML document ``text`` with these settings changed; ``None`` takes a setting out.

    ``changes`` has full names (``api.port``, ``plugins.NAME.KEY``, ``data_dir``) and values as
    the settings hold them or as TOML has them. A value that is there already keeps its notation.
    Raises ``SettingsError`` for an unknown name, a value that is not allowed, and a document that
    is not TOML or cannot be changed without harm to the rest of it.
    """
    plain_text = text.replace(_WINDOWS_END, "\n")
    try:
        wanted = parse_toml(plain_text)
    except TomlError as error:
        raise SettingsError(f"line {error.line}: is not TOML: {error}") from None
    try:
        document = tomlkit.parse(plain_text)
        for name, value in changes.items():
            path = setting_path(name)
            plain = _checked(name, value)
            _change(wanted, path, plain)
            _change(document, path, plain)
        result = tomlkit.dumps(document)
        read_back = _without_empty_sections(parse_toml(result))
    except (TOMLKitError, TomlError, TypeError) as error:
        raise SettingsError(f"the file cannot be changed by the program: {error}") from error
    if read_back != _without_empty_sections(wanted):
        raise SettingsError("the file cannot be changed without harm to the rest of it")
    return result.replace("\n", _WINDOWS_END) if _WINDOWS_END in text else result


def _checked(name: str, value: Any) -> Any:
    plain = toml_value(value)
    if plain is not None and name in DECLARED:
        try:
            parse_value(DECLARED[name], plain)
        except ValueNotAllowedError as problem:
            raise SettingsError(f"{'.'.join((name, *problem.path))}: {problem}") from None
    # No rules and none that differ are the same: they are merged with those that we ship.
    return None if name in DECLARED and plain == {} else plain


def _change(document: Table, path: tuple[str, ...], value: Any) -> None:
    table = document
    for key in path[:-1]:
        if key not in table:
            if value is None:
                return
            table[key] = _new_table(table)
        table = table[key]
        if not isinstance(table, MutableMapping):
            raise SettingsError(f"{key}: expected a table [{key}]")
    _set(table, path[-1], value)


def _set(table: Table, key: str, value: Any) -> None:
    if value is None:
        table.pop(key, None)
        return
    if not isinstance(value, Mapping):
        if key not in table or not _same(table[key], value):
            table[key] = value
        return
    if not isinstance(table.get(key), MutableMapping):
        table[key] = _new_table(table)
    inner = table[key]
    for old in [name for name in inner if name not in value]:
        inner.pop(old)
    for name, item in value.items():
        _set(inner, name, item)


def _new_table(inside: Table) -> Any:
    """An empty table of the kind that may stand there: plain, or in TOML's notation."""
    if isinstance(inside, InlineTable):
        return tomlkit.inline_table()
    return {} if type(inside) is dict else tomlkit.table()


def _without_empty_sections(document: Mapping[str, Any]) -> dict[str, Any]:
    """An empty section says the same as none; an empty rule of a type does not."""
    plugins = document.get("plugins")
    told = dict(document)
    if isinstance(plugins, Mapping):
        told["plugins"] = {name: value for name, value in plugins.items() if value != {}}
    return {name: value for name, value in told.items() if value != {}}


def _same(there: Any, wanted: Any) -> bool:
    plain = there.unwrap() if hasattr(there, "unwrap") else there
    return type(plain) is type(wanted) and bool(plain == wanted)
