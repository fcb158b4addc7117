"""The special cases stand in the plan and in SQLHK as their names say."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from demo import people
from demo.calldoc_json import appointment_json, patient_json, with_old_field_names
from demo.day_plan import (
    ABLATION,
    HEART_CATHETER,
    ORDINARY_DAY,
    Appointment,
    day_after,
    demo_days,
    generated_day,
    ordinary_day,
)
from demo.people import Person
from demo.registry_rows import NOT_IN_SQLHK, patient_id
from demo.sqlhk_database import create_database

TODAY = date(2026, 3, 9)


def of(person: Person, day: date = ORDINARY_DAY) -> list[Appointment]:
    return [item for item in ordinary_day(day) if item.person is person]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path: Path = tmp_path_factory.mktemp("sqlhk") / "sqlhk.sqlite"
    create_database(path, (ORDINARY_DAY, TODAY))
    with closing(sqlite3.connect(path)) as file:
        copy = sqlite3.connect(":memory:")
        file.backup(copy)
    copy.row_factory = sqlite3.Row
    yield copy
    copy.close()


def patients(rows: sqlite3.Connection, person: Person) -> list[sqlite3.Row]:
    query = "SELECT * FROM Patient WHERE M1Ziffer = ? OR PatientID = ?"
    return rows.execute(query, (person.piz, patient_id(person))).fetchall()


def examinations(rows: sqlite3.Connection, person: Person) -> list[sqlite3.Row]:
    query = "SELECT * FROM Untersuchung WHERE PatientID = ?"
    return rows.execute(query, (patient_id(person),)).fetchall()


def test_first_catheter_appointment_is_max() -> None:
    first = next(item for item in ordinary_day() if item.appointment_type == HEART_CATHETER)
    assert appointment_json(first) == {
        "id": 244092,
        "piz": "1234567",
        "appointment_type": 24,
        "employee": 27,
        "employee_title": "Prof. Dr.",
        "employee_first_name": "Jörg",
        "employee_last_name": "Weißhaupt",
        "room": 54,
        "status": "created",
        "scheduled_for_datetime": "2025-10-06T08:00:00+02:00",
        "surname": "Mustermann",
        "name": "Max",
        "date_of_birth": "1950-01-31",
        "patient": 4711,
        "patient_insurance_number": "A123456789",
        "city_code": "90402",
        "city": "Nürnberg",
        "street": "Hauptstr.",
        "house_number": "1",
        "gender": "male",
        "emails": [{"email": "max.mustermann@example.org"}],
        "phones": [
            {"phone_type": "Landline", "phone_number": "030 23125001"},
            {"phone_type": "Mobile", "phone_number": "0176 04069001"},
        ],
    }


def test_size_types_and_masters_of_the_day() -> None:
    day = ordinary_day()
    assert 40 <= len(day) <= 50
    types = Counter(item.appointment_type for item in day)
    assert types[HEART_CATHETER] >= 25
    assert types[ABLATION] >= 2
    assert {1, 4, 13} <= set(types)
    assert {item.room for item in day} == {18, 19, 54, 61, people.UNMAPPED_ROOM_ID}
    assert {item.employee for item in day} == {18, 27, 50, people.UNMAPPED_EMPLOYEE_ID}
    assert {"canceled", "cancelled", "no_show", "created"} <= {item.status for item in day}
    names = "".join(item.person.surname + item.person.name for item in day)
    assert set("'-ßöäüÄÖ ") <= set(names)


def test_one_appointment_is_listed_twice_and_no_other() -> None:
    ids = Counter(item.id for item in ordinary_day())
    (twice,) = of(people.LISTED_TWICE)[:1]
    assert {number: count for number, count in ids.items() if count > 1} == {twice.id: 2}


@pytest.mark.parametrize(
    ("person", "listed"),
    [
        (people.NUMBER_AS_NUMBER, 1300024),
        (people.NUMBER_PADDED, " 00130025 "),
        (people.MAX, "1234567"),
    ],
)
def test_how_numbers_are_written(person: Person, listed: str | int) -> None:
    assert [item.listed_piz for item in of(person)] == [listed]


def test_appointments_without_a_number() -> None:
    assert [item.listed_piz for item in of(people.NO_NUMBER)] == [None, ""]


def test_two_appointments_and_the_same_row_twice() -> None:
    labs = [(item.room, item.employee) for item in of(people.TWO_APPOINTMENTS)]
    assert len(set(labs)) == 2
    labs = [(item.room, item.employee) for item in of(people.SAME_ROW_TWICE)]
    assert len(labs) == 2
    assert len(set(labs)) == 1


def test_persons_with_nothing_to_synchronise() -> None:
    assert [item.status for item in of(people.ONLY_CANCELLED)] == ["canceled"]
    assert [item.status for item in of(people.CANCELLED_WITH_ROW)] == ["cancelled"]
    assert [item.status for item in of(people.NO_SHOW)] == ["no_show"]
    assert [item.appointment_type for item in of(people.ONLY_ABLATION)] == [ABLATION]
    assert of(people.NO_APPOINTMENT) == []


@pytest.mark.parametrize(
    ("person", "written"),
    [
        (people.UTC_TIME, "2025-10-06T12:45:00Z"),
        (people.LOCAL_TIME, "2025-10-06T15:00:00"),
    ],
)
def test_how_times_are_written(person: Person, written: str) -> None:
    (item,) = of(person)
    assert appointment_json(item)["scheduled_for_datetime"] == written


def test_night_of_the_next_day_is_written_as_the_day_itself() -> None:
    (night,) = (item for item in day_after(date(2025, 10, 7)) if item.person is people.NIGHT)
    written = appointment_json(night)["scheduled_for_datetime"]
    assert written == "2025-10-06T22:30:00Z"
    assert datetime.fromisoformat(written.replace("Z", "+00:00")).tzinfo == timezone.utc


def test_today_has_the_same_plan_under_other_ids() -> None:
    days = demo_days(TODAY)
    assert [item.person for item in days[TODAY]] == [item.person for item in days[ORDINARY_DAY]]
    assert set(days) == {ORDINARY_DAY, date(2025, 10, 7), TODAY, date(2026, 3, 10)}
    ids = [{item.id for item in plan} for plan in days.values()]
    assert len(set.union(*ids)) == sum(map(len, ids))


@pytest.mark.parametrize("today", [ORDINARY_DAY, date(2025, 10, 7), date(2025, 10, 5)])
def test_full_plan_wins_over_the_quiet_day(today: date) -> None:
    days = demo_days(today)
    assert len(days[ORDINARY_DAY]) == len(days[today]) == len(ordinary_day())


def test_max_is_known_and_not_examined(rows: sqlite3.Connection) -> None:
    (row,) = patients(rows, people.MAX)
    assert (row["PatientID"], row["M1Ziffer"], row["Geburtsdatum"]) == (815, 1234567, "31.01.1950")
    assert {row["Datum"] for row in examinations(rows, people.MAX)} == {"12.03.2019", "5.4.2023"}


@pytest.mark.parametrize("person", NOT_IN_SQLHK)
def test_unknown_people_are_not_in_sqlhk(rows: sqlite3.Connection, person: Person) -> None:
    assert patients(rows, person) == []
    query = "SELECT count(*) FROM Patient WHERE Nachname = ? AND Vorname = ?"
    assert rows.execute(query, (person.surname, person.name)).fetchone()[0] == 0


@pytest.mark.parametrize(("person", "number"), [(people.LINKABLE, None), (people.LINKABLE_ZERO, 0)])
def test_linkable_rows_have_no_number(
    rows: sqlite3.Connection, person: Person, number: int | None
) -> None:
    (row,) = patients(rows, person)
    assert row["M1Ziffer"] == number
    assert row["Nachname"] != person.surname, "the spelling must differ, too"
    assert person.born is not None
    assert row["Geburtsdatum"] == person.born.strftime("%d.%m.%Y")


def test_rows_that_must_be_refused(rows: sqlite3.Connection) -> None:
    (row,) = patients(rows, people.OTHER_BIRTH_DATE)
    assert row["Geburtsdatum"] == "31.01.1952"
    assert len(patients(rows, people.NUMBER_TWICE)) == 2
    assert len(examinations(rows, people.AMBIGUOUS_EXAMINATION)) == 2 * 2


def test_rows_that_are_a_warning(rows: sqlite3.Connection) -> None:
    (married,) = patients(rows, people.MARRIED)
    assert married["Nachname"] == "Seidel"
    (namesake,) = patients(rows, people.NAMESAKE)
    assert namesake["Nachname"] == people.NAMESAKE.surname
    assert namesake["M1Ziffer"] not in (None, 0, int(people.NAMESAKE.piz or 0))


@pytest.mark.parametrize(
    ("person", "texts"),
    [
        (people.TYPED_DATE_SHORT, {"6.10.2025", "9.3.2026"}),
        (people.TYPED_DATE_BLANKS, {" 06.10.2025 ", " 09.03.2026 "}),
        (people.TYPED_DATE_ISO, {"2025-10-06", "2026-03-09"}),
        (people.TYPED_DATE_UNREADABLE, {"Anfang der Woche"}),
    ],
)
def test_typed_dates(rows: sqlite3.Connection, person: Person, texts: set[str]) -> None:
    assert {row["Datum"] for row in examinations(rows, person)} == texts


LABS = {18: 1, 19: 2, 54: 3, 61: 6}
DOCTORS = {18: 1, 27: 2, 50: 12}


@pytest.mark.parametrize(
    ("person", "same_lab", "same_doctor"),
    [
        (people.UNCHANGED, True, True),
        (people.OTHER_DOCTOR, True, False),
        (people.TYPED_DATE_SHORT, True, True),
        (people.TYPED_DATE_BLANKS, True, True),
        (people.TYPED_DATE_ISO, True, True),
        (people.CANCELLED_WITH_ROW, True, True),
    ],
)
def test_existing_examinations_against_the_plan(
    rows: sqlite3.Connection, person: Person, same_lab: bool, same_doctor: bool
) -> None:
    planned = of(person)[0]
    for row in examinations(rows, person):
        assert (row["HerzkatheterID"] == LABS[planned.room]) is same_lab
        assert (row["UntersucherAbrechnungID"] == DOCTORS[planned.employee]) is same_doctor


def test_fields_filled_by_people(rows: sqlite3.Connection) -> None:
    for row in examinations(rows, people.OTHER_DOCTOR):
        filled = [row[n] for n in ("ZuweiserID", "Roentgen", "Herzteam", "Materialpreis", "DRGID")]
        assert filled == [41, 3, 2, 1234.56, 17]


def test_mapping_tables(rows: sqlite3.Connection) -> None:
    kinds: dict[int, Any] = {
        row[0]: row[2] for row in rows.execute("SELECT * FROM Untersuchungart")
    }
    assert kinds[1] == '{"1": 24}'
    assert kinds[8] == '{"1": "25"}'
    assert None in kinds.values()
    rooms = rows.execute("SELECT room_id, HerzkatheterID FROM Herzkatheter WHERE room_id NOTNULL")
    assert dict(map(tuple, rooms)) == LABS
    doctors = rows.execute(
        "SELECT employee_id, UntersucherAbrechnungID FROM Untersucherabrechnung"
        " WHERE employee_id NOTNULL"
    )
    assert dict(map(tuple, doctors)) == DOCTORS


def test_everybody_else(rows: sqlite3.Connection) -> None:
    assert rows.execute("SELECT count(*) FROM Patient WHERE PatientID <= 600").fetchone()[0] == 600
    crowd = "SELECT count(*) FROM Untersuchung WHERE PatientID <= 600"
    assert rows.execute(crowd).fetchone()[0] >= 900
    assert rows.execute(f"{crowd} AND Datum = '06.10.2025'").fetchone()[0] >= 20
    unreadable = f"{crowd} AND Datum LIKE 'KW%'"
    assert rows.execute(unreadable).fetchone()[0] > 0


def test_patient_search_form() -> None:
    patient = patient_json(people.UNKNOWN_TO_SQLHK)
    assert patient["date_of_birth"] == "1980-12-01T00:00:00"
    assert patient["id"] == 4724
    assert patient["insurance_number"] == "B234567890"
    assert people.NOT_IN_PATIENT_SEARCH not in people.IN_PATIENT_SEARCH
    assert len({person.piz for person in people.IN_PATIENT_SEARCH}) == len(people.IN_PATIENT_SEARCH)


def test_old_field_names() -> None:
    entry = with_old_field_names(appointment_json(ordinary_day()[0]))
    assert (entry["appointment_type_id"], entry["employee_id"], entry["room_id"]) == (24, 27, 54)
    assert not {"appointment_type", "employee", "room"} & set(entry)
    assert with_old_field_names("nonsense") == "nonsense"


@pytest.mark.parametrize("count", [0, 300, 5000])
def test_generated_day(count: int) -> None:
    day = generated_day(TODAY, count, seed=7)
    assert len(day) == len({item.id for item in day}) == count
    assert len({item.listed_piz for item in day}) == count
    assert day == generated_day(TODAY, count, seed=7)
    if count:
        assert day != generated_day(TODAY, count, seed=8)
        assert not {item.listed_piz for item in day} & {person.piz for person in people.EVERYBODY}
        catheters = sum(item.appointment_type == HEART_CATHETER for item in day)
        assert 0.4 < catheters / count < 0.6
