"""One setting's value: from TOML's types or from text to the type of the settings.

What is refused is described without repeating values that can hold a password.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from sync_core.settings import Declared, TypeRule
from sync_core.toml_text import TomlError, parse_toml

LARGEST_INTEGER = 2**31 - 1
"""Integers without a bound of their own end here: most are ids of the registry's int columns."""

_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DIALECT = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(\+[A-Za-z0-9_]+)?://\S*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_RULE_KEYS = tuple(member.name for member in fields(TypeRule))


class ValueNotAllowedError(ValueError):
    """What is wrong with a value and what is allowed, as the end of a sentence.

    ``path`` are the keys inside the value where the fault lies.
    """

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean X?` for the nearest known name, or nothing when none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def allowed_values(declared: Declared) -> str:
    """The allowed values of a setting in words, as messages and the documentation say them."""
    if declared.kind in ("integer", "number"):
        noun = "an integer" if declared.kind == "integer" else "a number"
        if declared.low is not None and declared.high is not None:
            return f"{noun} from {declared.low:g} to {declared.high:g}"
        if declared.low is not None:
            return f"{noun} of at least {declared.low:g}"
        return noun
    if declared.kind == "choice":
        return "one of " + ", ".join(declared.choices)
    return {
        "text": "a text",
        "secret": "a text of printable ASCII characters without blanks",
        "url": "an address that begins with http:// or https:// and names a host",
        "database_url": "an SQLAlchemy address such as mssql+pyodbc://… or sqlite:///…",
        "text_list": "a list of texts",
        "path": "a folder's path",
        "type_rules": "a table of appointment types, each with " + " and ".join(_RULE_KEYS),
    }[declared.kind]


def parse_value(declared: Declared, value: Any) -> Any:
    """The setting's value from a value in TOML's types; raises :class:`ValueNotAllowedError`."""
    return _PARSERS[declared.kind](declared, value)


def parse_text(declared: Declared, text: str) -> Any:
    """The setting's value from an environment variable's text.

    Raises :class:`ValueNotAllowedError`. Lists are written with commas or as a TOML array,
    tables as an inline TOML table.
    """
    if declared.kind == "integer" and _INTEGER.fullmatch(text.strip()):
        return parse_value(declared, int(text))
    if declared.kind == "number":
        return parse_value(declared, _number_or_text(text))
    if declared.kind == "text_list" and not text.lstrip().startswith("["):
        return parse_value(declared, [part.strip() for part in text.split(",") if part.strip()])
    if declared.kind in ("text_list", "type_rules"):
        try:
            return parse_value(declared, parse_toml(f"value = {text}")["value"])
        except TomlError as error:
            raise ValueNotAllowedError(
                f"expected {allowed_values(declared)}, written as TOML ({error})"
            ) from None
    return parse_value(declared, text)


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _expected(declared: Declared, value: object) -> ValueNotAllowedError:
    return ValueNotAllowedError(f"expected {allowed_values(declared)}, not {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        short = value if len(value) <= 40 else value[:39] + "…"
        return f'the text "{_UNPRINTABLE.sub("?", short)}"'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) > 10**18:
        return "a number that large"
    return str(value)


def _integer(declared: Declared, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _expected(declared, value)
    high = LARGEST_INTEGER if declared.high is None else declared.high
    if (declared.low is not None and value < declared.low) or value > high:
        raise _expected(declared, value)
    return value


def _number(declared: Declared, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _expected(declared, value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    too_low = declared.low is not None and number < declared.low
    too_high = declared.high is not None and number > declared.high
    if not math.isfinite(number) or too_low or too_high:
        raise _expected(declared, value)
    return number


def _text(declared: Declared, value: Any) -> str:
    if not isinstance(value, str):
        raise _expected(declared, value)
    if not value.strip() or _UNPRINTABLE.search(value):
        raise ValueNotAllowedError(
            "must be neither empty nor hold control characters; leave it out to have none"
        )
    return value.strip()


def _private_text(declared: Declared, value: Any) -> str:
    """As :func:`_text`, for values that a message must not repeat."""
    if not isinstance(value, str):
        raise ValueNotAllowedError(f"expected {allowed_values(declared)}")
    return _text(declared, value)


def _secret(declared: Declared, value: Any) -> str:
    secret = _private_text(declared, value)
    if not all("!" <= character <= "~" for character in secret):
        raise ValueNotAllowedError(f"expected {allowed_values(declared)}")
    return secret


def _url(declared: Declared, value: Any) -> str:
    url = _private_text(declared, value)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        usable = usable and parts.port != 0 and " " not in url
    except ValueError:  # a port that is no number, a broken IPv6 address
        usable = False
    if not usable:
        raise ValueNotAllowedError(f"expected {allowed_values(declared)}")
    return url


def _database_url(declared: Declared, value: Any) -> str:
    url = _private_text(declared, value)
    dialect = _DIALECT.match(url)
    if dialect is None or dialect[1].lower() in ("http", "https"):
        raise ValueNotAllowedError(f"expected {allowed_values(declared)}")
    return url


def _text_list(declared: Declared, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _expected(declared, value)
    for item in value:
        if not isinstance(item, str) or not item.strip() or _UNPRINTABLE.search(item):
            raise ValueNotAllowedError(
                f"expected {allowed_values(declared)}, and {_shown(item)} is in it"
            )
    return tuple(item.strip() for item in value)


def _choice(declared: Declared, value: Any) -> str:
    if not isinstance(value, str):
        raise _expected(declared, value)
    if value not in declared.choices:
        hint = did_you_mean(value.upper(), declared.choices)
        raise ValueNotAllowedError(f"{_expected(declared, value)}{hint}")
    return value


def _path(declared: Declared, value: Any) -> Path:
    return Path(_text(declared, value)).expanduser()


def _type_rules(declared: Declared, value: Any) -> Mapping[int, TypeRule]:
    if not isinstance(value, Mapping):
        raise _expected(declared, value)
    rules: dict[int, TypeRule] = {}
    for name, table in value.items():
        if not _INTEGER.fullmatch(name) or not 0 < int(name) <= LARGEST_INTEGER:
            raise ValueNotAllowedError(
                f"expected the number of an appointment type, not {_shown(name)}", (name,)
            )
        if not isinstance(table, Mapping):
            raise ValueNotAllowedError(
                f"expected a table with {' and '.join(_RULE_KEYS)}, not {_shown(table)}", (name,)
            )
        rules[int(name)] = TypeRule(**{key: _rule_id(name, key, table[key]) for key in table})
    return MappingProxyType(rules)


def _rule_id(type_name: str, key: str, value: Any) -> int:
    path = (type_name, key)
    if key not in _RULE_KEYS:
        raise ValueNotAllowedError(
            f"unknown name {key}; known are {', '.join(_RULE_KEYS)}{did_you_mean(key, _RULE_KEYS)}",
            path,
        )
    try:
        return _integer(Declared(key, "integer", None, "", low=0), value)
    except ValueNotAllowedError as problem:
        raise ValueNotAllowedError(str(problem), path) from None


_PARSERS: Mapping[str, Callable[[Declared, Any], Any]] = {
    "text": _text,
    "secret": _secret,
    "url": _url,
    "database_url": _database_url,
    "integer": _integer,
    "number": _number,
    "text_list": _text_list,
    "choice": _choice,
    "path": _path,
    "type_rules": _type_rules,
}
