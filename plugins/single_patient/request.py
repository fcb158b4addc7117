"""What a single-patient sync is asked for, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

DEFAULT_TYPE = 24


@dataclass(frozen=True)
class SyncRequest:
    """One patient, one day, one appointment type.

    ``piz`` is the patient's number as an int, ``day`` a calendar day in Germany. ``plan_token``
    asks to carry out exactly the plan of an earlier dry run; ``expected_birth_date`` refuses a
    patient born on another day.
    """

    piz: int
    day: date
    appointment_type_id: int = DEFAULT_TYPE
    dry_run: bool = False
    plan_token: str | None = None
    expected_birth_date: date | None = None

    @property
    def exclusion(self) -> str | None:
        """What only one pending or running sync may do; a dry run refuses nobody."""
        if self.dry_run:
            return None
        return f"single_patient/{self.piz}/{self.day}/{self.appointment_type_id}"

    @property
    def id_stem(self) -> str:
        """The task id without its time."""
        return f"patient_sync_{self.piz}_{self.day.isoformat()}"

    def deciding(self) -> dict[str, Any]:
        """What the plan depends on: the same for a dry run and for carrying its plan out."""
        expected = self.expected_birth_date
        return {
            "piz": self.piz,
            "day": self.day.isoformat(),
            "appointment_type_id": self.appointment_type_id,
            "expected_birth_date": expected.isoformat() if expected else None,
        }

    def as_json(self) -> Mapping[str, Any]:
        """The request in the form of the HTTP API, normalised; it may be sent again."""
        body: dict[str, Any] = {
            "piz": str(self.piz),
            "date": self.day.isoformat(),
            "appointment_type_id": self.appointment_type_id,
            "dry_run": self.dry_run,
        }
        if self.plan_token is not None:
            body["plan_token"] = self.plan_token
        if self.expected_birth_date is not None:
            body["expected_birth_date"] = self.expected_birth_date.isoformat()
        return body
