"""The gateway's client against the simulated gateway, with every quirk and fault."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

import pytest

from demo.gateway_faults import parse_behaviour
from demo.gateway_sql import sqlite_text
from mssql_api_client import MsSqlApiClient
from sync_core.errors import (
    AmbiguousPatientError,
    ConflictError,
    DeadlineExceededError,
    MappingMissingError,
    OutcomeUnknownError,
    SqlhkError,
    SqlhkUnavailableError,
    TaskCancelledError,
)
from sync_core.http_calls import HttpCalls
from sync_core.identity import NewPatient
from sync_core.run_control import RunControl, StopReason
from tests.clock import AT_ONCE, PATIENCE
from tests.day_sync.conftest import FUTURE, House
from tests.demo.client import call, request

MAX_ID = 815
HOSTILE = "O'Connor\"; DROP TABLE Patient; -- @M1Ziffer :x ?"


def new_patient(number: int, surname: str = "Neu") -> NewPatient:
    return NewPatient(
        surname, "Nina", "01.01.1970", number, None, None, None, 2, None, None, None, None
    )


def columns(patient_id: int, **changes: int | str | float) -> dict[str, int | str | float]:
    row: dict[str, int | str | float] = {
        "Datum": FUTURE.strftime("%d.%m.%Y"),
        "PatientID": patient_id,
        "UntersuchungartID": 1,
        "HerzkatheterID": 3,
        "UntersucherAbrechnungID": 2,
        "ZuweiserID": 2,
        "Roentgen": 1,
        "Herzteam": 1,
        "Materialpreis": 0.0,
        "DRGID": 1,
    }
    return {**row, **changes}


# --- the simulated gateway itself ----------------------------------------------------------------


def test_the_gateway_is_as_the_practice_knows_it(house: House) -> None:
    def ask(query: str, **params: object) -> object:
        document = {"query": query, "database": "SQLHK", "params": params}
        return call("POST", f"{house.systems.gateway_url}/api/execute_sql", document)

    select = "SELECT PatientID FROM dbo.Patient WHERE M1Ziffer = @M1Ziffer"
    assert ask(select, M1Ziffer=1234567) == {"success": True, "rows": [{"PatientID": MAX_ID}]}
    update = "UPDATE dbo.Patient SET handy = @x WHERE PatientID = 815"
    done = ask(update, x="1")
    assert isinstance(done, dict)
    assert done["success"] is False
    assert done["error"].endswith("does not return rows")
    assert house.rows("SELECT handy FROM Patient WHERE PatientID = 815") == [{"handy": "1"}]
    uncast = ask("SELECT Materialpreis FROM dbo.Untersuchung WHERE UntersuchungID = 1")
    assert "Decimal" in str(uncast)
    for text in (
        "CAST(Materialpreis AS nvarchar(50))",
        "CONVERT(nvarchar(50), Materialpreis)",
        "CONVERT(nvarchar(50), Materialpreis, 2)",
    ):
        answer = ask(f"SELECT {text} AS m FROM [dbo].Untersuchung WHERE UntersuchungID = 1")
        assert isinstance(answer, dict)
        assert isinstance(answer["rows"][0]["m"], str)


def test_quoted_text_is_no_sql() -> None:
    query = "SELECT '@a dbo.x' FROM dbo.T WITH (UPDLOCK, HOLDLOCK) WHERE b = @b"
    assert sqlite_text(query) == "SELECT '@a dbo.x' FROM T  WHERE b = :b"


def test_switches_over_http(house: House) -> None:
    control = house.systems.control_url
    document = {"form": "wrapped", "execute_sql": {"mode": "status_after", "times": 2}}
    shown = call("PUT", f"{control}/gateway", document)
    assert parse_behaviour(shown) == parse_behaviour(document)
    assert call("GET", f"{control}/gateway") == shown
    assert request("PUT", f"{control}/gateway", {"form": "round"})[0] == 400
    assert request("PUT", f"{control}/gateway", {"upsert_data": {"skip": -1}})[0] == 400
    call("PUT", f"{control}/gateway", {"listener": "down"})
    with pytest.raises(ConnectionRefusedError):
        request("POST", f"{house.systems.gateway_url}/api/execute_sql", {})
    call("PUT", f"{control}/gateway", {})
    house.client.get_mapping_tables()
    assert call("GET", f"{control}/gateway/calls")["reads"] == 3
    assert call("POST", f"{control}/gateway/calls/reset")["reads"] == 0


# --- questions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "wrapped"])
def test_looking_up(house: House, form: str) -> None:
    house.gateway(form=form)
    client = house.client
    found = client.get_patient_by_piz(1234567)
    assert found is not None
    assert (found.patient_id, found.birth_date) == (MAX_ID, date(1950, 1, 31))
    assert client.get_patient_by_piz(4) is None
    with pytest.raises(AmbiguousPatientError):
        client.get_patient_by_piz(1300009)
    assert client.get_untersuchungart_by_appointment_type(25) == 8
    with pytest.raises(MappingMissingError):
        client.get_untersuchungart_by_appointment_type(13)
    assert client.execute_sql("SELECT COUNT(*) AS n FROM dbo.Herzkatheter") == [{"n": 5}]


def test_a_day_is_found_however_people_typed_it(house: House) -> None:
    house.execute("DELETE FROM Untersuchung")
    day = date(2026, 5, 6)
    typed = [
        "06.05.2026",
        "6.5.2026",
        " 6.5.2026 ",
        "06.5.2026",
        "6. 5. 2026",
        "6 . 05 . 2026",
        "2026-05-06",
        " 2026-5-6",
        "06.05.2026 10:30",
        "2026-05-06T08:00:00",
    ]
    other = ["16.05.2026", "26.05.2026", "05.06.2026", "2026-05-16", "KW 6 5 2026", "6.5.2027"]
    keys = [house.examination(MAX_ID, day, Datum=text) for text in typed]
    for text in other:
        house.examination(MAX_ID, day, Datum=text)
    house.examination(MAX_ID, day, Datum=None)
    found = house.client.get_untersuchungen_by_date(day)
    assert sorted(row.row.untersuchung_id for row in found) == keys


def test_everything_in_a_row_survives(house: House) -> None:
    key = house.examination(
        MAX_ID, FUTURE, Materialpreis=1234.5678, Roentgen=None, Untersuchungtype=4
    )
    (row,) = house.client.get_untersuchungen_by_date(FUTURE)
    assert row.materialpreis == Decimal("1234.5678")
    assert row.columns() == {
        **house.rows("SELECT * FROM Untersuchung WHERE UntersuchungID = ?", key)[0],
        "Materialpreis": "1234.5678",
    }


def test_many_numbers_in_few_calls(house: House) -> None:
    house.client.get_patients_by_piz(range(2_000_000, 2_000_600))
    assert house.calls()["execute_sql"] == 2
    assert len(house.client.get_patients_by_piz(range(2_000_001, 2_000_601))) == 600


def test_parameters_are_bound(house: House) -> None:
    key = house.patient(7_100_001, Nachname=HOSTILE)
    answer = house.client.execute_sql(
        "SELECT PatientID FROM dbo.Patient WHERE Nachname = @n", params={"n": HOSTILE}
    )
    assert answer == [{"PatientID": key}]
    house.client.insert_patient(new_patient(7_100_002, HOSTILE))
    assert house.rows("SELECT Nachname FROM Patient WHERE M1Ziffer = 7100002") == [
        {"Nachname": HOSTILE}
    ]


def test_a_question_answered_without_rows_is_not_an_empty_list(house: House) -> None:
    house.execute("DROP TABLE Herzkatheter")
    with pytest.raises(SqlhkError, match="Gateway"):
        house.client.get_mapping_tables()


@pytest.mark.parametrize("mode", ["status_before", "refuse", "half_json", "close_before"])
def test_questions_that_fail(house: House, mode: str) -> None:
    house.gateway(execute_sql={"mode": mode})
    with pytest.raises((SqlhkError, SqlhkUnavailableError), match="Gateway"):
        house.client.get_mapping_tables()


def test_a_gateway_that_is_away(house: House) -> None:
    house.gateway(listener="down")
    with pytest.raises(SqlhkUnavailableError, match="Gateway"):
        house.client.get_mapping_tables()
    with pytest.raises(SqlhkUnavailableError, match="Gateway"):
        house.client.insert_patient(new_patient(7_100_001))


def test_a_slow_gateway_ends_with_the_deadline(hasty_house: House) -> None:
    hasty_house.gateway(execute_sql={"mode": "slow_after", "seconds": 30})
    begin = time.monotonic()
    with pytest.raises(DeadlineExceededError):
        hasty_house.client.with_control(RunControl(0.2)).get_mapping_tables()
    with pytest.raises(SqlhkUnavailableError, match="rechtzeitig"):
        hasty_house.client.get_mapping_tables()
    assert time.monotonic() - begin < 2 + AT_ONCE


# --- writing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "wrapped"])
@pytest.mark.parametrize("answer", ["does_not_return_rows", "success"])
def test_writing(house: House, form: str, answer: str) -> None:
    house.gateway(form=form, writes_answer=answer)
    client = house.client
    client.insert_untersuchung(columns(MAX_ID))
    (row,) = house.examinations(FUTURE)
    key = row["UntersuchungID"]
    house.execute("UPDATE Untersuchung SET Roentgen = 9 WHERE UntersuchungID = ?", key)
    client.update_untersuchung(key, {"HerzkatheterID": 1, "UntersucherAbrechnungID": 12})
    (after,) = house.examinations(FUTURE)
    changed = {"HerzkatheterID": 1, "UntersucherAbrechnungID": 12, "Roentgen": 9}
    assert after == {**row, **changed}
    client.delete_untersuchung(key)
    assert house.examinations(FUTURE) == []


def test_the_same_insert_twice_is_one_row(house: House) -> None:
    for _ in range(2):
        house.client.insert_untersuchung(columns(MAX_ID))
        house.client.insert_patient(new_patient(7_100_001))
    assert len(house.examinations(FUTURE)) == 1
    assert len(house.rows("SELECT 1 FROM Patient WHERE M1Ziffer = 7100001")) == 1


@pytest.mark.parametrize("column", ["Roentgen", "ZuweiserID", "Datum", "x = 1; --"])
def test_no_other_column_is_ever_updated(house: House, column: str) -> None:
    key = house.examination(MAX_ID, FUTURE)
    with pytest.raises(ValueError, match="may be changed"):
        house.client.update_untersuchung(key, {column: 1})
    with pytest.raises(ValueError, match="columns"):
        house.client.insert_untersuchung({**columns(MAX_ID), column + "x": 1})
    assert house.calls()["writes"] == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Roentgen", 2),
        ("Roentgen", None),
        ("Herzteam", 2),
        ("ZuweiserID", 41),
        ("Materialpreis", 0.01),
        ("Materialpreis", None),
        ("DRGID", None),
        ("Untersuchungtype", 3),
        ("HerzkatheterID", 1),
        ("UntersucherAbrechnungID", None),
        ("UntersuchungartID", 8),
        ("PatientID", 1),
        ("Datum", "06.05.2026"),
    ],
)
def test_a_row_that_somebody_touched_is_not_deleted(
    house: House, column: str, value: object
) -> None:
    key = house.examination(MAX_ID, FUTURE)
    (read,) = house.client.get_untersuchungen_by_date(FUTURE)
    house.execute(f"UPDATE Untersuchung SET {column} = ? WHERE UntersuchungID = ?", value, key)
    with pytest.raises(ConflictError):
        house.client.delete_untersuchung(key, expected=read)
    assert len(house.rows("SELECT 1 FROM Untersuchung WHERE UntersuchungID = ?", key)) == 1


def test_missing_values_are_compared_too(house: House) -> None:
    missing = {"HerzkatheterID": None, "Roentgen": None, "Materialpreis": None}
    key = house.examination(MAX_ID, FUTURE, **missing)
    house.client.update_untersuchung(key, {"HerzkatheterID": 2})
    house.execute("UPDATE Untersuchung SET HerzkatheterID = NULL WHERE UntersuchungID = ?", key)
    house.client.delete_untersuchung(key)
    assert house.examinations(FUTURE) == []


def test_updating_what_changed_meanwhile_is_a_conflict(house: House) -> None:
    key = house.examination(MAX_ID, FUTURE)
    (read,) = house.client.get_untersuchungen_by_date(FUTURE)
    house.execute("UPDATE Untersuchung SET HerzkatheterID = 6 WHERE UntersuchungID = ?", key)
    with pytest.raises(ConflictError):
        house.client.update_untersuchung(key, {"HerzkatheterID": 1}, expected=read)
    assert house.examinations(FUTURE)[0]["HerzkatheterID"] == 6


def test_linking_only_who_has_no_number(house: House) -> None:
    house.client.link_patient(house.patient(None), 7_100_001)
    house.client.link_patient(house.patient(0), 7_100_002)
    with pytest.raises(ConflictError):
        house.client.link_patient(MAX_ID, 7_100_003)
    assert len(house.client.get_patients_by_piz([7_100_001, 7_100_002, 7_100_003])) == 2


AFTER = ("status_after", "half_json", "close_after")
BEFORE = ("status_before", "refuse", "close_before")


@pytest.mark.parametrize("mode", [*BEFORE, *AFTER])
def test_after_an_unclear_answer_a_look_decides(house: House, mode: str) -> None:
    house.gateway(execute_sql={"mode": mode, "calls": "writes", "times": 1})
    house.client.insert_untersuchung(columns(MAX_ID))
    assert len(house.examinations(FUTURE)) == 1
    assert house.calls()["writes"] == (1 if mode in AFTER else 2)
    key = house.examinations(FUTURE)[0]["UntersuchungID"]
    house.gateway(execute_sql={"mode": mode, "calls": "writes", "times": 1})
    house.client.update_untersuchung(key, {"HerzkatheterID": 1})
    house.gateway(execute_sql={"mode": mode, "calls": "writes", "times": 1})
    house.client.delete_untersuchung(key)
    assert house.examinations(FUTURE) == []


@pytest.mark.parametrize("mode", BEFORE)
def test_what_fails_twice_has_failed(house: House, mode: str) -> None:
    house.gateway(execute_sql={"mode": mode, "calls": "writes"})
    with pytest.raises((SqlhkError, SqlhkUnavailableError), match="Gateway"):
        house.client.insert_untersuchung(columns(MAX_ID))
    assert house.calls()["writes"] == 2
    assert house.examinations(FUTURE) == []


@pytest.mark.parametrize("mode", [*BEFORE, *AFTER])
def test_when_nobody_can_be_asked_the_outcome_is_unknown(house: House, mode: str) -> None:
    house.gateway(execute_sql={"mode": mode})
    with pytest.raises(OutcomeUnknownError, match="Gateway"):
        house.client.insert_untersuchung(columns(MAX_ID))
    assert house.calls()["writes"] == 1
    assert len(house.examinations(FUTURE)) == (1 if mode in AFTER else 0)


def test_silence_is_not_answered_by_repeating(hasty_house: House) -> None:
    hasty_house.gateway(execute_sql={"mode": "slow_after", "calls": "writes", "seconds": 5})
    hasty_house.client.insert_untersuchung(columns(MAX_ID))  # the look found it
    hasty_house.gateway(execute_sql={"mode": "slow_before", "calls": "writes", "seconds": 5})
    with pytest.raises(OutcomeUnknownError, match="rechtzeitig"):  # it may still arrive
        hasty_house.client.insert_untersuchung(columns(MAX_ID, HerzkatheterID=1))
    assert hasty_house.calls()["writes"] == 2


def test_an_arbitrary_statement_is_sent_once(house: House) -> None:
    update = "UPDATE dbo.Patient SET handy = @x WHERE PatientID = 815"
    assert house.client.execute_sql(update, params={"x": "2"}) == []
    house.gateway(execute_sql={"mode": "status_after"})
    with pytest.raises(OutcomeUnknownError):
        house.client.execute_sql(update, params={"x": "3"})
    assert house.calls()["writes"] == 2


def test_a_stop_request_does_not_break_off_a_write(house: House) -> None:
    house.gateway(execute_sql={"mode": "hold", "calls": "writes"})
    control = RunControl(3 * PATIENCE)
    client = house.client.with_control(control)
    with ThreadPoolExecutor(1) as pool:
        inserted = pool.submit(client.insert_untersuchung, columns(MAX_ID))
        board, pause = house.systems.gateway.board, threading.Event()
        until = time.monotonic() + PATIENCE
        while not board.counts()["writes"]:
            assert time.monotonic() < until
            pause.wait(0.002)
        control.stop(StopReason.CANCELLED)
        house.gateway()
        inserted.result(PATIENCE)
    assert len(house.examinations(FUTURE)) == 1
    with pytest.raises(TaskCancelledError):
        client.insert_untersuchung(columns(MAX_ID, HerzkatheterID=1))
    with pytest.raises(DeadlineExceededError):
        house.client.with_control(RunControl(0.5)).insert_untersuchung(columns(1))
    assert house.calls()["writes"] == 1


# --- upsert --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["none", *BEFORE, *AFTER])
def test_upsert(house: House, mode: str) -> None:
    fault = {"mode": mode, "times": 1} if mode != "none" else {}
    search = {"M1Ziffer": 7_100_001}
    carried_out = 1 if mode in AFTER else 2  # after a late failure the row is there already
    house.gateway(upsert_data=fault)
    done = house.client.upsert_data("Patient", search, {"Nachname": "Neu"}, ["PatientID"])
    (row,) = house.rows("SELECT * FROM Patient WHERE M1Ziffer = 7100001")
    assert (done.operation_code, done.key) == (carried_out, row["PatientID"])
    house.gateway(upsert_data=fault)
    done = house.client.upsert_data("Patient", search, {"Nachname": HOSTILE}, ["PatientID"])
    assert (done.operation_code, done.key) == (1, row["PatientID"])
    (row,) = house.rows("SELECT * FROM Patient WHERE M1Ziffer = 7100001")
    assert row["Nachname"] == HOSTILE


def test_upsert_500_again_and_again(house: House) -> None:
    house.gateway(upsert_data={"mode": "status_before", "times": 5})
    for number in range(7_100_001, 7_100_006):
        done = house.client.upsert_data(
            "Patient", {"M1Ziffer": number}, {"Nachname": "Neu"}, ["PatientID"]
        )
        assert done.operation_code == 2
    assert len(house.client.get_patients_by_piz(range(7_100_001, 7_100_006))) == 5


@pytest.mark.parametrize("name", ["Patient; DROP TABLE x", "a b", "", "x]"])
def test_upsert_takes_plain_names_only(house: House, name: str) -> None:
    for arguments in (
        (name, {"M1Ziffer": 1}, {"Nachname": ""}, ["PatientID"]),
        ("Patient", {name: 1}, {"Nachname": ""}, ["PatientID"]),
        ("Patient", {"M1Ziffer": 1}, {name: ""}, ["PatientID"]),
        ("Patient", {"M1Ziffer": 1}, {"Nachname": ""}, [name]),
    ):
        with pytest.raises(ValueError, match="plain names"):
            house.client.upsert_data(*arguments)
    assert house.calls()["upsert_data"] == 0


def test_a_client_of_its_own(house: House) -> None:
    client = MsSqlApiClient(house.systems.gateway_url + "/")
    assert client.get_patient_by_piz(1234567) is not None
    client.close()
    calls = HttpCalls(connect_timeout=0.2, read_timeout=0.2)
    with pytest.raises(SqlhkUnavailableError):
        MsSqlApiClient("http://127.0.0.1:9", calls=calls).get_patient_by_piz(1)
    calls.close()
