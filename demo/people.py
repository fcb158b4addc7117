"""The invented people of the demo, each constant named after the case it stands for.

Nobody here exists. Mail addresses end in ``example.org``, telephone numbers are taken from ranges
that the German regulator keeps free for films. What SQLHK knows of each person, which often differs
on purpose, stands in ``demo.registry_rows``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Person:
    """One person as CallDoc knows them.

    ``piz`` is the number (digits) or None; ``gender`` is CallDoc's word (``male``, ``female``,
    ``diverse``) or None; ``birth_date_has_time`` makes the patient search answer the birth date
    with a time part, as some of CallDoc's answers do.
    """

    calldoc_id: int
    piz: str | None
    surname: str
    name: str
    born: date | None
    gender: str | None = "male"
    city_code: str | None = "90402"
    city: str | None = "Nürnberg"
    street: str | None = "Hauptstr."
    house_number: str | None = "1"
    email: str | None = None
    mobile: str | None = None
    landline: str | None = None
    insurance_number: str | None = None
    birth_date_has_time: bool = False


@dataclass(frozen=True)
class Employee:
    """A doctor in CallDoc."""

    title: str
    first_name: str
    last_name: str


EMPLOYEES: dict[int, Employee] = {
    18: Employee("Dr.", "Annegret", "Sommerfeld"),
    27: Employee("Prof. Dr.", "Jörg", "Weißhaupt"),
    50: Employee("Dr.", "Mária", "Szőke-Brandt"),
    77: Employee("", "Tilo", "Neuling"),
}
"""CallDoc's doctors by id; 77 is new and no row in SQLHK names them yet."""

UNMAPPED_EMPLOYEE_ID = 77
UNMAPPED_ROOM_ID = 99

MAX = Person(
    4711,
    "1234567",
    "Mustermann",
    "Max",
    date(1950, 1, 31),
    email="max.mustermann@example.org",
    mobile="0176 04069001",
    landline="030 23125001",
    insurance_number="A123456789",
)
"""Known to SQLHK, not yet examined on the day: the first request to try."""

NUMBER_BEGINS_ALIKE = Person(4702, "12345678", "Musterfrau", "Erika", date(1964, 8, 12), "female")
"""The patient search lists her before ``MAX``, because her number begins with his."""

UNCHANGED = Person(4720, "1300001", "Möller", "Käthe", date(1941, 5, 3), "female")
"""Her examination is in SQLHK already, the same in lab and doctor."""

OTHER_DOCTOR = Person(4721, "1300002", "O'Connor", "Seán", date(1958, 11, 23))
"""His examination is in SQLHK with another doctor; people have filled in the rest of the row."""

TWO_APPOINTMENTS = Person(4722, "1300003", "Çelik", "Ayşe", date(1972, 2, 29), "female")
"""Two examinations of the same kind on the day, in two labs."""

SAME_ROW_TWICE = Person(4723, "1300004", "Kühn", "Björn", date(1966, 6, 6))
"""Two appointments that become one and the same row."""

UNKNOWN_TO_SQLHK = Person(
    4724,
    "1300005",
    "Groß-Weißenfels",
    "Änne Sofie",
    date(1980, 12, 1),
    "female",
    city_code="91052",
    city="Erlangen",
    street="Straße des 17. Juni",
    house_number="12a",
    email="aenne@example.org",
    mobile="0176 04069002",
    landline="030 23125002",
    insurance_number="B234567890",
    birth_date_has_time=True,
)
"""Has no row in SQLHK: to be created, with everything CallDoc tells."""

LINKABLE = Person(4725, "1300006", "Müller-Lüdenscheidt", "Jürgen", date(1939, 4, 15))
"""SQLHK has one row of that name and birth date without a number (in decomposed Unicode)."""

LINKABLE_ZERO = Person(4726, "1300007", "Strauß", "Ute", date(1955, 7, 7), "female")
"""The same with the number 0, other capitals and doubled blanks."""

OTHER_BIRTH_DATE = Person(4727, "1300008", "Lindqvist", "Göran", date(1951, 1, 31))
"""SQLHK has another birth date under his number: must be refused."""

NUMBER_TWICE = Person(4728, "1300009", "Schäfer", "Hannelore", date(1947, 9, 9), "female")
"""Her number stands in two rows of SQLHK: must be refused."""

NO_NUMBER = Person(4729, None, "Ohnesorg", "Niels", date(1990, 3, 3))
"""Appointments without a number (null and empty)."""

UNMAPPED_ROOM = Person(4730, "1300010", "Raumer", "Dörte", date(1961, 10, 10), "female")
"""Planned in a room that SQLHK does not know."""

UNMAPPED_EMPLOYEE = Person(4731, "1300011", "Ärmel", "Otto", date(1949, 8, 1))
"""Planned with a doctor whom SQLHK does not know."""

ONLY_CANCELLED = Person(4732, "1300012", "D'Angelo", "Lucia", date(1969, 1, 2), "female")
"""Only a cancelled appointment, spelt ``canceled``."""

CANCELLED_WITH_ROW = Person(4733, "1300013", "Jäger", "Friedrich", date(1944, 12, 24))
"""Cancelled (spelt ``cancelled``) after SQLHK already had the examination: the row stays."""

NO_SHOW = Person(4734, "1300014", "Özdemir", "Kemal", date(1975, 5, 5))
"""Did not come."""

ONLY_ABLATION = Person(4735, "1300015", "Fuß", "Bärbel", date(1963, 3, 30), "female")
"""Has an appointment, but of type 25 only."""

LISTED_TWICE = Person(4736, "1300016", "Håkansson", "Åsa", date(1952, 2, 2), "female")
"""CallDoc lists her one appointment twice."""

NOT_IN_PATIENT_SEARCH = Person(4737, "1300017", "Ungefunden", "Lars", date(1957, 7, 17))
"""Named in an appointment, though the patient search does not find him; not in SQLHK either."""

MARRIED = Person(4738, "1300018", "Seidel-Huß", "Monika", date(1968, 8, 18), "female")
"""SQLHK knows her under her former family name: a warning, no obstacle."""

NAMESAKE = Person(4739, "1300019", "Schmidt", "Peter", date(1960, 6, 1))
"""SQLHK has the same name and birth date under another number."""

TYPED_DATE_SHORT = Person(4740, "1300020", "Tippner", "Gerda", date(1943, 3, 4), "female")
TYPED_DATE_BLANKS = Person(4741, "1300021", "Leerzeichen", "Kurt", date(1946, 6, 4))
TYPED_DATE_ISO = Person(4742, "1300022", "Isokrates", "Helena", date(1953, 5, 3), "female")
TYPED_DATE_UNREADABLE = Person(4743, "1300023", "Kritzler", "Günther", date(1948, 4, 8))
"""The four above: people typed the date of their examination, in four ways."""

NUMBER_AS_NUMBER = Person(4744, "1300024", "Zahl", "Wolfgang", date(1959, 9, 5))
"""The appointment carries the number as a JSON number."""

NUMBER_PADDED = Person(4745, "130025", "Nullinger", "Rosa", date(1956, 6, 5), "female")
"""The appointment carries the number with blanks and leading zeros."""

UNKNOWN_STATUS = Person(4746, "1300026", "Wartmann", "Emil", date(1965, 5, 6))
"""The appointment has a status nobody has seen before."""

AMBIGUOUS_EXAMINATION = Person(4747, "1300027", "Zwiefach", "Inge", date(1954, 4, 5), "female")
"""Two examinations in SQLHK, one appointment that fits neither: must be refused."""

INCOMPLETE = Person(
    4748, "1300028", "Halbwegs", "Udo", None, None, None, None, None, None, insurance_number=None
)
"""No birth date, no address, and no row in SQLHK: cannot be created."""

FOREIGN_ADDRESS = Person(
    4749,
    "1300029",
    "Huber",
    "Vroni",
    date(1985, 1, 9),
    "diverse",
    city_code="A-5020",
    city="Salzburg",
    street="Getreidegasse",
    house_number=None,
)
"""A postal code that is no number; not in SQLHK."""

NO_APPOINTMENT = Person(4750, "1300030", "Daheim", "Walter", date(1940, 4, 4))
"""Known to both systems, nothing planned on the day."""

UTC_TIME = Person(4751, "1300031", "Zulu", "Vera", date(1962, 2, 22), "female")
LOCAL_TIME = Person(4752, "1300032", "Ortszeit", "Ingo", date(1967, 7, 27))
"""Their appointments' times are written in UTC (``Z``) and without any offset."""

NIGHT = Person(4753, "1300033", "Nacht", "Nadja", date(1971, 1, 11), "female")
"""Planned half an hour after midnight of the next day, which in UTC is still the day itself."""

STRANGER = Person(4799, "1399999", "Fremd", "Fritz", date(1938, 8, 3))
"""Stands in no plan; the fault ``foreign_patient`` puts him into answers."""

ORDINARY: tuple[Person, ...] = (
    Person(4760, "1300040", "Bäcker", "Heinz", date(1945, 2, 11)),
    Person(4761, "1300041", "Nguyễn", "Thị Mai", date(1983, 9, 14), "female"),
    Person(4762, "1300042", "von der Höhe", "Karl-Heinz", date(1937, 10, 30)),
    Person(4763, "1300043", "Löw", "Sigrid", date(1976, 11, 19), "female"),
    Person(4764, "1300044", "Petrović", "Dragan", date(1970, 4, 25)),
    Person(4765, "1300045", "Süß", "Marianne", date(1942, 1, 8), "female"),
)
"""Nothing special about them: other kinds of appointments, all known to SQLHK."""

EVERYBODY: tuple[Person, ...] = tuple(
    sorted(
        {value for value in vars().copy().values() if isinstance(value, Person)} | set(ORDINARY),
        key=lambda person: person.calldoc_id,
    )
)
"""All of the above, in the order of CallDoc's own ids."""

IN_PATIENT_SEARCH: tuple[Person, ...] = tuple(
    person
    for person in EVERYBODY
    if person.piz is not None and person not in (NOT_IN_PATIENT_SEARCH, STRANGER)
)
"""Whom CallDoc's patient search knows."""
