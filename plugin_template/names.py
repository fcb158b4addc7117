"""The names of a new plugin, all made from one, and whether they can be used."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

# What packaging tools take as a project's name: letters, digits, and in between them ".", "_", "-".
_PROJECT = re.compile(r"[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]", re.ASCII)
_LONGEST = 60


@dataclass(frozen=True)
class Names:
    """``project`` is the distribution's name (``day-count``), ``module`` (``day_count``) that of
    its package, its plugin, panel, blueprint and task kind; ``path`` is where its endpoints are
    (``/api/day-count``), ``title`` what staff read (``Day Count``)."""

    project: str
    module: str
    path: str
    title: str


@dataclass(frozen=True)
class Taken:
    """What is there already: ``names`` of plugins, panels, blueprints and task kinds, ``paths``
    of endpoints; ``is_module`` tells whether a name can be imported as a module."""

    names: frozenset[str] = field(default_factory=frozenset)
    paths: frozenset[str] = field(default_factory=frozenset)
    is_module: Callable[[str], bool] = lambda _name: False


def names_of(project: str) -> Names:
    """The names made from a project's. Raises ``ValueError`` for one that packaging refuses."""
    if not _PROJECT.fullmatch(project) or len(project) > _LONGEST:
        raise ValueError(
            f"{project!r} is no project name: letters, digits, and - _ . in between, "
            f"{_LONGEST} characters at most"
        )
    words = re.split(r"[-_.]+", project)
    normal = "-".join(words).lower()
    return Names(
        project=normal,
        module=normal.replace("-", "_"),
        path=f"/api/{normal}",
        title=" ".join(word[:1].upper() + word[1:] for word in words),
    )


def problems(names: Names, taken: Taken) -> Iterator[str]:
    """Why these names cannot be used, an English sentence each."""
    module = names.module
    if not module.isidentifier() or keyword.iskeyword(module):
        yield f"{module} cannot be the name of a Python package"
    elif module in sys.stdlib_module_names or taken.is_module(module):
        yield f"there is a Python module {module} already"
    if module in taken.names:
        yield f"the name {module} is taken by a plugin, panel, blueprint or task kind"
    for path in sorted(taken.paths):
        if path == names.path or path.startswith(f"{names.path}/"):
            yield f"the path {path} is answered already"
