"""What a day sync is asked for, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from day_sync import DEFAULT_TYPES
from sync_core.day_selection import StatusFilter


@dataclass(frozen=True)
class DayRequest:
    """One day and the appointment types.

    ``delete_obsolete`` asks to delete examinations whose appointment is gone, ``confirm_delete`` is
    the number of them that a person has agreed to, needed where more than half of the day would go;
    ``confirm_rows`` are the keys of those that the person was shown, where that is known.
    """

    day: date
    types: frozenset[int] | Literal["all"] = DEFAULT_TYPES
    delete_obsolete: bool = False
    confirm_delete: int | None = None
    confirm_rows: frozenset[int] | None = None
    status_filter: StatusFilter = StatusFilter.SMART

    @property
    def exclusion(self) -> str:
        """What only one pending or running task may do."""
        return f"day/{self.day.isoformat()}"

    @property
    def id_stem(self) -> str:
        """The task id without its time."""
        return f"sync_{self.day.isoformat()}"

    def as_json(self) -> Mapping[str, Any]:
        """The request in the form of the kind, normalised; it may be sent again."""
        types = self.types if isinstance(self.types, str) else sorted(self.types)
        body: dict[str, Any] = {
            "date": self.day.isoformat(),
            "appointment_type_id": types,
            "delete_obsolete": self.delete_obsolete,
            "smart_status_filter": self.status_filter is StatusFilter.SMART,
        }
        if self.confirm_delete is not None:
            body["confirm_delete"] = self.confirm_delete
        if self.confirm_rows is not None:
            body["confirm_rows"] = sorted(self.confirm_rows)
        return body
