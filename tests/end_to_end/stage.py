"""One test's own patient and day, in the simulated CallDoc and in SQLHK."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import Any

from demo.sqlhk_database import fingerprint
from tests.clock import PATIENCE
from tests.end_to_end.program import Demo

FIRST_DAY = date(2027, 1, 4)
FIRST_NUMBER = 7_000_000
_LETTERS = "abdefgikmn"

Row = dict[str, Any]


class Stage:
    """A patient number and a day that no other test uses.

    ``number`` counts the tests. Made of it: ``piz``, ``surname``, ``day`` (ISO), ``german_day``.
    Nothing exists in either system until a method puts it there.
    """

    def __init__(self, demo: Demo, number: int, day: date | None = None) -> None:
        self.demo = demo
        self.piz = str(FIRST_NUMBER + number * 10)
        self.surname = "Probe-Öhl" + "".join(_LETTERS[int(digit)] for digit in str(number))
        self.date = day or FIRST_DAY + timedelta(days=number)
        self.day = self.date.isoformat()
        self.german_day = self.date.strftime("%d.%m.%Y")
        self._ids = iter(range(8_000_000 + number * 100, 8_000_000 + number * 100 + 100))
        self._own_rows: set[int] = set()

    # CallDoc

    def patient(self, **fields: Any) -> Row:
        """An entry of the patient search."""
        return {
            "id": 900_000 + int(self.piz) % 100_000,
            "piz": self.piz,
            "surname": self.surname,
            "name": "Zoë",
            "date_of_birth": "1961-02-03",
            "gender": "female",
            "insurance_number": "Z987654321",
            "insurance_provider": "Musterkasse",
            "address": None,
            "city_code": "90403",
            "city": "Nürnberg",
            "street": "Probeweg",
            "house_number": "7b",
            "emails": [{"email": "zoe.probe@example.org"}],
            "phones": [
                {"phone_type": "Landline", "phone_number": "030 23125777"},
                {"phone_type": "Mobile", "phone_number": "0176 04069777"},
            ],
            **fields,
        }

    def appointment(self, **fields: Any) -> Row:
        """An appointment of the patient on the day; ``time`` is ``HH:MM``, in German time."""
        time = fields.pop("time", "08:00")
        patient = self.patient()
        return {
            "id": next(self._ids),
            "piz": self.piz,
            "appointment_type": 24,
            "employee": 27,
            "room": 54,
            "status": "created",
            "scheduled_for_datetime": f"{self.day}T{time}:00",
            "surname": patient["surname"],
            "name": patient["name"],
            "date_of_birth": patient["date_of_birth"],
            "patient": patient["id"],
            "patient_insurance_number": patient["insurance_number"],
            **{name: patient[name] for name in ("city_code", "city", "street", "house_number")},
            "gender": patient["gender"],
            "emails": patient["emails"],
            "phones": patient["phones"],
            **fields,
        }

    def known(self, **fields: Any) -> Row:
        """Let CallDoc's patient search know the patient."""
        patient = self.patient(**fields)
        self.demo.control("POST", "patients", patient)
        return patient

    def planned(self, *appointments: Any) -> None:
        """Let CallDoc list exactly these appointments on the day."""
        self.demo.control("PUT", f"days/{self.day}", {"appointments": list(appointments)})

    def also_planned(self, appointment: Any) -> None:
        """Let CallDoc list one more appointment on the day."""
        self.demo.control("POST", f"days/{self.day}/appointments", appointment)

    def planned_once(self, **fields: Any) -> Row:
        """Patient known, one appointment listed; the most usual case."""
        self.known()
        appointment = self.appointment(**fields)
        self.planned(appointment)
        return appointment

    def change(self, appointment: Row, **fields: Any) -> None:
        """Change an appointment in CallDoc."""
        self.demo.control("PATCH", f"appointments/{appointment['id']}", fields)

    # SQLHK, as people fill it

    def registered(self, **columns: Any) -> int:
        """Put a patient row into SQLHK; returns its PatientID."""
        row = {
            "Nachname": self.surname,
            "Vorname": "Zoë",
            "Geburtsdatum": "03.02.1961",
            "M1Ziffer": int(self.piz),
            "Geschlecht": 0,
            **columns,
        }
        key = self._insert("Patient", row)
        self._own_rows.add(key)
        return key

    def examined(self, patient_id: int, **columns: Any) -> int:
        """Put an examination into SQLHK, the rest of its row filled in by people."""
        row = {
            "Datum": self.german_day,
            "PatientID": patient_id,
            "HerzkatheterID": 3,
            "UntersucherAbrechnungID": 2,
            "UntersuchungartID": 1,
            "ZuweiserID": 41,
            "Roentgen": 5,
            "Herzteam": 3,
            "Materialpreis": 1234.56,
            "DRGID": 17,
            "Untersuchungtype": 4,
            **columns,
        }
        return self._insert("Untersuchung", row)

    def execute(self, sql: str, *values: Any) -> None:
        """Any other change by people."""
        with (
            closing(sqlite3.connect(self.demo.database, timeout=PATIENCE)) as connection,
            connection,
        ):
            connection.execute(sql, values)

    def patients(self) -> list[Row]:
        """The rows with the patient's number."""
        return self._rows("SELECT * FROM Patient WHERE M1Ziffer = ?", int(self.piz))

    def patient_row(self, patient_id: int) -> Row:
        """The row with this key."""
        return self._rows("SELECT * FROM Patient WHERE PatientID = ?", patient_id)[0]

    def examinations(self) -> list[Row]:
        """All examinations of the patient's rows, oldest first."""
        return self._rows(
            "SELECT * FROM Untersuchung WHERE PatientID IN"
            " (SELECT PatientID FROM Patient WHERE M1Ziffer = ?) ORDER BY UntersuchungID",
            int(self.piz),
        )

    def everything(self) -> str:
        """The fingerprint of the whole of SQLHK."""
        return fingerprint(self.demo.database)

    @contextmanager
    def nothing_written(self) -> Iterator[None]:
        """SQLHK must be the same after the block, byte for byte."""
        before = self.everything()
        yield
        assert self.everything() == before

    def body(self, **fields: Any) -> Row:
        """The body that starts a sync of the patient on the day."""
        return {"piz": self.piz, "date": self.day, **fields}

    # What holds for every test

    def own_ids(self) -> set[int]:
        """The PatientIDs that belong to the test."""
        return self._own_rows | {row["PatientID"] for row in self.patients()}

    def all_keys(self) -> set[tuple[str, int]]:
        """Every row's key in the two tables that are written."""
        return {
            (table, key)
            for table, column in (("Patient", "PatientID"), ("Untersuchung", "UntersuchungID"))
            for key in (row[column] for row in self._rows(f"SELECT {column} FROM {table}"))
        }

    def _insert(self, table: str, row: Row) -> int:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        with (
            closing(sqlite3.connect(self.demo.database, timeout=PATIENCE)) as connection,
            connection,
        ):
            cursor = connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values())
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        with closing(sqlite3.connect(self.demo.database, timeout=PATIENCE)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]
