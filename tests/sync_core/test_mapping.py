"""From CallDoc's type, room and doctor to SQLHK's keys: exactly one row, or nothing."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_core.errors import MappingMissingError
from sync_core.mapping import (
    ExaminationValues,
    MappingRow,
    MappingTables,
    map_appointment,
    map_kind,
    mapped_types,
)
from sync_core.settings import MappingSettings, TypeRule
from sync_core.task_model import TaskWarning
from tests.sync_core.calldoc_samples import DAY, appointment

SHIPPED = MappingSettings()
TABLES = MappingTables(
    kinds=[MappingRow(1, '{"1": 24}'), MappingRow(8, '{"1": "25"}'), MappingRow(9, None)],
    rooms=[MappingRow(1, 18), MappingRow(2, 19), MappingRow(3, 54), MappingRow(6, 61)],
    doctors=[MappingRow(1, 18), MappingRow(2, 27), MappingRow(12, 50), MappingRow(13, None)],
)


def test_an_ordinary_catheter_examination() -> None:
    values, warnings = map_appointment(appointment(), TABLES, SHIPPED)
    assert warnings == ()
    assert values.columns(815) == {
        "Datum": "06.10.2025",
        "PatientID": 815,
        "UntersuchungartID": 1,
        "HerzkatheterID": 3,
        "UntersucherAbrechnungID": 2,
        "ZuweiserID": 2,
        "Roentgen": 1,
        "Herzteam": 1,
        "Materialpreis": 0,
        "DRGID": 1,
    }


@pytest.mark.parametrize("room", [54, 18, 999, None])
def test_an_ablation_has_its_own_lab_and_referrer_whatever_the_room(room: int | None) -> None:
    values, warnings = map_appointment(appointment(appointment_type=25, room=room), TABLES, SHIPPED)
    assert (values.kind_id, values.lab_id, values.zuweiser_id, values.doctor_id) == (8, 2, 7, 2)
    assert warnings == ()


def test_the_day_is_the_local_one() -> None:
    late = appointment(scheduled_for_datetime="2025-10-05T22:15:00Z")
    values, _ = map_appointment(late, TABLES, SHIPPED)
    assert values.day == DAY
    assert values.columns(None)["Datum"] == "06.10.2025"


def test_new_row_values_are_settings() -> None:
    settings = MappingSettings(
        zuweiser_id=3,
        roentgen=4,
        herzteam=5,
        materialpreis=6.5,
        drgid=7,
        rules={24: TypeRule(herzkatheter_id=6)},
    )
    values, _ = map_appointment(appointment(), TABLES, settings)
    assert values == ExaminationValues(DAY, 1, 6, 2, 3, 4, 5, 6.5, 7)
    ruled = replace(settings, rules={24: TypeRule(zuweiser_id=8)})
    values, _ = map_appointment(appointment(), TABLES, ruled)
    assert (values.zuweiser_id, values.lab_id) == (8, 3)


@pytest.mark.parametrize(
    "text", ['{"1": 24}', '{"1": "24"}', ' {"1":24} ', '{"1": " 24 "}', '{"1": 24, "2": 99}']
)
def test_forms_of_the_type(text: str) -> None:
    assert map_kind(24, [MappingRow(5, text)]) == (5, ())


@pytest.mark.parametrize("text", [None, "", "  ", "{}", '{"2": 24}', '{"1": null}', '{"1": 240}'])
def test_a_row_that_maps_nothing_of_ours_is_no_news(text: str | None) -> None:
    assert map_kind(24, [MappingRow(1, text), MappingRow(5, '{"1": 24}')]) == (5, ())


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "24",
        "[24]",
        '"24"',
        "null",
        '{"1": "x"}',
        '{"1": true}',
        '{"1": [24]}',
        '{"1": 24.5}',
        "{'1': 24}",
        '{"1": -24}',
        '{"1": "٢٤"}',
        '{"1": NaN}',
    ],
)
def test_an_unreadable_row_is_passed_over_with_a_warning(text: str) -> None:
    kind, warnings = map_kind(24, [MappingRow(77, text), MappingRow(5, '{"1": 24}')])
    assert kind == 5
    assert [("77" in item.message) for item in warnings] == [True]


def test_an_unreadable_row_leaves_nothing_in_memory() -> None:
    class Text(str):
        pass

    text = Text("[24]")
    gone = weakref.ref(text)
    map_kind(24, [MappingRow(77, text), MappingRow(5, '{"1": 24}')])
    del text
    gc.collect()
    assert gone() is None


def test_mapped_types() -> None:
    assert mapped_types([*TABLES.kinds, MappingRow(10, "{")]) == {24, 25}


@pytest.mark.parametrize(
    ("tables", "changes", "named"),
    [
        (TABLES, {"appointment_type": 26}, "26"),
        (replace(TABLES, kinds=[*TABLES.kinds, MappingRow(2, '{"1": "24"}')]), {}, "24"),
        (TABLES, {"room": 999}, "999"),
        (replace(TABLES, rooms=[*TABLES.rooms, MappingRow(9, 54)]), {}, "54"),
        (TABLES, {"employee": 998}, "998"),
        (replace(TABLES, doctors=[*TABLES.doctors, MappingRow(9, 27)]), {}, "27"),
    ],
)
def test_no_counterpart_or_several_is_refused_and_named(
    tables: MappingTables, changes: dict[str, object], named: str
) -> None:
    with pytest.raises(MappingMissingError) as caught:
        map_appointment(appointment(**changes), tables, SHIPPED)
    assert named in caught.value.message


@pytest.mark.parametrize("field", ["room", "employee"])
def test_an_empty_field_is_no_counterpart_of_an_empty_column(field: str) -> None:
    tables = replace(TABLES, rooms=[MappingRow(4, None)], doctors=[MappingRow(4, None)])
    with pytest.raises(MappingMissingError):
        map_appointment(appointment(**{field: None}), tables, SHIPPED)


@pytest.mark.parametrize("field", ["room", "employee"])
@pytest.mark.parametrize("value", [999, None])
def test_a_configured_default_is_used_and_named(field: str, value: int | None) -> None:
    settings = MappingSettings(default_herzkatheter_id=41, default_untersucher_id=42)
    values, warnings = map_appointment(appointment(**{field: value}), TABLES, settings)
    used = values.lab_id if field == "room" else values.doctor_id
    assert used == (41 if field == "room" else 42)
    assert len(warnings) == 1
    assert str(used) in warnings[0].message


@pytest.mark.parametrize("field", ["rooms", "doctors"])
def test_a_default_settles_no_contradiction(field: str) -> None:
    settings = MappingSettings(default_herzkatheter_id=41, default_untersucher_id=42)
    twice = [*getattr(TABLES, field), MappingRow(30, 54), MappingRow(31, 27)]
    with pytest.raises(MappingMissingError):
        map_appointment(appointment(), replace(TABLES, **{field: twice}), settings)


def test_a_default_is_not_used_where_a_row_maps() -> None:
    settings = MappingSettings(default_herzkatheter_id=41, default_untersucher_id=42)
    assert map_appointment(appointment(), TABLES, settings) == map_appointment(
        appointment(), TABLES, SHIPPED
    )


def test_nothing_is_configured_as_shipped() -> None:
    assert SHIPPED.default_herzkatheter_id is None
    assert SHIPPED.default_untersucher_id is None
    assert dict(SHIPPED.rules) == {25: TypeRule(zuweiser_id=7, herzkatheter_id=2)}


SMALL = st.integers(1, 4)
COLUMN = st.lists(
    st.tuples(st.integers(1, 50), st.none() | SMALL),
    max_size=5,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: [MappingRow(key, value) for key, value in pairs])
KIND_TEXT = SMALL.map(lambda number: f'{{"1": {number}}}') | SMALL.map(
    lambda number: f'{{"1": "{number}"}}'
)
KINDS = st.lists(
    st.tuples(st.integers(1, 50), st.sampled_from([None, "{", "[1]", "{}"]) | KIND_TEXT),
    max_size=5,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: [MappingRow(key, value) for key, value in pairs])
SETTINGS = st.builds(
    MappingSettings,
    default_herzkatheter_id=st.none() | st.just(901),
    default_untersucher_id=st.none() | st.just(902),
    rules=st.dictionaries(
        SMALL, st.builds(TypeRule, herzkatheter_id=st.none() | st.just(903)), max_size=2
    ),
)


def keys_of(rows: list[MappingRow], calldoc: int | None) -> list[int]:
    return [row.key for row in rows if calldoc is not None and row.calldoc == calldoc]


def only_or_default(keys: list[int], default: int | None) -> int | None:
    """What may be written, or None when nothing may."""
    if len(keys) == 1:
        return keys[0]
    return None if keys else default


@given(KINDS, COLUMN, COLUMN, SETTINGS, SMALL, st.none() | SMALL, st.none() | SMALL, st.booleans())
def test_never_a_guess(
    kinds: list[MappingRow],
    rooms: list[MappingRow],
    doctors: list[MappingRow],
    settings: MappingSettings,
    type_id: int,
    room: int | None,
    employee: int | None,
    backwards: bool,
) -> None:
    kind_keys = [
        row.key
        for row in kinds
        if str(row.calldoc) in (f'{{"1": {type_id}}}', f'{{"1": "{type_id}"}}')
    ]
    rule = settings.rules.get(type_id, TypeRule())
    lab = rule.herzkatheter_id or only_or_default(
        keys_of(rooms, room), settings.default_herzkatheter_id
    )
    doctor = only_or_default(keys_of(doctors, employee), settings.default_untersucher_id)
    if backwards:
        kinds, rooms, doctors = kinds[::-1], rooms[::-1], doctors[::-1]
    item = appointment(appointment_type=type_id, room=room, employee=employee)
    try:
        values, warnings = map_appointment(item, MappingTables(kinds, rooms, doctors), settings)
    except MappingMissingError:
        assert len(kind_keys) != 1 or lab is None or doctor is None
        return
    assert ([values.kind_id], values.lab_id, values.doctor_id) == (kind_keys, lab, doctor)
    for default in {lab, doctor} & {901, 902}:
        assert any(str(default) in warning.message for warning in warnings)
    assert all(isinstance(warning, TaskWarning) for warning in warnings)
