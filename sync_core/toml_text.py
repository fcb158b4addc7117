"""TOML with line numbers: what the standard parser leaves out and an error message needs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:  # the same parser under its older name; checked on machines that may not have it
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)$")
_AT_END = re.compile(r"\s*\(at end of document\)$")
_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"^\s*({_KEY_PART}(?:\s*\.\s*{_KEY_PART})*)\s*=")
_HEADER = re.compile(r"^\s*\[")
_TRIPLE_QUOTES = re.compile(r'"""|' + "'''")


class TomlError(ValueError):
    """Text that is not TOML. ``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse_toml(text: str) -> dict[str, Any]:
    """The document's tables and values in Python's types; raises :class:`TomlError`."""
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except ValueError as error:  # the parser's own, or a number with thousands of digits
        raise _located(str(error), text) from None
    return document


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The line (from 1) on which the value at ``path`` stands in a valid document.

    ``path`` are the keys from the outermost table inwards. A value inside an inline table or an
    array has the line of the nearest key around it. ``None`` when not even the outermost key is
    there.
    """
    wanted = tuple(path)
    best_line, best_depth = None, 0
    for number, keys in _declared_keys(text):
        if len(keys) > best_depth and keys == wanted[: len(keys)]:
            best_line, best_depth = number, len(keys)
    return best_line


def _declared_keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each line that opens a table or gives a value, with the full path of keys it declares."""
    table: tuple[str, ...] = ()
    quote: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        inside_string = quote is not None
        for mark in _TRIPLE_QUOTES.findall(line):
            if quote is None:
                quote = mark
            elif quote == mark:
                quote = None
        if inside_string:
            continue
        if _HEADER.match(line):
            opened = _only_path(line)
            if opened:
                table = opened
                yield number, table
            continue
        key = _KEY.match(line)
        if key:
            yield number, table + _only_path(f"{key[1]} = 0")


def _only_path(line: str) -> tuple[str, ...]:
    """The keys of a one-line document; empty for a line that is no document by itself."""
    try:
        inner: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()  # a line of an array that begins with a bracket
    keys: list[str] = []
    while True:
        if isinstance(inner, list) and inner:
            inner = inner[0]  # a table of an array of tables
        if not isinstance(inner, dict) or not inner:
            return tuple(keys)
        key, inner = next(iter(inner.items()))
        keys.append(key)


def _located(message: str, text: str) -> TomlError:
    at_line = _AT_LINE.search(message)
    if at_line:
        return TomlError(message[: at_line.start()], int(at_line[1]))
    return TomlError(_AT_END.sub("", message), max(1, len(text.splitlines())))
