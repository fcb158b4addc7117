"""The CallDoc client against the demo's CallDoc with its faults, and against plain sockets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from calldoc_interface import CallDocInterface, http_calls
from demo.calldoc_json import appointment_json
from demo.calldoc_search import Options
from demo.day_plan import generated_day
from demo.people import MAX
from sync_core.errors import (
    CallDocError,
    CallDocUnavailableError,
    DeadlineExceededError,
    Refusal,
    SyncGuiError,
    TaskCancelledError,
)
from sync_core.http_calls import HttpCalls
from sync_core.run_control import RunControl, StopReason
from sync_core.settings import CallDocSettings
from tests.calldoc.conftest import House
from tests.calldoc.raw_server import RawConnection, RawServer
from tests.clock import AT_ONCE, PATIENCE

ROOT = Path(__file__).parents[2]
PIZ = str(MAX.piz)

Question = Callable[[CallDocInterface], dict[str, Any]]


def appointments(client: CallDocInterface) -> dict[str, Any]:
    return client.appointment_search(appointment_type_id=24)


def patient(client: CallDocInterface) -> dict[str, Any]:
    return client.get_patient_by_piz(PIZ)


def patients(client: CallDocInterface) -> dict[str, Any]:
    return client.patient_search(piz=PIZ)


QUESTIONS = (appointments, patient, patients)


def said(error: BaseException) -> str:
    return f"{error} {error!r} {getattr(error, 'message', '')}"


def assert_names_nobody(error: BaseException) -> None:
    for secret in (PIZ, MAX.surname, MAX.name, "1950", "127.0.0.1", "http:"):
        assert secret not in said(error), said(error)


# --- what it asks and answers --------------------------------------------------------------------

SNIPPET = """
from calldoc_interface import CallDocInterface
calldoc_client = CallDocInterface("2025-10-06", "2025-10-06")
appointments = calldoc_client.appointment_search(appointment_type_id=24)
test_piz = appointments["data"][0]["piz"]
print(test_piz)
"""


def test_the_documented_call_works_word_for_word(house: House, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SNIPPET],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SYNC_GUI_CONFIG": str(house.systems.settings_file),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{PIZ}\n", "")


def asked(house: House) -> list[tuple[str, dict[str, str]]]:
    lines = [line.split()[1] for line in house.log["requests"]]
    return [(urlsplit(line).path, dict(parse_qsl(urlsplit(line).query))) for line in lines]


def test_an_appointment_search(house: House) -> None:
    client = CallDocInterface(
        "2025-10-06", "2025-10-07", settings=house.settings, room_id=54, status=None
    )
    found = client.appointment_search(appointment_type_id=24, patient="Ä&b=c", employee_id=None)
    assert isinstance(found["data"], list)
    assert asked(house) == [
        (
            "/api/v1/frontend/appointment_search/",
            {
                "from_date": "2025-10-06",
                "to_date": "2025-10-07",
                "room_id": "54",
                "appointment_type_id": "24",
                "patient": "Ä&b=c",
            },
        )
    ]


def test_a_calls_filter_is_stronger_than_the_clients(house: House) -> None:
    client = house.client(appointment_type_id=25)
    client.appointment_search(appointment_type_id=24)
    client.appointment_search()
    assert [query["appointment_type_id"] for _, query in asked(house)] == ["24", "25"]


def test_patients(house: House) -> None:
    for question in (patient, patients):
        assert PIZ in [found["piz"] for found in question(house.client())["patients"]]
    assert [path for path, _ in asked(house)] == [
        "/patients/search",
        "/api/v1/frontend/patient_search/",
    ]


@pytest.mark.parametrize("base", ["{}", "{}/"])
def test_an_address_may_end_with_a_slash(house: House, base: str) -> None:
    settings = CallDocSettings(
        base_url=base.format(house.settings.base_url),
        patient_url=base.format(house.settings.patient_url),
    )
    calls = http_calls(settings)
    client = CallDocInterface("2025-10-06", "2025-10-06", settings=settings, calls=calls)
    for question in QUESTIONS:
        question(client)
    calls.close()


@pytest.mark.parametrize("manner", ["empty", "null", "404"])
def test_an_unknown_patient_is_an_empty_list(house: House, manner: str) -> None:
    house.systems.calldoc.state.options = Options(unknown_patient=manner)
    assert house.client().get_patient_by_piz("999999999") == {"patients": []}
    assert house.client().patient_search(piz="999999999") == {"patients": []}


def test_only_the_patient_asked_for_is_left(house: House) -> None:
    state = house.systems.calldoc.state
    known = house.client().get_patient_by_piz(PIZ)["patients"]
    for stranger in ({"piz": f"{PIZ}0"}, {"piz": None}, {}, "text", None, [], {"piz": [PIZ]}):
        state.add_patient(stranger)
    assert house.client().get_patient_by_piz(PIZ)["patients"] == known
    house.fault(patients={"mode": "foreign_patient"})
    assert house.client().get_patient_by_piz(PIZ)["patients"] == known


@pytest.mark.parametrize("written", [f" 00{PIZ} ", int(PIZ)])
def test_a_number_is_compared_as_a_number(house: House, written: object) -> None:
    house.systems.calldoc.state.change_patient(PIZ, {"piz": written})
    settings = house.settings
    with RawServer(lists_only(written)) as server:
        client = CallDocInterface(
            "2025-10-06",
            "2025-10-06",
            settings=CallDocSettings(base_url=settings.base_url, patient_url=server.url),
        )
        for number in (PIZ, int(PIZ), f"0{PIZ}"):
            assert len(client.get_patient_by_piz(number)["patients"]) == 1


def lists_only(written: object) -> Callable[[RawConnection], None]:
    def serve(connection: RawConnection) -> None:
        while connection.read_request():
            connection.answer(json.dumps({"patients": [{"piz": written}]}).encode())

    return serve


def test_appointments_are_left_as_they_came(house: House) -> None:
    entries = [None, "text", 5, [], {"id": None}]
    house.systems.calldoc.state.replace_day(date(2025, 10, 6), entries)
    found = house.client().appointment_search()["data"]
    assert found[: len(entries)] == entries


def test_a_day_of_five_thousand(house: House) -> None:
    day = date(2025, 10, 6)
    crowd = [appointment_json(item) for item in generated_day(day, 5000, seed=1)]
    house.systems.calldoc.state.replace_day(day, crowd)
    found = house.client(control=RunControl(PATIENCE)).appointment_search()["data"]
    assert found[:5000] == crowd


def test_connections_are_shared_and_reused(house: House) -> None:
    for _ in range(3):
        for question in QUESTIONS:
            question(house.client())
    assert house.log["connections"] == 1
    assert sum(house.log["calls"].values()) == 9


def test_many_threads_share_one_pool(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: patient(house.client()), range(40)))
    assert {item["patients"][0]["piz"] for item in found} == {PIZ}
    assert house.log["connections"] <= 8


@pytest.mark.parametrize(
    ("settings", "question"),
    [
        (CallDocSettings(), appointments),
        (CallDocSettings(base_url="http://127.0.0.1:9"), patient),
        (CallDocSettings(patient_url="http://127.0.0.1:9"), patients),
    ],
)
def test_without_an_address_nothing_is_asked(settings: CallDocSettings, question: Question) -> None:
    client = CallDocInterface("2025-10-06", "2025-10-06", settings=settings)
    with pytest.raises(Refusal) as refusal:
        question(client)
    assert refusal.value.code == "not_configured"


# --- faults --------------------------------------------------------------------------------------

UNAVAILABLE, WRONG = CallDocUnavailableError, CallDocError
FAULTS: list[tuple[dict[str, Any], type[SyncGuiError]]] = [
    ({"mode": "close"}, UNAVAILABLE),
    ({"mode": "reset"}, UNAVAILABLE),
    ({"mode": "hang"}, UNAVAILABLE),
    ({"mode": "slow", "seconds": 3}, UNAVAILABLE),
    ({"mode": "html"}, WRONG),
    ({"mode": "half_json"}, WRONG),
    ({"mode": "error_200"}, WRONG),
    ({"mode": "data_missing"}, WRONG),
    ({"mode": "drip_header", "interval": 0.05}, DeadlineExceededError),
    ({"mode": "drip_body", "interval": 0.05}, DeadlineExceededError),
    *[({"mode": "status", "status": code}, WRONG) for code in (500, 503, 400, 401, 302, 204, 201)],
]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("fault", "error"), FAULTS, ids=["-".join(map(str, fault.values())) for fault, _ in FAULTS]
)
def test_every_fault_is_the_right_error_in_time(
    house: House, question: Question, fault: dict[str, Any], error: type[SyncGuiError]
) -> None:
    house.fault(both=fault)
    control = RunControl(0.7 if error is DeadlineExceededError else 3 * PATIENCE)
    begin = time.monotonic()
    with pytest.raises(error) as raised:
        question(house.hasty_client(control))
    assert time.monotonic() - begin < AT_ONCE
    assert_names_nobody(raised.value)
    house.fault()
    assert question(house.client())


@pytest.mark.parametrize("question", QUESTIONS)
def test_nobody_listens(house: House, question: Question) -> None:
    question(house.client())
    house.fault(listener="down")
    with pytest.raises(CallDocUnavailableError) as raised:
        question(house.client(control=RunControl(PATIENCE)))
    assert_names_nobody(raised.value)
    house.fault()
    assert question(house.client())


def test_an_appointment_search_answered_with_404_or_null_is_an_error(house: House) -> None:
    for fault in ({"mode": "status", "status": 404}, {"mode": "data_null"}):
        house.fault(appointments=fault)
        with pytest.raises(CallDocError):
            appointments(house.client())


def test_wrong_types_in_every_field_are_no_error_of_the_call(house: House) -> None:
    house.fault(both={"mode": "wrong_types"})
    assert appointments(house.client())["data"]
    assert patient(house.client()) == {"patients": []}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("mode", ["hang", "drip_header", "drip_body"])
def test_a_stop_request_breaks_a_call_off_at_once(
    house: House, question: Question, mode: str
) -> None:
    house.fault(both={"mode": mode})
    control = RunControl(20)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(question, house.client(control=control))
        wait_for_calls(house)
        begin = time.monotonic()
        control.stop(StopReason.CANCELLED)
        with pytest.raises(TaskCancelledError):
            call.result(PATIENCE)
        assert time.monotonic() - begin < AT_ONCE


def wait_for_calls(house: House, number: int = 1) -> None:
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while house.log["running"] < number:
        assert time.monotonic() < deadline
        pause.wait(0.002)


# --- answers that no proper server gives ---------------------------------------------------------

JSON_HEAD = "Content-Type: application/json"
BODIES = {
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "a number": b"5",
    "no text": b"\xff\xfe\xfa",
    "deep": b'{"data": ' + b"[" * 200_000,
    "long number": b'{"data": [' + b"9" * 10_000 + b"]}",
    "a dict of data": b'{"data": {}, "patients": {}}',
    "text": b'{"data": "x", "patients": "x"}',
    "false": b'{"data": false, "patients": false}',
    "told error": b'{"data": [], "patients": [], "error": "Mustermann ist unbekannt"}',
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", BODIES)
def test_odd_bodies_are_errors(question: Question, name: str) -> None:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.answer(BODIES[name], JSON_HEAD)

    ask_raw(serve, question, CallDocError)


RAW_ANSWERS = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "no status": b"HTTP/1.1 Mustermann\r\n\r\n",
    "cut off in the header": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
    "cut off": b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data": []',
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X-More: x\r\n" * 10_000,
    "wrong chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nMustermann\r\n",
    "broken gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", RAW_ANSWERS)
def test_nonsense_is_an_error_of_calldoc_and_not_its_absence(question: Question, name: str) -> None:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.send(RAW_ANSWERS[name])

    ask_raw(serve, question, CallDocError)


def test_a_huge_answer_is_an_error() -> None:
    def serve(connection: RawConnection) -> None:
        connection.read_request()
        connection.answer(b'{"data": [' + b" " * 2000 + b"]}", JSON_HEAD)

    calls = HttpCalls(connect_timeout=PATIENCE, read_timeout=PATIENCE, largest_answer=1000)
    ask_raw(serve, appointments, CallDocError, calls)


def ask_raw(
    serve: Callable[[RawConnection], None],
    question: Question,
    error: type[SyncGuiError],
    calls: HttpCalls | None = None,
) -> None:
    with RawServer(serve) as server:
        settings = CallDocSettings(
            base_url=server.url,
            patient_url=server.url,
            connect_timeout=PATIENCE,
            read_timeout=PATIENCE,
        )
        pool = calls or http_calls(settings)
        client = CallDocInterface(
            "2025-10-06", "2025-10-06", settings=settings, calls=pool, control=RunControl(PATIENCE)
        )
        with pytest.raises(error) as raised:
            question(client)
        assert_names_nobody(raised.value)
        pool.close()
