"""The OpenAPI side: flask-smorest's ``Api`` with our error answers, and statuses by kind.

The host knows no kind's fields. Each kind brings a schema and an example; here they become one
``oneOf`` that every operation answering with a status refers to by name.
"""

from __future__ import annotations

import http
import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import make_schema_key, resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_smorest import Api
from flask_smorest.pagination import PaginationMetadataSchema
from flask_smorest.utils import prepare_response

from api_blueprints.documented_answers import (
    PAGINATION_EXAMPLE,
    document_answers,
    document_parameters,
)
from api_blueprints.documented_headers import document_headers
from api_blueprints.documented_refusals import RefusalAnswers, codes_of_no_call, refusal_answer
from api_blueprints.problems import PROBLEM_CONTENT_TYPE
from api_blueprints.schemas import CommonStatusSchema, ProblemSchema
from hookspecs import TaskKind

_REF = "#/components/schemas/"
_KEY = "Needed if an API key is set:"
_DESCRIPTION = """\
Carries appointments from CallDoc to the SQLHK registry.

Fields and codes are only ever added, never renamed or removed: ignore those that you do not know.
Every refusal is a problem document (RFC 9457) and carries a `code`.
"""


class DocumentedApi(Api):  # type: ignore[misc]  # the library has no types
    """flask-smorest's ``Api``: problem documents as errors, no documentation pages of its own.

    It registers no error handlers: :mod:`api_blueprints.problems` does. ``refusals`` are the
    documented answers that refuse.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask, version: str) -> None:
        app.config.update(
            API_TITLE="Sync GUI API",
            API_VERSION=version,
            OPENAPI_VERSION="3.0.3",
        )
        super().__init__(
            app,
            spec_kwargs={
                "marshmallow_plugin": _Schemas(schema_name_resolver=_UniqueNames()),
                "info": {
                    "description": _DESCRIPTION,
                    "license": {
                        "name": "GPL-3.0-or-later",
                        "url": "https://spdx.org/licenses/GPL-3.0-or-later.html",
                    },
                },
                # Either of the two; neither where no key is set.
                "security": [{}, {"bearer": []}, {"api_key": []}],
            },
        )
        components = self.spec.components
        components.security_scheme(
            "bearer",
            {
                "type": "http",
                "scheme": "bearer",
                "description": f"{_KEY} `Authorization: Bearer KEY`.",
            },
        )
        components.security_scheme(
            "api_key",
            {
                "type": "apiKey",
                "in": "header",
                "name": "X-API-Key",
                "description": f"{_KEY} `X-API-Key: KEY`.",
            },
        )
        document_headers(components)
        document_parameters(components)
        self.refusals = RefusalAnswers(self.spec)

    def _register_error_handlers(self) -> None:
        """Nothing: the application's own handlers answer."""

    def _register_responses(self) -> None:
        """Document error answers under their real content type."""
        for status in http.HTTPStatus:
            self._register_error_answer(status.name, status.phrase, status >= 400)
        others = refusal_answer(codes_of_no_call(), "Any error, told by `code`")
        self.spec.components.response("DEFAULT_ERROR", others, lazy=True)

    def _register_pagination_header(self) -> None:
        """Document ``X-Pagination`` as what it is: JSON inside a header."""
        self.spec.components.header(
            "PAGINATION",
            {
                "description": "How many there are in all, and which pages come before and after.",
                "content": {
                    "application/json": {
                        "schema": PaginationMetadataSchema,
                        "example": PAGINATION_EXAMPLE,
                    }
                },
                "required": True,
            },
            lazy=True,
        )

    def _register_error_answer(self, name: str, description: str, has_body: Any) -> None:
        answer: dict[str, Any] = {"description": description}
        if has_body:
            answer["schema"] = self.ERROR_SCHEMA
        prepare_response(answer, self.spec, PROBLEM_CONTENT_TYPE)
        self.spec.components.response(name, answer, lazy=True)

    def document_tasks(self, kinds: Sequence[TaskKind], logger: logging.Logger) -> None:
        """Document the status of each kind; one that cannot be documented is logged, left out."""
        components = self.spec.components
        names: dict[str, str] = {}
        examples: dict[str, Any] = {}
        for kind in kinds:
            try:
                names[kind.name] = self._document_kind(kind)
            except Exception:  # the edge: a plugin's schema; its status calls still work
                logger.exception("the status of kind %r cannot be documented", kind.name)
                continue
            examples[kind.name] = {"summary": kind.name, "value": dict(kind.example)}
        other = self._status_object({"not": {"enum": list(names)}} if names else {})
        components.schema("OtherTaskStatus", component={**other, "additionalProperties": True})
        refs = {kind: f"{_REF}{name}" for kind, name in names.items()}
        status: dict[str, Any] = {
            "oneOf": [{"$ref": ref} for ref in (*refs.values(), f"{_REF}OtherTaskStatus")]
        }
        if refs:
            status["discriminator"] = {"propertyName": "kind", "mapping": refs}
        components.schema("TaskStatus", component=status)
        document_answers(components, examples)

    def _document_kind(self, kind: TaskKind) -> str:
        own = self.ma_plugin.converter.schema2jsonschema(kind.status_schema())
        name = f"{''.join(part.title() for part in kind.name.split('_'))}TaskStatus"
        self.spec.components.schema(name, component=self._status_object({"enum": [kind.name]}, own))
        return name

    def _status_object(
        self, kind: dict[str, Any], own: Mapping[str, Any] = MappingProxyType({})
    ) -> dict[str, Any]:
        """The common fields and a kind's own as one object; ``allOf`` would not do, because
        each of two schemas that know only their own fields refuses the other's."""
        common = self.ma_plugin.converter.schema2jsonschema(CommonStatusSchema())
        return {
            "type": "object",
            "properties": {
                **common["properties"],
                **own.get("properties", {}),
                "kind": {"type": "string", **kind},
            },
            "required": sorted({*common["required"], *own.get("required", ())}),
        }


class _Converter(OpenAPIConverter):
    """apispec's converter, with two rules of ours.

    A schema's ``Meta.json_schema`` holds what its fields alone cannot say. A default that only
    means *not given* (null, for a field that must not be null) is not told.
    """

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        """The JSON schema of a marshmallow schema."""
        found = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]  # apispec's
        return {**found, **getattr(schema.Meta, "json_schema", {})}

    def field2property(self, field: Any) -> dict[str, Any]:
        """The JSON schema of a field."""
        found = super().field2property(field)
        if found.get("default", found) is None and not field.allow_none:
            del found["default"]
        return found


class _Schemas(MarshmallowPlugin):
    Converter = _Converter


class _UniqueNames:
    """Names of schemas in the document: the class name without ``Schema``, numbered when two
    plugins happen to use the same one (apispec would only warn)."""

    def __init__(self) -> None:
        self._taken: dict[str, Any] = {"TaskStatus": None, "OtherTaskStatus": None}

    def __call__(self, schema: Any) -> str:
        instance = resolve_schema_instance(schema)
        key = make_schema_key(instance)
        stem = type(instance).__name__.removesuffix("Schema") or "Schema"
        name, number = stem, 1
        while self._taken.setdefault(name, key) != key:
            number += 1
            name = f"{stem}{number}"
        return name
