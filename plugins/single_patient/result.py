"""What a single-patient sync found out and did, and its form in the status call."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from plugins.single_patient.ledger import LedgerLine
from plugins.single_patient.registry_names import NO_NAMES, RegistryNames
from plugins.single_patient.request import SyncRequest
from sync_core.task_model import TaskWarning

_PROCESSED = frozenset({"created", "updated", "unchanged", "would_create", "would_update"})


@dataclass(frozen=True)
class Change:
    """One column of one row: ``before`` is None for a new row, ``key`` for one to be created."""

    table: str
    key: int | None
    column: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Mismatch:
    """The birth dates that should have been the same; None where unknown."""

    appointment: date | None
    calldoc: date | None
    sqlhk: date | None
    expected: date | None


@dataclass(frozen=True)
class SyncResult:
    """Everything a status tells about a single-patient sync; filled as far as known.

    ``action`` is the weightiest outcome and ``untersuchung_id`` that one's row. ``names`` are what
    people call the keys among the changes.
    """

    request: SyncRequest
    patient_found: bool = False
    surname: str | None = None
    given_name: str | None = None
    birth_date: date | None = None
    found: int = 0
    lines: tuple[LedgerLine, ...] = ()
    action: str | None = None
    untersuchung_id: int | None = None
    patient_action: str | None = None
    patient_id: int | None = None
    rows_outside_scope: int = 0
    changes: tuple[Change, ...] = ()
    names: RegistryNames = NO_NAMES
    plan_token: str | None = None
    mismatch: Mismatch | None = None
    warnings: tuple[TaskWarning, ...] = ()
    message: str = ""
    timing_ms: dict[str, int] = field(default_factory=dict)

    def body(self, *, with_names: bool = True) -> dict[str, Any]:
        """The kind's own fields of the status call, in JSON types.

        Without ``with_names`` the changes tell keys only, not what people call them.
        """
        body: dict[str, Any] = {
            "dry_run": self.request.dry_run,
            "plan_token": self.plan_token,
            "patient": {
                "piz": str(self.request.piz),
                "found": self.patient_found,
                "name": self.surname,
                "vorname": self.given_name,
                "birth_date": _iso(self.birth_date),
            },
            "appointments": {
                "found": self.found,
                "processed": sum(line.outcome in _PROCESSED for line in self.lines),
                "items": [
                    {
                        "appointment_id": line.appointment_id,
                        "outcome": line.outcome,
                        "untersuchung_id": line.untersuchung_id,
                        "reason": line.reason,
                    }
                    for line in self.lines
                ],
            },
            "sqlhk_sync": {
                "action": self.action,
                "untersuchung_id": self.untersuchung_id,
                "patient_action": self.patient_action,
                "patient_id": self.patient_id,
                "rows_outside_scope": self.rows_outside_scope,
                "changes": [
                    {**asdict(change), **(self._names_of(change) if with_names else {})}
                    for change in self.changes
                ],
            },
        }
        if self.mismatch is not None:
            body["mismatch"] = {
                "birth_date": {
                    "appointment": _iso(self.mismatch.appointment),
                    "calldoc": _iso(self.mismatch.calldoc),
                    "sqlhk": _iso(self.mismatch.sqlhk),
                    "expected": _iso(self.mismatch.expected),
                }
            }
        return body

    def _names_of(self, change: Change) -> dict[str, str | None]:
        return {
            "before_name": self.names.of(change.table, change.column, change.before),
            "after_name": self.names.of(change.table, change.column, change.after),
        }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
