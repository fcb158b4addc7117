"""A mistyped number with the right birth date beside it never writes to the number's owner."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from demo.calldoc_json import appointment_json, patient_json
from demo.calldoc_search import Options
from demo.calldoc_state import CallDocState
from demo.day_plan import ORDINARY_DAY, Appointment, generated_day, generated_person
from demo.people import Person
from demo.registry_rows import german_date
from tests.faults.calldoc_in_memory import InMemoryCallDoc
from tests.faults.house import COMPLETED, House, Houses

NUMBERS = 100
KNOWN_IN = (
    "both",
    "CallDoc without birth date",
    "SQLHK without birth date",
    "CallDoc only",
    "both without birth date",
    "CallDoc only, without birth date",
)
"""What the two systems know of the neighbours whom a typo meets."""


def typos(number: str) -> Iterator[str]:
    """Every other digit in every place, and every two neighbouring digits exchanged."""
    for place, digit in enumerate(number):
        for other in "0123456789":
            if other != digit:
                yield number[:place] + other + number[place + 1 :]
    for place in range(len(number) - 1):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        if swapped != number:
            yield swapped


def neighbours(dice: Random, intended: Person) -> list[Person]:
    """Other people, born on other days, who have the mistyped numbers."""
    people = []
    for index, number in enumerate(dict.fromkeys(map(int, typos(intended.piz or "")))):
        person = generated_person(dice, 300_000 + index, number)
        if person.born == intended.born:
            person = generated_person(dice, 300_000 + index, number)
        assert person.born != intended.born
        people.append(person)
    return people


def appointment_of(person: Person, number: int) -> Appointment:
    return Appointment(
        number, ORDINARY_DAY, generated_day(ORDINARY_DAY, 1, 1)[0].at, person, person.piz
    )


def without_birth_date(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "date_of_birth": None}


@dataclass(frozen=True)
class InCallDoc:
    """Somebody's appointment and entry in the patient search."""

    appointment: dict[str, Any]
    patient: dict[str, Any]


def settle(house: House, intended: Person, others: list[Person]) -> dict[int, InCallDoc]:
    """Everybody has an appointment; SQLHK and CallDoc know of them what ``KNOWN_IN`` says.

    Returns by number what CallDoc lists.
    """
    rows, listed = [], {}
    for index, person in enumerate((intended, *others)):
        known_in = "both" if person is intended else KNOWN_IN[index % len(KNOWN_IN)]
        nameless = "without birth date" in known_in
        seen, entry = appointment_json(appointment_of(person, 1 + index)), patient_json(person)
        if nameless and "SQLHK" not in known_in:
            seen, entry = without_birth_date(seen), without_birth_date(entry)
        listed[int(person.piz or 0)] = InCallDoc(seen, entry)
        unknown_in_sqlhk = nameless and "CallDoc" not in known_in
        born = german_date(person.born) if person.born and not unknown_in_sqlhk else None
        if "only" not in known_in:
            rows.append((person.surname, person.name, born, int(person.piz or 0)))
    with closing(sqlite3.connect(house.path)) as connection, connection:
        connection.execute("DELETE FROM Patient")
        connection.execute("DELETE FROM Untersuchung")
        connection.executemany(
            "INSERT INTO Patient (Nachname, Vorname, Geburtsdatum, M1Ziffer) VALUES (?, ?, ?, ?)",
            rows,
        )
    return listed


def calldoc_with(*people: InCallDoc) -> CallDocState:
    """A CallDoc that lists these (all 69 at once would only take longer)."""
    state = CallDocState(
        {ORDINARY_DAY: [person.appointment for person in people]},
        [person.patient for person in people],
    )
    state.options = Options(filters="honoured")
    return state


def test_every_typo_of_a_hundred_numbers(houses: Houses) -> None:
    dice = Random(7)
    calldoc = InMemoryCallDoc(CallDocState({}, ()))
    house = houses.make(calldoc=calldoc)
    tried: Counter[str] = Counter()
    for index in range(NUMBERS):
        intended = generated_person(dice, 200_000 + index, dice.randrange(1_000_000, 10_000_000))
        others = neighbours(dice, intended)
        listed = settle(house, intended, others)
        right_one = listed[int(intended.piz or 0)]
        before = house.fingerprint()
        for typo in typos(intended.piz or ""):
            calldoc.state = calldoc_with(right_one, listed[int(typo)])
            outcome = house.sync(typo, expected_birth_date=intended.born)
            assert outcome.code == "patient_mismatch", (intended.piz, typo, outcome)
            assert outcome.result.mismatch is not None
            assert outcome.result.changes == ()
            assert "commit" not in house.injection.calls
            tried[outcome.code] += 1
        assert house.fingerprint() == before
        assert "connect" in house.injection.calls  # some were only found out in SQLHK
        right = house.sync(intended.piz, expected_birth_date=intended.born)
        assert (right.code, right.actions) == (COMPLETED, ["created"])
        house.injection.clear()
    print(f"{tried.total()} typos of {NUMBERS} numbers: nothing written")
    assert tried.total() >= NUMBERS * 63


def test_without_the_birth_date_a_typo_would_be_carried_out(houses: Houses) -> None:
    """So it is the second identifier that keeps the patients apart above."""
    dice = Random(8)
    intended = generated_person(dice, 200_000, 4_711_815)
    calldoc = InMemoryCallDoc(CallDocState({}, ()))
    house = houses.make(calldoc=calldoc)
    listed = settle(house, intended, neighbours(dice, intended))
    typo = next(typos("4711815"))
    calldoc.state = calldoc_with(listed[int(typo)])
    assert house.sync(typo).code == COMPLETED


def test_a_number_nobody_has(houses: Houses) -> None:
    house = houses.make(calldoc=InMemoryCallDoc(CallDocState({}, ())))
    before = house.fingerprint()
    outcome = house.sync("1234576", expected_birth_date=date(1950, 1, 31))
    assert outcome.code == "patient_not_found"
    assert house.fingerprint() == before
