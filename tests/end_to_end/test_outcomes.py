"""What a sync does to the registry: created, unchanged, updated, linked, and never more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.answers import outcomes, reasons, warning_codes
from tests.end_to_end.conftest import Sync
from tests.end_to_end.program import Program
from tests.end_to_end.stage import Stage

NEW_ROW = {
    "HerzkatheterID": 3,
    "UntersucherAbrechnungID": 2,
    "UntersuchungartID": 1,
    "ZuweiserID": 2,
    "Roentgen": 1,
    "Herzteam": 1,
    "Materialpreis": 0,
    "DRGID": 1,
    "Untersuchungtype": None,
}


def test_created_then_unchanged_then_updated(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    master_data = stage.patient_row(patient_id)
    appointment = stage.planned_once()

    created = sync()
    assert created["status"] == "completed"
    assert created["progress"]["message"] == "Untersuchung angelegt"
    assert created["sqlhk_sync"]["action"] == "created"
    assert created["sqlhk_sync"]["patient_action"] == "found"
    assert created["sqlhk_sync"]["patient_id"] == patient_id
    (row,) = stage.examinations()
    key = created["sqlhk_sync"]["untersuchung_id"]
    assert row == {
        "UntersuchungID": key,
        "Datum": stage.german_day,
        "PatientID": patient_id,
        **NEW_ROW,
    }
    assert created["appointments"] == {
        "found": 1,
        "processed": 1,
        "items": [
            {
                "appointment_id": appointment["id"],
                "outcome": "created",
                "untersuchung_id": key,
                "reason": None,
            }
        ],
    }
    told = {change["column"]: change["after"] for change in created["sqlhk_sync"]["changes"]}
    assert {**told, "UntersuchungID": key, "Untersuchungtype": None} == row
    assert {change["key"] for change in created["sqlhk_sync"]["changes"]} == {key}
    assert all(change["before"] is None for change in created["sqlhk_sync"]["changes"])
    assert created["patient"]["found"] is True
    assert (created["patient"]["name"], created["patient"]["vorname"]) == (stage.surname, "Zoë")
    assert created["warnings"] == []

    with stage.nothing_written():
        repeated = sync()
    assert repeated["sqlhk_sync"]["action"] == "unchanged"
    assert repeated["sqlhk_sync"]["untersuchung_id"] == key
    assert repeated["sqlhk_sync"]["changes"] == []
    assert outcomes(repeated) == {appointment["id"]: "unchanged"}

    stage.execute(
        "UPDATE Untersuchung SET ZuweiserID = 33, Roentgen = 7, Herzteam = 4,"
        " Materialpreis = 99.5, DRGID = 8, Untersuchungtype = 6 WHERE UntersuchungID = ?",
        key,
    )
    (by_people,) = stage.examinations()
    stage.change(appointment, employee=18)
    updated = sync()
    assert updated["sqlhk_sync"]["action"] == "updated"
    assert updated["sqlhk_sync"]["changes"] == [
        {
            "table": "Untersuchung",
            "key": key,
            "column": "UntersucherAbrechnungID",
            "before": 2,
            "before_name": "Prof. Dr. Jörg Weißhaupt",
            "after": 1,
            "after_name": "Dr. Annegret Sommerfeld",
        }
    ]
    assert stage.examinations() == [{**by_people, "UntersucherAbrechnungID": 1}]
    assert stage.patient_row(patient_id) == master_data


def test_room_and_doctor_changed_at_once(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    key = stage.examined(patient_id, HerzkatheterID=6, UntersucherAbrechnungID=12)
    (before,) = stage.examinations()
    stage.planned_once(room=18, employee=18)
    status = sync()
    assert status["sqlhk_sync"]["action"] == "updated"
    assert status["sqlhk_sync"]["untersuchung_id"] == key
    assert stage.examinations() == [{**before, "HerzkatheterID": 1, "UntersucherAbrechnungID": 1}]


@pytest.mark.parametrize("number", [None, 0])
def test_patient_without_number_is_linked(stage: Stage, sync: Sync, number: int | None) -> None:
    patient_id = stage.registered(
        M1Ziffer=number, Nachname=f" {stage.surname.upper()} ", Stadt="Fürth"
    )
    before = stage.patient_row(patient_id)
    stage.planned_once()
    status = sync()
    assert status["sqlhk_sync"]["patient_action"] == "linked"
    assert status["sqlhk_sync"]["patient_id"] == patient_id
    assert stage.patient_row(patient_id) == {**before, "M1Ziffer": int(stage.piz)}
    assert len(stage.examinations()) == 1
    assert {
        "table": "Patient",
        "key": patient_id,
        "column": "M1Ziffer",
        "before": number,
        "before_name": None,
        "after": int(stage.piz),
        "after_name": None,
    } in status["sqlhk_sync"]["changes"]
    assert sync()["sqlhk_sync"]["patient_action"] == "found"


@pytest.mark.parametrize(
    "difference",
    [{"Geburtsdatum": "04.02.1961"}, {"Vorname": "Zoe"}, {"M1Ziffer": 5_555_555}],
    ids=["birth date", "accent", "number"],
)
def test_somebody_alike_is_not_linked(stage: Stage, sync: Sync, difference: dict[str, Any]) -> None:
    other = stage.registered(**{"M1Ziffer": None, **difference})
    before = stage.patient_row(other)
    stage.planned_once()
    status = sync()
    assert status["sqlhk_sync"]["patient_action"] == "created"
    assert stage.patient_row(other) == before
    doubles = {"possible_double"} if "M1Ziffer" in difference else set()
    assert warning_codes(status) == doubles


def test_created_patient_has_every_column(stage: Stage, sync: Sync) -> None:
    stage.planned_once()
    status = sync()
    assert status["sqlhk_sync"]["patient_action"] == "created"
    (row,) = stage.patients()
    patient_id = row.pop("PatientID")
    assert status["sqlhk_sync"]["patient_id"] == patient_id
    assert row == {
        "Nachname": stage.surname,
        "Vorname": "Zoë",
        "Geburtsdatum": "03.02.1961",
        "M1Ziffer": int(stage.piz),
        "PLZ": 90403,
        "Stadt": "Nürnberg",
        "Strasse": "Probeweg 7b",
        "Geschlecht": 2,
        "email": "zoe.probe@example.org",
        "handy": "0176 04069777",
        "heydokid": stage.patient()["id"],
        "Versichertennr": "Z987654321",
    }
    told = {
        change["column"]: change["after"]
        for change in status["sqlhk_sync"]["changes"]
        if change["table"] == "Patient"
    }
    assert told == row
    assert [item["PatientID"] for item in stage.examinations()] == [patient_id]


def test_patient_search_does_not_know_the_patient(stage: Stage, sync: Sync) -> None:
    stage.planned(stage.appointment())
    status = sync()
    assert status["status"] == "completed"
    (row,) = stage.patients()
    assert (row["Nachname"], row["Vorname"], row["Geburtsdatum"]) == (
        stage.surname,
        "Zoë",
        "03.02.1961",
    )
    assert (row["heydokid"], row["Versichertennr"]) == (stage.patient()["id"], "Z987654321")


@pytest.mark.parametrize("manner", ["null", "404", "empty"])
def test_every_way_to_know_nobody(stage: Stage, sync: Sync, manner: str) -> None:
    stage.demo.control("PUT", "options", {"unknown_patient": manner})
    with stage.nothing_written():
        assert sync()["error_code"] == "patient_not_found"


def test_the_first_entry_of_the_patient_search_is_somebody_else(stage: Stage, sync: Sync) -> None:
    stranger = stage.patient(piz=stage.piz + "77", surname="Falsch", date_of_birth="1900-01-01")
    stage.demo.control("POST", "patients", stranger)
    stage.planned_once()
    status = sync()
    assert status["sqlhk_sync"]["patient_action"] == "created"
    assert [row["Nachname"] for row in stage.patients()] == [stage.surname]


def test_ablation_follows_its_own_rules(stage: Stage, sync: Sync) -> None:
    stage.registered()
    stage.planned_once(appointment_type=25, room=99, employee=50)
    assert sync()["error_code"] == "no_appointments"
    assert sync(appointment_type_id=25)["sqlhk_sync"]["action"] == "created"
    (row,) = stage.examinations()
    wanted = {
        **NEW_ROW,
        "UntersuchungartID": 8,
        "HerzkatheterID": 2,
        "ZuweiserID": 7,
        "UntersucherAbrechnungID": 12,
    }
    assert {name: row[name] for name in wanted} == wanted


def test_different_family_name_is_only_a_warning(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered(Nachname="Ledig")
    stage.planned_once()
    status = sync()
    assert warning_codes(status) == {"surname_differs"}
    assert stage.patient_row(patient_id)["Nachname"] == "Ledig"
    assert "Ledig" not in str(status["warnings"])


def test_people_type_dates_in_their_own_way(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered(Geburtsdatum=" 3.2.1961 ")
    typed = f" {stage.date.day}.{stage.date.month}.{stage.date.year}"
    key = stage.examined(patient_id, Datum=typed, UntersucherAbrechnungID=1)
    unreadable = stage.examined(patient_id, Datum="neulich")
    elsewhere = stage.examined(patient_id, Datum="06.10.2025")
    before = {row["UntersuchungID"]: row for row in stage.examinations()}
    stage.planned_once()
    status = sync()
    assert status["sqlhk_sync"]["action"] == "updated"
    assert status["sqlhk_sync"]["untersuchung_id"] == key
    after = {row["UntersuchungID"]: row for row in stage.examinations()}
    assert after[key] == {**before[key], "UntersucherAbrechnungID": 2}
    assert after[key]["Datum"] == typed
    assert after[unreadable] == before[unreadable]
    assert after[elsewhere] == before[elsewhere]
    assert len(after) == 3
    assert warning_codes(status) == {"date_unreadable"}


def test_birth_date_missing_on_one_side(stage: Stage, sync: Sync) -> None:
    stage.registered(Geburtsdatum=None)
    stage.planned_once()
    status = sync()
    assert status["status"] == "completed"
    assert warning_codes(status) == {"birth_date_missing_sqlhk"}


def test_row_whose_appointment_was_cancelled_stays(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    gone = stage.examined(patient_id, HerzkatheterID=1, UntersucherAbrechnungID=1)
    stage.known()
    kept = stage.appointment()
    cancelled = stage.appointment(room=18, employee=18, status="cancelled")
    stage.examined(patient_id)
    stage.planned(kept, cancelled)
    with stage.nothing_written():
        status = sync()
    assert status["sqlhk_sync"]["action"] == "unchanged"
    assert reasons(status) == {kept["id"]: None, cancelled["id"]: "cancelled"}
    assert "examination_without_appointment" in warning_codes(status)
    assert str(gone) in str(status["warnings"])


def test_the_day_of_the_demo(program: Program) -> None:
    """The first request that anybody tries, on the data that the demo ships with."""
    first = program.sync({"piz": "1234567", "date": "2025-10-06"})
    again = program.sync({"piz": 1234567, "date": "2025-10-06"})
    assert first["sqlhk_sync"]["action"] in ("created", "unchanged")
    assert again["sqlhk_sync"]["action"] == "unchanged"
    assert again["sqlhk_sync"]["untersuchung_id"] == first["sqlhk_sync"]["untersuchung_id"]
    assert again["sqlhk_sync"]["patient_id"] == 815


def test_a_mapping_that_cannot_be_read_is_passed_over_and_named(stage: Stage, sync: Sync) -> None:
    stage.registered()
    stage.planned_once()
    change = "UPDATE Untersuchungart SET appointment_type = ? WHERE UntersuchungartID = 4"
    stage.execute(change, "{'1': 31")
    try:
        status = sync()
    finally:
        stage.execute(change, None)
    assert status["sqlhk_sync"]["action"] == "created"
    (warning,) = status["warnings"]
    assert warning["code"] == "mapping_unreadable"
    assert "Untersuchungart 4" in warning["message"]
