"""Taking in blueprints one by one: one that cannot be served is refused, the others stay.

flask itself lets the first of two equal routes answer in silence and raises halfway through a
bad blueprint; so each one is tried on a throw-away application together with those already
accepted, before it may come near the real one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from api_blueprints import docs
from api_blueprints.base import StrictBlueprint
from api_blueprints.documented_api import DocumentedApi
from sync_core.errors import SyncGuiError

_AUTOMATIC = {"OPTIONS"}
_PARAMETER = re.compile(r"<([^<>]+)>")
_ONE, _MANY = "\0", "\1"


class BlueprintRefusedError(SyncGuiError):
    """A blueprint cannot be served; the message is the reason, in English."""


@dataclass(frozen=True)
class _Route:
    """One method and path; ``segments`` are None where the path has a parameter."""

    method: str
    path: str
    segments: tuple[str | None, ...]
    open_ended: bool
    owner: str

    def meets(self, other: _Route) -> bool:
        """Whether some request would be answered by both."""
        if self.method != other.method:
            return False
        for mine, theirs in zip(self.segments, other.segments, strict=False):
            if mine is not None and theirs is not None and mine != theirs:
                return False
        mine_count, their_count = len(self.segments), len(other.segments)
        if mine_count == their_count:
            return True
        return self.open_ended if mine_count < their_count else other.open_ended


class BlueprintRegistrar:
    """The blueprints of all plugins, in the order in which they were accepted.

    Not for several threads at once: plugins are loaded one after the other.
    """

    def __init__(self) -> None:
        self._accepted: list[tuple[str, StrictBlueprint]] = []
        self._routes: list[_Route] = []
        own = Flask("routes")
        own.register_blueprint(docs.create_blueprint(bytes))
        self._own_routes = tuple(_routes(own, "the program", "docs"))

    @property
    def blueprints(self) -> tuple[StrictBlueprint, ...]:
        """All accepted blueprints."""
        return tuple(blueprint for _, blueprint in self._accepted)

    def add(self, plugin_name: str, blueprint: object) -> tuple[str, ...]:
        """Accept a plugin's blueprint and return its routes (``GET /api/plugins`` …).

        Raises :class:`BlueprintRefusedError`: it was not made by ``context.api.blueprint``, its
        name is taken, one of its methods and paths is already answered (a path parameter stands
        for anything), or flask or the documentation cannot take it.
        """
        if not isinstance(blueprint, StrictBlueprint):
            raise BlueprintRefusedError("a blueprint was not made by context.api.blueprint")
        if blueprint.name == "docs" or any(b.name == blueprint.name for b in self.blueprints):
            raise BlueprintRefusedError(f"the blueprint name {blueprint.name!r} is taken")
        app = self._trial(blueprint)
        routes = list(_routes(app, plugin_name, blueprint.name))
        for route in routes:
            for other in (*self._own_routes, *self._routes):
                if route.meets(other):
                    raise BlueprintRefusedError(
                        f"{route.method} {route.path} is already answered by {other.owner}"
                        f" ({other.path})"
                    )
        self._accepted.append((plugin_name, blueprint))
        self._routes.extend(routes)
        return tuple(f"{route.method} {route.path}" for route in routes if route.method != "HEAD")

    def withdraw(self, plugin_name: str) -> None:
        """Forget everything a plugin brought, because it failed later on."""
        self._accepted = [item for item in self._accepted if item[0] != plugin_name]
        self._routes = [route for route in self._routes if route.owner != plugin_name]

    def _trial(self, candidate: StrictBlueprint) -> Flask:
        app = Flask("trial")
        api = DocumentedApi(app, "0")
        try:
            for blueprint in (*self.blueprints, candidate):
                api.register_blueprint(blueprint)
            _refuse_equal_ids(api.spec.to_dict())
        except BlueprintRefusedError:
            raise
        except Exception as error:  # the edge: whatever flask or apispec make of a plugin
            logging.getLogger(__name__).debug("a blueprint was refused", exc_info=error)
            raise BlueprintRefusedError(
                f"the blueprint {candidate.name!r} cannot be registered: {error}"
            ) from error
        return app


def _refuse_equal_ids(document: dict[str, dict[str, dict[str, object]]]) -> None:
    seen = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            name = operation.get("operationId") if isinstance(operation, dict) else None
            if name is not None and name in seen:
                raise BlueprintRefusedError(f"the operation id {name!r} is taken")
            seen.add(name)


def _routes(app: Flask, owner: str, blueprint_name: str) -> Iterator[_Route]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{blueprint_name}."):
            segments, open_ended = _segments(rule)
            for method in sorted(set(rule.methods or ()) - _AUTOMATIC):
                yield _Route(method, rule.rule, segments, open_ended, owner)


def _segments(rule: Rule) -> tuple[tuple[str | None, ...], bool]:
    """The parts of a rule's path, None for one with a parameter; whether the last one is of any
    length, as ``<path:…>`` is. What follows such a one does not count."""
    segments: list[str | None] = []
    converters = rule._converters
    text = _PARAMETER.sub(
        lambda found: _ONE if converters[found[1].rpartition(":")[2]].part_isolating else _MANY,
        rule.rule,
    )
    for part in text.strip("/").split("/"):
        if _MANY in part:
            return (*segments, None), True
        segments.append(None if _ONE in part else part)
    return tuple(segments), False
