"""What a day sync did, as values: one line for each patient and each appointment, and counts.

The counts are always made from the lines, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sync_core.day_selection import DaySelection
from sync_core.obsolete import Obsolete
from sync_core.task_model import TaskWarning

PatientOutcome = Literal["inserted", "updated", "unchanged", "failed"]
ExaminationOutcome = Literal["inserted", "updated", "unchanged", "deleted", "skipped", "error"]

TECHNICAL_CODES = frozenset(
    {
        "sqlhk_unavailable",
        "sqlhk_error",
        "conflict",
        "outcome_unknown",
        "journal_unavailable",
    }
)
"""Codes of failures that a repetition may mend; every other code is a rule's refusal."""


def outcome_of(code: str) -> Literal["skipped", "error"]:
    """How an appointment counts that was not carried over for this reason."""
    return "error" if code in TECHNICAL_CODES else "skipped"


@dataclass(frozen=True)
class PatientLine:
    """What became of one patient. ``code`` and ``message`` (German) say why it failed.

    ``piz`` is None for an appointment without a number, which stands for itself.
    """

    piz: int | None
    appointment_ids: tuple[int, ...]
    outcome: PatientOutcome
    patient_id: int | None = None
    code: str | None = None
    message: str | None = None
    warnings: tuple[TaskWarning, ...] = ()


@dataclass(frozen=True)
class PatientSyncResult:
    """Counts and lines of the patients; ``updated`` ones were given their number."""

    details: tuple[PatientLine, ...] = ()

    def count(self, *outcomes: PatientOutcome) -> int:
        """How many lines have one of these outcomes."""
        return sum(line.outcome in outcomes for line in self.details)

    @property
    def total(self) -> int:
        """All patients."""
        return len(self.details)

    @property
    def success(self) -> int:
        """Patients whose row is known now."""
        return self.total - self.failed

    @property
    def failed(self) -> int:
        """Patients that could not be resolved."""
        return self.count("failed")

    @property
    def inserted(self) -> int:
        """Patients whose row was created."""
        return self.count("inserted")

    @property
    def updated(self) -> int:
        """Patients whose row was given the number."""
        return self.count("updated")

    @property
    def unchanged(self) -> int:
        """Patients whose row was found."""
        return self.count("unchanged")


@dataclass(frozen=True)
class ExaminationLine:
    """What became of one appointment, or of an examination that has none any more.

    ``code`` says why it was skipped, kept or failed; ``message`` (German) says more.
    """

    appointment_id: int | None
    piz: int | None
    outcome: ExaminationOutcome
    untersuchung_id: int | None = None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class ExaminationSyncResult:
    """Counts and lines of the examinations."""

    details: tuple[ExaminationLine, ...] = ()
    obsolete: Obsolete = field(default_factory=Obsolete)
    warnings: tuple[TaskWarning, ...] = ()

    def count(self, outcome: ExaminationOutcome) -> int:
        """How many lines have this outcome."""
        return sum(line.outcome == outcome for line in self.details)

    @property
    def inserted(self) -> int:
        """Examinations created."""
        return self.count("inserted")

    @property
    def updated(self) -> int:
        """Examinations whose lab or doctor was changed."""
        return self.count("updated")

    @property
    def unchanged(self) -> int:
        """Appointments whose examination was there already."""
        return self.count("unchanged")

    @property
    def deleted(self) -> int:
        """Obsolete examinations deleted."""
        return self.count("deleted")

    @property
    def skipped(self) -> int:
        """Appointments that a rule refused."""
        return self.count("skipped")

    @property
    def errors(self) -> int:
        """Appointments and deletions that failed technically."""
        return self.count("error")


@dataclass(frozen=True)
class DayResult:
    """One day's sync. ``appointments`` is None as long as CallDoc has not answered."""

    day: date
    types: tuple[int, ...]
    appointments: DaySelection | None = None
    patients: PatientSyncResult = field(default_factory=PatientSyncResult)
    untersuchungen: ExaminationSyncResult = field(default_factory=ExaminationSyncResult)
    warnings: tuple[TaskWarning, ...] = ()

    @property
    def obsolete(self) -> Obsolete:
        """What was found out about examinations without an appointment."""
        return self.untersuchungen.obsolete


def distinct_warnings(warnings: Iterable[TaskWarning]) -> tuple[TaskWarning, ...]:
    """Each warning once, in the order they came."""
    return tuple(dict.fromkeys(warnings))
