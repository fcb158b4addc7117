"""Everybody else's rows: patients and examinations that no sync of the demo may touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from demo.day_plan import generated_person
from demo.registry_rows import ABLATION_KIND, CATHETER_KIND, ExaminationRow, PatientRow, patient_row

CROWD_SIZE = 600
FIRST_NUMBER = 2_000_000
_EXAMINATIONS_PER_DAY = 30
_EARLIER_EXAMINATIONS = 900


def crowd_patients() -> tuple[PatientRow, ...]:
    """``CROWD_SIZE`` patients with the PatientIDs 1 to ``CROWD_SIZE``, always the same ones."""
    dice = Random("patients")  # noqa: S311 - invented people, no secret
    return tuple(
        replace(
            patient_row(generated_person(dice, 50_000 + number, FIRST_NUMBER + number)),
            PatientID=number,
            heydokid=dice.choice((None, 50_000 + number)),
        )
        for number in range(1, CROWD_SIZE + 1)
    )


def crowd_examinations(days: Sequence[date]) -> tuple[ExaminationRow, ...]:
    """Examinations of the crowd: some on each of ``days``, many on days of former years."""
    dice = Random("examinations")  # noqa: S311 - invented rows, no secret
    asked = [day for day in days for _ in range(_EXAMINATIONS_PER_DAY)]
    earlier = [
        date(2015, 1, 1) + timedelta(days=dice.randrange(3900))
        for _ in range(_EARLIER_EXAMINATIONS)
    ]
    return tuple(_examination(dice, day) for day in (*asked, *earlier))


def _examination(dice: Random, day: date) -> ExaminationRow:
    typed = (
        day.strftime("%d.%m.%Y"),
        f"{day.day}.{day.month}.{day.year}",
        f" {day:%d.%m.%Y} ",
        day.isoformat(),
        f"KW {day.isocalendar().week}",
    )
    return ExaminationRow(
        Datum=dice.choices(typed, (90, 5, 2, 2, 1))[0],
        PatientID=dice.randint(1, CROWD_SIZE),
        HerzkatheterID=dice.choice((1, 2, 3, 6)),
        UntersucherAbrechnungID=dice.choice((1, 2, 3, 12)),
        UntersuchungartID=dice.choice((CATHETER_KIND, CATHETER_KIND, ABLATION_KIND, 2)),
        ZuweiserID=dice.randint(1, 60),
        Roentgen=dice.randint(1, 9),
        Herzteam=dice.randint(1, 4),
        Materialpreis=dice.randrange(0, 400_000) / 100,
        DRGID=dice.randint(1, 20),
    )
