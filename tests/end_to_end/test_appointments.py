"""Which of CallDoc's appointments are taken, and what the ledger says of the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.end_to_end.answers import outcomes, reasons, warning_codes
from tests.end_to_end.conftest import Sync
from tests.end_to_end.program import Program
from tests.end_to_end.stage import Stage


def test_two_appointments_become_two_examinations(stage: Stage, sync: Sync) -> None:
    stage.known()
    early, late = stage.appointment(), stage.appointment(time="15:15", room=18, employee=18)
    stage.planned(late, early)
    status = sync()
    assert status["appointments"]["found"] == 2
    assert outcomes(status) == {early["id"]: "created", late["id"]: "created"}
    rows = stage.examinations()
    assert {(row["HerzkatheterID"], row["UntersucherAbrechnungID"]) for row in rows} == {
        (3, 2),
        (1, 1),
    }
    with stage.nothing_written():
        assert outcomes(sync()) == {early["id"]: "unchanged", late["id"]: "unchanged"}
    stage.change(late, room=61)
    status = sync()
    assert outcomes(status) == {early["id"]: "unchanged", late["id"]: "updated"}
    assert status["sqlhk_sync"]["action"] == "updated"
    assert len(stage.examinations()) == 2


def test_the_weightiest_action_is_told(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    stage.examined(patient_id)
    stage.known()
    kept, new = stage.appointment(), stage.appointment(time="11:00", room=18, employee=18)
    stage.planned(kept, new)
    status = sync()
    assert outcomes(status) == {kept["id"]: "unchanged", new["id"]: "created"}
    assert status["sqlhk_sync"]["action"] == "created"
    created = next(i for i in status["appointments"]["items"] if i["outcome"] == "created")
    assert status["sqlhk_sync"]["untersuchung_id"] == created["untersuchung_id"]


def test_two_appointments_of_the_same_examination(stage: Stage, sync: Sync) -> None:
    stage.known()
    early, late = stage.appointment(), stage.appointment(time="15:30")
    stage.planned(early, late)
    status = sync()
    assert status["appointments"]["found"] == 2
    assert status["appointments"]["processed"] == 1
    assert reasons(status) == {early["id"]: None, late["id"]: "same_examination"}
    (row,) = stage.examinations()
    assert {item["untersuchung_id"] for item in status["appointments"]["items"]} == {
        row["UntersuchungID"]
    }


def test_same_appointment_listed_twice(stage: Stage, sync: Sync) -> None:
    stage.known()
    appointment = stage.appointment()
    stage.planned(appointment, appointment)
    status = sync()
    assert status["appointments"]["found"] == 1
    assert outcomes(status) == {appointment["id"]: "created"}
    assert len(stage.examinations()) == 1


@pytest.mark.parametrize(
    ("word", "reason"),
    [("canceled", "cancelled"), ("cancelled", "cancelled"), ("no_show", "no_show")],
)
def test_only_one_that_does_not_take_place(
    stage: Stage, sync: Sync, word: str, reason: str
) -> None:
    appointment = stage.planned_once(status=word)
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "no_appointments"
    assert status["safe_to_retry"] is True
    assert status["appointments"]["found"] == 0
    assert reasons(status) == {appointment["id"]: reason}
    assert status["patient"]["found"] is True


@pytest.mark.parametrize("word", ["confirmed", "completed", "finished_final"])
def test_other_statuses_are_taken(stage: Stage, sync: Sync, word: str) -> None:
    stage.planned_once(status=word)
    status = sync()
    assert status["sqlhk_sync"]["action"] == "created"
    assert warning_codes(status) == set()


@pytest.mark.parametrize("word", ["arrived", "", None, 7])
def test_unknown_status_is_taken_with_a_warning(stage: Stage, sync: Sync, word: Any) -> None:
    stage.planned_once(status=word)
    status = sync()
    assert status["sqlhk_sync"]["action"] == "created"
    assert warning_codes(status) == {"unknown_status"}


def test_message_tells_what_there_is_instead(stage: Stage, sync: Sync) -> None:
    stage.known()
    ablation = stage.appointment(appointment_type=25, time="09:30")
    cancelled = stage.appointment(status="canceled", time="11:05")
    stage.planned(ablation, cancelled)
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "no_appointments"
    assert "Termin vom Typ 25 um 9:30" in status["error"]
    assert "Termin vom Typ 24 um 11:05 (abgesagt)" in status["error"]
    assert reasons(status) == {ablation["id"]: "other_type", cancelled["id"]: "cancelled"}


def test_type_that_the_server_filters_out_is_found_by_asking_again(
    stage: Stage, sync: Sync
) -> None:
    stage.demo.control("PUT", "options", {"filters": "honoured"})
    stage.known()
    ablation = stage.appointment(appointment_type=25, time="09:30")
    stage.planned(ablation)
    stage.demo.control("POST", "calls/reset")
    status = sync()
    assert "Termin vom Typ 25 um 9:30" in status["error"]
    assert reasons(status) == {ablation["id"]: "other_type"}
    calls = stage.demo.control("GET", "state")["calls"]
    assert calls == {"appointments": 2, "patients": 1}


def test_two_calls_are_enough_otherwise(stage: Stage, sync: Sync) -> None:
    stage.planned_once()
    stage.demo.control("POST", "calls/reset")
    sync()
    assert stage.demo.control("GET", "state")["calls"] == {"appointments": 1, "patients": 1}


def test_server_that_ignores_every_filter(stage: Stage, sync: Sync) -> None:
    stage.demo.control("PUT", "options", {"filters": "ignored"})
    stage.known()
    mine = stage.appointment()
    yesterday, tomorrow = (
        stage.appointment(scheduled_for_datetime=f"{stage.date + timedelta(days=n)}T08:00:00")
        for n in (-1, 1)
    )
    ablation = stage.appointment(appointment_type=25)
    somebody_else = stage.appointment(piz=stage.piz + "1")
    nobody = stage.appointment(piz=None)
    stage.planned(yesterday, tomorrow, ablation, somebody_else, nobody, mine)
    status = sync()
    assert reasons(status) == {mine["id"]: None, ablation["id"]: "other_type"}
    assert len(stage.examinations()) == 1


def test_old_field_names(stage: Stage, sync: Sync) -> None:
    stage.demo.control("PUT", "options", {"field_names": "old"})
    stage.planned_once(room=18, employee=50)
    assert sync()["sqlhk_sync"]["action"] == "created"
    (row,) = stage.examinations()
    assert (row["HerzkatheterID"], row["UntersucherAbrechnungID"]) == (1, 12)


def test_new_names_win_over_old_ones(stage: Stage, sync: Sync) -> None:
    stage.planned_once(appointment_type_id=25, room_id=18, employee_id=18)
    assert sync()["sqlhk_sync"]["action"] == "created"
    (row,) = stage.examinations()
    assert (row["HerzkatheterID"], row["UntersucherAbrechnungID"]) == (3, 2)


def test_numbers_as_text(stage: Stage, sync: Sync) -> None:
    stage.known()
    appointment = stage.appointment(
        piz=f" 00{stage.piz} ", appointment_type="24", room="54", employee="27"
    )
    stage.planned(appointment)
    assert outcomes(sync()) == {appointment["id"]: "created"}


def test_number_as_number(stage: Stage, sync: Sync) -> None:
    stage.known()
    appointment = stage.appointment(piz=int(stage.piz))
    stage.planned(appointment)
    assert outcomes(sync()) == {appointment["id"]: "created"}


def _moments(stage: Stage) -> dict[str, bool]:
    # The stage's days lie in summer or winter; so hours that are safe in both are used.
    before, day, after = (stage.date + timedelta(days=n) for n in (-1, 0, 1))
    return {
        f"{before}T23:30:00Z": True,  # 0:30 or 1:30 of the day in Germany
        f"{day}T23:30:00Z": False,
        f"{day}T21:59:00Z": True,
        f"{before}T21:59:00Z": False,
        f"{day}T00:00:00": True,
        f"{day}T23:59:59": True,
        f"{day} 12:00:00": True,
        f"{after}T00:00:00": False,
        f"{before}T23:59:59": False,
        f"{before}T23:30:00.000+00:00": True,
        f"{after}T08:00:00+14:00": True,
        f"{before}T14:00:00-12:00": True,
        f"{day}T00:30:00+09:00": False,
    }


@pytest.mark.parametrize("number", range(13))
def test_midnight(stage: Stage, sync: Sync, number: int) -> None:
    moment, on_the_day = list(_moments(stage).items())[number]
    appointment = stage.planned_once(scheduled_for_datetime=moment)
    status = sync()
    if on_the_day:
        assert outcomes(status) == {appointment["id"]: "created"}, moment
        assert [row["Datum"] for row in stage.examinations()] == [stage.german_day]
    else:
        assert status["error_code"] == "no_appointments", moment
        assert status["appointments"]["items"] == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {"id": None},
        {"id": {"nested": 1}},
        {"scheduled_for_datetime": None},
        {"scheduled_for_datetime": "gestern"},
        {"scheduled_for_datetime": 7},
        {"appointment_type": None},
        {"appointment_type": [24]},
    ],
    ids=str,
)
def test_unreadable_appointment_spoils_no_other(
    stage: Stage, sync: Sync, spoilt: dict[str, Any]
) -> None:
    stage.known()
    good, bad = stage.appointment(), stage.appointment(time="10:00", **spoilt)
    stage.planned(bad, good, None, "nonsense", 7, [good], {})
    status = sync()
    assert status["sqlhk_sync"]["action"] == "created"
    bad_id = None if "id" in spoilt else bad["id"]
    assert reasons(status) == {good["id"]: None, bad_id: "unreadable"}
    assert "unreadable_appointment" in warning_codes(status)


def test_null_in_every_field_that_does_not_decide(stage: Stage, sync: Sync) -> None:
    stage.known()
    appointment = stage.appointment()
    needed = {"id", "piz", "appointment_type", "employee", "room", "scheduled_for_datetime"}
    stage.planned({**dict.fromkeys(appointment), **{name: appointment[name] for name in needed}})
    status = sync()
    assert status["sqlhk_sync"]["action"] == "created"
    assert len(stage.patients()) == 1


def test_five_thousand_appointments(stage: Stage, sync: Sync) -> None:
    stage.known()
    mine = stage.appointment(time="18:00")
    stage.demo.control("PUT", f"days/{stage.day}", {"generated": {"count": 5000, "seed": 3}})
    stage.also_planned(mine)
    assert outcomes(sync()) == {mine["id"]: "created"}
    stage.planned()


def test_row_that_fits_one_of_two_appointments_by_half(stage: Stage, sync: Sync) -> None:
    key = stage.examined(stage.registered(), HerzkatheterID=3, UntersucherAbrechnungID=12)
    stage.known()
    like_it, new = stage.appointment(), stage.appointment(room=18, employee=18)
    stage.planned(like_it, new)
    status = sync()
    assert outcomes(status) == {like_it["id"]: "updated", new["id"]: "created"}
    by_key = {row["UntersuchungID"]: row for row in stage.examinations()}
    assert by_key[key]["UntersucherAbrechnungID"] == 2
    assert len(by_key) == 2


def test_examination_that_people_entered_twice(stage: Stage, sync: Sync) -> None:
    patient_id = stage.registered()
    first, second = stage.examined(patient_id), stage.examined(patient_id)
    stage.planned_once()
    with stage.nothing_written():
        status = sync()
    assert status["sqlhk_sync"]["action"] == "unchanged"
    assert status["sqlhk_sync"]["untersuchung_id"] == first
    assert warning_codes(status) == {"examination_without_appointment"}
    assert str(second) in str(status["warnings"])


def test_the_day_is_a_german_day_wherever_the_computer_thinks_it_is(
    hasty: Program, stage: Stage
) -> None:
    """The second program runs with the clock of Los Angeles."""
    stage.known()
    early = stage.appointment(time="00:30")
    late = stage.appointment(scheduled_for_datetime=f"{stage.day}T21:30:00Z", room=18)
    not_mine = stage.appointment(scheduled_for_datetime=f"{stage.day}T23:30:00Z", room=19)
    stage.planned(early, late, not_mine)
    status = hasty.sync(stage.body())
    assert outcomes(status) == {early["id"]: "created", late["id"]: "created"}
    assert {row["Datum"] for row in stage.examinations()} == {stage.german_day}
    assert status["created_at"].endswith(("-08:00", "-07:00"))
