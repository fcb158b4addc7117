"""The two searches over real sockets, the options and the edits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import pytest

from demo import people
from demo.systems import DemoSystems
from tests.demo.client import appointments_url, call, request


def listed(systems: DemoSystems, **filters: Any) -> list[dict[str, Any]]:
    answer = call("GET", appointments_url(systems.calldoc_base_url, **filters))
    assert answer["count"] == len(answer["data"])
    entries: list[dict[str, Any]] = answer["data"]
    return entries


def found(systems: DemoSystems, piz: str) -> list[Any]:
    patients: list[Any] = call("POST", f"{systems.patient_url}/patients/search", {"piz": piz})[
        "patients"
    ]
    return patients


def test_type_filter_brings_strangers_too(systems: DemoSystems) -> None:
    entries = listed(systems, appointment_type_id=24)
    assert entries[0]["piz"] == "1234567"
    assert {entry["appointment_type"] for entry in entries[:-6]} == {24}
    assert all(entry["appointment_type"] != 24 for entry in entries[-6:-3])
    assert [entry["piz"] for entry in entries[-3:-1]] == [people.NIGHT.piz, "1234567"]
    assert entries[-2]["scheduled_for_datetime"].startswith("2025-10-07T")


def test_today_has_a_plan(systems: DemoSystems) -> None:
    answer = call("GET", appointments_url(systems.calldoc_base_url, "2026-03-09"))
    assert answer["data"][0]["piz"] == "1234567"
    assert answer["data"][0]["scheduled_for_datetime"] == "2026-03-09T08:00:00+01:00"


def test_filters_honoured(systems: DemoSystems) -> None:
    call("PUT", f"{systems.control_url}/options", {"filters": "honoured"})
    entries = listed(systems, appointment_type_id=24, room_id=54, status="created", employee_id=27)
    assert entries
    for entry in entries:
        kept = [entry[name] for name in ("appointment_type", "room", "status", "employee")]
        assert kept == [24, 54, "created", 27]
    assert [entry["id"] for entry in listed(systems, patient=4711)] == [244092]
    assert [patient["id"] for patient in found(systems, "1234567")] == [4711]


def test_filters_ignored(systems: DemoSystems) -> None:
    call("PUT", f"{systems.control_url}/options", {"filters": "ignored"})
    state = call("GET", f"{systems.control_url}/state")
    assert len(listed(systems, appointment_type_id=24)) == state["appointments"]


def test_old_field_names(systems: DemoSystems) -> None:
    options = call("PUT", f"{systems.control_url}/options", {"field_names": "old"})
    assert options == {
        "field_names": "old",
        "filters": "unreliable",
        "unknown_patient": "empty",
    }
    first = listed(systems, appointment_type_id=24)[0]
    assert first["appointment_type_id"] == 24
    assert "room" not in first


@pytest.mark.parametrize(
    "document", [{"filters": "sometimes"}, {"colour": "red"}, [], {"filters": ["honoured"]}]
)
def test_unknown_options_are_refused(systems: DemoSystems, document: Any) -> None:
    status, body = request("PUT", f"{systems.control_url}/options", document)
    assert status == 400, body
    assert call("GET", f"{systems.control_url}/options")["filters"] == "unreliable"


@pytest.mark.parametrize("query", ["", "?from_date=2025-10-06", "?from_date=x&to_date=2025-10-06"])
def test_dates_are_needed(systems: DemoSystems, query: str) -> None:
    status, _ = request("GET", f"{systems.calldoc_base_url}/appointment_search/{query}")
    assert status == 400


def test_patient_search_both_ways(systems: DemoSystems) -> None:
    by_body = found(systems, "1234567")
    assert [patient["piz"] for patient in by_body] == ["12345678", "1234567"]
    by_url = call(
        "GET",
        f"{systems.calldoc_base_url}/patient_search/"
        "?from_date=2025-10-06&to_date=2025-10-06&piz=1234567",
    )
    assert by_url == {"patients": by_body}


@pytest.mark.parametrize(
    ("manner", "status", "body"),
    [("empty", 200, b'{"patients": []}'), ("null", 200, b'{"patients": null}'), ("404", 404, None)],
)
def test_unknown_patient(systems: DemoSystems, manner: str, status: int, body: bytes) -> None:
    call("PUT", f"{systems.control_url}/options", {"unknown_patient": manner})
    answer = request(
        "POST", f"{systems.patient_url}/patients/search", {"piz": people.NOT_IN_PATIENT_SEARCH.piz}
    )
    assert answer[0] == status
    assert body is None or answer[1] == body


@pytest.mark.parametrize("document", [[], "1234567", None])
def test_unusable_patient_questions(systems: DemoSystems, document: Any) -> None:
    assert request("POST", f"{systems.patient_url}/patients/search", document)[0] == 400


def test_other_paths_are_not_found(systems: DemoSystems) -> None:
    for method, url in (
        ("GET", f"{systems.calldoc_base_url}/doctors"),
        ("POST", f"{systems.patient_url}/patients"),
        ("GET", f"{systems.control_url}/weather"),
        ("GET", systems.control_url.replace("_demo", "demo")),
        ("DELETE", f"{systems.control_url}/appointments/1"),
        ("PATCH", f"{systems.control_url}/patients/0815"),
    ):
        document = {} if method in ("POST", "PATCH") else None
        assert request(method, url, document)[0] == 404, url


def test_change_an_appointment(systems: DemoSystems) -> None:
    url = f"{systems.control_url}/appointments/244092"
    assert call("PATCH", url, {"employee": 50, "room": None}) == {"changed": 1}
    first = listed(systems)[0]
    assert (first["employee"], first["room"], first["status"]) == (50, None, "created")


def test_listed_twice_is_changed_twice_and_removed(systems: DemoSystems) -> None:
    (number,) = {e["id"] for e in listed(systems) if e["piz"] == people.LISTED_TWICE.piz}
    url = f"{systems.control_url}/appointments/{number}"
    assert call("PATCH", url, {"status": "no_show"}) == {"changed": 2}
    assert call("DELETE", url) == {"removed": 2}
    assert number not in {entry["id"] for entry in listed(systems)}


def test_verbatim_appointments(systems: DemoSystems) -> None:
    nonsense: list[Any] = [None, "text", 3, [], {}, {"id": None, "piz": {"deep": []}}]
    day = f"{systems.control_url}/days/2025-12-24"
    for entry in nonsense:
        if entry is not None:
            call("POST", f"{day}/appointments", entry)
    assert call("GET", day) == {"appointments": nonsense[1:]}
    assert call("PUT", day, {"appointments": nonsense}) == {"appointments": nonsense}
    call("PUT", f"{systems.control_url}/options", {"filters": "honoured"})
    answer = call("GET", appointments_url(systems.calldoc_base_url, "2025-12-24"))
    assert answer["data"] == nonsense


def test_generated_day_brings_its_patients(systems: DemoSystems) -> None:
    day = f"{systems.control_url}/days/2025-12-01"
    document = {"generated": {"count": 300, "seed": 1}}
    entries = call("PUT", day, document)["appointments"]
    assert len(entries) == 300
    (patient,) = found(systems, entries[299]["piz"])
    assert patient["surname"] == entries[299]["surname"]
    assert call("PUT", day, document)["appointments"] == entries
    assert len(found(systems, entries[0]["piz"])) == 1


@pytest.mark.parametrize(
    "document",
    [None, [], {"generated": {"count": -1, "seed": 1}}, {"generated": {"count": "3", "seed": 1}}],
)
def test_unusable_days(systems: DemoSystems, document: Any) -> None:
    assert request("PUT", f"{systems.control_url}/days/2025-12-01", document)[0] == 400
    assert request("PUT", f"{systems.control_url}/days/today", {"appointments": []})[0] == 400


def test_edit_patients(systems: DemoSystems) -> None:
    url = f"{systems.control_url}/patients"
    call("POST", url, {"piz": "555", "surname": "Neu"})
    assert found(systems, "555") == [{"piz": "555", "surname": "Neu"}]
    call("PATCH", f"{url}/555", {"date_of_birth": "1999-09-09"})
    assert found(systems, "555")[0]["date_of_birth"] == "1999-09-09"
    call("DELETE", f"{url}/555")
    assert found(systems, "555") == []


def test_calls_are_counted(systems: DemoSystems) -> None:
    listed(systems)
    listed(systems)
    found(systems, "1")
    state = call("GET", f"{systems.control_url}/state")
    assert state["calls"] == {"appointments": 2, "patients": 1}
    assert state["connections"] == 3
    assert state["requests"][-1] == "POST /patients/search HTTP/1.1"
    after = call("POST", f"{systems.control_url}/calls/reset")
    assert after["calls"] == {"appointments": 0, "patients": 0}


def test_sixteen_keep_alive_connections(systems: DemoSystems) -> None:
    port = systems.calldoc.port
    url = appointments_url("/api/v1/frontend", appointment_type_id=24)

    def many_calls(_: int) -> set[int]:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        sizes = set()
        for _ in range(10):
            connection.request("GET", url)
            answer = connection.getresponse()
            assert answer.status == 200
            sizes.add(len(answer.read()))
        connection.close()
        return sizes

    with ThreadPoolExecutor(16) as pool:
        sizes = set().union(*pool.map(many_calls, range(16)))
    assert len(sizes) == 1
    state = call("GET", f"{systems.control_url}/state")
    assert (state["calls"]["appointments"], state["connections"]) == (160, 16)
