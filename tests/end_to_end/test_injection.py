"""Hostile texts, from clients and from CallDoc, are texts and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.answers import Contract, problem
from tests.end_to_end.conftest import Sync
from tests.end_to_end.program import Program
from tests.end_to_end.stage import Stage

HOSTILE = (
    "'); DROP TABLE Untersuchung; --",
    "O'Brien\"; DELETE FROM Patient WHERE '1'='1",
    "'/**/UNION/**/SELECT * FROM Patient --",
    "1; UPDATE Patient SET Nachname = 'X' --",
    "%' OR '%'='",
    "{{7*7}} ${jndi:ldap://x} <script>alert(1)</script>",
    ":new_Nachname ?1 @p1 %(x)s {0} %s",
    "line\r\nInjected: header\u2028\u0085\x1b[31m",
    "😀 ẞ ﬁ ﷽ \u202e",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_every_field_of_a_request(program: Program, stage: Stage, text: str) -> None:
    with stage.nothing_written():
        for name in ("piz", "date", "appointment_type_id", "dry_run", "plan_token"):
            problem(program.send(stage.body(**{name: text})), 400, "invalid_request")
        problem(program.send(stage.body(expected_birth_date=text)), 400, "invalid_request")
        document = problem(program.send(stage.body(**{text: text})), 400, "invalid_request")
        assert document["detail"] == problem(program.send({}), 400, "invalid_request")["detail"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_every_text_that_calldoc_tells(
    program: Program, stage: Stage, sync: Sync, text: str
) -> None:
    hostile: dict[str, Any] = {
        "surname": text,
        "name": text[::-1],
        "city": text,
        "street": text,
        "house_number": text,
        "gender": text,
        "city_code": text,
        "insurance_number": text,
        "emails": [{"email": text}],
        "phones": [{"phone_type": "Mobile", "phone_number": text}],
    }
    stage.known(**hostile)
    stage.planned(stage.appointment(**hostile, status=text, employee_last_name=text))
    status = sync()
    assert status["status"] == "completed", status["error"]
    assert status["patient"]["name"] == text.strip()
    (row,) = stage.patients()
    clean = text.strip()
    assert (row["Nachname"], row["Vorname"]) == (clean, text[::-1].strip())
    assert (row["email"], row["handy"], row["Stadt"]) == (clean, clean, clean)
    assert (row["Versichertennr"], row["Strasse"]) == (clean, f"{clean} {clean}")
    assert (row["PLZ"], row["Geschlecht"]) == (None, 0)
    assert len(stage.examinations()) == 1
    assert sync()["sqlhk_sync"]["action"] == "unchanged"
    log = (program.data_dir / "sync_gui.log").read_text(encoding="utf-8")
    assert text not in log
    assert "Injected" not in log


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_every_field_that_decides(stage: Stage, sync: Sync, text: str) -> None:
    stage.known()
    good = stage.appointment()
    fields = ("id", "piz", "appointment_type", "room", "employee", "scheduled_for_datetime")
    bad = [stage.appointment(time="12:00", **{name: text}) for name in fields if name != "room"]
    stage.planned(good, *[item for item in bad if item["employee"] != text])
    assert sync()["sqlhk_sync"]["action"] == "created"
    for name in ("room", "employee"):
        stage.planned(stage.appointment(**{name: text}))
        with stage.nothing_written():
            status = sync()
        assert status["error_code"] == "mapping_missing"
        assert text not in status["error"]


def test_linked_by_a_hostile_name(stage: Stage, sync: Sync) -> None:
    name = "'); DROP TABLE Patient; --"
    patient_id = stage.registered(M1Ziffer=None, Nachname=name)
    stage.known(surname=name)
    stage.planned(stage.appointment(surname=name))
    status = sync()
    assert status["sqlhk_sync"]["patient_action"] == "linked"
    assert status["sqlhk_sync"]["patient_id"] == patient_id


@pytest.mark.parametrize("text", ["Müller\u0000Null", "halb\ud83d"], ids=["nul", "surrogate"])
def test_names_that_cannot_be_stored(stage: Stage, sync: Sync, text: str) -> None:
    """They count as missing, in the names as in everything else."""
    stage.known(surname=text)
    stage.planned(stage.appointment(surname=text))
    with stage.nothing_written():
        assert sync()["error_code"] == "patient_incomplete"
    stage.demo.control("PATCH", f"patients/{stage.piz}", {"surname": "Heil", "city": text})
    assert sync()["sqlhk_sync"]["patient_action"] == "created"
    (row,) = stage.patients()
    assert (row["Nachname"], row["Stadt"]) == ("Heil", "Nürnberg")


def test_texts_longer_than_their_columns(stage: Stage, sync: Sync) -> None:
    stage.known(city="Ü" * 256, street="ß" * 300, insurance_number="1" * 255)
    stage.planned(stage.appointment())
    assert sync()["sqlhk_sync"]["patient_action"] == "created"
    (row,) = stage.patients()
    assert (row["Stadt"], row["Strasse"], row["Versichertennr"]) == (None, None, "1" * 255)


def test_family_name_longer_than_its_column(stage: Stage, sync: Sync) -> None:
    stage.known(surname="X" * 256)
    stage.planned(stage.appointment(surname="X" * 256))
    with stage.nothing_written():
        status = sync()
    assert status["error_code"] == "patient_incomplete"
    assert "XXX" not in status["error"]


@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 10**30, -1, 1.5, 1e300])
def test_numbers_that_no_column_holds(stage: Stage, sync: Sync, number: float) -> None:
    stage.known(id=number, city_code=number, house_number=number)
    stage.planned(stage.appointment(patient=number, city_code=number))
    status = sync()
    assert status["status"] == "completed", status["error"]
    (row,) = stage.patients()
    assert row["heydokid"] is None or abs(row["heydokid"]) < 2**31


@pytest.mark.parametrize("field", ["room", "employee", "id", "appointment_type", "piz"])
@pytest.mark.parametrize("number", [2**63, 2**64, 10**30, -1, 1e300])
def test_enormous_numbers_that_decide(
    stage: Stage, sync: Sync, contract: Contract, field: str, number: float
) -> None:
    stage.known()
    stage.planned(stage.appointment(**{field: number}))
    status = sync()
    contract.check_status(status)
    codes = {
        "room": ("mapping_missing",),
        "employee": ("mapping_missing",),
        "id": (None,) if number == -1 else ("no_appointments",),
    }
    assert status["error_code"] in codes.get(field, ("no_appointments",))
