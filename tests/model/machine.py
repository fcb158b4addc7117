"""Random histories of CallDoc, of people in SQLHK, of syncs and of faults."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.faults import driver_errors as errors
from tests.faults.calldoc_in_memory import InMemoryCallDoc
from tests.faults.driver_errors import MakeError
from tests.faults.house import COMPLETED, House, Outcome
from tests.faults.injection import FOR_EVER, dying, failing
from tests.model import oracle
from tests.model.oracle import Asked, Expectation
from tests.model.world import (
    BIRTH_TEXTS,
    DATE_FORMS,
    DAY_TEXTS,
    DAYS,
    DOCTORS,
    HUMANS,
    NUMBER_FORMS,
    ROOMS,
    STATUSES,
    TYPES,
    Booking,
    CallDocModel,
    Registry,
    Row,
)

UNREACHABLE = frozenset({"sqlhk_unavailable"})
REFUSED = frozenset({"sqlhk_error"})
STATEMENTS = (
    "lock",
    "patients_with_number",
    "patients_born_in_year",
    "kinds",
    "doctors",
    "examinations_of_patient",
    "triggers",
    "insert_patient",
    "link_patient",
    "insert_examination",
    "update_examination",
)


@dataclass(frozen=True)
class Fault:
    """A fault, and the codes that it may end with besides those that are right without it."""

    name: str
    make_error: MakeError
    times: int
    codes: frozenset[str]
    where: str = "statement"


FAULTS = (
    Fault("the connection dies", errors.IO_ERROR, 1, frozenset()),
    Fault("the connection dies each time", errors.CANNOT_OPEN, FOR_EVER, UNREACHABLE),
    Fault("damaged", errors.CORRUPT, FOR_EVER, REFUSED),
    Fault("the commit is refused", errors.FULL, FOR_EVER, REFUSED, "before commit"),
    Fault("a reader is in the way", errors.BUSY, 2, frozenset(), "before commit"),
    Fault("no commit and no answer", errors.IO_ERROR, 1, UNREACHABLE, "before commit"),
    Fault("a commit without answer", errors.IO_ERROR, 1, frozenset(), "after commit"),
    Fault(
        "a commit, and then nobody there",
        errors.IO_ERROR,
        1,
        frozenset({"outcome_unknown"}),
        "after commit, for ever",
    ),
    Fault(
        "no commit, and then nobody there",
        errors.IO_ERROR,
        1,
        frozenset({"outcome_unknown"}),
        "before commit, for ever",
    ),
)

humans = st.integers(0, len(HUMANS) - 1)
days = st.sampled_from(DAYS)
picks = st.integers(0, 99)
births = st.sampled_from([None, "right", "right", "right", "wrong"])


def birth_of(human: int, word: str | None) -> date | None:
    """A birth date as CallDoc may have it."""
    return {None: None, "right": HUMANS[human].born, "wrong": date(1900, 1, 1)}[word]


class Histories(RuleBasedStateMachine):
    """One history; the house with its registry is used again for each."""

    house: House
    calldoc: InMemoryCallDoc
    counts: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.house.start_over()
        self.registry = Registry(self.house.path)
        self.registry.people_of_the_beginning()
        self.model = CallDocModel()
        self.version = 0
        self.plan: tuple[Asked, Outcome, int] | None = None

    def step(self, name: str) -> None:
        """Count, and note that the world is no longer what it was."""
        self.counts[name] += 1
        self.version += 1

    @initialize(
        unknown=st.sets(humans, max_size=2),
        planned=st.lists(st.tuples(humans, days, picks), min_size=3, max_size=8),
    )
    def the_day_begins(self, unknown: set[int], planned: list[tuple[int, date, int]]) -> None:
        for human, who in enumerate(HUMANS):
            if human not in unknown:
                self.model.searchable[human] = who.born
        for human, day, minute in planned:
            self._book(human, day, minute, 24, ROOMS[minute % 4], DOCTORS[minute % 3])

    # CallDoc

    @rule(
        human=humans,
        day=days,
        minute=picks,
        kind=st.sampled_from(TYPES),
        room=st.sampled_from((*ROOMS[:4], *ROOMS)),
        doctor=st.sampled_from((*DOCTORS[:3], *DOCTORS)),
        status=st.sampled_from(("created", *STATUSES)),
    )
    def an_appointment_is_made(
        self,
        human: int,
        day: date,
        minute: int,
        kind: int,
        room: int | None,
        doctor: int | None,
        status: str,
    ) -> None:
        self.step("CallDoc: a new appointment")
        self._book(human, day, minute, kind, room, doctor)
        self.model.change(-1, status=status)

    @precondition(lambda self: self.model.bookings)
    @rule(
        index=picks,
        change=st.one_of(
            st.fixed_dictionaries({"room": st.sampled_from(ROOMS)}),
            st.fixed_dictionaries({"doctor": st.sampled_from(DOCTORS)}),
            st.fixed_dictionaries({"status": st.sampled_from(STATUSES)}),
            st.fixed_dictionaries({"day": days, "minute": picks}),
            st.fixed_dictionaries({"type": st.sampled_from(TYPES)}),
            st.fixed_dictionaries({"number_form": st.sampled_from(NUMBER_FORMS)}),
            st.fixed_dictionaries({"date_form": st.sampled_from(DATE_FORMS)}),
            st.fixed_dictionaries({"id": st.sampled_from([None, 501, 502])}),
        ),
    )
    def an_appointment_is_changed(self, index: int, change: dict[str, Any]) -> None:
        self.step(f"CallDoc: another {next(iter(change))}")
        self.model.change(index, **change)

    @precondition(lambda self: self.model.bookings)
    @rule(index=picks, what=st.sampled_from(["gone", "listed twice", "listed twice, differently"]))
    def the_list_is_changed(self, index: int, what: str) -> None:
        self.step(f"CallDoc: an appointment is {what}")
        booking = self.model.bookings[index % len(self.model.bookings)]
        if what == "gone":
            self.model.bookings.remove(booking)
        elif what == "listed twice":
            self.model.bookings.append(booking)
        else:
            self.model.bookings.append(replace(booking, minute=booking.minute + 1))

    @rule(human=humans, word=births, where=st.sampled_from(["nowhere", "search", "appointments"]))
    def a_birth_date_is_changed(self, human: int, word: str | None, where: str) -> None:
        self.step(f"CallDoc: another birth date, {where}")
        if where == "nowhere":
            self.model.searchable.pop(human, None)
        elif where == "search":
            self.model.searchable[human] = birth_of(human, word)
        for index, booking in enumerate(self.model.bookings):
            if where == "appointments" and booking.human == human:
                self.model.change(index, born=birth_of(human, word))

    # People in SQLHK

    @rule(
        index=picks,
        change=st.one_of(
            st.tuples(
                st.sampled_from(["Roentgen", "Herzteam", "Materialpreis", "DRGID", "ZuweiserID"]),
                st.integers(2, 40),
            ),
            st.tuples(st.just("HerzkatheterID"), st.sampled_from([1, 2, 3, 6, None])),
            st.tuples(st.just("UntersucherAbrechnungID"), st.sampled_from([1, 2, 3, 12, None])),
            st.tuples(st.just("Datum"), st.sampled_from(sorted(DAY_TEXTS))),
            st.just(("deleted", None)),
        ),
    )
    def an_examination_is_edited(self, index: int, change: tuple[str, Any]) -> None:
        row = self._some_examination(index)
        if row is None:
            return
        column, value = change
        key = row["UntersuchungID"]
        self.step(f"SQLHK: an examination's {column}")
        if column == "deleted":
            self.registry.write("DELETE FROM Untersuchung WHERE UntersuchungID = ?", [key])
        else:
            statement = f"UPDATE Untersuchung SET {column} = ? WHERE UntersuchungID = ?"
            self.registry.write(statement, [value, key])

    @rule(
        index=picks,
        day=st.sampled_from(sorted(DAY_TEXTS)),
        kind=st.sampled_from([1, 1, 8, 2]),
        lab=st.sampled_from([1, 2, 3, None]),
        doctor=st.sampled_from([1, 2, 3, 12]),
    )
    def an_examination_is_typed(
        self, index: int, day: str, kind: int, lab: int | None, doctor: int
    ) -> None:
        patient = _pick(self._ours(), index)
        if patient is not None:
            self.step("SQLHK: a row by hand")
            self.registry.write(
                "INSERT INTO Untersuchung (Datum, PatientID, UntersuchungartID, HerzkatheterID,"
                " UntersucherAbrechnungID, Roentgen) VALUES (?, ?, ?, ?, ?, 8)",
                [day, patient["PatientID"], kind, lab, doctor],
            )

    @rule(
        index=picks,
        change=st.one_of(
            st.tuples(st.just("M1Ziffer"), st.sampled_from([None, 0, 1000001, 1000004, 5])),
            st.tuples(st.just("Geburtsdatum"), st.sampled_from(sorted(BIRTH_TEXTS))),
            st.tuples(st.just("Nachname"), st.sampled_from(["NFD", "upper", "blanks", "Anders"])),
            st.just(("copy", None)),
        ),
    )
    def a_patient_is_edited(self, index: int, change: tuple[str, Any]) -> None:
        patient = _pick(self._ours(), index)
        if patient is None:
            return
        column, value = change
        self.step(f"SQLHK: a patient's {column}")
        if column == "copy":
            self.registry.write(
                "INSERT INTO Patient (Nachname, Vorname, Geburtsdatum, M1Ziffer)"
                " SELECT Nachname, Vorname, Geburtsdatum, M1Ziffer FROM Patient"
                " WHERE PatientID = ?",
                [patient["PatientID"]],
            )
            return
        if column == "Nachname":
            name = patient["Nachname"]
            value = {
                "NFD": unicodedata.normalize("NFD", name),
                "upper": name.upper(),
                "blanks": f"  {name} ",
                "Anders": "Anders",
            }[value]
        self.registry.write(
            f"UPDATE Patient SET {column} = ? WHERE PatientID = ?", [value, patient["PatientID"]]
        )

    @rule()
    def somebody_tidies_up(self) -> None:
        """Later doubles are deleted with their examinations, birth dates mended on both sides."""
        self.step("everywhere: tidied up")
        seen: set[int] = set()
        for row in self._ours():
            number, key = row["M1Ziffer"], row["PatientID"]
            right = next((who.born for who in HUMANS if who.number == number), None)
            if number in seen or right is None:
                self.registry.write("DELETE FROM Untersuchung WHERE PatientID = ?", [key])
                self.registry.write("DELETE FROM Patient WHERE PatientID = ?", [key])
            else:
                seen.add(number)
                self.registry.write(
                    "UPDATE Patient SET Geburtsdatum = ? WHERE PatientID = ?",
                    [f"{right:%d.%m.%Y}", key],
                )
        for index, booking in enumerate(self.model.bookings):
            self.model.change(index, born=HUMANS[booking.human].born)
        for human in self.model.searchable:
            self.model.searchable[human] = HUMANS[human].born

    # Syncs

    @rule(human=humans, day=days, kind=st.sampled_from([24, 24, 24, 25, 13]), birth=births)
    def a_sync(self, human: int, day: date, kind: int, birth: str | None) -> None:
        self._sync(Asked(human, day, kind, birth_of(human, birth)), None)

    @precondition(lambda self: self.model.bookings)
    @rule(index=picks)
    def a_sync_of_somebody_with_an_appointment(self, index: int) -> None:
        self._sync(self._asked(index), None)

    @precondition(lambda self: self.model.bookings)
    @rule(index=picks)
    def a_sync_with_the_right_birth_date(self, index: int) -> None:
        asked = self._asked(index)
        self._sync(replace(asked, expected=HUMANS[asked.human].born), None)

    @rule()
    def everybody_is_synced(self) -> None:
        for asked in dict.fromkeys(map(self._asked, range(len(self.model.bookings)))):
            self._sync(asked, None)

    @precondition(lambda self: self.model.bookings)
    @rule(
        index=picks,
        fault=st.sampled_from(FAULTS),
        call=st.sampled_from(STATEMENTS),
        when=st.sampled_from(["before", "after"]),
    )
    def a_sync_with_a_fault(self, index: int, fault: Fault, call: str, when: str) -> None:
        injection = self.house.injection
        if fault.where == "statement":
            rules = {"before": injection.before, "after": injection.after}
            rules[when](call, dying(fault.make_error), times=fault.times)
        elif "for ever" in fault.where:
            rules = {"before": injection.before, "after": injection.after}
            rules[fault.where.split()[0]]("commit", self._gone)
        elif "before" in fault.where:
            how = dying if fault.make_error is errors.IO_ERROR else failing
            injection.before("commit", how(fault.make_error), times=fault.times)
        else:
            injection.after("commit", dying(fault.make_error))
        try:
            self._sync(self._asked(index), fault)
        finally:
            injection.clear()

    @precondition(lambda self: self.model.bookings)
    @rule(index=picks)
    def a_dry_run(self, index: int) -> None:
        asked = self._asked(index)
        before, expected = self._expect(asked)
        outcome = self._run(asked, dry_run=True)
        self.counts[f"dry run: {outcome.code}"] += 1
        assert outcome.code in expected.codes
        oracle.check_preview(before, self.registry.snapshot(), outcome)
        oracle.check_ledger(asked, self.model, outcome)
        if outcome.code == COMPLETED:
            self.plan = (asked, outcome, self.version)

    @precondition(lambda self: self.plan)
    @rule()
    def the_plan_is_carried_out(self) -> None:
        assert self.plan is not None
        asked, preview, version = self.plan
        before, expected = self._expect(asked)
        outcome = self._run(asked, plan_token=preview.result.plan_token)
        self.counts[f"plan: {outcome.code}"] += 1
        after = self.registry.snapshot()
        oracle.check_registry(asked, expected, before, after, outcome)
        if version == self.version:
            assert outcome.code == COMPLETED
        assert outcome.code in expected.codes | {"plan_changed"}
        if outcome.code == COMPLETED:
            assert _columns(outcome) == _columns(preview)
            if outcome.result.changes:
                self.version += 1

    def _sync(self, asked: Asked, fault: Fault | None) -> None:
        before, expected = self._expect(asked)
        outcome = self._run(asked)
        after = self.registry.snapshot()
        name = "sync" if fault is None else f"sync, {fault.name}"
        self.counts[f"{name}: {outcome.code}"] += 1
        assert outcome.code in expected.codes | (fault.codes if fault else frozenset())
        oracle.check_registry(asked, expected, before, after, outcome)
        oracle.check_ledger(asked, self.model, outcome)
        if after.tables != before.tables:
            self.version += 1
        intended = [intent.changes for intent in self.house.intents]
        if outcome.code == COMPLETED and outcome.result.changes:
            assert intended[-1] == outcome.result.changes
        if outcome.code in (COMPLETED, "outcome_unknown"):
            self._repeat(asked, written=after.tables != before.tables or fault is None)

    def _repeat(self, asked: Asked, *, written: bool) -> None:
        """The same again: now there is nothing to do."""
        self.house.injection.clear()
        before, expected = self._expect(asked)
        again = self._run(asked)
        after = self.registry.snapshot()
        assert again.code == COMPLETED
        oracle.check_registry(asked, expected, before, after, again)
        if written:
            assert again.result.action == "unchanged"
            assert again.result.changes == ()
            assert after.tables == before.tables
            assert self.house.intents == []
        elif after.tables != before.tables:
            self.version += 1

    def _expect(self, asked: Asked) -> tuple[Any, Expectation]:
        before = self.registry.snapshot()
        return before, oracle.expectation(asked, self.model, before)

    def _run(self, asked: Asked, **options: Any) -> Outcome:
        self.calldoc.state = self.model.state()
        return self.house.sync(
            asked.number,
            day=asked.day,
            appointment_type_id=asked.type,
            expected_birth_date=asked.expected,
            **options,
        )

    def _asked(self, index: int) -> Asked:
        booking = self.model.bookings[index % len(self.model.bookings)]
        return Asked(booking.human, booking.day, booking.type)

    def _gone(self, connection: Any) -> None:
        """SQLHK goes away, and nobody can connect any more."""
        self.house.injection.before("connect", failing(errors.CANNOT_OPEN), times=FOR_EVER)
        dying(errors.IO_ERROR)(connection)

    def _book(
        self, human: int, day: date, minute: int, kind: int, room: int | None, doctor: int | None
    ) -> None:
        self.model.bookings.append(
            Booking(
                id=self.model.new_id(),
                human=human,
                day=day,
                minute=minute,
                type=kind,
                room=room,
                doctor=doctor,
                status="created",
                number_form="text",
                date_form="offset",
                born=HUMANS[human].born,
            )
        )

    def _some_examination(self, index: int) -> Row | None:
        ours = {row["PatientID"] for row in self._ours()}
        rows = self.registry.snapshot().examinations.values()
        return _pick([row for row in rows if row["PatientID"] in ours], index)

    def _ours(self) -> list[Row]:
        """The rows that the histories are about; the strangers' rows nobody touches."""
        patients = self.registry.snapshot().patients.values()
        return [row for row in patients if row["Nachname"] != "Fremd"]


def _pick(rows: list[Row], index: int) -> Row | None:
    return rows[index % len(rows)] if rows else None


def _columns(outcome: Outcome) -> list[tuple[str, str, Any, Any]]:
    """The changes without the keys, which a preview does not know."""
    return sorted(
        (change.table, change.column, repr(change.before), repr(change.after))
        for change in outcome.result.changes
        if change.column != "PatientID"
    )
