"""The appointments of the demo's days: the ordinary day, the quiet one after it, generated ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random

from demo import people
from demo.people import Person

ORDINARY_DAY = date(2025, 10, 6)
HEART_CATHETER = 24
ABLATION = 25
FIRST_APPOINTMENT_ID = 244092


@dataclass(frozen=True)
class Appointment:
    """One appointment as CallDoc lists it.

    ``listed_piz`` is what stands in the answer's ``piz`` (a string, a number or None), which is not
    always the person's number in clean form. ``written_in`` says how the time of day is written:
    ``offset`` (local time with its offset), ``utc`` (``Z``) or ``local`` (no offset at all).
    """

    id: int
    day: date
    at: time
    person: Person
    listed_piz: str | int | None
    appointment_type: int = HEART_CATHETER
    employee: int = 27
    room: int = 54
    status: str = "created"
    written_in: str = "offset"


@dataclass(frozen=True)
class _Slot:
    at: str
    person: Person
    appointment_type: int = HEART_CATHETER
    employee: int = 27
    room: int = 54
    status: str = "created"
    written_in: str = "offset"


_DAY: tuple[_Slot, ...] = (
    _Slot("08:00", people.MAX),
    _Slot("08:00", people.UNCHANGED, employee=18, room=18, status="confirmed"),
    _Slot("08:00", people.ORDINARY[0], appointment_type=1, employee=50, room=61),
    _Slot("08:15", people.OTHER_DOCTOR, employee=50, room=19, status="completed"),
    _Slot("08:30", people.TWO_APPOINTMENTS, employee=18, room=18),
    _Slot("08:30", people.ORDINARY[1], appointment_type=4, room=61),
    _Slot("08:45", people.SAME_ROW_TWICE, employee=50, room=61),
    _Slot("09:00", people.UNKNOWN_TO_SQLHK, room=19),
    _Slot("09:00", people.ORDINARY[2], appointment_type=13, employee=18, room=61),
    _Slot("09:15", people.LINKABLE),
    _Slot("09:30", people.LINKABLE_ZERO, employee=18, room=18),
    _Slot("09:30", people.ONLY_ABLATION, appointment_type=ABLATION, employee=50),
    _Slot("09:45", people.OTHER_BIRTH_DATE),
    _Slot("10:00", people.NUMBER_TWICE, employee=50, room=19),
    _Slot("10:00", people.ORDINARY[3], appointment_type=4, employee=18, room=61),
    _Slot("10:15", people.NO_NUMBER),
    _Slot("10:30", people.UNMAPPED_ROOM, room=people.UNMAPPED_ROOM_ID),
    _Slot("10:30", people.UNMAPPED_EMPLOYEE, employee=people.UNMAPPED_EMPLOYEE_ID, room=18),
    _Slot("10:45", people.ONLY_CANCELLED, status="canceled"),
    _Slot("11:00", people.CANCELLED_WITH_ROW, employee=18, room=18, status="cancelled"),
    _Slot("11:00", people.NO_SHOW, room=19, status="no_show"),
    _Slot("11:15", people.LISTED_TWICE, employee=50, room=61),
    _Slot("11:30", people.NOT_IN_PATIENT_SEARCH, room=19),
    _Slot("11:30", people.ORDINARY[4], appointment_type=ABLATION, employee=50, room=18),
    _Slot("11:45", people.MARRIED, employee=18, room=18),
    _Slot("12:00", people.NAMESAKE),
    _Slot("12:00", people.ORDINARY[5], appointment_type=1, employee=27, room=61),
    _Slot("12:15", people.TYPED_DATE_SHORT, employee=50, room=19, status="finished_final"),
    _Slot("12:30", people.TYPED_DATE_BLANKS, employee=18, room=18),
    _Slot("12:45", people.TYPED_DATE_ISO),
    _Slot("13:00", people.TYPED_DATE_UNREADABLE, employee=50, room=61),
    _Slot("13:15", people.NUMBER_AS_NUMBER),
    _Slot("13:30", people.NUMBER_PADDED, employee=18, room=18),
    _Slot("13:45", people.UNKNOWN_STATUS, room=19, status="arrived"),
    _Slot("14:00", people.AMBIGUOUS_EXAMINATION, employee=27, room=61),
    _Slot("14:15", people.INCOMPLETE, employee=50),
    _Slot("14:30", people.FOREIGN_ADDRESS, employee=18, room=18),
    _Slot("14:45", people.UTC_TIME, room=19, written_in="utc"),
    _Slot("15:00", people.LOCAL_TIME, employee=50, written_in="local"),
    _Slot("15:15", people.TWO_APPOINTMENTS, employee=50, room=54),
    _Slot("15:30", people.SAME_ROW_TWICE, employee=50, room=61),
    _Slot("15:45", people.UNCHANGED, appointment_type=4, employee=18, room=61),
    _Slot("16:00", people.NO_NUMBER, appointment_type=ABLATION, employee=50, room=19),
)

_DAY_AFTER: tuple[_Slot, ...] = (
    _Slot("00:30", people.NIGHT, written_in="utc"),
    _Slot("08:00", people.MAX, employee=18, room=18),
    _Slot("09:00", people.ORDINARY[0], appointment_type=ABLATION, employee=50, room=19),
)


def ordinary_day(day: date = ORDINARY_DAY) -> tuple[Appointment, ...]:
    """The plan with all special cases, on any day; every day has its own appointment ids."""
    appointments = _planned(_DAY, day)
    twice = next(item for item in appointments if item.person is people.LISTED_TWICE)
    return (*appointments, twice)


def day_after(day: date) -> tuple[Appointment, ...]:
    """Three appointments of the day that follows an ordinary one, ``MAX`` among them."""
    return _planned(_DAY_AFTER, day)


def demo_days(today: date) -> Mapping[date, tuple[Appointment, ...]]:
    """What the demo's CallDoc holds: the plan on ``ORDINARY_DAY`` and today, and the days after."""
    full = {day: ordinary_day(day) for day in (ORDINARY_DAY, today)}
    following = (day + timedelta(days=1) for day in full)
    return {day: day_after(day) for day in following} | full


def generated_day(day: date, count: int, seed: int) -> tuple[Appointment, ...]:
    """``count`` appointments of ``count`` different people; the same seed gives the same day.

    About half are of type 24. The numbers begin at 3,000,000 and stand in no other plan; in SQLHK
    these people are unknown.
    """
    dice = Random(seed)  # noqa: S311 - invented appointments, no secret
    appointments = []
    for index in range(count):
        person = generated_person(dice, 100_000 + index, 3_000_000 + index)
        appointments.append(
            Appointment(
                id=_first_id(day) + index,
                day=day,
                at=time(7 + 11 * index // count, dice.randrange(0, 60, 5)),
                person=person,
                listed_piz=person.piz,
                appointment_type=dice.choices(
                    (HEART_CATHETER, ABLATION, 1, 4, 13), (6, 2, 1, 2, 1)
                )[0],
                employee=dice.choice((18, 27, 50)),
                room=dice.choice((18, 19, 54, 61)),
                status=dice.choices(
                    ("created", "confirmed", "completed", "canceled"), (6, 3, 2, 1)
                )[0],
            )
        )
    return tuple(appointments)


def generated_person(dice: Random, calldoc_id: int, piz: int) -> Person:
    """Somebody nobody thought up by hand; everything but the ids comes from ``dice``."""
    return Person(
        calldoc_id,
        str(piz),
        dice.choice(_BEGINNINGS) + dice.choice(_ENDINGS),
        dice.choice(_GIVEN_NAMES),
        date(1930, 1, 1) + timedelta(days=dice.randrange(25_000)),
        dice.choice(("male", "female")),
        city_code=str(dice.randrange(90_400, 91_400)),
        house_number=str(dice.randrange(1, 120)),
    )


def _planned(slots: Iterable[_Slot], day: date) -> tuple[Appointment, ...]:
    return tuple(
        Appointment(
            id=_first_id(day) + index,
            day=day,
            at=time.fromisoformat(slot.at),
            person=slot.person,
            listed_piz=_listed_piz(slot),
            appointment_type=slot.appointment_type,
            employee=slot.employee,
            room=slot.room,
            status=slot.status,
            written_in=slot.written_in,
        )
        for index, slot in enumerate(slots)
    )


def _listed_piz(slot: _Slot) -> str | int | None:
    person = slot.person
    if person is people.NO_NUMBER:
        return None if slot.appointment_type == HEART_CATHETER else ""
    if person.piz is not None and person is people.NUMBER_AS_NUMBER:
        return int(person.piz)
    if person is people.NUMBER_PADDED:
        return f" 00{person.piz} "
    return person.piz


def _first_id(day: date) -> int:
    return FIRST_APPOINTMENT_ID if day == ORDINARY_DAY else day.toordinal() * 1000


_BEGINNINGS = (
    "Birken",
    "Eichen",
    "Grün",
    "Hasel",
    "Königs",
    "Mühl",
    "Reb",
    "Schön",
    "Tann",
    "Wöhr",
)
_ENDINGS = (
    "bach",
    "berger",
    "dörfer",
    "feld",
    "häuser",
    "lein",
    "mann",
    "moser",
    "stätter",
    "weiß",
)
_GIVEN_NAMES = ("Änne", "Benno", "Cäcilie", "Dirk", "Elif", "Fjodor", "Grete", "Hülya", "Ivo", "Jo")
