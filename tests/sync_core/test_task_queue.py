"""Whose turn it is: first come, first served, with a lock on each calendar day."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_core.task_model import DayLock
from sync_core.task_queue import DayClaims, next_to_run

MONDAY, TUESDAY = "2025-10-06", "2025-10-07"


@dataclass(frozen=True)
class Waiting:
    name: str
    day_lock: DayLock | None = None


def single(name: str, day: str = MONDAY) -> Waiting:
    return Waiting(name, DayLock(day, exclusive=False))


def whole_day(name: str, day: str = MONDAY) -> Waiting:
    return Waiting(name, DayLock(day, exclusive=True))


def claims_of(*running: Waiting) -> DayClaims:
    claims = DayClaims()
    for task in running:
        claims.grant(task.day_lock)
    return claims


def test_nothing_waits() -> None:
    assert next_to_run([], DayClaims()) == (None, [])


def test_first_come_first_served() -> None:
    first, second = single("first"), single("second")
    assert next_to_run([first, second], DayClaims()) == (first, [])


def test_single_syncs_share_their_day() -> None:
    waiting = single("second")
    assert next_to_run([waiting], claims_of(single("first"), single("another"))) == (waiting, [])


def test_a_day_sync_waits_for_every_single_sync_of_its_day() -> None:
    first, second, day = single("first"), single("second"), whole_day("day")
    claims = claims_of(first, second)
    assert next_to_run([day], claims) == (None, [day])
    claims.release(first.day_lock)
    assert next_to_run([day], claims) == (None, [day])
    claims.release(second.day_lock)
    assert next_to_run([day], claims) == (day, [])


def test_everything_of_the_day_waits_for_its_day_sync() -> None:
    running, one, day = whole_day("running"), single("one"), whole_day("day")
    claims = claims_of(running)
    assert next_to_run([one, day], claims) == (None, [one, day])
    claims.release(running.day_lock)
    assert next_to_run([one, day], claims) == (one, [])


def test_a_waiting_day_sync_is_not_overtaken_by_single_syncs_of_its_day() -> None:
    day, later = whole_day("day"), single("later")
    assert next_to_run([day, later], claims_of(single("running"))) == (None, [day, later])


def test_other_days_and_tasks_without_a_day_do_overtake_it() -> None:
    day, other = whole_day("day"), single("other", TUESDAY)
    claims = claims_of(single("running"))
    assert next_to_run([day, other], claims) == (other, [day])
    free = Waiting("free")
    assert next_to_run([day, free, other], claims) == (free, [day])


def test_a_task_without_a_day_claims_none() -> None:
    claims = claims_of(Waiting("free"))
    claims.release(None)
    assert claims.free_for(DayLock(MONDAY, exclusive=True))


TASKS = st.lists(
    st.builds(
        Waiting,
        st.uuids().map(str),
        st.none() | st.builds(DayLock, st.sampled_from([MONDAY, TUESDAY]), st.booleans()),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=200, deadline=None)
@given(tasks=TASKS, workers=st.integers(1, 5), data=st.data())
def test_everybody_gets_a_turn_and_nobody_shares_what_he_has_alone(
    tasks: list[Waiting], workers: int, data: st.DataObject
) -> None:
    """Plays workers that take and end tasks in any order while others keep arriving."""
    arriving, waiting, running, done = list(tasks), list[Waiting](), list[Waiting](), set[str]()
    order = {task.name: number for number, task in enumerate(tasks)}
    claims = DayClaims()
    while arriving or waiting or running:
        steps = [step for step, possible in (("arrive", arriving), ("end", running)) if possible]
        task, held_up = next_to_run(waiting, claims) if len(running) < workers else (None, [])
        if task is not None:
            steps.append("take")
        assert steps, "everybody waits for ever"
        step = data.draw(st.sampled_from(steps))
        if step == "arrive":
            waiting.append(arriving.pop(0))
        elif step == "end":
            ended = running.pop(data.draw(st.integers(0, len(running) - 1)))
            claims.release(ended.day_lock)
            done.add(ended.name)
        else:
            assert task is not None
            assert all(order[other.name] < order[task.name] for other in held_up)
            assert not any(overtaken(task, other) for other in held_up)
            waiting.remove(task)
            claims.grant(task.day_lock)
            running.append(task)
        assert_no_clash(running)
    assert done == set(order)


def overtaken(task: Waiting, other: Waiting) -> bool:
    """Whether ``task`` takes a turn that an earlier day sync of the same day waits for."""
    mine, theirs = task.day_lock, other.day_lock
    return mine is not None and theirs is not None and theirs.exclusive and mine.day == theirs.day


def assert_no_clash(running: list[Waiting]) -> None:
    for day in (MONDAY, TUESDAY):
        locks = [task.day_lock for task in running if task.day_lock and task.day_lock.day == day]
        assert len(locks) <= 1 or not any(lock.exclusive for lock in locks)
