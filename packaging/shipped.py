"""Which distributions the program is made of: ours, and by their metadata all that it needs."""

from __future__ import annotations

import email
import zipfile
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROGRAM = "sync-gui"
EXTRAS = ("gui",)

Requires = Callable[[str], Iterable[str] | None]
"""The requirements of a distribution as its metadata have them; None when it is not known."""


def names_needed(
    root: str, extras: Iterable[str], requires: Requires, environment: Mapping[str, str]
) -> list[str]:
    """The normalised names of ``root`` and of everything it needs, sorted.

    ``environment`` are the values of markers, of the system the program is for; one that is
    needed there and unknown to ``requires`` is listed, what it needs in turn is not.
    """
    found: set[str] = set()
    waiting = [(canonicalize_name(root), frozenset(extras))]
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        found.add(name)
        for text in requires(name) or ():
            requirement = Requirement(text)
            if _applies(requirement, wanted, environment):
                further = (canonicalize_name(requirement.name), frozenset(requirement.extras))
                if further not in seen:
                    seen.add(further)
                    waiting.append(further)
    return sorted(found)


def installed_requires(name: str) -> Iterable[str] | None:
    """The requirements of an installed distribution."""
    try:
        return metadata.distribution(name).requires or ()
    except metadata.PackageNotFoundError:
        return None


def requires_with(wheel: Path) -> Requires:
    """As :func:`installed_requires`, but the program's own as the project's ``wheel`` has them."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        told = email.message_from_bytes(packed.read(name))
    own = [str(text) for text in told.get_all("Requires-Dist") or ()]
    return lambda name: own if name == PROGRAM else installed_requires(name)


def shipped_distributions() -> list[metadata.Distribution]:
    """The installed distributions of the program on this system, by normalised name.

    Raises ``PackageNotFoundError`` when one is not installed.
    """
    environment = {name: str(value) for name, value in default_environment().items()}
    names = names_needed(PROGRAM, EXTRAS, installed_requires, environment)
    return [metadata.distribution(name) for name in names]


def stated(part: metadata.Distribution, field: str) -> str:
    """A field of a distribution's metadata; empty when it has none."""
    values = part.metadata.get_all(field) or [""]
    return str(values[0])


def _applies(
    requirement: Requirement, extras: Iterable[str], environment: Mapping[str, str]
) -> bool:
    if requirement.marker is None:
        return True
    return any(
        requirement.marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)
    )
