"""What counts as a change, who waits for what, and what is remembered."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from marshmallow import ValidationError

from auto_sync_plugin.memory import (
    FILE_NAME,
    MOST_RUNS,
    DailyPlan,
    Memory,
    Remembered,
    Run,
    Switch,
)
from auto_sync_plugin.picture import Unit, changed_units, take_picture
from auto_sync_plugin.settings import AutoSettingsSchema, read_settings
from auto_sync_plugin.tally import Tally
from auto_sync_plugin.waiting import WaitingList
from auto_sync_plugin.words import moment_words

NOW = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
SALT = b"0123456789abcdef"
MINUTES = timedelta(minutes=5)


def appointment(number: int, piz: int | None = 4711, **fields: Any) -> Any:
    plain = {
        "appointment_id": number,
        "type_id": 24,
        "starts_at": NOW,
        "status": "created",
        "employee_id": 27,
        "room_id": 54,
        "person": SimpleNamespace(calldoc_id=9),
        "piz": piz,
    }
    return SimpleNamespace(**{**plain, **fields})


def picture(*appointments: Any, unreadable: int = 0, salt: bytes = SALT) -> Any:
    listed: Any = SimpleNamespace(readable=appointments, unreadable=unreadable)
    return take_picture(listed, (24, 25), salt)


def known(*appointments: Any) -> dict[str, str]:
    return {unit.key: unit.seen for unit in picture(*appointments).units.values()}


@pytest.mark.parametrize(
    "fields",
    [
        {"appointment_id": 2},
        {"status": "confirmed"},
        {"employee_id": 50},
        {"room_id": None},
        {"starts_at": NOW + timedelta(minutes=15)},
        {"person": SimpleNamespace(calldoc_id=10)},
        {"piz": 4712},
        {"type_id": 25},
    ],
)
def test_each_compared_field_is_a_change(fields: dict[str, Any]) -> None:
    before, after = appointment(1), appointment(1, **{"piz": 4711, **fields})
    (unit,) = changed_units(picture(after), known(before))
    assert (unit.piz, unit.type_id) == (after.piz, after.type_id)


def test_what_is_no_change() -> None:
    one, two = appointment(1), appointment(2, room_id=18)
    assert changed_units(picture(two, one), known(one, two)) == []
    assert changed_units(picture(), known(one)) == []  # gone: nothing to sync, and nothing is lost
    gone = appointment(1, status="cancelled")
    assert changed_units(picture(gone), known(one)) == []
    assert picture(gone).cancelled == 1
    assert changed_units(picture(one), known(one)) == []  # and back again


def test_one_patient_is_one_unit_of_a_type_and_others_are_left_alone() -> None:
    others = [appointment(3, piz=1), appointment(4, piz=2)]
    before = known(appointment(1), appointment(2), *others)
    changed = changed_units(picture(appointment(1), appointment(2, room_id=18), *others), before)
    assert [unit.piz for unit in changed] == [4711]


def test_what_is_left_out_is_counted() -> None:
    seen = picture(
        appointment(1, piz=None), appointment(2), appointment(3, piz=None, type_id=7), unreadable=2
    )
    assert (len(seen.units), seen.without_number, seen.unreadable) == (1, 1, 2)


def test_hashes_tell_no_number_and_differ_from_file_to_file() -> None:
    (here,) = picture(appointment(1)).units.values()
    (there,) = picture(appointment(1), salt=b"fedcba9876543210").units.values()
    assert (here.key, here.seen) != (there.key, there.seen)
    assert "4711" not in here.key + here.seen + repr(here)


def unit(name: str, seen: str = "a") -> Unit:
    return Unit(name, seen, 1, 24)


def test_failed_ones_wait_longer_each_time_and_changed_ones_begin_anew() -> None:
    waiting = WaitingList(MINUTES)
    waiting.replace_by([unit("one")], ())
    now = NOW
    for wait in (5, 10, 20, 40, 60, 60):
        entry = waiting.take(now)
        assert entry is not None
        waiting.failed(entry, now)
        assert waiting.take(now + timedelta(minutes=wait, seconds=-1)) is None
        waiting.replace_by([unit("one")], ())  # a look in between finds the same
        now += timedelta(minutes=wait)
    waiting.replace_by([unit("one", "b")], ())
    assert waiting.take(NOW) is not None


def test_a_clock_set_back_holds_nobody_up() -> None:
    waiting = WaitingList(MINUTES)
    waiting.replace_by([unit("one")], ())
    entry = waiting.take(NOW)
    assert entry is not None
    waiting.failed(entry, NOW + timedelta(days=400))
    assert waiting.take(NOW) is None
    assert waiting.take(NOW + timedelta(days=400, minutes=5)) is not None


def test_who_is_no_longer_different_leaves_and_who_runs_is_not_taken_twice() -> None:
    waiting = WaitingList(MINUTES)
    waiting.replace_by([unit("one"), unit("two")], ())
    waiting.replace_by([unit("two"), unit("three")], {"three"})
    assert waiting.seen() == {"two": "a"}
    entry = waiting.take(NOW)
    assert entry is not None
    waiting.busy(entry, NOW)
    assert waiting.is_idle(NOW)
    assert waiting.take(NOW + MINUTES) is not None


WHOLE = Remembered(
    salt=SALT,
    switch=Switch(True, False),
    on_since=NOW,
    done=(date(2026, 1, 4), date(2026, 1, 5)),
    plan=DailyPlan(date(2026, 1, 5), (date(2026, 1, 6),)),
    watched_day=date(2026, 1, 5),
    watched_types=(24, 25),
    known={"key": "seen"},
    runs=(Run(NOW, "Tagesabgleich 05.01.2026", True, "1 angelegt"),),
)


def test_what_is_remembered_comes_back(tmp_path) -> None:
    log = logging.getLogger("test")
    Memory(lambda: tmp_path, log).keep(WHOLE)
    assert Memory(lambda: tmp_path, log).now == WHOLE
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


DAMAGED = [
    b"",
    b"\xff\xfe",
    b"{}",
    b"[]",
    b"null",
    b'{"version": 2}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_begins_anew(tmp_path, caplog, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    memory = Memory(lambda: tmp_path, logging.getLogger("test"))
    assert memory.now == Remembered(salt=memory.now.salt)
    assert "damaged" in caplog.text
    memory.keep(WHOLE)
    assert Memory(lambda: tmp_path, logging.getLogger("test")).now == WHOLE


@pytest.mark.parametrize("name", ["salt", "done", "known", "runs", "plan", "on_since", "switch"])
def test_each_damaged_part_begins_anew(tmp_path, name: str) -> None:
    log = logging.getLogger("test")
    Memory(lambda: tmp_path, log).keep(WHOLE)
    raw = json.loads((tmp_path / FILE_NAME).read_text())
    for wrong in (17, "x", {"x": []}):
        (tmp_path / FILE_NAME).write_text(json.dumps({**raw, name: wrong}))
        assert Memory(lambda: tmp_path, log).now.runs == ()


def test_a_folder_that_cannot_be_used_stops_nothing(caplog) -> None:
    def nowhere() -> Any:
        raise PermissionError(13, "no")

    memory = Memory(nowhere, logging.getLogger("test"))
    memory.keep(WHOLE)
    memory.keep(replace(WHOLE, runs=()))
    assert memory.now.runs == ()
    assert caplog.text.count("cannot be written") == 1


def test_the_list_of_runs_is_bounded() -> None:
    value = WHOLE
    for number in range(MOST_RUNS + 5):
        value = value.with_run(Run(NOW, str(number), True, ""))
    assert len(value.runs) == MOST_RUNS
    assert value.runs[0].what == str(MOST_RUNS + 4)


def test_settings() -> None:
    settings = read_settings(AutoSettingsSchema().load({}))
    assert (settings.enabled, settings.at.isoformat(), settings.types) == (
        *(False, "06:30:00"),
        (24, 25),
    )
    assert read_settings(AutoSettingsSchema().load({"whole_day_from": 0})).whole_day_from is None
    for wrong in ({"time": "6:30"}, {"time": "24:00"}, {"types": []}, {"interval": 0}):
        with pytest.raises(ValidationError):
            AutoSettingsSchema().load(wrong)
    for field in AutoSettingsSchema().fields.values():
        assert {"label_de", "description", "description_de"} <= set(field.metadata)


def test_words() -> None:
    tally = Tally()
    assert not tally
    tally.outcomes.update(["updated", "updated", "failed"])
    tally.reasons.update(["mapping_missing"])
    assert tally.what() == "Änderung: 3 Patienten"
    assert tally.words() == "2 aktualisiert, 1 fehlgeschlagen (mapping_missing)"
    assert not tally.ok
    assert moment_words(NOW, NOW) == "heute 13:00"
    assert moment_words(NOW + timedelta(days=3), NOW) == "Do 08.01. 13:00"
