"""The guards against deleting, each by itself and all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_core.appointments import Person, read_appointment
from sync_core.day_evidence import evidence_of
from sync_core.day_result import ExaminationLine
from sync_core.day_selection import DayScope, select_day
from sync_core.identity import RegistryPatient
from sync_core.mapping import MappingRow, MappingTables
from sync_core.matching import ExaminationRow
from sync_core.obsolete import (
    DeletionPolicy,
    Evidence,
    Kept,
    Obsolete,
    judge_obsolete,
    obsolete_warnings,
)
from sync_core.registry_rows import RegistryExamination
from sync_core.settings import MappingSettings, TypeRule
from tests.day_sync.conftest import FUTURE, TODAY, entry

SETTINGS = MappingSettings()
TABLES = MappingTables(
    kinds=[MappingRow(1, '{"1": 24}'), MappingRow(8, '{"1": 25}'), MappingRow(9, '{"1": 13}')],
    rooms=[],
    doctors=[],
)


def row(key: int, **changes: Any) -> RegistryExamination:
    """An untouched examination of patient ``key`` on ``FUTURE``."""
    deciding = {k: changes.pop(k) for k in ("patient_id", "day_text", "kind_id") if k in changes}
    whole = RegistryExamination(
        ExaminationRow(key, key, FUTURE.strftime("%d.%m.%Y"), 1, 3, 2), 2, 1, 1, Decimal(0), 1
    )
    return replace(whole, row=replace(whole.row, **deciding), **changes)


def patient(key: int, **changes: Any) -> RegistryPatient:
    whole = RegistryPatient(key, 1000 + key, f"Name{key}", "Paula", f"01.02.{1900 + key}")
    return replace(whole, **changes)


def evidence(**changes: Any) -> Evidence:
    whole = Evidence(FUTURE, TODAY, {1: 24, 8: 25}, frozenset({24, 25}), (), False)
    return replace(whole, **changes)


def nothing(_: Mapping[str, Any]) -> None:
    """A journal that takes everything."""


ASKED = DeletionPolicy(nothing)


def judge(
    rows: list[RegistryExamination],
    known: Evidence | None = None,
    *,
    assigned: frozenset[int] = frozenset(),
    policy: DeletionPolicy | None = ASKED,
    patients: Mapping[int, RegistryPatient] | None = None,
) -> Obsolete:
    return judge_obsolete(
        rows,
        known or evidence(),
        SETTINGS,
        assigned=assigned,
        patients={n: patient(n) for n in range(1, 60)} if patients is None else patients,
        policy=policy,
    )


def keys(found: Obsolete) -> list[int]:
    return [item.row.untersuchung_id for item in found.to_delete]


def why(found: Obsolete) -> dict[int, Kept]:
    return {item.row.untersuchung_id: reason for item, reason in found.kept}


def three(changed: RegistryExamination) -> list[RegistryExamination]:
    """The row among two that have an appointment, so that it is less than half."""
    return [changed, row(2), row(3)]


WITH_APPOINTMENT = frozenset({2, 3})


def one(changed: RegistryExamination, known: Evidence | None = None) -> Kept | None:
    """Why the row is kept; None: it is to be deleted."""
    found = judge(three(changed), known, assigned=WITH_APPOINTMENT)
    assert keys(found) == ([] if found.kept else [1])
    return why(found).get(1)


def test_an_obsolete_row_is_deleted() -> None:
    assert one(row(1)) is None


@pytest.mark.parametrize("days", [0, 1, 30])
def test_never_today_or_in_the_past(days: int) -> None:
    assert one(row(1), evidence(today=FUTURE + timedelta(days=days))) is Kept.NOT_FUTURE


@pytest.mark.parametrize("kind", [2, 9, None])
def test_kinds_that_were_not_asked_for_are_not_spoken_of(kind: int | None) -> None:
    found = judge(three(row(1, kind_id=kind)), assigned=WITH_APPOINTMENT)
    assert found == Obsolete()


@pytest.mark.parametrize("text", ["06.05.2026", None, "KW 19"])
def test_other_days_are_not_spoken_of(text: str | None) -> None:
    found = judge(three(row(1, day_text=text)), assigned=WITH_APPOINTMENT)
    assert found == Obsolete()


def test_never_on_an_empty_answer() -> None:
    assert one(row(1), evidence(answered_types=frozenset())) is Kept.ANSWER_EMPTY
    assert one(row(1), evidence(answered_types=frozenset({25}))) is Kept.ANSWER_EMPTY


@pytest.mark.parametrize(
    "changes",
    [
        {"zuweiser_id": 7},
        {"zuweiser_id": None},
        {"roentgen": 2},
        {"herzteam": None},
        {"materialpreis": Decimal("0.0001")},
        {"materialpreis": None},
        {"drgid": 17},
    ],
)
def test_never_a_row_that_people_worked_on(changes: dict[str, Any]) -> None:
    assert one(row(1, **changes)) is Kept.WORKED_ON


def test_new_row_values_go_by_type() -> None:
    rows = [row(1, kind_id=8), row(2), row(3), row(4, kind_id=8, zuweiser_id=7)]
    found = judge(rows, assigned=frozenset({2, 3}))
    assert (keys(found), why(found)) == ([4], {1: Kept.WORKED_ON})
    settings = MappingSettings(materialpreis=12.5, rules={24: TypeRule(zuweiser_id=9)})
    changed = row(1, zuweiser_id=9, materialpreis=Decimal("12.5000"))
    found = judge_obsolete(
        three(changed),
        evidence(),
        settings,
        assigned=WITH_APPOINTMENT,
        patients={1: patient(1)},
        policy=ASKED,
    )
    assert keys(found) == [1]


@pytest.mark.parametrize(
    "person",
    [
        Person(1001, None, None, None),
        Person(7, "Anders", "Anna", date(1901, 2, 1)),
        Person(None, None, None, date(1901, 2, 1)),
        Person(7, " NAME1", "paula ", None),
        Person(None, "Name1", None, None),
    ],
)
def test_never_a_failing_patients_row(person: Person) -> None:
    assert one(row(1), evidence(failing=(person,))) is Kept.PATIENT_FAILED


def test_somebody_elses_failure_keeps_nothing() -> None:
    others = (Person(7, "Anders", "Anna", date(1990, 1, 1)), Person(8, "Name1", "Petra", None))
    assert one(row(1), evidence(failing=others)) is None


def test_a_failure_of_nobody_knows_whom_keeps_everything() -> None:
    assert one(row(1), evidence(failing_unknown=True)) is Kept.PATIENT_FAILED


def test_a_row_of_nobody_stays() -> None:
    found = judge(three(row(1)), assigned=WITH_APPOINTMENT, patients={})
    assert why(found) == {1: Kept.PATIENT_FAILED}


def test_nothing_without_being_asked() -> None:
    found = judge(three(row(1)), assigned=WITH_APPOINTMENT, policy=None)
    assert (keys(found), why(found)) == ([], {1: Kept.NOT_ASKED})


@pytest.mark.parametrize(
    ("obsolete", "others", "confirmed", "deleted"),
    [
        (2, 2, None, 2),
        (2, 2, 7, 2),
        (3, 2, None, 0),
        (3, 2, 2, 0),
        (3, 2, 4, 0),
        (3, 2, 3, 3),
        (1, 0, None, 0),
        (1, 0, 1, 1),
    ],
)
def test_more_than_half_only_with_that_very_number(
    obsolete: int, others: int, confirmed: int | None, deleted: int
) -> None:
    rows = [row(key) for key in range(1, obsolete + others + 1)]
    assigned = frozenset(range(obsolete + 1, obsolete + others + 1))
    found = judge(rows, assigned=assigned, policy=DeletionPolicy(nothing, confirmed))
    assert len(found.to_delete) == deleted
    assert found.to_confirm == (obsolete if obsolete > others else None)
    if not deleted:
        (warning,) = obsolete_warnings(found)
        assert str(obsolete) in warning.message


def test_half_is_counted_among_the_asked_kinds() -> None:
    rows = [row(1), row(2), *(row(n, kind_id=2) for n in range(3, 30))]
    found = judge(rows)
    assert (keys(found), found.to_confirm) == ([], 2)


# --- all guards together -------------------------------------------------------------------------

ROWS = st.lists(
    st.builds(
        lambda key, kind, text, roentgen, price: row(
            key, kind_id=kind, day_text=text, roentgen=roentgen, materialpreis=price
        ),
        st.integers(1, 50),
        st.sampled_from((1, 1, 1, 8, 2, None)),
        st.sampled_from((FUTURE.strftime("%d.%m.%Y"), "5.5.2026", "2026-05-05", "6.5.2026", None)),
        st.sampled_from((1, 1, 1, 5, None)),
        st.sampled_from((Decimal(0), Decimal("0.0000"), Decimal("7.5"), None)),
    ).map(lambda item: replace(item, zuweiser_id=7) if item.row.kind_id == 8 else item),
    max_size=25,
    unique_by=lambda item: item.row.untersuchung_id,
)
EVIDENCE = st.builds(
    Evidence,
    st.just(FUTURE),
    st.sampled_from((TODAY, TODAY, FUTURE, FUTURE + timedelta(days=1))),
    st.sampled_from(({1: 24, 8: 25}, {1: 24}, {})),
    st.sampled_from((frozenset({24, 25}), frozenset({24, 25}), frozenset({24}), frozenset[int]())),
    st.lists(st.integers(1, 50).map(lambda n: Person(1000 + n, None, None, None)), max_size=3),
    st.sampled_from((False, False, True)),
)


@given(
    ROWS,
    EVIDENCE,
    st.frozensets(st.integers(1, 50)),
    st.none() | st.integers(0, 25),
    st.booleans(),
)
def test_whatever_is_deleted_may_be(
    rows: list[RegistryExamination],
    known: Evidence,
    assigned: frozenset[int],
    confirmed: int | None,
    asked: bool,
) -> None:
    policy = DeletionPolicy(nothing, confirmed) if asked else None
    found = judge(rows, known, assigned=assigned, policy=policy)
    failing = {person.piz for person in known.failing}
    for item in found.to_delete:
        assert asked
        assert known.today < FUTURE
        assert item.row.day == FUTURE
        assert item.row.untersuchung_id not in assigned
        assert item.row.kind_id in known.kinds
        assert {1: 24, 8: 25}[item.row.kind_id] in known.answered_types
        assert item.roentgen == 1
        assert item.materialpreis == 0
        assert 1000 + item.row.patient_id not in failing
        assert not known.failing_unknown
    of_the_day = [
        item for item in rows if item.row.day == FUTURE and item.row.kind_id in known.kinds
    ]
    if len(found.to_delete) * 2 > len(of_the_day):
        assert confirmed == len(found.to_delete)
    # Every row is spoken of or has its appointment.
    spoken_of = {*keys(found), *why(found)}
    assert spoken_of == {item.row.untersuchung_id for item in of_the_day} - assigned
    assert len(keys(found)) + len(found.kept) == len(spoken_of)


# --- where the evidence comes from ---------------------------------------------------------------


def gathered(*entries: Any, lines: list[ExaminationLine]) -> Evidence:
    scope = DayScope(FUTURE, frozenset({24, 25, 99}), TODAY)
    selection = select_day(scope, [read_appointment(raw) for raw in entries])
    return evidence_of(scope, TABLES, selection.taken, lines, selection.left_out)


def test_kinds_and_answers() -> None:
    found = gathered(entry(1, 1), entry(2, 2, status="canceled", appointment_type=25), lines=[])
    assert found.kinds == {1: 24, 8: 25}
    assert found.answered_types == {24}


@pytest.mark.parametrize(
    ("line", "fails"),
    [
        (ExaminationLine(1, 1, "inserted"), False),
        (ExaminationLine(1, 1, "updated"), False),
        (ExaminationLine(1, 1, "unchanged"), False),
        (ExaminationLine(1, 1, "skipped", code="same_examination"), False),
        (ExaminationLine(1, 1, "skipped", code="mapping_missing"), True),
        (ExaminationLine(1, 1, "skipped", code="not_written"), True),
        (ExaminationLine(1, 1, "error", code="sqlhk_error"), True),
    ],
)
def test_who_fails(line: ExaminationLine, fails: bool) -> None:
    found = gathered(entry(1, 1), lines=[line])
    assert [person.piz for person in found.failing] == ([1] if fails else [])
    assert not found.failing_unknown


def test_an_appointment_of_which_nothing_was_heard_fails() -> None:
    assert len(gathered(entry(1, 1), lines=[]).failing) == 1


def test_left_out_ones() -> None:
    found = gathered(
        entry(1, 1, status="cancelled"),
        entry(2, 2, status="no_show"),
        entry(3, 3, appointment_type=None),
        lines=[],
    )
    assert {person.piz for person in found.failing} == {2, 3}
    assert not found.failing_unknown


@pytest.mark.parametrize(
    "raw",
    [
        None,
        entry(1, 1, piz=None, surname=None, name="Paula", date_of_birth=None),
        entry(1, 1, piz=None, scheduled_for_datetime=None),
    ],
)
def test_nobody_knows_whose_it_is(raw: Any) -> None:
    assert gathered(raw, lines=[]).failing_unknown


def test_listed_with_two_contents_it_is_nobodys() -> None:
    assert gathered(entry(1, 1), entry(1, 1, room=18), lines=[]).failing_unknown
