"""What a plugin brings, checked piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

from hookspecs import HealthCheck, PanelSpec, TaskKind
from plugin_host.call import PluginError
from sync_core.task_status import COMMON_FIELDS

T = TypeVar("T")

_IDENTIFIER = re.compile(r"[a-z0-9_]+")
_AREAS = ("centre", "right", "bottom")


@dataclass(frozen=True)
class OwnedPanel:
    """A panel and the name of the plugin that is to blame if it fails."""

    plugin: str
    spec: PanelSpec


@dataclass(frozen=True)
class Offer:
    """Everything that one plugin brings."""

    task_kinds: tuple[TaskKind, ...] = ()
    blueprints: tuple[Blueprint, ...] = ()
    panels: tuple[PanelSpec, ...] = ()
    health_checks: tuple[HealthCheck, ...] = ()


def offered(hook: str, wanted: type[T], answers: Sequence[Any]) -> tuple[T, ...]:
    """The pieces in the answers to ``hook``, each a sound ``wanted``.

    Raises ``PluginError`` for anything but lists or tuples of sound pieces.
    """
    pieces: list[T] = []
    for answer in answers:
        if not isinstance(answer, (list, tuple)):
            raise PluginError(
                f"{hook} returned a {type(answer).__name__}, not a list of {wanted.__name__}"
            )
        for piece in answer:
            if not isinstance(piece, wanted):
                raise PluginError(
                    f"{hook} returned a list with a {type(piece).__name__}, not {wanted.__name__}"
                )
            for problem in _CHECKS.get(wanted, _nothing)(piece):
                raise PluginError(f"{hook}: {problem}")
            pieces.append(piece)
    return tuple(pieces)


def _panel_problems(panel: PanelSpec) -> Iterator[str]:
    if not isinstance(panel.id, str) or not _IDENTIFIER.fullmatch(panel.id):
        yield f"panel id {panel.id!r} is not made of a-z, 0-9 and _"
    if not isinstance(panel.title, str) or not panel.title:
        yield f"panel {panel.id} has no title"
    if not callable(panel.factory):
        yield f"panel {panel.id}: its factory cannot be called"
    if panel.area not in _AREAS:
        yield f"panel {panel.id}: area {panel.area!r} is none of {', '.join(_AREAS)}"
    if not isinstance(panel.icon, str):
        yield f"panel {panel.id}: its icon is not a name"
    if isinstance(panel.order, bool) or not isinstance(panel.order, (int, float)):
        yield f"panel {panel.id}: its order is not a number"


def _kind_problems(kind: TaskKind) -> Iterator[str]:
    if not isinstance(kind.name, str) or not _IDENTIFIER.fullmatch(kind.name):
        yield f"task kind {kind.name!r} is not made of a-z, 0-9 and _"
    if not isinstance(kind.status_schema, type) or not issubclass(kind.status_schema, Schema):
        yield f"task kind {kind.name}: its status_schema is not a marshmallow schema class"
    if not callable(kind.prepare):
        yield f"task kind {kind.name}: its prepare cannot be called"
    shown = {item.data_key or name for name, item in kind.status_schema().fields.items()}
    common = sorted(shown.intersection(COMMON_FIELDS))
    if common:
        yield f"task kind {kind.name}: fields {', '.join(common)} are common to all kinds"


def _health_problems(check: HealthCheck) -> Iterator[str]:
    if not isinstance(check.name, str) or not check.name:
        yield f"health check {check.name!r} has no name"
    if not callable(check.run):
        yield f"health check {check.name}: its run cannot be called"


def _nothing(_piece: object) -> Iterator[str]:
    return iter(())


_CHECKS: dict[type, Callable[[Any], Iterator[str]]] = {
    PanelSpec: _panel_problems,
    TaskKind: _kind_problems,
    HealthCheck: _health_problems,
}
