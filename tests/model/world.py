"""The model's world: what CallDoc lists, and what people do in SQLHK; nothing of the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from demo.calldoc_search import Options
from demo.calldoc_state import CallDocState

DAYS = (date(2025, 10, 6), date(2025, 10, 7))
TYPES = (24, 24, 24, 25, 13, 4)
"""24 and 25 are mapped, 13 is mapped twice, 4 not at all."""

ROOMS = (18, 19, 54, 61, 99, None)
DOCTORS = (18, 27, 50, 77, None)
STATUSES = ("created", "created", "confirmed", "completed", "canceled", "no_show", "arrived")
DATE_FORMS = ("offset", "utc", "local", "offset", "unreadable")
NUMBER_FORMS = ("text", "text", "number", "padded", "missing")


@dataclass(frozen=True)
class Human:
    """One of the people that the histories are about."""

    number: int
    surname: str
    given: str
    born: date


HUMANS = (
    Human(1000001, "Adler", "Anna", date(1950, 1, 31)),
    Human(1000010, "Adler", "Anna", date(1950, 1, 31)),  # the same name and day, another number
    Human(1000002, "Adler", "Bruno", date(1950, 1, 31)),  # a twin
    Human(1000003, "Çelik", "Ayşe", date(1972, 2, 29)),
    Human(1000004, "Müller-Öhl", "Änne", date(1939, 4, 5)),
    Human(1000005, "Nowak", "Jan", date(1963, 12, 1)),
)

BIRTH_TEXTS: Mapping[str, date | None] = {
    **{f"{human.born:%d.%m.%Y}": human.born for human in HUMANS},
    **{f" {human.born.day}.{human.born.month}.{human.born.year} ": human.born for human in HUMANS},
    **{human.born.isoformat(): human.born for human in HUMANS},
    "01.01.1900": date(1900, 1, 1),
    "unbekannt": None,
    "31.2.1950": None,
    "": None,
}
"""How birth dates stand in SQLHK, and what they mean."""

DAY_TEXTS: Mapping[str, date | None] = {
    **{f"{day:%d.%m.%Y}": day for day in DAYS},
    **{f"{day.day}.{day.month}.{day.year}": day for day in DAYS},
    **{f" {day:%d.%m.%Y} ": day for day in DAYS},
    **{day.isoformat(): day for day in DAYS},
    "03.02.2020": date(2020, 2, 3),
    "gestern": None,
}
"""How days of examinations stand in SQLHK, and what they mean."""


@dataclass(frozen=True)
class Booking:
    """One entry of CallDoc's list. ``born`` is the birth date that it names."""

    id: int | None
    human: int
    day: date
    minute: int
    type: int
    room: int | None
    doctor: int | None
    status: str
    number_form: str
    date_form: str
    born: date | None

    @property
    def number(self) -> int | None:
        """The number as a reader understands it."""
        return None if self.number_form == "missing" else HUMANS[self.human].number

    @property
    def readable(self) -> bool:
        """Whether it can be placed."""
        return self.id is not None and self.date_form != "unreadable"

    def json(self) -> dict[str, Any]:
        """The entry."""
        human = HUMANS[self.human]
        number: object = {
            "text": str(human.number),
            "number": human.number,
            "padded": f" 00{human.number} ",
            "missing": None,
        }[self.number_form]
        hour, minute = divmod(8 * 60 + self.minute, 60)
        moment = {
            "offset": f"{self.day}T{hour:02d}:{minute:02d}:00+02:00",
            "utc": f"{self.day}T{hour - 2:02d}:{minute:02d}:00Z",
            "local": f"{self.day}T{hour:02d}:{minute:02d}:00",
            "unreadable": "um acht",
        }[self.date_form]
        return {
            "id": self.id,
            "piz": number,
            "appointment_type": self.type,
            "employee": self.doctor,
            "room": self.room,
            "status": self.status,
            "scheduled_for_datetime": moment,
            "surname": human.surname,
            "name": human.given,
            "date_of_birth": self.born.isoformat() if self.born else None,
            "patient": 4000 + self.human,
        }


@dataclass
class CallDocModel:
    """What CallDoc holds. ``searchable`` is each findable human's birth date in the search."""

    bookings: list[Booking] = field(default_factory=list)
    searchable: dict[int, date | None] = field(default_factory=dict)
    next_id: int = 500

    def new_id(self) -> int:
        """An appointment id that was never used."""
        self.next_id += 1
        return self.next_id

    def state(self) -> CallDocState:
        """The same as the simulated CallDoc has it; it answers everything, whatever is asked."""
        patients = [
            {
                "id": 4000 + index,
                "piz": str(HUMANS[index].number),
                "surname": HUMANS[index].surname,
                "name": HUMANS[index].given,
                "date_of_birth": born.isoformat() if born else None,
                "gender": "female",
            }
            for index, born in self.searchable.items()
        ]
        days = {day: [item.json() for item in self.bookings if item.day == day] for day in DAYS}
        state = CallDocState(days, patients)
        state.options = Options(filters="ignored")
        return state

    def change(self, index: int, **fields: Any) -> None:
        """Somebody edits an entry."""
        if self.bookings:
            place = index % len(self.bookings)
            self.bookings[place] = replace(self.bookings[place], **fields)


Row = dict[str, Any]
Table = dict[int, Row]


@dataclass(frozen=True)
class Snapshot:
    """All rows by key."""

    tables: Mapping[str, Table]

    @property
    def patients(self) -> Table:
        """The table Patient."""
        return self.tables["Patient"]

    @property
    def examinations(self) -> Table:
        """The table Untersuchung."""
        return self.tables["Untersuchung"]

    def with_number(self, number: int) -> list[Row]:
        """The patients with this number."""
        return [row for row in self.patients.values() if row["M1Ziffer"] == number]

    def of_patient(self, patient_id: int) -> list[Row]:
        """A patient's examinations."""
        return [row for row in self.examinations.values() if row["PatientID"] == patient_id]


TABLES = ("Patient", "Untersuchung", "Untersuchungart", "Herzkatheter", "Untersucherabrechnung")


class Registry:
    """SQLHK as people use it, past the program."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def snapshot(self) -> Snapshot:
        """Everything that stands there."""
        with closing(sqlite3.connect(self._path, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return Snapshot(
                {
                    table: {
                        row[0]: dict(row) for row in connection.execute(f"SELECT * FROM {table}")
                    }
                    for table in TABLES
                }
            )

    def write(self, statement: str, parameters: Iterable[Any]) -> None:
        """Somebody's edit."""
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            connection.execute(statement, tuple(parameters))

    def people_of_the_beginning(self) -> None:
        """A small registry: three of the humans (one without a number), and strangers."""
        rows = [(HUMANS[0], True), (HUMANS[3], False), (HUMANS[5], True)]
        with closing(sqlite3.connect(self._path, timeout=10)) as connection, connection:
            connection.execute("DELETE FROM Patient")
            connection.execute("DELETE FROM Untersuchung")
            for human, numbered in rows:
                _add_patient(connection, human, human.number if numbered else None)
            for index in range(6):
                stranger = Human(77 + index, "Fremd", f"Person {index}", date(1940, 1, 1 + index))
                key = _add_patient(connection, stranger, stranger.number)
                for day in DAYS:
                    connection.execute(
                        "INSERT INTO Untersuchung (Datum, PatientID, UntersuchungartID,"
                        " HerzkatheterID, UntersucherAbrechnungID, Roentgen)"
                        " VALUES (?, ?, 1, 1, 1, 5)",
                        (f"{day:%d.%m.%Y}", key),
                    )


def _add_patient(connection: sqlite3.Connection, human: Human, number: int | None) -> int:
    cursor = connection.execute(
        "INSERT INTO Patient (Nachname, Vorname, Geburtsdatum, M1Ziffer) VALUES (?, ?, ?, ?)",
        (human.surname, human.given, f"{human.born:%d.%m.%Y}", number),
    )
    return int(cursor.lastrowid or 0)
