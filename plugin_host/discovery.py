"""Where plugins come from: the entry points of installed distributions, and of drop-in folders.

The installed metadata are walked distribution by distribution instead of asked as a whole, so
that one damaged distribution is listed with its reason and hides no other.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path

from hookspecs import ENTRY_POINT_GROUP
from plugin_host.call import PluginError, reason_of
from plugin_host.folder_rights import changeable_by_others

OUR_DISTRIBUTION = "sync-gui"
BUILT_IN = "the program itself"
"""Where a plugin comes from that is no entry point's."""


@dataclass(frozen=True)
class FoundPlugin:
    """A plugin that was found and not yet imported.

    ``name`` is its entry point's, ``version`` and ``distribution`` tell where that comes from,
    ``target`` is the entry point's value. ``load`` imports it and returns the module or object; it
    may raise anything. ``places`` are the files and folders of its distribution, as far as known,
    ``summary`` is the distribution's line about itself; ours is about the whole program.
    """

    name: str
    version: str | None
    distribution: str
    target: str
    load: Callable[[], object]
    places: tuple[str, ...] = field(default=(), compare=False)
    summary: str = field(default="", compare=False)

    @property
    def ours(self) -> bool:
        """Whether it ships with the program."""
        return self.distribution == BUILT_IN or (_normalised(self.distribution) == OUR_DISTRIBUTION)

    def repeats(self, other: FoundPlugin) -> bool:
        """Whether this is the very plugin ``other``, found again further back, in any version."""
        return (self.name, self.target) == (other.name, other.target) and _normalised(
            self.distribution
        ) == _normalised(other.distribution)


PluginSource = Callable[[], Iterable[FoundPlugin]]
"""How a host learns of the plugins that are not built in."""


def no_plugins() -> Iterable[FoundPlugin]:
    """The source of a start in safe mode: nothing is looked for, nothing is imported."""
    return ()


def plugin_folders(dirs: Sequence[str], base: Path) -> tuple[Path, ...]:
    """The drop-in folders of the setting ``plugins.dirs``; relative ones are below ``base``."""
    return tuple((base / folder).absolute() for folder in dirs)


def installed_plugins(folders: Sequence[Path], logger: logging.Logger) -> PluginSource:
    """The source of a normal start: everything on the search path and in the drop-in folders.

    The folders are put at the end of ``sys.path``: a module that the program carries is never
    replaced by one of the same name in such a folder. A folder that is not there is left out.
    """

    def find() -> Iterator[FoundPlugin]:
        for folder in folders:
            if not folder.is_dir():
                logger.debug("there is no plugin folder %s", folder)
                continue
            if (place := changeable_by_others(folder)) is not None:
                logger.warning("plugin folder %s: others can change %s", folder, place)
            if str(folder) not in sys.path:
                sys.path.append(str(folder))
        importlib.invalidate_caches()
        for distribution in importlib.metadata.distributions():
            yield from _plugins_of(distribution)

    return find


def _plugins_of(distribution: Distribution) -> Iterator[FoundPlugin]:
    """The plugins of one distribution; a damaged one is itself a plugin that fails to load."""
    try:
        points = [item for item in distribution.entry_points if item.group == ENTRY_POINT_GROUP]
    except Exception as error:  # noqa: BLE001 - the file is foreign; any fault of it is one finding
        name = _name_of(distribution)
        problem = PluginError(reason_of("damaged entry_points.txt", error))
        yield FoundPlugin(name, _version_of(distribution), name, "", _refused(problem))
        return
    places = _places_of(distribution) if points else ()
    for point in points:
        yield FoundPlugin(
            point.name,
            _version_of(distribution),
            _name_of(distribution),
            point.value,
            _loader(point),
            places,
            _summary_of(distribution),
        )


def _places_of(distribution: Distribution) -> tuple[str, ...]:
    """The top-level modules and packages that the distribution's list of files names."""
    places: dict[str, None] = {}
    with contextlib.suppress(Exception):  # damaged metadata: its code is found by its hooks later
        if _normalised(_name_of(distribution)) == OUR_DISTRIBUTION:
            return ()  # ours holds the whole program
        for file in distribution.files or ():
            if file.suffix == ".py" and file.parts[0] != "..":
                top = str(distribution.locate_file(file.parts[0]))
                places[top if len(file.parts) == 1 else f"{top}{os.sep}"] = None
    return tuple(places)


def _loader(point: EntryPoint) -> Callable[[], object]:
    def load() -> object:
        if point.pattern.match(point.value) is None:
            raise PluginError(f"{point.value!r} names neither a module nor module:object")
        return point.load()

    return load


def _refused(error: PluginError) -> Callable[[], object]:
    def load() -> object:
        raise error

    return load


def _normalised(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _name_of(distribution: Distribution) -> str:
    try:
        name = distribution.metadata["Name"]
    except Exception:  # noqa: BLE001 - damaged metadata; the folder's name serves as well
        name = None
    return name or Path(str(getattr(distribution, "_path", "unknown"))).stem.partition("-")[0]


def _summary_of(distribution: Distribution) -> str:
    with contextlib.suppress(Exception):  # damaged metadata; a plugin may be without a summary
        if _normalised(_name_of(distribution)) != OUR_DISTRIBUTION:
            return " ".join(str(distribution.metadata["Summary"] or "").split())
    return ""


def _version_of(distribution: Distribution) -> str | None:
    try:
        return distribution.version
    except Exception:  # noqa: BLE001 - damaged metadata; a plugin may be without a version
        return None
