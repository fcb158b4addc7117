"""One sync under way: what is known so far, and who is told of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from plugins.single_patient.calldoc_questions import PatientDay
from plugins.single_patient.carry_out import Done
from plugins.single_patient.registry_names import RegistryNames
from plugins.single_patient.request import SyncRequest
from plugins.single_patient.resolution import Intent
from plugins.single_patient.result import Mismatch, SyncResult
from sync_core.identity import RegistryPatient
from sync_core.run_control import RunControl
from sync_core.task_model import TaskWarning

SYNC_SECONDS = 60.0
"""How long a sync may take when the caller hands in no control."""

_MESSAGES = {
    "created": "Untersuchung angelegt",
    "updated": "Untersuchung aktualisiert",
    "unchanged": "Alles ist bereits eingetragen",
    "would_create": "Vorschau: Untersuchung würde angelegt",
    "would_update": "Vorschau: Untersuchung würde aktualisiert",
}

ProgressCallback = Callable[[str, int, str], None]
KeepCallback = Callable[[SyncResult], None]
IntendCallback = Callable[[Intent, SyncResult], None]


@dataclass
class SyncRun:
    """One sync under way: what is known so far, told to ``keep`` at each step."""

    request: SyncRequest
    control: RunControl
    progress: ProgressCallback
    keep: KeepCallback
    intend: IntendCallback
    result: SyncResult
    warnings: list[TaskWarning] = field(default_factory=list)

    def know(self, **values: object) -> None:
        """Fields of the result are known now."""
        self.result = replace(self.result, **values, warnings=tuple(self.warnings))  # type: ignore[arg-type]  # the fields' own types
        self.keep(self.result)

    def name_keys(self, names: RegistryNames) -> None:
        """What people call SQLHK's keys; nothing that anybody has to be told by itself."""
        self.result = replace(self.result, names=names)

    def warn(self, *warnings: TaskWarning) -> None:
        """Something people should know; each warning counts once."""
        self.warnings += [warning for warning in warnings if warning not in self.warnings]

    def spent(self, name: str, since: float) -> None:
        """Time was spent on ``name`` since the monotonic moment ``since``."""
        timing = dict(self.result.timing_ms)
        timing[name] = timing.get(name, 0) + round((time.monotonic() - since) * 1000)
        self.know(timing_ms=timing)


def known_done(run: SyncRun, patient_day: PatientDay, done: Done) -> SyncResult:
    """The result when everything is written, or worked out in a dry run."""
    return replace(
        run.result,
        lines=done.lines + patient_day.selection.skipped,
        action=done.action,
        untersuchung_id=done.untersuchung_id,
        patient_action=done.patient_action,
        patient_id=done.patient_id,
        changes=done.changes,
        plan_token=done.plan.token if run.request.dry_run else None,
        warnings=tuple(run.warnings),
        message=_MESSAGES[done.action],
    )


def silent_run(request: SyncRequest, control: RunControl | None) -> SyncRun:
    """A run that nobody is told of."""
    return SyncRun(
        request,
        control or RunControl(SYNC_SECONDS),
        lambda stage, percent, message: None,
        lambda result: None,
        lambda intent, result: None,
        SyncResult(request),
    )


def mismatch_of(
    request: SyncRequest, patient_day: PatientDay, row: RegistryPatient | None
) -> Mismatch:
    """The birth dates that should have been the same, as far as they are known."""
    searched = patient_day.searched.birth_date if patient_day.searched else None
    dates = [
        item.person.birth_date for item in patient_day.selection.taken if item.person.birth_date
    ]
    differing = next((day for day in dates if day != searched), None)
    return Mismatch(
        appointment=differing or (dates[0] if dates else None),
        calldoc=searched,
        sqlhk=row.birth_date if row else None,
        expected=request.expected_birth_date,
    )
