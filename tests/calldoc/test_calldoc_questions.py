"""A sync's questions to CallDoc: both at once, each no more often than needed."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from calldoc_interface import CallDocInterface
from demo import people
from plugins.single_patient.calldoc_questions import CallDocFactory, PatientDay, ask_calldoc
from plugins.single_patient.request import SyncRequest
from sync_core.errors import (
    CallDocError,
    CallDocUnavailableError,
    DeadlineExceededError,
    NoAppointmentsError,
    PatientNotFoundError,
    SyncGuiError,
    TaskCancelledError,
)
from sync_core.run_control import RunControl, StopReason
from tests.calldoc.conftest import House
from tests.calldoc.test_calldoc_interface import wait_for_calls
from tests.clock import AT_ONCE, PATIENCE

DAY = date(2025, 10, 6)


def ask(
    house: House,
    person: people.Person = people.MAX,
    *,
    control: RunControl | None = None,
    factory: CallDocFactory | None = None,
    kept: list[PatientDay] | None = None,
    type_id: int = 24,
) -> PatientDay:
    request = SyncRequest(int(person.piz or 0), DAY, type_id)
    keep = (kept if kept is not None else []).append
    return ask_calldoc(request, factory or house.factory, control or RunControl(PATIENCE), keep)


def test_two_calls_are_enough(house: House) -> None:
    known = ask(house)
    assert known.searched is not None
    assert known.searched.surname == people.MAX.surname
    assert known.selection.found == 1
    assert house.log["calls"] == {"appointments": 1, "patients": 1}
    assert any("appointment_type_id=24" in line for line in house.log["requests"])


def test_both_calls_overlap(house: House) -> None:
    house.fault(both={"mode": "hold"})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, house)
        wait_for_calls(house, 2)
        house.fault()
        assert answer.result(PATIENCE).selection.found == 1


def test_a_third_call_tells_what_there_is_instead(house: House) -> None:
    kept: list[PatientDay] = []
    with pytest.raises(NoAppointmentsError, match="Typ 25") as raised:
        ask(house, people.ONLY_ABLATION, kept=kept)
    assert people.ONLY_ABLATION.surname not in str(raised.value)
    assert house.log["calls"] == {"appointments": 2, "patients": 1}
    assert "appointment_type_id" not in house.log["requests"][-1]
    assert [line.reason for line in kept[-1].selection.skipped] == ["other_type"]


def test_nobody_is_known(house: House) -> None:
    kept: list[PatientDay] = []
    with pytest.raises(PatientNotFoundError):
        ask(house, people.Person(0, "999999998", "", "", None), kept=kept)
    assert house.log["calls"] == {"appointments": 2, "patients": 1}
    assert kept[-1].patients == ()


def test_who_stands_in_an_appointment_only_is_known(house: House) -> None:
    known = ask(house, people.NOT_IN_PATIENT_SEARCH)
    assert known.searched is None
    assert known.selection.found == 1


@pytest.mark.parametrize(
    ("failing", "other"), [("appointments", "patients"), ("patients", "appointments")]
)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"mode": "status", "status": 500}, CallDocError),
        ({"mode": "close"}, CallDocUnavailableError),
    ],
)
def test_when_one_fails_the_other_is_not_waited_for(
    house: House, failing: str, other: str, fault: dict[str, object], error: type[SyncGuiError]
) -> None:
    house.fault(**{failing: fault, other: {"mode": "hang"}})
    control = RunControl(20)
    begin = time.monotonic()
    with pytest.raises(error):
        ask(house, control=control)
    assert time.monotonic() - begin < AT_ONCE
    control.check()  # the task itself was not stopped


def test_a_failed_patient_search_fails_all_although_appointments_came(house: House) -> None:
    house.fault(patients={"mode": "html"})
    with pytest.raises(CallDocError):
        ask(house)


def test_a_fault_of_ours_is_raised_as_it_is(house: House) -> None:
    def broken(*_args: object, **_kwargs: object) -> CallDocInterface:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(house, factory=broken)


@pytest.mark.parametrize("mode", ["hang", "drip_body", "drip_header"])
def test_the_deadline_ends_both(house: House, mode: str) -> None:
    house.fault(both={"mode": mode})
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        ask(house, control=RunControl(0.4))
    assert 0.4 <= time.monotonic() - begin < AT_ONCE


def test_a_stop_request_ends_both_at_once(house: House) -> None:
    house.fault(both={"mode": "hang"})
    control = RunControl(20)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, house, control=control)
        wait_for_calls(house, 2)
        begin = time.monotonic()
        control.stop(StopReason.CANCELLED)
        with pytest.raises(TaskCancelledError):
            answer.result(PATIENCE)
        assert time.monotonic() - begin < AT_ONCE


def test_no_thread_is_left(house: House) -> None:
    ask(house)
    pause, deadline = threading.Event(), time.monotonic() + PATIENCE
    while any(thread.name.startswith(("calldoc-", "http-")) for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        pause.wait(0.002)
