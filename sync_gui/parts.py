"""What the program is made of: the packages that it ships with, and their licences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

ROOTS = (
    "filelock",
    "Flask",
    "flask-smorest",
    "flask-swagger-ui",
    "Jinja2",
    "keyring",
    "marshmallow",
    "platformdirs",
    "pluggy",
    "pyodbc",
    "PyQt5",
    "requests",
    "SQLAlchemy",
    "tomlkit",
    "tzdata",
    "waitress",
)
"""The packages that we use ourselves; theirs are found through their metadata."""

_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)
_NOTHING_SAID = "keine Angabe"


@dataclass(frozen=True)
class Part:
    """One package: its name, version, licence in short, and the texts it carries."""

    name: str
    version: str
    licence: str
    text: str


def installed_parts(roots: Iterable[str] = ROOTS) -> list[Part]:
    """The packages ``roots`` and all that they need, by name; what is not installed is left out."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        key = _key(name)
        if key in found:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found[key] = distribution
        waiting += _needs(distribution)
    return [_part(found[key]) for key in sorted(found)]


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _needs(distribution: metadata.Distribution) -> list[str]:
    names = []
    for requirement in distribution.requires or ():
        wanted, _, condition = requirement.partition(";")
        match = re.match(r"[A-Za-z0-9._-]+", wanted)
        if match and "extra" not in condition:
            names.append(match.group())
    return names


def _part(distribution: metadata.Distribution) -> Part:
    return Part(
        distribution.metadata["Name"],
        distribution.version,
        _licence(distribution),
        _texts(distribution),
    )


def _licence(distribution: metadata.Distribution) -> str:
    told = distribution.metadata
    for field in ("License-Expression", "License"):
        for short in told.get_all(field) or ():
            if short and "\n" not in short and len(short) <= 60:
                return short
    words = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    return ", ".join(words) or _NOTHING_SAID


def _texts(distribution: metadata.Distribution) -> str:
    texts = []
    for file in distribution.files or ():
        if ".dist-info" in str(file) and _LICENCE_FILE.search(str(file)):
            try:
                texts.append(file.read_text(encoding="utf-8").strip())
            except (OSError, UnicodeDecodeError):
                continue
    return "\n\n".join(texts)
