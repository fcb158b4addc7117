"""What must hold after a sync that met a fault, whatever the fault was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from demo import people
from demo.people import Person
from tests.faults.house import COMPLETED, House, Houses, Outcome
from tests.faults.outcome_table import TABLE

SYNCS: dict[str, Person] = {
    "new examination": people.MAX,
    "new patient": people.UNKNOWN_TO_SQLHK,
    "linked patient": people.LINKABLE,
    "changed examination": people.OTHER_DOCTOR,
    "two examinations": people.TWO_APPOINTMENTS,
    "nothing to do": people.UNCHANGED,
}
"""One person for each sort of work that a sync can have."""


@dataclass(frozen=True)
class Undisturbed:
    """A sync without any fault: what it called, what SQLHK held before and after, how it ended."""

    piz: str
    calls: tuple[str, ...]
    before: str
    after: str
    outcome: Outcome


def undisturbed(houses: Houses, database: str, person: Person) -> Undisturbed:
    """Sync somebody without any fault, and see that nobody else is touched."""
    house = houses.make(database)
    own = house.patient_ids(person.piz)
    before = house.fingerprint()
    known = {row[0] for row in house.query("SELECT PatientID FROM Patient WHERE M1Ziffer > 0")}
    foreign = known - own
    foreign_before = house.fingerprint(without=own)
    outcome = house.sync(person.piz)
    assert outcome.code == COMPLETED, outcome
    assert outcome.result.rows_outside_scope == 0
    after = house.fingerprint()
    mine = own | house.patient_ids(person.piz)
    assert foreign.isdisjoint(mine)
    if own:
        assert house.fingerprint(without=own) == foreign_before
    assert (after != before) is bool(outcome.result.changes)
    assert person.piz is not None
    return Undisturbed(person.piz, tuple(house.injection.calls), before, after, outcome)


def judge(
    fault: str,
    house: House,
    clean: Undisturbed,
    outcome: Outcome,
    *,
    expected: set[str],
    mend: Callable[[], None] = lambda: None,
) -> None:
    """SQLHK is what it was or what it should be, the outcome is the truth, one repeat makes it
    right without a double.
    """
    stands = house.fingerprint()
    what = f"{fault}: {outcome.code} ({outcome.error}), calls {house.injection.calls}"
    assert outcome.code in expected, what
    assert stands in (clean.before, clean.after), f"in between: {what}"
    if outcome.code == COMPLETED:
        assert stands == clean.after, what
        assert outcome.result.changes == clean.outcome.result.changes, what
        assert outcome.result.lines == clean.outcome.result.lines, what
        assert outcome.result.action == clean.outcome.result.action, what
        assert outcome.result.patient_id == clean.outcome.result.patient_id, what
        assert outcome.result.warnings == clean.outcome.result.warnings, what
    elif outcome.code != "outcome_unknown":
        assert stands == clean.before, what
        assert not outcome.result.changes, what
        assert {line.outcome for line in outcome.result.lines} <= {"skipped"}, what
        reasons = {line.reason for line in outcome.result.lines}
        assert "outcome_unknown" not in reasons, what
    assert outcome.result.rows_outside_scope == 0, what
    written = stands == clean.after and clean.after != clean.before
    house.injection.clear()
    mend()
    again = house.sync(clean.piz)
    assert again.code == COMPLETED, f"the repeat: {again}, after {what}"
    assert house.fingerprint() == clean.after, f"the repeat after {what}"
    if written or clean.after == clean.before:
        assert set(again.actions) == {"unchanged"}, what
        assert not again.result.changes, what
    else:
        assert again.result.changes == clean.outcome.result.changes, what
    TABLE.add(fault, outcome.code, "written" if written else "untouched")
