"""The plan: what will be written, and the token that stands for exactly that."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from plugins.single_patient.carry_out import carry_out, preview
from plugins.single_patient.ledger import LedgerLine, select_appointments
from plugins.single_patient.plan import AppointmentsNotMappedError, Plan, make_plan, map_taken
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.result import Change
from plugins.single_patient.transaction import RegistryTransaction
from sync_core.appointments import Person, read_appointment
from sync_core.errors import AmbiguousExaminationError, PatientIncompleteError
from sync_core.identity import PatientAction, RegistryPatient, decide_patient, merge_person
from sync_core.mapping import MappingRow, MappingTables
from sync_core.matching import ExaminationRow
from sync_core.run_control import RunControl
from sync_core.settings import MappingSettings, TypeRule
from tests.single_patient.registry import open_registry
from tests.sync_core.calldoc_samples import BORN, DAY, PIZ, entry, person

PATIENT = RegistryPatient(815, PIZ, "Beispiel", "Erna", "31.01.1950")
UNNUMBERED = replace(PATIENT, number=None)
SHIPPED = MappingSettings()
TABLES = MappingTables(
    kinds=[MappingRow(1, '{"1": 24}'), MappingRow(8, '{"1": 25}')],
    rooms=[MappingRow(1, 18), MappingRow(2, 19), MappingRow(3, 54)],
    doctors=[MappingRow(1, 18), MappingRow(2, 27)],
)


def row(key: int, lab: int | None, doctor: int | None, **changes: Any) -> ExaminationRow:
    return replace(ExaminationRow(key, 815, "06.10.2025", 1, lab, doctor), **changes)


@dataclass(frozen=True)
class Situation:
    """Everything that is read before a plan is made."""

    raw: tuple[dict[str, Any], ...] = (entry(id=1), entry(id=2, room=18))
    request: SyncRequest = field(default_factory=lambda: SyncRequest(PIZ, DAY))
    searched: Person | None = field(default_factory=person)
    with_number: tuple[RegistryPatient, ...] = (PATIENT,)
    born_alike: tuple[RegistryPatient, ...] = ()
    rows: tuple[ExaminationRow, ...] = (row(10, 3, 9), row(11, 1, 2))
    tables: MappingTables = TABLES
    settings: MappingSettings = SHIPPED

    def plan(self) -> Plan:
        read = [read_appointment(item) for item in self.raw]
        selection = select_appointments(
            self.request.piz, self.request.day, self.request.appointment_type_id, read
        )
        who = merge_person(
            self.request.piz, self.searched, [item.person for item in selection.taken]
        )
        return make_plan(
            self.request,
            person=who,
            decision=decide_patient(self.request.piz, who, self.with_number, self.born_alike),
            mapped=map_taken(selection.taken, self.tables, self.settings),
            rows=self.rows,
            mapping=self.settings,
            selection=selection,
        )


ORDINARY = Situation()
STRANGER = replace(ORDINARY, with_number=(), rows=())
"""A patient that has to be created."""


# What is written


def test_update_names_only_what_changes() -> None:
    plan = ORDINARY.plan()
    assert plan.writes
    assert plan.patient.action is PatientAction.FOUND
    assert plan.changes() == (Change("Untersuchung", 10, "UntersucherAbrechnungID", 9, 2),)


def test_an_update_never_touches_what_people_fill_in() -> None:
    situation = replace(ORDINARY, rows=(row(10, None, None), row(11, 1, 2)))
    assert {change.column for change in situation.plan().changes()} == {
        "HerzkatheterID",
        "UntersucherAbrechnungID",
    }


def test_nothing_to_do() -> None:
    plan = replace(ORDINARY, rows=(row(10, 3, 2), row(11, 1, 2))).plan()
    assert not plan.writes
    assert plan.changes() == ()


def test_new_patient_and_new_examination() -> None:
    plan = replace(STRANGER, raw=(entry(id=1),)).plan()
    assert plan.writes
    assert (plan.patient.action, plan.patient_id) == (PatientAction.CREATE, None)
    changes = plan.changes()
    assert all(change.key is None and change.before is None for change in changes)
    patient = {item.column: item.after for item in changes if item.table == "Patient"}
    assert (patient["Nachname"], patient["M1Ziffer"]) == ("Beispiel", PIZ)
    assert patient["Geburtsdatum"] == "31.01.1950"
    assert {item.column: item.after for item in changes if item.table == "Untersuchung"} == {
        "Datum": "06.10.2025",
        "PatientID": None,
        "UntersuchungartID": 1,
        "HerzkatheterID": 3,
        "UntersucherAbrechnungID": 2,
        "ZuweiserID": 2,
        "Roentgen": 1,
        "Herzteam": 1,
        "Materialpreis": 0,
        "DRGID": 1,
    }


@pytest.mark.parametrize("number", [None, 0])
def test_linking_changes_the_number_alone(number: int | None) -> None:
    unnumbered = replace(PATIENT, number=number)
    rows = (row(10, 3, 2), row(11, 1, 2))
    plan = replace(STRANGER, born_alike=(unnumbered,), rows=rows).plan()
    assert plan.writes
    assert plan.changes() == (Change("Patient", 815, "M1Ziffer", number, PIZ),)


def test_an_incomplete_patient() -> None:
    with pytest.raises(PatientIncompleteError):
        replace(STRANGER, raw=(entry(surname=None),), searched=None).plan()


def test_rows_that_stay_are_named() -> None:
    rows = (row(10, 3, 2), row(11, 1, 2), row(12, 7, 7))
    (warning,) = replace(ORDINARY, rows=rows).plan().warnings
    assert "12" in warning.message


def test_rows_without_a_readable_date_are_named() -> None:
    rows = (row(10, 3, 2), row(11, 1, 2), row(12, 3, 2, day_text="Montag"))
    (warning,) = replace(ORDINARY, rows=rows).plan().warnings
    assert "12" in warning.message
    assert "Montag" not in warning.message


def test_one_that_cannot_be_mapped_stops_all_and_is_named() -> None:
    with pytest.raises(AppointmentsNotMappedError) as caught:
        replace(ORDINARY, raw=(entry(id=1), entry(id=2, room=99), entry(id=3))).plan()
    assert caught.value.guilty == {2}
    assert caught.value.code == "mapping_missing"
    assert "99" in caught.value.message


def test_what_cannot_be_assigned_stops_all() -> None:
    with pytest.raises(AmbiguousExaminationError):
        replace(ORDINARY, raw=(entry(id=1),), rows=(row(10, 7, 7), row(11, 8, 8))).plan()


# The dry run's view


def test_preview() -> None:
    raw = (entry(id=1), entry(id=2, room=18), entry(id=3, room=18), entry(id=4, room=19))
    done = preview(replace(ORDINARY, raw=raw).plan())
    assert set(done.lines) == {
        LedgerLine(1, "would_update", None, 10),
        LedgerLine(2, "unchanged", None, 11),
        LedgerLine(3, "skipped", "same_examination", 11),
        LedgerLine(4, "would_create", None, None),
    }
    assert (done.action, done.untersuchung_id) == ("would_create", None)
    assert (done.patient_action, done.patient_id) == ("found", 815)


@pytest.mark.parametrize(
    ("situation", "action", "patient_action", "patient_id"),
    [
        (ORDINARY, "would_update", "found", 815),
        (replace(ORDINARY, rows=(row(10, 3, 2), row(11, 1, 2))), "unchanged", "found", 815),
        (STRANGER, "would_create", "would_create", None),
        (replace(STRANGER, born_alike=(UNNUMBERED,)), "would_create", "would_link", 815),
    ],
)
def test_preview_in_words(
    situation: Situation, action: str, patient_action: str, patient_id: int | None
) -> None:
    done = preview(situation.plan())
    assert (done.action, done.patient_action, done.patient_id) == (
        action,
        patient_action,
        patient_id,
    )


REAL = {"would_create": "created", "would_update": "updated", "would_link": "linked"}


@pytest.mark.parametrize(
    ("situation", "patients"),
    [
        (ORDINARY, [PATIENT]),
        (
            replace(
                ORDINARY,
                raw=(entry(id=1), entry(id=5), entry(id=6, room=19)),
                rows=(row(10, 3, 9),),
            ),
            [PATIENT],
        ),
        (replace(ORDINARY, rows=(row(10, 3, 2), row(11, 1, 2))), [PATIENT]),
        (STRANGER, []),
        (replace(STRANGER, born_alike=(UNNUMBERED,)), [UNNUMBERED]),
    ],
)
def test_carrying_out_does_what_the_preview_said(
    tmp_path: Path, situation: Situation, patients: list[RegistryPatient]
) -> None:
    plan = situation.plan()
    said = preview(plan)
    registry = open_registry(tmp_path / "sqlhk.sqlite", patients, situation.rows)
    control = RunControl(20)
    log = logging.getLogger("tests.single_patient")
    with registry.engine.connect() as connection:
        registry.dialect.lock(connection, "lock", control)
        transaction = RegistryTransaction(connection, registry.dialect, control, log)
        done = carry_out(plan, transaction)
        transaction.prove_scope()
        registry.dialect.commit(connection, control, 0.0)

    assert done.action == REAL.get(said.action, said.action)
    assert done.patient_action == REAL.get(said.patient_action, said.patient_action)
    assert [
        (line.appointment_id, REAL.get(line.outcome, line.outcome), line.reason)
        for line in said.lines
    ] == [(line.appointment_id, line.outcome, line.reason) for line in done.lines]
    assert all(line.untersuchung_id is not None for line in done.lines)
    assert [(item.table, item.column, item.before) for item in said.changes] == [
        (item.table, item.column, item.before) for item in done.changes
    ]
    for change in done.changes:  # and so it stands in the database
        stored = registry.read(
            text(
                f'SELECT "{change.column}" FROM "{change.table}" '
                f'WHERE "{change.table}ID" = {change.key}'
            )
        )
        assert stored == [(change.after,)]
    again = replace(
        situation,
        with_number=tuple(registry.patients(PIZ)),
        born_alike=(),
        rows=tuple(registry.examinations(done.patient_id)),
    ).plan()
    assert not again.writes


# The token


def test_a_token_is_a_hash() -> None:
    token = ORDINARY.plan().token
    assert len(token) == 64
    assert set(token) <= set("0123456789abcdef")


TWO_OF_EACH = replace(
    ORDINARY,
    raw=(entry(id=1), entry(id=2, room=18), entry(id=3, room=19), entry(id=4), entry(id=9, piz=5)),
    rows=(row(10, 3, 9), row(11, 1, 2), row(12, 2, 8), row(13, 3, 2, kind_id=8)),
)


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_read_does_not_matter(random: random.Random) -> None:
    def shuffled(items: Any) -> list[Any]:
        return random.sample(list(items), len(items))

    other = replace(
        TWO_OF_EACH,
        raw=tuple(shuffled(TWO_OF_EACH.raw)),
        rows=tuple(shuffled(TWO_OF_EACH.rows)),
        tables=MappingTables(
            shuffled(TABLES.kinds), shuffled(TABLES.rooms), shuffled(TABLES.doctors)
        ),
        settings=replace(SHIPPED, rules=dict(shuffled(SHIPPED.rules.items()))),
    )
    assert other.plan().token == TWO_OF_EACH.plan().token


def raw(**changes: Any) -> Callable[[Situation], Situation]:
    """A change in the first appointment."""

    def change(situation: Situation) -> Situation:
        return replace(situation, raw=(situation.raw[0] | changes, *situation.raw[1:]))

    return change


def asked(**changes: Any) -> Callable[[Situation], Situation]:
    """A change in the request."""
    return lambda situation: replace(situation, request=replace(situation.request, **changes))


def found(**changes: Any) -> Callable[[Situation], Situation]:
    """A change in the patient's row."""
    return lambda situation: replace(situation, with_number=(replace(PATIENT, **changes),))


def examined(**changes: Any) -> Callable[[Situation], Situation]:
    """A change in the first examination."""

    def change(situation: Situation) -> Situation:
        first, *rest = situation.rows
        return replace(situation, rows=(replace(first, **changes), *rest))

    return change


def with_settings(**changes: Any) -> Callable[[Situation], Situation]:
    """A change in the section ``mapping`` of the settings."""
    return lambda situation: replace(situation, settings=replace(SHIPPED, **changes))


def same_kind_elsewhere(situation: Situation) -> Situation:
    kinds = [MappingRow(1, None), MappingRow(4, '{"1": 24}')]
    return replace(situation, tables=replace(TABLES, kinds=kinds))


DECIDING = {
    "expected birth date": asked(expected_birth_date=BORN),
    "id": raw(id=3),
    "time": raw(scheduled_for_datetime="2025-10-06T08:01:00+02:00"),
    "status": raw(status="confirmed"),
    "room": raw(room=19),
    "doctor": raw(employee=18),
    "birth date in the appointment": raw(date_of_birth=None),
    "one appointment less": lambda item: replace(item, raw=item.raw[1:]),
    "one appointment more": lambda item: replace(item, raw=(*item.raw, entry(id=3, room=19))),
    "the same examination once more": lambda item: replace(item, raw=(*item.raw, entry(id=3))),
    "given name in CallDoc": lambda item: replace(item, searched=person(given_name="Berta")),
    "surname in CallDoc": lambda item: replace(item, searched=person(surname="Beispielin")),
    "patient's key": found(patient_id=816),
    "number": found(number=PIZ + 1),
    "surname": found(surname="Beispielin"),
    "given name": found(given_name="Berta"),
    "birth date": found(birth_text=None),
    "examination's key": examined(untersuchung_id=9),
    "examination's date": examined(day_text="6.10.2025"),
    "examination's lab": examined(lab_id=7),
    "examination's doctor": examined(doctor_id=8),
    "examination of another kind": examined(kind_id=8),
    "one examination less": lambda item: replace(item, rows=item.rows[1:]),
    "one examination more": lambda item: replace(item, rows=(*item.rows, row(12, 3, 2))),
    "mapping of the type": same_kind_elsewhere,
    "mapping of the room": lambda item: replace(
        item, tables=replace(TABLES, rooms=[MappingRow(1, 18), MappingRow(5, 54)])
    ),
    "mapping of the doctor": lambda item: replace(
        item, tables=replace(TABLES, doctors=[MappingRow(5, 27)])
    ),
    "ZuweiserID": with_settings(zuweiser_id=3),
    "Roentgen of new rows": with_settings(roentgen=3),
    "Herzteam of new rows": with_settings(herzteam=3),
    "Materialpreis of new rows": with_settings(materialpreis=3.0),
    "DRGID of new rows": with_settings(drgid=3),
    "default lab": with_settings(default_herzkatheter_id=3),
    "default doctor": with_settings(default_untersucher_id=3),
    "rules": with_settings(rules={25: TypeRule(zuweiser_id=8, herzkatheter_id=2)}),
}


@pytest.mark.parametrize("change", DECIDING.values(), ids=DECIDING)
def test_a_deciding_value_changes_the_token(change: Callable[[Situation], Situation]) -> None:
    assert change(ORDINARY).plan().token != ORDINARY.plan().token


def test_each_setting_of_the_mapping_is_among_them() -> None:
    assert {item.name for item in fields(MappingSettings)} == {
        "zuweiser_id",
        "roentgen",
        "herzteam",
        "materialpreis",
        "drgid",
        "default_herzkatheter_id",
        "default_untersucher_id",
        "rules",
    }


def test_number_day_and_type_change_the_token() -> None:
    tokens = {
        Situation(
            raw=(
                entry(
                    piz=piz, appointment_type=kind, scheduled_for_datetime=f"{day}T08:00:00+02:00"
                ),
            ),
            request=SyncRequest(piz, date.fromisoformat(day), kind),
            with_number=(replace(PATIENT, number=piz),),
            rows=(),
            settings=replace(SHIPPED, rules={}),
        )
        .plan()
        .token
        for piz in (PIZ, 99)
        for day in ("2025-10-06", "2025-10-07")
        for kind in (24, 25)
    }
    assert len(tokens) == 8


def test_who_has_which_examination_changes_the_token() -> None:
    rows = (row(10, 3, 2), row(11, 1, 2))
    before = replace(ORDINARY, rows=rows)
    swapped = [MappingRow(3, 18), MappingRow(1, 54)]
    after = replace(before, tables=replace(TABLES, rooms=swapped))
    assert preview(before.plan()).lines != preview(after.plan()).lines
    assert before.plan().token != after.plan().token


@pytest.mark.parametrize(
    "changes",
    [
        {"surname": "Beispielin"},
        {"given_name": "Berta"},
        {"birth_date": date(1950, 2, 1)},
        {"city": "Fürth"},
        {"email": "neu@example.org"},
        {"mobile": "0170 9"},
        {"gender": 1},
    ],
)
def test_what_a_new_patient_will_hold_changes_the_token(changes: dict[str, Any]) -> None:
    other = replace(STRANGER, searched=person(**changes))
    assert other.plan().token != STRANGER.plan().token


def test_linking_instead_of_creating_changes_the_token() -> None:
    linked = replace(STRANGER, born_alike=(UNNUMBERED,))
    assert linked.plan().token != STRANGER.plan().token
    assert (
        linked.plan().token
        != replace(linked, born_alike=(replace(UNNUMBERED, number=0),)).plan().token
    )


def test_a_double_that_turned_up_changes_the_token() -> None:
    double = replace(PATIENT, patient_id=900, number=99)
    assert replace(STRANGER, born_alike=(double,)).plan().token != STRANGER.plan().token


IRRELEVANT = {
    "whether it is a dry run": asked(dry_run=True),
    "the token itself": asked(plan_token="f" * 64),
    "notation of the moment": raw(scheduled_for_datetime="2025-10-06T06:00:00Z"),
    "notation of the number": raw(piz=" 01234567 "),
    "older field names": raw(room=None, room_id=54),
    "an existing patient's e-mail": raw(emails=[{"email": "neu@example.org"}]),
    "an existing patient's address": raw(city="Fürth", street="Am Ring", city_code="90762"),
    "an existing patient's insurance": raw(patient_insurance_number="C1"),
    "the search's telephone": lambda item: replace(item, searched=person(mobile="0170 9")),
    "the same entry listed twice": lambda item: replace(item, raw=(*item.raw, item.raw[0])),
    "somebody else's appointment": lambda item: replace(item, raw=(*item.raw, entry(id=9, piz=5))),
    "another day's appointment": lambda item: replace(
        item, raw=(*item.raw, entry(id=9, scheduled_for_datetime="2025-10-07T08:00:00"))
    ),
    "another day's examination": lambda item: replace(
        item, rows=(*item.rows, row(12, 1, 1, day_text="07.10.2025"))
    ),
    "a mapping that is not used": lambda item: replace(
        item, tables=replace(TABLES, rooms=[*TABLES.rooms, MappingRow(7, 77)])
    ),
}


@pytest.mark.parametrize("change", IRRELEVANT.values(), ids=IRRELEVANT)
def test_other_values_leave_the_token(change: Callable[[Situation], Situation]) -> None:
    assert change(ORDINARY).plan().token == ORDINARY.plan().token


@pytest.mark.parametrize("column", ["Roentgen", "Herzteam", "Materialpreis", "DRGID", "ZuweiserID"])
def test_what_people_fill_in_is_not_even_read(tmp_path: Path, column: str) -> None:
    registry = open_registry(tmp_path / "sqlhk.sqlite", [PATIENT], ORDINARY.rows)

    def token() -> str:
        rows = tuple(registry.examinations(815))
        return replace(ORDINARY, rows=rows).plan().token

    before = token()
    registry.write(text(f'UPDATE "Untersuchung" SET "{column}" = 77'))
    assert token() == before
    registry.write(
        text('UPDATE "Untersuchung" SET "UntersucherAbrechnungID" = 8 WHERE "UntersuchungID" = 10')
    )
    assert token() != before
