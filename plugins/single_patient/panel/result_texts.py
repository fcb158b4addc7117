"""What staff read about a sync: German words for the words of the status call. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sync_core.error_catalogue import TASK_ERRORS, task_error
from sync_core.german import counted

OUTCOMES: Mapping[str, str] = {
    "created": "angelegt",
    "updated": "aktualisiert",
    "unchanged": "unverändert",
    "would_create": "würde angelegt",
    "would_update": "würde aktualisiert",
    "skipped": "übersprungen",
}
_OUTCOMES_OF_SEVERAL: Mapping[str, str] = {
    **OUTCOMES,
    "would_create": "würden angelegt",
    "would_update": "würden aktualisiert",
}
PATIENT_ACTIONS: Mapping[str, str] = {
    "found": "Patient ist in SQLHK vorhanden.",
    "created": "Patient wurde in SQLHK angelegt.",
    "linked": "Beim vorhandenen Patienten wurde die PIZ ergänzt.",
    "would_create": "Patient würde in SQLHK angelegt.",
    "would_link": "Beim vorhandenen Patienten würde die PIZ ergänzt.",
}
STAGES: Mapping[str, str] = {
    "queued": "Warteschlange",
    "waiting": "Wartet auf den Tag",
    "calldoc": "CallDoc fragen",
    "match": "Zuordnen",
    "write": "Schreiben",
    "commit": "Speichern",
    "done": "Fertig",
}
TIMES: Mapping[str, str] = {
    "queue": "Warteschlange",
    "calldoc": "CallDoc",
    "sqlhk": "SQLHK",
    "other": "Sonstiges",
}
REASONS: Mapping[str, str] = {
    "cancelled": "abgesagt",
    "no_show": "nicht erschienen",
    "other_type": "andere Terminart",
    "same_examination": "gleiche Untersuchung wie ein anderer Termin",
    "unreadable": "Angaben nicht lesbar",
    "not_written": "nicht geschrieben",
    **{entry.code: entry.short_de for entry in TASK_ERRORS},
}
COLUMNS: Mapping[tuple[str, str], str] = {
    ("Patient", "PatientID"): "Patientenschlüssel",
    ("Patient", "Nachname"): "Nachname",
    ("Patient", "Vorname"): "Vorname",
    ("Patient", "Geburtsdatum"): "Geburtsdatum",
    ("Patient", "M1Ziffer"): "PIZ",
    ("Patient", "PLZ"): "Postleitzahl",
    ("Patient", "Stadt"): "Ort",
    ("Patient", "Strasse"): "Straße",
    ("Patient", "Geschlecht"): "Geschlecht",
    ("Patient", "email"): "E-Mail",
    ("Patient", "handy"): "Mobiltelefon",
    ("Patient", "heydokid"): "CallDoc-Nummer",
    ("Patient", "Versichertennr"): "Versichertennummer",
    ("Untersuchung", "UntersuchungID"): "Untersuchungsschlüssel",
    ("Untersuchung", "Datum"): "Tag",
    ("Untersuchung", "PatientID"): "Patient",
    ("Untersuchung", "HerzkatheterID"): "Herzkatheterlabor",
    ("Untersuchung", "UntersucherAbrechnungID"): "Untersucher",
    ("Untersuchung", "ZuweiserID"): "Zuweiser",
    ("Untersuchung", "UntersuchungartID"): "Untersuchungsart",
    ("Untersuchung", "Roentgen"): "Röntgen",
    ("Untersuchung", "Herzteam"): "Herzteam",
    ("Untersuchung", "Materialpreis"): "Materialpreis",
    ("Untersuchung", "DRGID"): "DRG",
    ("Untersuchung", "Untersuchungtype"): "Untersuchungstyp",
}
MASK = "•••••"
_MASKED_COLUMNS = frozenset(
    {"Nachname", "Vorname", "PLZ", "Stadt", "Strasse", "email", "handy", "Versichertennr"},
)
_GENDERS: Mapping[object, str] = {0: "unbekannt", 1: "männlich", 2: "weiblich"}
_NO_ADVICE = "Die IT mit der Anfragenummer verständigen."
NOTHING = "–"


def advice_for(error_code: str) -> str:
    """What to do about a failed task; for a code that nobody knows (any more) a general hint."""
    try:
        return task_error(error_code).advice_de
    except KeyError:
        return _NO_ADVICE


def reason_words(code: str) -> str:
    """A skipped appointment's reason or a task's error code in few words."""
    return REASONS.get(code, code)


def duration_words(milliseconds: int | None) -> str:
    """``240 ms``, ``2,4 s``, ``1 min 01 s``; empty for None."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s".replace(".", ",")
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes} min {seconds:02d} s"


def day_words(iso: object) -> str:
    """``2025-10-06`` as ``06.10.2025``; what is no such day stays as it is, None becomes a dash."""
    if iso is None or iso == "":
        return NOTHING
    return _german_day(str(iso))


def minute_words(moment: datetime, now: datetime) -> str:
    """The local time of day to the minute, with the date when the moment is not of today."""
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M}" if local.date() == now.date() else f"{local:%d.%m. %H:%M}"


def moment_words(moment: datetime | None, now: datetime) -> str:
    """The local time of day; the date and the minute when the moment is not of today."""
    if moment is None:
        return NOTHING
    local = moment.astimezone(now.tzinfo)
    return f"{local:%H:%M:%S}" if local.date() == now.date() else f"{local:%d.%m. %H:%M}"


@dataclass(frozen=True)
class FieldChange:
    """One field for people; ``column`` is its name in the database."""

    field: str
    before: str
    after: str
    column: str


@dataclass(frozen=True)
class RowChange:
    """One database row that is (to be) written, and its fields."""

    title: str
    fields: tuple[FieldChange, ...]


def full_moment_words(moment: datetime | None, now: datetime) -> str:
    """The local date and time of day, to the second."""
    return NOTHING if moment is None else f"{moment.astimezone(now.tzinfo):%d.%m.%Y %H:%M:%S}"


def row_changes(
    changes: Iterable[Mapping[str, Any]], *, patient: str, names_hidden: bool
) -> list[RowChange]:
    """The rows written or to be written, field by field, from ``sqlhk_sync.changes``.

    ``patient`` is the name to show beside the patient's key, masked already where it has to be;
    empty when it is not known.
    """
    rows: dict[tuple[str, object], list[FieldChange]] = {}
    for change in changes:
        table = str(change.get("table"))
        rows.setdefault((table, change.get("key")), []).append(
            _field_change(table, change, patient, names_hidden)
        )
    return [RowChange(_row_title(*row), tuple(fields)) for row, fields in rows.items()]


def ledger_rows(items: Iterable[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Rows *appointment, outcome, examination, reason* from ``appointments.items``."""
    return [
        (
            _cell(item.get("appointment_id")),
            OUTCOMES.get(item.get("outcome") or "", _cell(item.get("outcome"))),
            _cell(item.get("untersuchung_id")),
            reason_words(item["reason"]) if item.get("reason") else "",
        )
        for item in items
    ]


def mismatch_rows(mismatch: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Rows *where, birth date* from ``mismatch``; unknown ones with a dash."""
    dates = mismatch.get("birth_date") or {}
    places = (
        ("appointment", "Termin in CallDoc"),
        ("calldoc", "Patient in CallDoc"),
        ("sqlhk", "Patient in SQLHK"),
        ("expected", "Ihre Eingabe"),
    )
    return [(words, day_words(dates.get(name))) for name, words in places]


def comparison_words(mismatch: Mapping[str, Any]) -> str:
    """The known birth dates of ``mismatch``, a line for each; empty when none is known."""
    rows = mismatch_rows(mismatch)
    return "\n".join(f"{where}: {born}" for where, born in rows if born != NOTHING)


def ledger_summary(items: Iterable[Mapping[str, Any]]) -> str:
    """How many appointments had which outcome: ``2 Termine: 1 angelegt, 1 übersprungen``."""
    counts: dict[str, int] = {}
    for item in items:
        outcome = str(item.get("outcome"))
        counts[outcome] = counts.get(outcome, 0) + 1
    total = sum(counts.values())
    if not total:
        return "Kein Termin an diesem Tag."
    parts = ", ".join(
        f"{number} {(OUTCOMES if number == 1 else _OUTCOMES_OF_SEVERAL).get(name, name)}"
        for name, number in counts.items()
    )
    return f"{counted(total, 'Termin', 'Termine')}: {parts}."


@lru_cache(maxsize=512)  # a day's thousands of syncs ask for the same few days
def _german_day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}"
    except ValueError:
        return text


def _row_title(table: str, key: object) -> str:
    return f"{table}: neue Zeile" if key is None else f"{table}: Zeile {key}"


def _field_change(
    table: str, change: Mapping[str, Any], patient: str, names_hidden: bool
) -> FieldChange:
    column = str(change.get("column"))
    before, after = change.get("before"), change.get("after")
    names = change.get("before_name"), change.get("after_name")
    if (table, column) == ("Untersuchung", "PatientID"):
        names = patient, patient
    words = _value(column, before, names[0]), _value(column, after, names[1])
    if names_hidden and table == "Patient" and column in _MASKED_COLUMNS:
        words = MASK if before is not None else NOTHING, MASK if after is not None else NOTHING
    elif column == "PatientID" and patient and after is None:
        words = words[0], f"{patient} (neu)"
    return FieldChange(COLUMNS.get((table, column), column), *words, f"{table}.{column}")


def _value(column: str, value: object, name: object) -> str:
    if column == "Geschlecht":
        name = _GENDERS.get(value)
    elif column == "Materialpreis" and isinstance(value, (int, float)):
        return f"{value:.2f}".replace(".", ",")
    return f"{name} ({value})" if name and value is not None else _cell(value)


def _cell(value: object) -> str:
    return NOTHING if value is None else str(value)
