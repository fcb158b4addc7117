"""Which blueprints are taken in, and that a refused one leaves no trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest
from flask import Blueprint

from api_blueprints.base import ApiBaseImpl, StrictBlueprint
from api_blueprints.registrar import BlueprintRefusedError, BlueprintRegistrar
from hookspecs import TaskService

NO_TASKS = cast(TaskService, None)


def blueprint(name: str, *routes: tuple[str, Sequence[str]]) -> StrictBlueprint:
    made = ApiBaseImpl(NO_TASKS).blueprint(name, "Only for tests")
    for number, (path, methods) in enumerate(routes):

        def view(**_parts: str) -> dict[str, str]:
            return {}

        made.route(path, methods=list(methods), endpoint=f"view{number}")(view)
    return made


@pytest.fixture
def registrar() -> BlueprintRegistrar:
    registrar = BlueprintRegistrar()
    registrar.add(
        "host",
        blueprint(
            "tasks",
            ("/api/sync/status/<task_id>", ["GET"]),
            ("/api/plugins", ["GET"]),
            ("/api/files/<path:name>", ["GET"]),
        ),
    )
    return registrar


def test_routes_are_reported(registrar: BlueprintRegistrar) -> None:
    made = blueprint("more", ("/api/more", ["GET", "POST"]), ("/api/more/<int:n>", ["DELETE"]))
    assert registrar.add("p", made) == (
        "GET /api/more",
        "POST /api/more",
        "DELETE /api/more/<int:n>",
    )
    assert registrar.blueprints[1] is made


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/plugins", "GET"),
        ("/api/plugins/", "GET"),
        ("/api/<anything>", "GET"),
        ("/<path:everything>", "GET"),
        ("/api/sync/status/list", "GET"),
        ("/api/sync/status/<int:number>", "GET"),
        ("/api/sync/status/pre<x>post", "GET"),
        ("/api/<a>/status/<b>", "GET"),
        ("/api/files/a/b/c", "GET"),
        ("/api/docs", "GET"),
        ("/api/docs/more", "GET"),
        ("/api/openapi.json", "GET"),
        ("/api/plugins", "HEAD"),
    ],
)
def test_answered_routes_are_refused(registrar: BlueprintRegistrar, path: str, method: str) -> None:
    with pytest.raises(BlueprintRefusedError, match="already answered"):
        registrar.add("p", blueprint("p", ("/api/fine", ["GET"]), (path, [method])))
    assert len(registrar.blueprints) == 1
    registrar.add("q", blueprint("p", ("/api/fine", ["GET"])))


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/plugins", "POST"),
        ("/api/plugins/below", "GET"),
        ("/api/sync/status", "GET"),
        ("/api/sync/status/<task_id>/more", "GET"),
        ("/api/files", "GET"),
        ("/api/sync/<a>", "GET"),
        ("/", "GET"),
    ],
)
def test_other_routes_are_taken(registrar: BlueprintRegistrar, path: str, method: str) -> None:
    assert registrar.add("p", blueprint("p", (path, [method]))) == (f"{method} {path}",)


def test_name_that_is_taken(registrar: BlueprintRegistrar) -> None:
    for name in ("tasks", "docs"):
        with pytest.raises(BlueprintRefusedError, match="is taken"):
            registrar.add("p", blueprint(name, ("/api/fine", ["GET"])))


def test_operation_id_that_is_taken(registrar: BlueprintRegistrar) -> None:
    made = ApiBaseImpl(NO_TASKS).blueprint("p", "")

    @made.route("/api/fine")
    @made.doc(operationId="tasks_view0_get")
    def view() -> dict[str, str]:
        return {}

    with pytest.raises(BlueprintRefusedError, match="operation id 'tasks_view0_get' is taken"):
        registrar.add("p", made)


@pytest.mark.parametrize("thing", [None, "text", Blueprint("plain", __name__)])
def test_other_things(registrar: BlueprintRegistrar, thing: object) -> None:
    with pytest.raises(BlueprintRefusedError, match="not made by"):
        registrar.add("p", thing)


def test_blueprint_that_raises_when_registered(registrar: BlueprintRegistrar) -> None:
    made = blueprint("p", ("/api/fine", ["GET"]), ("no slash", ["GET"]))

    def explode(_state: object) -> None:
        raise RuntimeError("boom")

    made.record(explode)
    with pytest.raises(BlueprintRefusedError, match="cannot be registered"):
        registrar.add("p", made)
    registrar.add("q", blueprint("q", ("/api/fine", ["GET"])))


def test_withdrawn_routes_are_free(registrar: BlueprintRegistrar) -> None:
    registrar.add("p", blueprint("p", ("/api/fine", ["GET"])))
    registrar.withdraw("p")
    assert len(registrar.blueprints) == 1
    registrar.add("q", blueprint("p", ("/api/fine", ["GET"])))
