"""SQLite as SQLHK: dead connections, refusals and a bad disk at every statement of every sync."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.faults import driver_errors as errors
from tests.faults.driver_errors import MakeError
from tests.faults.house import COMPLETED, Houses
from tests.faults.injection import FOR_EVER, dying, failing
from tests.faults.judging import SYNCS, judge, undisturbed

pytestmark = pytest.mark.usefixtures("hurried")

WHEN = ("before", "after")
UNAVAILABLE = {"sqlhk_unavailable"}
REFUSED = {"sqlhk_error"}


def numbered(calls: tuple[str, ...]) -> list[tuple[str, int]]:
    """Each call with how often it has come so far."""
    return [(call, calls[: index + 1].count(call)) for index, call in enumerate(calls)]


STATEMENT_FAULTS: dict[str, tuple[MakeError, int, set[str]]] = {
    # fault: error, how often, what it may end with
    "the connection dies": (errors.IO_ERROR, 1, {COMPLETED}),
    "the connection dies each time": (errors.CANNOT_OPEN, FOR_EVER, UNAVAILABLE),
    "the database is damaged": (errors.CORRUPT, FOR_EVER, REFUSED),
}


EVERY_STATEMENT = [(sync, "the connection dies") for sync in SYNCS] + [
    ("linked patient", fault) for fault in STATEMENT_FAULTS if fault != "the connection dies"
]


@pytest.mark.parametrize(("sync", "fault"), EVERY_STATEMENT)
def test_at_every_statement(houses: Houses, sync: str, fault: str) -> None:
    clean = undisturbed(houses, "sqlite", SYNCS[sync])
    make_error, times, expected = STATEMENT_FAULTS[fault]
    house = houses.make()
    for call, nth in numbered(clean.calls):
        if call in ("connect", "commit", "rollback"):
            continue
        for when in WHEN:
            house.start_over()
            rule = house.injection.before if when == "before" else house.injection.after
            rule(call, dying(make_error), nth=nth, times=times)
            judge(fault, house, clean, house.sync(clean.piz), expected=expected)


def test_the_statements_are_those_we_think(houses: Houses) -> None:
    """So that "every statement" above is not an empty phrase."""
    calls = {name: undisturbed(houses, "sqlite", who).calls for name, who in SYNCS.items()}
    asked = ("connect", "lock", "patients_with_number")
    tables = ("kinds", "rooms", "doctors")
    assert calls["new patient"] == (
        *asked,
        "patients_born_in_year",
        *tables,
        "triggers",
        "insert_patient",
        "insert_examination",
        "commit",
    )
    assert calls["changed examination"] == (
        *(*asked, *tables, "examinations_of_patient"),
        *("triggers", "update_examination", "commit"),
    )
    assert "link_patient" in calls["linked patient"]
    assert calls["two examinations"].count("insert_examination") == 2
    for name, made in calls.items():
        assert all(first != second for first, second in pairwise(made)) or "two" in name


COMMIT_FAULTS: dict[str, tuple[MakeError, int, set[str]]] = {
    "commit: a reader is in the way": (errors.BUSY, 3, {COMPLETED}),
    "commit: the disk is full": (errors.FULL, FOR_EVER, REFUSED),
    "commit: read-only": (errors.READ_ONLY, FOR_EVER, REFUSED),
}


@pytest.mark.parametrize("fault", COMMIT_FAULTS)
@pytest.mark.parametrize("sync", SYNCS)
def test_the_commit_is_refused(houses: Houses, sync: str, fault: str) -> None:
    clean = undisturbed(houses, "sqlite", SYNCS[sync])
    make_error, times, expected = COMMIT_FAULTS[fault]
    house = houses.make()
    house.injection.before("commit", failing(make_error), times=times)
    judge(fault, house, clean, house.sync(clean.piz), expected=expected)


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("sync", SYNCS)
def test_the_disk_fails_during_the_commit(houses: Houses, sync: str, when: str) -> None:
    """The pages may have been written already: SQLHK is asked before anything is said."""
    clean = undisturbed(houses, "sqlite", SYNCS[sync])
    house = houses.make()
    carried_out = when == "after"
    rule = house.injection.after if carried_out else house.injection.before
    rule("commit", dying(errors.IO_ERROR))
    written = carried_out or clean.before == clean.after
    fault = f"commit: disk I/O error, {'carried out' if carried_out else 'not carried out'}"
    expected = {COMPLETED} if written else {COMPLETED, *UNAVAILABLE}
    judge(fault, house, clean, house.sync(clean.piz), expected=expected)


@pytest.mark.parametrize("sync", SYNCS)
def test_no_connection_can_be_had(houses: Houses, sync: str) -> None:
    clean = undisturbed(houses, "sqlite", SYNCS[sync])
    for fault, times, expected in (
        ("no connection, once", 1, {COMPLETED}),
        ("no connection at all", FOR_EVER, UNAVAILABLE),
    ):
        house = houses.make()
        house.injection.before("connect", failing(errors.CANNOT_OPEN), times=times)
        judge(fault, house, clean, house.sync(clean.piz), expected=expected)
