"""What must come of a day, worked out a second time from raw JSON and raw rows.

Deliberately simple and without any of the program's own rules: dictionaries, tuples, loops. It
knows the demo's mapping by heart and only days whose appointments are well-formed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

KINDS = {24: 1, 25: 8}
ROOMS = {18: 1, 19: 2, 54: 3, 61: 6}
DOCTORS = {18: 1, 27: 2, 50: 12}
OPEN = ("created", "confirmed", "completed", "finished_final")

Row = dict[str, Any]
Examination = tuple[int, int, int, int]  # number, kind, lab, doctor


@dataclass
class Expected:
    """Counts of both steps, codes by appointment, and every examination of the day afterwards."""

    patients: Counter[str] = field(default_factory=Counter)
    examinations: Counter[str] = field(default_factory=Counter)
    codes: dict[int, str] = field(default_factory=dict)
    after: Counter[Examination] = field(default_factory=Counter)


def expect(entries: list[Row], patients: list[Row], examinations: list[Row]) -> Expected:
    """The day of ``entries`` (types 24 and 25) on top of the rows; nothing is deleted."""
    expected = Expected()
    numbers = {row["PatientID"]: row["M1Ziffer"] for row in patients}
    expected.after = Counter(
        (
            numbers[row["PatientID"]],
            row["UntersuchungartID"],
            row["HerzkatheterID"],
            row["UntersucherAbrechnungID"],
        )
        for row in examinations
    )
    asked = [e for e in entries if e["appointment_type"] in KINDS and e["status"] in OPEN]
    by_patient: dict[str, list[Row]] = defaultdict(list)
    for item in sorted(asked, key=lambda e: (e["scheduled_for_datetime"], e["id"])):
        if item["piz"]:
            by_patient[item["piz"]].append(item)
        else:
            expected.patients["failed"] += 1
            expected.codes[item["id"]] = "no_number"
    for number, items in by_patient.items():
        _patient(expected, int(number), items, patients)
    expected.examinations["skipped"] = len(expected.codes)
    return expected


def _patient(expected: Expected, number: int, items: list[Row], patients: list[Row]) -> None:
    first = items[0]
    born = ".".join(reversed(first["date_of_birth"].split("-"))) if first["date_of_birth"] else None
    same = [row for row in patients if row["M1Ziffer"] == number]
    unnumbered = [
        row
        for row in patients
        if not row["M1Ziffer"]
        and (row["Nachname"], row["Vorname"], row["Geburtsdatum"])
        == (first["surname"], first["name"], born)
    ]
    code, step = None, "unchanged"
    if len(same) > 1:
        code = "ambiguous_patient"
    elif same and born and same[0]["Geburtsdatum"] != born:
        code = "patient_mismatch"
    elif same:
        code = None if born else "patient_incomplete"
    elif len(unnumbered) > 1:
        code = "ambiguous_patient"
    elif unnumbered:
        step = "updated"
    else:
        step = "inserted"
    groups = [[e for e in items if e["appointment_type"] == kind] for kind in KINDS]
    mapped = [group for group in groups if group and all(_doctor(e) and _lab(e) for e in group)]
    if code is None and step != "unchanged" and not mapped:
        code = "mapping_missing"
    if code is None and step == "inserted" and not born:
        code = "patient_incomplete"
    expected.patients["failed" if code else step] += 1
    for group in groups:
        if code and code != "mapping_missing":
            expected.codes |= {item["id"]: code for item in group}
        elif group and group not in mapped:
            for item in group:
                fits = _doctor(item) and _lab(item)
                expected.codes[item["id"]] = "not_written" if fits else "mapping_missing"
        elif group:
            _group(expected, number, group)


def _group(expected: Expected, number: int, group: list[Row]) -> None:
    kind = KINDS[group[0]["appointment_type"]]
    wanted: list[tuple[int, int]] = []
    for item in group:
        place = (_lab(item) or 0, _doctor(item) or 0)
        if place in wanted:
            expected.codes[item["id"]] = "same_examination"
        else:
            wanted.append(place)
    there = [
        (lab, doctor)
        for (who, what, lab, doctor), times in expected.after.items()
        for _ in range(times)
        if (who, what) == (number, kind)
    ]
    for place in [place for place in wanted if place in there]:
        wanted.remove(place)
        there.remove(place)
        expected.examinations["unchanged"] += 1
    if len(there) > 1:
        raise NotImplementedError("the oracle knows one row of a kind at most")
    if there and wanted:
        close = [p for p in wanted if (p[0] == there[0][0]) != (p[1] == there[0][1])]
        chosen = close if len(close) == 1 else wanted if len(wanted) == 1 else []
        if not chosen:
            expected.codes |= {item["id"]: "ambiguous_examination" for item in group}
            return
        expected.after[(number, kind, *there[0])] -= 1
        expected.after[(number, kind, *chosen[0])] += 1
        expected.examinations["updated"] += 1
        wanted.remove(chosen[0])
    for place in wanted:
        expected.after[(number, kind, *place)] += 1
        expected.examinations["inserted"] += 1


def _lab(item: Row) -> int | None:
    return 2 if item["appointment_type"] == 25 else ROOMS.get(item["room"])


def _doctor(item: Row) -> int | None:
    return DOCTORS.get(item["employee"])
