"""A setting's value as text in a field, and back. Pure rules.

Text that is no value stays text: nothing that somebody typed is lost or silently changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import tomlkit

from sync_core.toml_text import TomlError, parse_toml
from sync_gui.settings_dialog.entries import Entry, allowed_words, number_words

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:[.,][0-9]{0,30})?|[.,][0-9]{1,30})", re.ASCII)


@dataclass(frozen=True)
class Reading:
    """What a field says: a ``value`` in TOML's types (``None``: none), or a ``problem``.

    The problem is a German sentence.
    """

    value: Any = None
    problem: str = ""


def text_of(entry: Entry, value: Any) -> str:
    """The text of a one-line field that shows ``value``."""
    if value is None:
        return ""
    if entry.kind == "toml":
        within = tomlkit.array()  # where a table is written in one line
        within.append(value)
        return within.as_string()[1:-1].strip()
    if entry.kind == "number" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return number_words(value)
    return str(value)


def read_text(entry: Entry, text: str) -> Reading:
    """The value of a one-line field; an empty one has none."""
    if entry.kind == "toml":
        return _read_toml(entry, text)
    typed = text.strip()
    if not typed:
        return nothing(entry)
    if entry.kind == "integer":
        if not _INTEGER.fullmatch(typed):
            return checked(entry, typed)
        return checked(entry, int(typed))
    if entry.kind == "number":
        if not _NUMBER.fullmatch(typed):
            return checked(entry, typed)
        number = float(typed.replace(",", "."))
        return checked(entry, int(number) if number.is_integer() else number)
    return checked(entry, typed)


def nothing(entry: Entry) -> Reading:
    """An empty field: no value, which is allowed where there is no default to be replaced."""
    if entry.required or entry.default is not None:
        return Reading(problem=_with_default(entry, _empty_words(entry)))
    return Reading()


def checked(entry: Entry, value: Any) -> Reading:
    """A value that the setting allows, or what is wrong with it."""
    problem = entry.refusal(value)
    return Reading(problem=_with_default(entry, problem)) if problem else Reading(value)


def default_words(entry: Entry) -> str:
    """The default as the dialog tells it; empty where there is none."""
    default = entry.default
    if default is None or entry.kind == "type_rules":
        return ""
    if entry.kind == "text_list":
        return ", ".join(default) if default else "leer"
    if entry.choices:
        return str(entry.choices.get(default, default))
    return text_of(entry, default)


def _read_toml(entry: Entry, text: str) -> Reading:
    if not text.strip():
        return nothing(entry)
    try:
        document = parse_toml(f"value = {text}")
    except TomlError:
        return Reading(problem=allowed_words("toml", None, None))
    if list(document) != ["value"]:
        return Reading(problem=allowed_words("toml", None, None))
    return checked(entry, document["value"])


def _empty_words(entry: Entry) -> str:
    if entry.kind in ("integer", "number", "text_list", "type_rules", "toml"):
        return entry.refusal("") or "Bitte etwas eingeben."
    return "Bitte etwas eingeben."


def _with_default(entry: Entry, problem: str) -> str:
    words = default_words(entry)
    return f"{problem} Standard: {words}" if words and words != "leer" else problem
