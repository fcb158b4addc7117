"""The documentation: valid, complete, and usable without internet access."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from jsonschema.exceptions import ValidationError
from marshmallow import Schema, fields
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from api_blueprints.schemas import CommonStatusSchema
from hookspecs import TaskKind
from sync_core.error_catalogue import HTTP_ERRORS, TASK_ERRORS
from sync_core.settings import ApiSettings
from sync_core.task_service import RegistryTaskService
from sync_core.task_status import COMMON_FIELDS
from tests.api.house import Gates, House, make_app, waiting_kind

EVERYWHERE = ("X-Request-ID", "Cache-Control")
"""The headers that every answer has."""


class Loads(HTMLParser):
    """What a page loads and where it leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"] or "")
        if tag == "a":
            self.links.append(values["href"] or "")
        elif tag == "link":
            self.loads.append(values["href"] or "")
        elif "src" in values:
            self.loads.append(values["src"] or "")
        elif tag == "script" or any(name.startswith("on") for name in values):
            self.inline = True


def test_page_works_offline(house: House) -> None:
    answer = requests.get(f"{house.server.url}/api/docs")
    assert answer.headers["Content-Type"].startswith("text/html")
    page = Loads(answer.text)
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert not page.inline
    assert len(page.loads) == 4
    types = set()
    for path in page.loads:
        loaded = requests.get(f"{house.server.url}{path}")
        assert loaded.status_code == 200, path
        assert loaded.content
        types.add(loaded.headers["Content-Type"].split(";")[0])
    assert types == {"text/css", "text/javascript", "image/png"}
    start = requests.get(f"{house.server.url}/api/docs/start.js").text
    assert re.findall(r"https?:", start) == []
    assert '"/api/openapi.json"' in start


def test_error_page_works_offline(house: House) -> None:
    answer = requests.get(f"{house.server.url}/api/docs/errors")
    assert answer.headers["Content-Type"].startswith("text/html")
    page = Loads(answer.text)
    assert "://" not in answer.text
    assert not page.inline
    assert page.loads == []
    assert "url(" not in answer.text


def test_pages_lead_to_our_own_pages_only(house: House) -> None:
    for path in ("/api/docs", "/api/docs/errors"):
        for link in Loads(requests.get(f"{house.server.url}{path}").text).links:
            assert link.startswith("/")
            assert requests.get(f"{house.server.url}{link}").status_code == 200


def test_what_the_document_refers_to_is_ours(house: House) -> None:
    """Swagger UI loads what a reference names; only a licence's address is told, not loaded."""
    text = requests.get(f"{house.server.url}/api/openapi.json").text
    assert re.findall(r'"\$ref": "(?!#/)[^"]*"', text) == []
    assert set(re.findall(r"https?://[^\s\"]+", text)) == {
        "https://spdx.org/licenses/GPL-3.0-or-later.html"
    }


def test_examples_are_what_the_page_shows_first(house: House) -> None:
    start = requests.get(f"{house.server.url}/api/docs/start.js").text
    assert 'defaultModelRendering: "example"' in start


def test_style_sheet_loads_nothing_foreign(house: House) -> None:
    style = requests.get(f"{house.server.url}/api/docs/swagger-ui.css").text
    loads = re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")\s]+)", style)
    assert all(load.startswith("data:") for load in loads)


def test_policy_allows_our_own_scripts_only(house: House) -> None:
    for path in ("/api/docs", "/api/docs/errors"):
        policy = requests.get(f"{house.server.url}{path}").headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "default-src 'none'" in policy


def test_only_the_needed_files_are_served(house: House) -> None:
    for name in ("LICENSE", "../__init__.py", "%2e%2e/__init__.py", "index.css", "a/b", ""):
        assert requests.get(f"{house.server.url}/api/docs/{name}").status_code == 404


def test_every_code_has_its_place_on_the_error_page(house: House) -> None:
    answer = requests.get(f"{house.server.url}/api/docs/errors")
    ids = Loads(answer.text).ids
    assert len(ids) == len(set(ids)) == len(HTTP_ERRORS) + len(TASK_ERRORS)
    assert {entry.code for entry in (*HTTP_ERRORS, *TASK_ERRORS)} <= set(ids)
    assert "`" not in answer.text


def document_of(house: House) -> dict[str, Any]:
    answer = requests.get(f"{house.server.url}/api/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    document: dict[str, Any] = answer.json()
    return document


def test_document_is_valid_openapi(house: House) -> None:
    document = document_of(house)
    OpenAPIV30SpecValidator(document).validate()
    assert document["openapi"] == "3.0.3"
    assert document["info"]["version"] == "9.8.7"
    assert document["info"]["license"]["name"] == "GPL-3.0-or-later"


def test_operation_ids_are_stable(house: House) -> None:
    paths = document_of(house)["paths"]
    ids = {
        (method, path): operation["operationId"]
        for path, item in paths.items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
    assert len(set(ids.values())) == len(ids)
    assert ids["get", "/health"] == "get_health"
    assert ids["get", "/health/ready"] == "get_readiness"
    assert ids["get", "/api/plugins"] == "list_plugins"
    assert ids["get", "/api/sync/active"] == "list_active_tasks"
    assert ids["get", "/api/sync/status/{task_id}"] == "get_task_status"
    assert ids["get", "/api/sync/history"] == "list_ended_tasks"
    assert ids["post", "/api/sync/cancel/{task_id}"] == "cancel_task"
    assert ids["post", "/api/echo"] == "echo_echo_post"


def test_every_operation_documents_its_errors_as_problems(house: House) -> None:
    document = document_of(house)
    for path, item in document["paths"].items():
        for operation in item.values():
            if isinstance(operation, dict):
                reference = operation["responses"]["default"]["$ref"]
                assert reference == "#/components/responses/DEFAULT_ERROR", path
    error = document["components"]["responses"]["DEFAULT_ERROR"]
    assert list(error["content"]) == ["application/problem+json"]
    code = document["components"]["schemas"]["Problem"]["properties"]["code"]
    assert set(code["x-extensible-enum"]) == {entry.code for entry in HTTP_ERRORS}
    assert "enum" not in code, "clients must expect further codes"


def test_status_is_documented_by_kind(house: House) -> None:
    document = document_of(house)
    schemas = document["components"]["schemas"]
    status = schemas["TaskStatus"]
    assert status["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"waiting": "#/components/schemas/WaitingTaskStatus"},
    }
    assert {one["$ref"].rpartition("/")[2] for one in status["oneOf"]} == {
        "WaitingTaskStatus",
        "OtherTaskStatus",
    }
    fields_of_kind = schemas["WaitingTaskStatus"]["properties"]
    assert set(fields_of_kind) == {*COMMON_FIELDS, "waited"}
    assert fields_of_kind["kind"] == {"type": "string", "enum": ["waiting"]}
    answer = document["components"]["responses"]["TaskStatusAnswer"]["content"]["application/json"]
    assert answer["examples"]["waiting"]["value"] == {"kind": "waiting"}
    get = document["paths"]["/api/sync/status/{task_id}"]["get"]
    assert get["responses"]["200"] == {"$ref": "#/components/responses/TaskStatusAnswer"}


def test_what_a_call_takes_and_answers_that_starts_a_task(house: House) -> None:
    document = document_of(house)
    components = document["components"]
    post = document["paths"]["/api/sync/numbered"]["post"]
    taken = [components["parameters"][ref["$ref"].rpartition("/")[2]] for ref in post["parameters"]]
    assert [(one["in"], one["name"]) for one in taken] == [
        ("header", "Idempotency-Key"),
        ("header", "Prefer"),
    ]
    assert re.fullmatch(taken[0]["schema"]["pattern"], taken[0]["example"])
    assert not any(one.get("required") for one in taken)
    refusals = {"400", "401", "403", "409", "413", "415", "422", "429", "500", "503"}
    assert set(post["responses"]) == {"200", "202", "default"} | refusals

    def answer(status: str) -> dict[str, Any]:
        name = post["responses"][status]["$ref"].rpartition("/")[2]
        found: dict[str, Any] = components["responses"][name]
        return found

    assert set(answer("200")["headers"]) == {*EVERYWHERE, "Preference-Applied"}
    assert answer("200")["content"]["application/json"]["examples"]["waiting"]
    headers = {"Location", "Retry-After", "Preference-Applied"}
    assert set(answer("202")["headers"]) == {*EVERYWHERE, *headers}
    example = answer("202")["content"]["application/json"]["example"]
    schema = {"$ref": "#/components/schemas/Accepted", "components": components}
    OAS30Validator(schema).validate(example)
    cancelled = document["paths"]["/api/sync/cancel/{task_id}"]["post"]["responses"]
    accepted = components["responses"][cancelled["202"]["$ref"].rpartition("/")[2]]
    assert set(accepted["headers"]) == {*EVERYWHERE, "Location", "Retry-After"}
    assert {"404", "409"} < set(cancelled)


def test_queries_are_documented_with_their_limits(house: House) -> None:
    document = document_of(house)

    def query(path: str) -> dict[str, Any]:
        parameters = document["paths"][path]["get"]["parameters"]
        return {one["name"]: one["schema"] for one in parameters if one["in"] == "query"}

    wait = query("/api/sync/status/{task_id}")["wait"]
    assert (wait["type"], wait["minimum"], wait["maximum"]) == ("integer", 0, 30)
    history = query("/api/sync/history")
    assert (history["page_size"]["default"], history["page_size"]["maximum"]) == (50, 200)
    assert history["status"]["enum"] == ["completed", "failed", "cancelled"]
    assert set(history) == {"page", "page_size", "status", "kind"}
    answer = document["components"]["responses"]["EndedTasksAnswer"]
    assert answer["headers"]["X-Pagination"] == {"$ref": "#/components/headers/PAGINATION"}
    assert "PAGINATION" in document["components"]["headers"]


def test_real_answers_are_as_documented(house: House, service: RegistryTaskService) -> None:
    url = house.server.url
    document = document_of(house)

    def check(name: str, answer: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        OAS30Validator(schema).validate(answer)

    accepted = requests.post(f"{url}/api/sync/waiting").json()
    check("Accepted", accepted)
    check("TaskStatus", requests.get(f"{url}{accepted['status_url']}").json())
    for task in requests.get(f"{url}/api/sync/active").json()["tasks"]:
        check("TaskStatus", task)
    house.gates.leave.set()
    service.wait(accepted["task_id"], 5)
    ended = requests.get(f"{url}{accepted['status_url']}").json()
    check("TaskStatus", ended)
    check("OtherTaskStatus", {**ended, "kind": "of a plugin that is gone", "its": {"own": 1}})
    with pytest.raises(ValidationError):
        check("OtherTaskStatus", ended)
    with pytest.raises(ValidationError):
        check("TaskStatus", {**ended, "waited": "text"})
    check("Problem", requests.post(f"{url}/api/echo", json={}).json())
    check("Health", requests.get(f"{url}/health").json())
    check("Ready", requests.get(f"{url}/health/ready").json())
    check("Plugins", requests.get(f"{url}/api/plugins").json())


def test_common_fields_are_those_of_the_status_body() -> None:
    assert tuple(CommonStatusSchema().fields) == COMMON_FIELDS


def test_kind_that_cannot_be_documented_leaves_the_others(
    service: RegistryTaskService, gates: Gates
) -> None:
    def kind_schema(**twin: fields.Field) -> type[Schema]:
        # Two plugins that happen to call a schema alike.
        nested = type("TwinSchema", (Schema,), twin)
        return type("Status", (Schema,), {"one": fields.Integer(), "twin": fields.Nested(nested)})

    first, second = kind_schema(left=fields.Integer()), kind_schema(right=fields.Integer())

    def kind(name: str, schema: Any) -> TaskKind:
        return TaskKind(name, name, schema, {"kind": name}, waiting_kind(gates).prepare)

    kinds = [kind("first", first), kind("broken", 7), kind("second", second)]
    app = make_app(service, gates, ApiSettings(), kinds=kinds)
    answer = app.test_client().get("/api/openapi.json")
    assert answer.json is not None
    OpenAPIV30SpecValidator(answer.json).validate()
    schemas = answer.json["components"]["schemas"]
    assert set(schemas["FirstTaskStatus"]["properties"]) == {*COMMON_FIELDS, "one", "twin"}
    assert set(schemas["Twin"]["properties"]) == {"left"}
    assert set(schemas["Twin2"]["properties"]) == {"right"}
    assert set(schemas["TaskStatus"]["discriminator"]["mapping"]) == {"first", "second"}


def test_without_kinds_the_document_is_valid(service: RegistryTaskService, gates: Gates) -> None:
    app = make_app(service, gates, ApiSettings(), kinds=[])
    answer = app.test_client().get("/api/openapi.json")
    assert answer.json is not None
    OpenAPIV30SpecValidator(answer.json).validate()
