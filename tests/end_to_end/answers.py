"""What every answer must be like, by the published OpenAPI document and by plain arithmetic."""

from __future__ import annotations

from typing import Any

import requests
from openapi_schema_validator import OAS30Validator

from sync_core.error_catalogue import task_error

SKIPPED = "skipped"
EXACTLY_ENDED = ("completed", "failed", "cancelled")


class Contract:
    """The program's own OpenAPI document, used against its answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def check(self, name: str, body: Any) -> None:
        """``body`` is what the schema ``name`` says."""
        components = self._document["components"]
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        OAS30Validator(schema).validate(body)

    def check_answer(self, answer: requests.Response, path: str, method: str) -> None:
        """Status and body of ``answer`` are documented for the operation."""
        documented = self._document["paths"][path][method]["responses"]
        found = documented.get(str(answer.status_code), documented.get("default"))
        assert found is not None, f"{method} {path} answered {answer.status_code}"
        if "$ref" in found:
            found = self._document["components"]["responses"][found["$ref"].rpartition("/")[2]]
        media_type = answer.headers["Content-Type"].partition(";")[0]
        assert media_type in found["content"], f"{method} {path} answered {media_type}"

    def check_status(self, status: dict[str, Any]) -> None:
        """A status of any kind and state holds what is documented, and is true in itself."""
        self.check("TaskStatus", status)
        self.check("SinglePatientTaskStatus", status)
        if status["status"] not in EXACTLY_ENDED:
            assert status["execution_time_ms"] is None
            return
        assert sum(status["timing_ms"].values()) == status["execution_time_ms"]
        assert set(status["timing_ms"]) == {"queue", "calldoc", "sqlhk", "other"}
        assert min(status["timing_ms"].values()) >= 0
        assert status["sqlhk_sync"]["rows_outside_scope"] == 0
        _check_ledger(status)
        _check_end(status)


def _check_ledger(status: dict[str, Any]) -> None:
    ledger = status["appointments"]
    ids = [line["appointment_id"] for line in ledger["items"]]
    known = [item for item in ids if item is not None]
    assert len(known) == len(set(known)), "one line for each appointment id"
    processed = sum(line["outcome"] != SKIPPED for line in ledger["items"])
    assert ledger["processed"] == processed
    for line in ledger["items"]:
        assert (line["reason"] is None) == (line["outcome"] != SKIPPED), line


def _check_end(status: dict[str, Any]) -> None:
    if status["status"] == "failed":
        code = status["error_code"]
        assert status["safe_to_retry"] is task_error(code).safe_to_retry
        assert status["error"]
        assert status["appointments"]["processed"] == 0
        assert status["sqlhk_sync"]["changes"] == []
        assert status["sqlhk_sync"]["action"] is None
        assert ("mismatch" in status) == (code == "patient_mismatch")
    else:
        assert status["error"] is None
        assert status["error_code"] is None
        assert status["safe_to_retry"] is None
    if status["status"] == "completed":
        assert status["progress"]["stage"] == "done"
        assert status["progress"]["percent"] == 100
        assert status["sqlhk_sync"]["action"] is not None
    assert (status["plan_token"] is not None) == (
        status["dry_run"] and status["status"] == "completed"
    )


def problem(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, which must be one with exactly this status and code."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    ), answer.text
    document: dict[str, Any] = answer.json()
    assert document["code"] == code, document
    assert document["status"] == status
    assert document["type"] == f"/api/docs/errors#{code}"
    assert document["title"]
    assert document["error"] == document["detail"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["X-Request-ID"]
    return document


def reasons(status: dict[str, Any]) -> dict[Any, str | None]:
    """The ledger: why each appointment was skipped; None when it was not."""
    return {line["appointment_id"]: line["reason"] for line in status["appointments"]["items"]}


def outcomes(status: dict[str, Any]) -> dict[Any, str]:
    """The ledger: what became of each appointment."""
    return {line["appointment_id"]: line["outcome"] for line in status["appointments"]["items"]}


def warning_codes(status: dict[str, Any]) -> set[str]:
    """The codes of the warnings."""
    return {warning["code"] for warning in status["warnings"]}
