"""What the host looks at before it lets a plugin take part: contract, hooks, settings."""

from __future__ import annotations

import difflib
import inspect
import types
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from hookspecs import CONTRACT_VERSION, PROJECT
from plugin_host.call import PluginError

_MARK = f"{PROJECT}_impl"


def declared_contract(plugin: object) -> int:
    """The contract number that a plugin says it was written for; without one, 1.

    Raises ``PluginError`` when it is not a whole number.
    """
    contract = getattr(plugin, "sync_gui_contract", 1)
    if isinstance(contract, bool) or not isinstance(contract, int):
        raise PluginError(f"sync_gui_contract is {contract!r}, not a whole number")
    return contract


def declared_summary(plugin: object) -> str:
    """What the plugin says of itself in German, on one line; empty when it says nothing."""
    summary = getattr(plugin, "sync_gui_summary_de", "")
    return " ".join(summary.split()) if isinstance(summary, str) else ""


def check_contract(contract: int) -> None:
    """Raise ``PluginError`` unless a plugin of this contract number can be used."""
    if contract != CONTRACT_VERSION:
        raise PluginError(
            f"written for contract {contract}, this program has contract {CONTRACT_VERSION}"
        )


def marked_hooks(name: str, plugin: object, known: Collection[str]) -> types.ModuleType:
    """A module of our own that holds just the plugin's marked functions.

    The plugin manager is given this instead of the plugin's object, because it compares, hashes
    and searches what it is given, and an object of foreign making could fail at each of these.
    ``known`` are the names of the specified hooks. Raises ``PluginError`` for a marked function
    that is no known hook, and for a function that has a hook's name and no mark: both would
    otherwise never be called, and nobody would know why.
    """
    marked = types.ModuleType(name)
    unknown: list[str] = []
    for attribute in dir(plugin):
        mark = _mark(inspect.getattr_static(plugin, attribute, None))
        if mark is None:
            if attribute in known:
                raise PluginError(f"{attribute} is not marked with hookimpl")
            continue
        hook = mark.get("specname") or attribute
        if hook not in known:
            unknown.append(_with_suggestion(hook, known))
        else:
            setattr(marked, attribute, getattr(plugin, attribute))
    if unknown:
        raise PluginError("unknown hook " + ", ".join(unknown))
    return marked


def checked_settings(
    name: str, schema: type[Schema] | None, raw: Mapping[str, Any], source: str
) -> Mapping[str, Any]:
    """The plugin's settings: its table ``raw`` after its schema loaded it, defaults included.

    ``source`` is the name of the file, for the message. Raises ``PluginError`` naming each wrong
    key; a key that the schema does not know is wrong whatever the schema itself says about that.
    """
    if schema is None:
        wrong = {key: ["The plugin has no settings."] for key in raw}
        known: list[str] = []
    else:
        loader = schema()
        known = sorted(field.data_key or key for key, field in loader.fields.items())
        try:
            values = loader.load(raw, unknown=RAISE)
        except ValidationError as error:
            wrong = error.messages_dict
        else:
            if not isinstance(values, Mapping):
                raise PluginError(f"its settings schema made a {type(values).__name__}, no mapping")
            return types.MappingProxyType(dict(values))
    if not wrong:
        return types.MappingProxyType({})
    problems = "; ".join(_problems(f"plugins.{name}", wrong))
    allowed = f" (known: {', '.join(known)})" if known and set(wrong) - {*known, "_schema"} else ""
    raise PluginError(f"{source}: {problems}{allowed}")


def _mark(attribute: object) -> Mapping[str, Any] | None:
    function: Callable[..., object] | object = getattr(attribute, "__func__", attribute)
    if not inspect.isfunction(function):
        return None
    mark = getattr(function, _MARK, None)
    return mark if isinstance(mark, dict) else None


def _with_suggestion(hook: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(hook, known, n=1)
    return f"{hook} (did you mean {close[0]}?)" if close else hook


def _problems(path: str, messages: Mapping[Any, Any] | Sequence[Any]) -> list[str]:
    if not isinstance(messages, Mapping):
        return [f"{path}: {' '.join(str(item) for item in messages)}"]
    found: list[str] = []
    for key, inner in messages.items():
        found += _problems(path if key == "_schema" else f"{path}.{key}", inner)
    return found
