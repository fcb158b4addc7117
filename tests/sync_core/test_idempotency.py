"""Requests that come again under their key: one task, within 24 hours, restarts or not."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from sync_core import idempotency
from sync_core.errors import JournalError, Refusal
from sync_core.idempotency import KeyTurns, KeyUse
from sync_core.journal import Journal
from sync_core.journal_file import FORMAT
from sync_core.task_model import TaskStatus, TaskView
from tests.clock import PATIENCE
from tests.sync_core.task_house import House, order, refusal_of, until

OpenHouse = Callable[..., House]
NOON = datetime(2025, 10, 25, 12, 0, tzinfo=timezone(timedelta(hours=2)))
"""The night after it has 25 hours in Germany; a key's day has 24 all the same."""


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def send(house: House, key: str = "key", **values: Any) -> TaskView:
    """An order under a key; what it asks for is in ``request``."""
    run = values.pop("run", None)
    ordered = order(**values) if run is None else order(run, **values)
    return house.registry.submit(ordered, idempotency_key=key)


def keys_of(house: House) -> list[str]:
    rows = house.journal.file.read("SELECT key FROM idempotency_key ORDER BY key")
    return [row["key"] for row in rows]


def tasks_of(house: House) -> int:
    return len(house.registry.active()) + house.registry.ended().total


# --- the same again ------------------------------------------------------------------------------


def test_the_same_again_is_the_same_task_running_or_ended(house: House) -> None:
    work = house.work()
    first = send(house, run=work, exclusion="one")
    assert work.begun.wait(PATIENCE)
    again = send(house, exclusion="one", request_id="another", source=first.source)
    assert (again.task_id, again.status) == (first.task_id, TaskStatus.RUNNING)
    work.leave.set()
    ended = house.end_of(first.task_id)
    assert send(house, exclusion="one") == ended
    assert tasks_of(house) == 1


def test_a_failed_task_is_not_repeated_by_its_key(house: House) -> None:
    def fail(_context: object) -> Any:
        raise ZeroDivisionError

    first = send(house, run=fail)
    assert house.end_of(first.task_id).status is TaskStatus.FAILED
    assert send(house).status is TaskStatus.FAILED
    assert send(house, "new key").task_id != first.task_id


def test_the_order_of_the_fields_means_nothing(house: House) -> None:
    first = send(house, request={"a": 1, "b": {"c": "ä", "d": None}})
    assert send(house, request={"b": {"d": None, "c": "ä"}, "a": 1}).task_id == first.task_id


@pytest.mark.parametrize(
    "other",
    [
        {"request": {"piz": "2"}},
        {"request": {"piz": 1}},
        {"request": {"piz": "1", "dry_run": True}},
        {"request": {}},
        {"kind": "day"},
    ],
    ids=str,
)
def test_another_request_under_the_key_is_refused(house: House, other: dict[str, Any]) -> None:
    first = send(house)
    for _ in range(2):
        refusal = refusal_of(lambda: send(house, **other))
        assert (refusal.code, refusal.entry.status) == ("idempotency_key_reused", 422)
        house.end_of(first.task_id)
    assert send(house).task_id == first.task_id
    assert tasks_of(house) == 1


def test_keys_are_told_apart_exactly(house: House) -> None:
    ids = {send(house, key).task_id for key in ("key", "Key", "key.", '"key"', "k" * 128)}
    assert len(ids) == 5


def test_a_key_stands_in_no_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        first = send(house, "Kanarienvogel")
        send(house, "Kanarienvogel")
        refusal_of(lambda: send(house, "Kanarienvogel", request={}))
        house.end_of(first.task_id)
    assert "Kanarienvogel" not in caplog.text
    assert "asked for again by api 127.0.0.1" in caplog.text


# --- what comes before what ----------------------------------------------------------------------


def test_the_key_is_looked_at_before_every_other_refusal(open_house: OpenHouse) -> None:
    house = open_house(workers=1, queue_limit=1)
    first = send(house, run=house.work(), exclusion="one")
    until(lambda: house.now_of(first.task_id).status is TaskStatus.RUNNING)
    house.submit(exclusion="another")
    assert refusal_of(lambda: send(house, "new", exclusion="one")).code == "already_running"
    assert refusal_of(lambda: send(house, "new")).code == "queue_full"
    assert send(house, exclusion="one").task_id == first.task_id
    house.registry.shutdown(2)
    assert refusal_of(lambda: send(house, "new")).code == "shutting_down"
    assert send(house, exclusion="one").task_id == first.task_id
    assert refusal_of(lambda: send(house, request={})).code == "idempotency_key_reused"
    assert keys_of(house) == ["key"]


def test_only_an_accepted_task_uses_up_its_key(house: House) -> None:
    work = house.work()
    in_the_way = house.running(work, exclusion="one")
    assert refusal_of(lambda: send(house, exclusion="one")).code == "already_running"
    work.leave.set()
    house.end_of(in_the_way)
    mine = send(house, request={"other": True})
    assert mine.task_id != in_the_way
    assert send(house, request={"other": True}).task_id == mine.task_id


# --- restarts and time ---------------------------------------------------------------------------


def test_a_key_outlives_the_program(open_house: OpenHouse) -> None:
    house = open_house()
    first = send(house)
    ended = house.end_of(first.task_id)
    house.close()
    house = open_house()
    again = send(house)
    assert (again.task_id, again.status) == (ended.task_id, TaskStatus.COMPLETED)
    assert refusal_of(lambda: send(house, request={})).code == "idempotency_key_reused"
    assert tasks_of(house) == 1


def test_a_key_belongs_to_its_task_whatever_id_that_got(open_house: OpenHouse) -> None:
    """An earlier run has taken the id of this second: the task gets another one."""
    clock = Clock()
    house = open_house(now=clock)
    house.end_of(house.submit())
    house.close()
    house = open_house(now=clock)
    first = send(house)
    assert first.task_id.endswith("_2")
    assert send(house).task_id == first.task_id


def test_a_key_counts_for_24_hours(open_house: OpenHouse) -> None:
    clock = Clock()
    house = open_house(now=clock)
    first = send(house)
    house.end_of(first.task_id)
    clock.now = (NOON + timedelta(hours=24, seconds=-1)).astimezone(
        timezone(timedelta(hours=1))  # the clock was put back in the night
    )
    assert send(house).task_id == first.task_id
    clock.now += timedelta(seconds=1)
    second = send(house, request={"other": True})
    assert second.task_id != first.task_id
    assert send(house, request={"other": True}).task_id == second.task_id


def test_a_clock_set_back_does_not_free_a_key(open_house: OpenHouse) -> None:
    clock = Clock()
    house = open_house(now=clock)
    first = send(house)
    clock.now -= timedelta(days=3)
    assert send(house).task_id == first.task_id


def test_expired_keys_are_deleted_by_the_next_one_and_on_start(open_house: OpenHouse) -> None:
    clock = Clock()
    house = open_house(now=clock)
    send(house, "first")
    clock.now += timedelta(hours=23)
    send(house, "second")
    assert keys_of(house) == ["first", "second"]
    clock.now += timedelta(hours=1)
    send(house, "third")
    assert keys_of(house) == ["second", "third"]
    assert house.journal.keys.forget_expired(clock.now + timedelta(hours=23)) == 1
    assert keys_of(house) == ["third"]


# --- at the same time ----------------------------------------------------------------------------


class SlowJournal(Journal):
    """Records a task when it may; counts who is about to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.may = threading.Event()
        self.recording = 0
        self.fail_first = False

    def add(self, view: TaskView, use: KeyUse | None = None) -> None:
        self.recording += 1
        assert self.may.wait(PATIENCE)
        if self.fail_first:
            self.fail_first = False
            raise JournalError("the disk is full, once")
        super().add(view, use)


def sixteen(house: House, **values: Any) -> list[TaskView | Refusal]:
    """Sixteen threads with one key while the first of them is still being recorded."""
    journal = house.journal
    assert isinstance(journal, SlowJournal)
    start = threading.Barrier(17)

    def one(_number: int) -> TaskView | Refusal:
        start.wait(PATIENCE)
        try:
            return send(house, **values)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(one, number) for number in range(16)]
        start.wait(PATIENCE)
        until(lambda: journal.recording)
        assert journal.recording == 1
        journal.may.set()
        return [answer.result(PATIENCE) for answer in answers]


def test_sixteen_at_once_are_one_task(open_house: OpenHouse) -> None:
    house = open_house(make_journal=SlowJournal)
    answers = sixteen(house, run=house.work(), exclusion="one")
    ids = {answer.task_id for answer in answers if isinstance(answer, TaskView)}
    assert len(answers) == 16
    assert all(isinstance(answer, TaskView) for answer in answers)
    assert len(ids) == 1
    assert tasks_of(house) == 1


def test_the_next_tries_again_when_the_first_could_not_be_recorded(open_house: OpenHouse) -> None:
    house = open_house(make_journal=SlowJournal)
    assert isinstance(house.journal, SlowJournal)
    house.journal.fail_first = True
    answers = sixteen(house, run=house.work())
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    ids = {answer.task_id for answer in answers if isinstance(answer, TaskView)}
    assert [refusal.code for refusal in refused] == ["journal_unavailable"]
    assert len(ids) == 1
    assert tasks_of(house) == 1


def test_another_key_waits_for_nobody() -> None:
    turns = KeyTurns()
    with turns.turn("one"), turns.turn("another"):
        pass
    with turns.turn("one"):
        pass


def test_waiting_for_ones_turn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_TURN_SECONDS", 0.02)
    turns = KeyTurns()

    def second() -> None:
        with turns.turn("one"):
            raise AssertionError("two at a time")

    with turns.turn("one"):
        assert refusal_of(second).code == "journal_unavailable"


# --- the journal ---------------------------------------------------------------------------------


def test_nothing_is_promised_without_the_journal(house: House) -> None:
    house.journal.close()
    assert refusal_of(lambda: send(house)).code == "journal_unavailable"
    assert house.registry.active() == ()


def test_task_and_key_are_recorded_both_or_neither(house: House) -> None:
    with house.journal.file.writing() as writer:
        writer.execute(
            "CREATE TRIGGER full BEFORE INSERT ON idempotency_key"
            " BEGIN SELECT RAISE(ABORT, 'no key today'); END"
        )
    assert refusal_of(lambda: send(house)).code == "journal_unavailable"
    assert house.registry.active() == ()
    assert house.journal.unfinished() == ()
    with house.journal.file.writing() as writer:
        writer.execute("DROP TRIGGER full")
    house.end_of(send(house).task_id)


def test_a_journal_from_before_there_were_keys_is_migrated(open_house: OpenHouse) -> None:
    house = open_house()
    first = house.submit()
    house.end_of(first)
    house.close()
    with closing(sqlite3.connect(house.path)) as connection, connection:
        connection.execute("DROP TABLE idempotency_key")
        connection.execute("PRAGMA user_version = 2")
    house = open_house()
    assert house.now_of(first).status is TaskStatus.COMPLETED
    assert send(house).task_id == send(house).task_id
    assert house.journal.file.read("PRAGMA user_version")[0][0] == FORMAT
