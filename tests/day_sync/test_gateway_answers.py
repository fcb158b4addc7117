"""Every form in which the gateway answers, read by pure functions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_core.errors import SqlhkError, SqlhkUnavailableError
from sync_core.gateway_answers import read_sql_answer, read_upsert_answer


def body(document: Any, *, wrapped: bool = False) -> bytes:
    text = json.dumps(document)
    return (json.dumps({"content": [{"text": text}]}) if wrapped else text).encode()


@pytest.mark.parametrize("wrapped", [False, True])
def test_rows(wrapped: bool) -> None:
    rows = [{"PatientID": 1, "Nachname": "Ärmel"}]
    answer = body({"success": True, "rows": rows}, wrapped=wrapped)
    assert read_sql_answer(200, answer).rows == tuple(rows)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "does not return rows",
        "(sqlalchemy.exc.ResourceClosedError) This result object does not return rows",
        "This result object does not return rows. It has been closed automatically.",
        "Error: This result object DOES NOT RETURN ROWS.",
    ],
)
def test_no_rows_means_carried_out(text: str, wrapped: bool) -> None:
    answer = body({"success": False, "error": text}, wrapped=wrapped)
    assert read_sql_answer(200, answer).rows is None


@pytest.mark.parametrize(
    "error",
    ["Invalid column name 'does not return rows' in SQL", "Timeout expired", "", None, 7],
)
def test_every_other_failure_is_one_and_tells_nothing_foreign(error: Any) -> None:
    with pytest.raises(SqlhkError) as caught:
        read_sql_answer(200, body({"success": False, "error": error}))
    assert "Gateway" in caught.value.message
    assert "Timeout" not in caught.value.message


@pytest.mark.parametrize("status", [400, 401, 404, 422, 500])
def test_http_errors(status: int) -> None:
    with pytest.raises(SqlhkError, match=str(status)):
        read_sql_answer(status, body({"success": True, "rows": []}))


@pytest.mark.parametrize("status", [502, 503, 504])
def test_something_in_between_says_it_is_away(status: int) -> None:
    with pytest.raises(SqlhkUnavailableError, match="Gateway"):
        read_sql_answer(status, b"<html>")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b'{"success": true, "rows": [{"a": 1}',
        body([]),
        body({}),
        body({"success": "yes"}),
        body({"success": True, "rows": {}}),
        body({"success": True, "rows": [1]}),
        body({"content": []}),
        body({"content": [{"text": 7}]}),
        body({"content": [{"text": "no JSON"}]}),
        b"[" * 100_000,
    ],
)
def test_nonsense(answer: bytes) -> None:
    with pytest.raises(SqlhkError, match="Gateway"):
        read_sql_answer(200, answer)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_whatever_comes_is_read_or_refused(value: Any) -> None:
    for document in (value, {"success": value}, {"success": True, "rows": value}):
        try:
            rows = read_sql_answer(200, body(document)).rows
        except SqlhkError:
            continue
        assert rows is None or all(isinstance(row, dict) for row in rows)


@pytest.mark.parametrize("wrapped", [False, True])
def test_upsert(wrapped: bool) -> None:
    done = read_upsert_answer(
        200, body({"success": True, "operation_code": 2, "id": 815}, wrapped=wrapped)
    )
    assert (done.operation_code, done.key) == (2, 815)


@pytest.mark.parametrize(
    "document",
    [
        {"success": True},
        {"success": True, "operation_code": 3, "id": 1},
        {"success": True, "operation_code": True, "id": 1},
        {"success": False, "error": "x"},
    ],
)
def test_upsert_nonsense(document: Any) -> None:
    with pytest.raises(SqlhkError):
        read_upsert_answer(200, body(document))
