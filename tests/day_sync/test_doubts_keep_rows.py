"""Doubts about CallDoc's answer, the clock or a person's yes: each of them keeps the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from day_sync import DaySynchronizer
from demo.calldoc_search import parse_options
from sync_core.day_result import DayResult
from sync_core.errors import JournalUnavailableError
from sync_core.obsolete import DeletionPolicy, Kept
from tests.day_sync.conftest import FUTURE, TODAY, House, entry

FIRST = 7_300_000


def record(_: Mapping[str, Any]) -> None:
    """A journal that takes everything."""


ASKED = DeletionPolicy(record)


def planned(house: House, count: int) -> None:
    """So many synced appointments of people who have nothing in common."""
    house.execute("DELETE FROM Untersuchung WHERE Datum LIKE '%2026%'")
    house.planned(FUTURE, [person(n) for n in range(1, count + 1)])
    assert house.day_sync.sync(FUTURE).untersuchungen.inserted == count


def person(n: int, **fields: Any) -> dict[str, Any]:
    return entry(FIRST + n, n, surname=f"Probe{n}", date_of_birth=f"19{n + 20}-02-01", **fields)


def left(house: House) -> set[int]:
    rows = house.rows(
        "SELECT M1Ziffer FROM Untersuchung JOIN Patient USING (PatientID) WHERE Datum = ?",
        FUTURE.strftime("%d.%m.%Y"),
    )
    return {(row["M1Ziffer"] or 0) - FIRST for row in rows}


def reasons(result: DayResult) -> list[Kept]:
    return [reason for _, reason in result.obsolete.kept]


def asked_by(
    house: House, before: Callable[[], None], after: Callable[[], None]
) -> DaySynchronizer:
    """The day sync, with something that happens right before and after CallDoc answers."""

    class Watched:
        def __init__(self, client: Any) -> None:
            self._client = client

        def appointment_search(self, **filters: Any) -> dict[str, Any]:
            before()
            answer = dict(self._client.appointment_search(**filters))
            after()
            return answer

    return DaySynchronizer(
        lambda *days, **options: Watched(house.calldoc(*days, **options)),  # type: ignore[arg-type,return-value]
        house.client,
        house.mapping,
        lambda: TODAY,
    )


def nothing() -> None:
    """Nothing happens."""


@pytest.mark.parametrize("changed", [False, True])
def test_a_row_that_is_newer_than_the_answer(house: House, changed: bool) -> None:
    """Another program has just created or moved it for an appointment that was not there yet."""
    planned(house, 4)
    house.state.remove_appointment(1)
    row = next(row for row in house.examinations(FUTURE))

    def somebody() -> None:
        if changed:
            house.execute(
                "UPDATE Untersuchung SET HerzkatheterID = 1 WHERE UntersuchungID = ?",
                row["UntersuchungID"],
            )
        else:
            house.examination(house.patient(FIRST + 9, "09.09.1999"), FUTURE)

    result = asked_by(house, nothing, somebody).sync(FUTURE, delete_obsolete=ASKED)
    assert reasons(result) == [Kept.NEW]
    assert left(house) == ({1, 2, 3, 4} if changed else {2, 3, 4, 9})


def test_the_day_begins_while_it_is_synced(house: House) -> None:
    planned(house, 7)
    for appointment in (1, 2, 3):
        house.state.remove_appointment(appointment)
    days: list[date] = [TODAY]

    def midnight(_: Mapping[str, Any]) -> None:
        days[0] = FUTURE

    sync = DaySynchronizer(house.calldoc, house.client, house.mapping, lambda: days[0])
    result = sync.sync(FUTURE, delete_obsolete=DeletionPolicy(midnight))
    assert result.untersuchungen.deleted == len(result.obsolete.to_delete) == 1
    assert reasons(result) == [Kept.NOT_FUTURE] * 2
    assert "obsolete_not_future" in {warning.code for warning in result.warnings}
    assert len(left(house)) == 6


def test_the_day_begins_before_anything_is_deleted(house: House) -> None:
    planned(house, 4)
    house.state.remove_appointment(1)
    days: list[date] = [TODAY]

    def midnight() -> None:
        days[0] = FUTURE

    sync = asked_by(house, midnight, nothing)
    late = DaySynchronizer(sync._calldoc, house.client, house.mapping, lambda: days[0])
    assert reasons(late.sync(FUTURE, delete_obsolete=ASKED)) == [Kept.NOT_FUTURE]
    assert left(house) == {1, 2, 3, 4}


@pytest.mark.parametrize(("more", "deleted"), [(0, 1), (1, 0), (-1, 1), (None, 1), (True, 1)])
def test_an_answer_that_counts_more_than_it_lists(
    house: House, more: int | None, deleted: int
) -> None:
    planned(house, 4)
    house.state.remove_appointment(1)

    class Partial:
        def __init__(self, client: Any) -> None:
            self._client = client

        def appointment_search(self, **filters: Any) -> dict[str, Any]:
            data = self._client.appointment_search(**filters)["data"]
            told = more if more is None or more is True else len(data) + more
            return {"count": told, "data": data}

    sync = DaySynchronizer(
        lambda *days, **options: Partial(house.calldoc(*days, **options)),  # type: ignore[arg-type,return-value]
        house.client,
        house.mapping,
        lambda: TODAY,
    )
    result = sync.sync(FUTURE, delete_obsolete=ASKED)
    assert result.untersuchungen.deleted == deleted
    if not deleted:
        assert reasons(result) == [Kept.PATIENT_FAILED]


def test_an_unreadable_type_protects_though_one_type_is_asked(house: House) -> None:
    planned(house, 4)
    house.state.options = parse_options({"filters": "honoured"})
    house.state.change_appointment(1, {"appointment_type": None})
    result = house.day_sync.sync(FUTURE, [24], delete_obsolete=ASKED)
    assert reasons(result) == [Kept.PATIENT_FAILED]
    assert left(house) == {1, 2, 3, 4}


@pytest.mark.parametrize("turned", [False, True])
def test_listed_with_two_types_is_of_neither(house: House, turned: bool) -> None:
    planned(house, 4)
    entries = [person(1), person(1, appointment_type=4)]
    entries = [*(reversed(entries) if turned else entries), *map(person, (3, 4))]
    house.planned(FUTURE, entries)
    result = house.day_sync.sync(FUTURE, delete_obsolete=ASKED)
    assert result.appointments is not None
    assert {item.appointment_id for item in result.appointments.taken} == {3, 4}
    assert reasons(result) == [Kept.PATIENT_FAILED] * 2  # nobody knows whose it is: 1's, or 2's
    assert left(house) == {1, 2, 3, 4}


def test_listed_for_two_people_once_unreadably(house: House) -> None:
    planned(house, 5)
    entries = [person(5, id=1, appointment_type=None), person(1), *map(person, (2, 3, 4))]
    house.planned(FUTURE, entries)
    assert set(reasons(house.day_sync.sync(FUTURE, delete_obsolete=ASKED))) == {Kept.PATIENT_FAILED}
    assert left(house) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("number", [None, 0])
def test_the_same_person_without_a_number(house: House, number: int | None) -> None:
    """SQLHK has the person twice; whose the examination is, no number can tell."""
    planned(house, 4)
    double = house.patient(number, "01.02.1921", Nachname="PROBE1", Vorname="Paula")
    house.examination(double, FUTURE)
    result = house.day_sync.sync(FUTURE, delete_obsolete=ASKED)
    assert reasons(result) == [Kept.PATIENT_FAILED]
    assert len(house.examinations(FUTURE)) == 5


def keys_of(result: DayResult) -> frozenset[int]:
    return frozenset(row.row.untersuchung_id for row, _ in result.obsolete.kept)


def test_a_yes_is_for_the_rows_that_were_shown(house: House) -> None:
    planned(house, 5)
    for appointment in (1, 2, 3):
        house.state.remove_appointment(appointment)
    shown = house.day_sync.sync(FUTURE, delete_obsolete=ASKED)
    assert shown.obsolete.unconfirmed == 3
    yes = DeletionPolicy(record, 3, confirmed_keys=keys_of(shown))
    # Meanwhile 3's appointment is back and 4's is gone: the same number, other rows.
    house.state.add_appointment(FUTURE, person(3))
    house.state.remove_appointment(4)
    result = house.day_sync.sync(FUTURE, delete_obsolete=yes)
    assert result.obsolete.unconfirmed == 3
    assert left(house) == {1, 2, 3, 4, 5}
    again = DeletionPolicy(record, 3, confirmed_keys=keys_of(result))
    assert house.day_sync.sync(FUTURE, delete_obsolete=again).untersuchungen.deleted == 3
    assert left(house) == {3, 5}


def test_a_yes_is_for_no_more_than_its_number(house: House) -> None:
    """Also where so many could go without a yes."""
    planned(house, 7)
    for appointment in (1, 2, 3):
        house.state.remove_appointment(appointment)
    result = house.day_sync.sync(FUTURE, delete_obsolete=DeletionPolicy(record, 2))
    assert (result.obsolete.unconfirmed, result.untersuchungen.deleted) == (3, 0)
    assert left(house) == {1, 2, 3, 4, 5, 6, 7}
    result = house.day_sync.sync(FUTURE, delete_obsolete=DeletionPolicy(record, 4))
    assert result.untersuchungen.deleted == 3


def test_what_may_be_in_the_book_is_taken_back(house: House) -> None:
    """The receipt can be written and its anchor fail: then it is there, and so is the row."""
    planned(house, 4)
    house.state.remove_appointment(1)
    taken_back: list[str] = []

    def refuse(_: Mapping[str, Any]) -> None:
        raise JournalUnavailableError

    policy = DeletionPolicy(refuse, record_kept=lambda row, code: taken_back.append(code))
    assert house.day_sync.sync(FUTURE, delete_obsolete=policy).untersuchungen.errors == 1
    assert taken_back == ["journal_unavailable"]
    assert left(house) == {1, 2, 3, 4}


def test_silence_leaves_a_deletion_open(hasty_house: House) -> None:
    planned(hasty_house, 4)
    hasty_house.state.remove_appointment(1)
    hasty_house.gateway(execute_sql={"mode": "slow_before", "calls": "writes", "seconds": 5})
    codes: list[str] = []
    policy = DeletionPolicy(record, record_kept=lambda row, code: codes.append(code))
    result = hasty_house.day_sync.sync(FUTURE, delete_obsolete=policy)
    assert codes == ["outcome_unknown"]
    assert [x.code for x in result.untersuchungen.details if x.code] == ["outcome_unknown"]
