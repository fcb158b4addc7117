"""Reading an OpenAPI document: its operations, references followed, its examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from openapi_schema_validator import OAS30Validator, oas30_format_checker

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One call: method and path as documented, and what is said about it."""

    method: str
    path: str
    told: Mapping[str, Any]
    shared_parameters: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@dataclass(frozen=True)
class Example:
    """An example, where it stands, and the schema that it is one of."""

    where: str
    schema: Mapping[str, Any]
    value: Any


class Document:
    """A document with everything that references in it lead to."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.whole = document
        self._components = _closed(document["components"])

    def operations(self) -> Iterator[Operation]:
        """All calls."""
        for path, item in self.whole["paths"].items():
            for method in METHODS:
                if method in item:
                    shared = tuple(item.get("parameters", ()))
                    yield Operation(method, path, item[method], shared)

    def follow(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node itself, or what it refers to."""
        while "$ref" in node:
            found: Any = self.whole
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def answers(self, operation: Operation) -> dict[str, Mapping[str, Any]]:
        """The documented answers by status, references followed."""
        return {
            status: self.follow(answer) for status, answer in operation.told["responses"].items()
        }

    def parameters(self, operation: Operation) -> list[Mapping[str, Any]]:
        """What may be sent besides a body, references followed."""
        nodes = (*operation.shared_parameters, *operation.told.get("parameters", ()))
        return [self.follow(node) for node in nodes]

    def examples(self, operation: Operation) -> Iterator[Example]:
        """Every example of a call: of what it takes, of its answers, of their headers."""
        for parameter in self.parameters(operation):
            yield from self._of(parameter, f"{operation} {parameter['name']}")
        contents = {"request": operation.told.get("requestBody", {}), **self.answers(operation)}
        for place, holder in contents.items():
            for kind, media in holder.get("content", {}).items():
                yield from self._of(media, f"{operation} {place} {kind}")
            for name, header in holder.get("headers", {}).items():
                told = self.follow(header)
                for media in told.get("content", {}).values():
                    yield from self._of(media, f"{operation} {place} {name}")
                yield from self._of(told, f"{operation} {place} {name}")

    def check(self, value: Any, schema: Mapping[str, Any]) -> None:
        """``value`` is what the schema says, and holds no field that the document does not name."""
        whole = {**_closed(schema), "components": self._components}
        OAS30Validator(whole, format_checker=oas30_format_checker).validate(value)

    @staticmethod
    def _of(holder: Mapping[str, Any], where: str) -> Iterator[Example]:
        if "example" in holder:
            yield Example(where, holder["schema"], holder["example"])
        for name, example in holder.get("examples", {}).items():
            yield Example(f"{where} {name}", holder["schema"], example["value"])


def _closed(node: Any) -> Any:
    """A copy in which objects have the named fields only, though clients must expect more."""
    closed = deepcopy(node)
    for inner in _objects(closed):
        if isinstance(inner.get("properties"), dict) and inner.get("type") == "object":
            inner.setdefault("additionalProperties", False)
    return closed


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from _objects(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _objects(inner)
