"""Syncs that must write nothing, and say why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.answers import Contract, reasons, warning_codes
from tests.end_to_end.conftest import Sync
from tests.end_to_end.program import Program
from tests.end_to_end.stage import Stage


def test_nobody_has_the_number(program: Program, contract: Contract, stage: Stage) -> None:
    with stage.nothing_written():
        status = program.sync({"piz": "9999999", "date": "2025-10-06"})
    contract.check_status(status)
    assert (status["status"], status["error_code"]) == ("failed", "patient_not_found")
    assert status["patient"] == {
        "piz": "9999999",
        "found": False,
        "name": None,
        "vorname": None,
        "birth_date": None,
    }
    assert status["appointments"] == {"found": 0, "processed": 0, "items": []}
    assert status["execution_time_ms"] < 5000


def test_nothing_planned_on_the_day(program: Program, contract: Contract, stage: Stage) -> None:
    with stage.nothing_written():
        status = program.sync({"piz": "1234567", "date": "2025-12-31"})
    contract.check_status(status)
    assert (status["status"], status["error_code"]) == ("failed", "no_appointments")
    assert status["patient"]["found"] is True
    assert status["appointments"]["items"] == []
    assert status["execution_time_ms"] < 5000


@pytest.mark.parametrize(
    ("spoilt", "word"),
    [
        ({"room": 99}, "Raum 99"),
        ({"room": None}, "Raum"),
        ({"employee": 77}, "Arzt 77"),
        ({"employee": None}, "Arzt"),
    ],
    ids=str,
)
def test_room_or_doctor_without_counterpart(
    stage: Stage, sync: Sync, spoilt: dict[str, Any], word: str
) -> None:
    stage.known()
    good, bad = stage.appointment(), stage.appointment(time="10:00", **spoilt)
    cancelled = stage.appointment(status="canceled")
    stage.planned(good, bad, cancelled)
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "mapping_missing"
    assert status["safe_to_retry"] is False
    assert word in status["error"]
    assert reasons(status) == {
        good["id"]: "not_written",
        bad["id"]: "mapping_missing",
        cancelled["id"]: "cancelled",
    }
    assert status["appointments"]["found"] == 2


@pytest.mark.parametrize("type_id", [13, 999], ids=["twice", "unknown"])
def test_type_without_counterpart(stage: Stage, sync: Sync, type_id: int) -> None:
    appointment = stage.planned_once(appointment_type=type_id)
    with stage.nothing_written():
        status = sync(appointment_type_id=type_id)
    assert status["error_code"] == "mapping_missing"
    assert str(type_id) in status["error"]
    assert reasons(status) == {appointment["id"]: "mapping_missing"}


def test_number_stands_twice(stage: Stage, sync: Sync) -> None:
    stage.registered()
    stage.registered(Strasse="Nebenstr. 2")
    appointment = stage.planned_once()
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "ambiguous_patient"
    assert status["safe_to_retry"] is False
    assert reasons(status).keys() == {appointment["id"]}


def test_two_without_number_could_be_meant(stage: Stage, sync: Sync) -> None:
    stage.registered(M1Ziffer=None)
    stage.registered(M1Ziffer=0)
    stage.planned_once()
    with stage.nothing_written():
        assert sync()["error_code"] == "ambiguous_patient"


def test_examinations_that_fit_nothing(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    stage.examined(patient_id, HerzkatheterID=1, UntersucherAbrechnungID=1)
    stage.examined(patient_id, HerzkatheterID=2, UntersucherAbrechnungID=12)
    appointment = stage.planned_once()
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "ambiguous_examination"
    assert reasons(status) == {appointment["id"]: "ambiguous_examination"}


def test_birth_dates_of_the_two_systems_differ(stage: Stage, sync: Sync) -> None:
    stage.registered(Geburtsdatum="03.02.1962")
    appointment = stage.planned_once()
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "patient_mismatch"
    assert status["safe_to_retry"] is False
    assert status["mismatch"] == {
        "birth_date": {
            "appointment": "1961-02-03",
            "calldoc": "1961-02-03",
            "sqlhk": "1962-02-03",
            "expected": None,
        }
    }
    assert "1962" not in status["error"]
    assert reasons(status).keys() == {appointment["id"]}


def test_birth_dates_differ_within_calldoc(stage: Stage, sync: Sync) -> None:
    stage.registered()
    stage.known()
    stage.planned(stage.appointment(date_of_birth="1971-02-03"))
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "patient_mismatch"
    assert status["mismatch"]["birth_date"]["appointment"] == "1971-02-03"
    assert status["mismatch"]["birth_date"]["calldoc"] == "1961-02-03"


def test_one_of_two_appointments_has_another_birth_date(stage: Stage, sync: Sync) -> None:
    stage.known(date_of_birth=None)
    stage.planned(stage.appointment(), stage.appointment(room=18, date_of_birth="1971-02-03"))
    with stage.nothing_written():
        assert sync()["error_code"] == "patient_mismatch"


def test_what_calldoc_alone_reveals_needs_no_sqlhk(stage: Stage, sync: Sync) -> None:
    stage.planned_once()
    stage.demo.faults(sqlhk="down")
    status = sync(expected_birth_date="1999-09-09")
    assert status["error_code"] == "patient_mismatch"
    assert status["mismatch"]["birth_date"]["expected"] == "1999-09-09"


def test_expected_birth_date(stage: Stage, sync: Sync) -> None:
    stage.registered()
    stage.planned_once()
    with stage.nothing_written():
        status = sync(expected_birth_date="1961-03-02")
    assert status["error_code"] == "patient_mismatch"
    assert status["mismatch"]["birth_date"]["expected"] == "1961-03-02"
    assert sync(expected_birth_date="1961-02-03")["sqlhk_sync"]["action"] == "created"


@pytest.mark.parametrize("in_sqlhk", [None, "unleserlich"])
def test_expected_birth_date_that_nobody_knows(
    stage: Stage, sync: Sync, in_sqlhk: str | None
) -> None:
    stage.registered(Geburtsdatum=in_sqlhk)
    stage.known(date_of_birth=None)
    stage.planned(stage.appointment(date_of_birth=None))
    with stage.nothing_written():
        assert sync(expected_birth_date="1961-02-03")["error_code"] == "patient_mismatch"
    status = sync()
    assert status["status"] == "completed"
    assert warning_codes(status) == {"birth_date_missing_calldoc", "birth_date_missing_sqlhk"}


@pytest.mark.parametrize(
    "missing", [{"surname": None}, {"name": "  "}, {"date_of_birth": None}], ids=str
)
def test_data_do_not_suffice_for_a_new_patient(
    stage: Stage, sync: Sync, missing: dict[str, Any]
) -> None:
    stage.known(**missing)
    appointment = stage.appointment(**missing)
    stage.planned(appointment)
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "patient_incomplete"
    assert status["safe_to_retry"] is True
    assert reasons(status).keys() == {appointment["id"]}


@pytest.mark.parametrize("in_appointment", [None, "1961-02-03"])
def test_patient_search_knows_two_birth_dates(
    stage: Stage, sync: Sync, in_appointment: str | None
) -> None:
    """Two entries with the same number; each alone would do."""
    stage.known()
    stage.known(date_of_birth="1999-01-01")
    stage.planned(stage.appointment(date_of_birth=in_appointment))
    with stage.nothing_written():
        assert sync()["error_code"] == "patient_mismatch"


def test_only_the_second_entry_knows_the_birth_date(stage: Stage, sync: Sync) -> None:
    stage.registered(Geburtsdatum="03.02.1962")
    stage.known(date_of_birth=None)
    stage.known()
    stage.planned(stage.appointment(date_of_birth=None))
    with stage.nothing_written():
        assert sync()["error_code"] == "patient_mismatch"


def test_expected_birth_date_that_only_sqlhk_knows(stage: Stage, sync: Sync) -> None:
    stage.registered()
    stage.known(date_of_birth=None)
    stage.planned(stage.appointment(date_of_birth=None))
    with stage.nothing_written():
        status = sync(expected_birth_date="1961-02-04")
    assert status["error_code"] == "patient_mismatch"
    assert status["mismatch"]["birth_date"] == {
        "appointment": None,
        "calldoc": None,
        "sqlhk": "1961-02-03",
        "expected": "1961-02-04",
    }
    assert sync(expected_birth_date="1961-02-03")["status"] == "completed"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("Herzkatheter", "room_id", 54), ("Untersucherabrechnung", "employee_id", 27)],
)
def test_room_or_doctor_with_two_counterparts(
    stage: Stage, sync: Sync, table: str, column: str, value: int
) -> None:
    appointment = stage.planned_once()
    with stage.nothing_written():
        stage.execute(f"INSERT INTO {table} ({table}ID, {column}) VALUES (99, ?)", value)
        try:
            status = sync()
        finally:
            stage.execute(f"DELETE FROM {table} WHERE {table}ID = 99")
    assert status["error_code"] == "mapping_missing"
    assert reasons(status) == {appointment["id"]: "mapping_missing"}


def test_two_appointments_and_a_row_that_fits_neither(stage: Stage, sync: Sync) -> None:
    stage.examined(stage.registered(), HerzkatheterID=6, UntersucherAbrechnungID=12)
    stage.known()
    stage.planned(stage.appointment(), stage.appointment(room=18, employee=18))
    with stage.nothing_written():
        assert sync()["error_code"] == "ambiguous_examination"


def test_row_that_fits_two_appointments_by_half(stage: Stage, sync: Sync) -> None:
    """It has the one's lab and the other's doctor."""
    stage.examined(stage.registered(), HerzkatheterID=3, UntersucherAbrechnungID=1)
    stage.known()
    stage.planned(stage.appointment(), stage.appointment(room=18, employee=18))
    with stage.nothing_written():
        assert sync()["error_code"] == "ambiguous_examination"
