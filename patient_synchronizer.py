"""Brings the patients of a day's appointments into SQLHK, through the SQL gateway.

The rules are :mod:`sync_core.identity`'s, the same as in a single-patient sync: found by number,
else by names and birth date among rows without a number; birth dates must agree; master data of
an existing patient are never overwritten; nobody is made up. One patient that cannot be
resolved stops no other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from mssql_api_client import MsSqlApiClient
from sync_core.appointments import Appointment
from sync_core.day_patients import (
    NO_NUMBER,
    DayPatient,
    KnownPatients,
    check_complete,
    decide_day_patient,
    patients_of_day,
)
from sync_core.day_result import PatientLine, PatientSyncResult
from sync_core.errors import (
    AmbiguousPatientError,
    DeadlineExceededError,
    InterruptedTaskError,
    SqlhkError,
    SqlhkUnavailableError,
    TaskError,
)
from sync_core.gateway_patience import GatewayPatience
from sync_core.identity import PatientAction, RegistryPatient, check_birth_date, new_patient
from sync_core.run_control import RunControl
from sync_core.task_model import TaskWarning

PATIENT_SECONDS = 600.0
"""How long a whole day's patients may take when the caller hands in no control."""

ProgressCallback = Callable[[int, int], None]
BeforeWriting = Callable[[DayPatient, RegistryPatient | None], None]

_log = logging.getLogger("sync_gui.day_sync")


class PatientSynchronizer:
    """The synchronizer with what it works with.

    ``control`` is deadline and stop request: asked between two patients. ``progress`` is told
    (done, of how many); ``keep`` is told each new state of the result. ``before_writing`` is asked
    before a row is created (None) or linked (the row) and may refuse the patient by raising a
    ``TaskError``: nobody should be created for an appointment that leads to nothing.
    """

    def __init__(
        self,
        client: MsSqlApiClient,
        *,
        control: RunControl | None = None,
        progress: ProgressCallback = lambda done, total: None,
        keep: Callable[[PatientSyncResult], None] = lambda result: None,
        before_writing: BeforeWriting = lambda patient, row: None,
    ) -> None:
        self._control = control or RunControl(PATIENT_SECONDS)
        self._client = client.with_control(self._control)
        self._progress = progress
        self._keep = keep
        self._before_writing = before_writing

    def synchronize_patients_from_appointments(
        self, appointments: Sequence[Appointment]
    ) -> PatientSyncResult:
        """Find, link or create the patient of every appointment.

        An appointment without a number is a line of its own. Raises what the gateway raises while
        SQLHK is read, ``TaskCancelledError`` and the deadline's errors; ``keep`` was told then
        what had been done.
        """
        patients, nobody = patients_of_day(appointments)
        known = self._read(patients)
        lines: list[PatientLine] = [
            PatientLine(
                None,
                (item.appointment_id,),
                "failed",
                code=NO_NUMBER,
                message="Im Termin fehlt die Patientennummer.",
            )
            for item in nobody
        ]
        patience = GatewayPatience()
        try:
            for index, patient in enumerate(patients):
                self._control.check()
                lines.append(self._one(patient, known, patience))
                self._keep(PatientSyncResult(tuple(lines)))
                self._progress(index + 1, len(patients))
            lines = self._with_keys(lines, patients)
        finally:
            result = PatientSyncResult(tuple(lines))
            self._keep(result)
        _log.info(
            "patients total=%d inserted=%d updated=%d unchanged=%d failed=%d",
            result.total,
            result.inserted,
            result.updated,
            result.unchanged,
            result.failed,
        )
        return result

    def _read(self, patients: Sequence[DayPatient]) -> KnownPatients:
        """Every row that may be one of them: by number, and for the rest by birth date."""
        rows = self._client.get_patients_by_piz(patient.piz for patient in patients)
        found = {row.number for row in rows}
        born = {
            patient.birth_date
            for patient in patients
            if patient.piz not in found and patient.birth_date is not None
        }
        keys = {row.patient_id for row in rows}
        alike = [
            row for row in self._client.get_patients_born_on(born) if row.patient_id not in keys
        ]
        return KnownPatients([*rows, *alike])

    def _one(
        self, patient: DayPatient, known: KnownPatients, patience: GatewayPatience
    ) -> PatientLine:
        line = PatientLine(
            patient.piz, tuple(item.appointment_id for item in patient.appointments), "failed"
        )
        try:
            decision = decide_day_patient(patient, known)
            if decision.action is PatientAction.FOUND and decision.row is not None:
                check_complete(patient)
                return replace(
                    line,
                    outcome="unchanged",
                    patient_id=decision.row.patient_id,
                    warnings=decision.warnings,
                )
            self._before_writing(patient, decision.row)
            if decision.row is not None:
                return self._link(line, patient.piz, decision.row, known, patience)
            row = new_patient(patient.piz, patient.person)
            with patience:
                self._client.insert_patient(row)
            known.created(row)
            return replace(line, outcome="inserted", warnings=decision.warnings)
        except (DeadlineExceededError, InterruptedTaskError):
            raise  # everybody's, not this patient's; nothing was sent
        except TaskError as error:
            return replace(line, code=error.code, message=error.message)

    def _link(
        self,
        line: PatientLine,
        piz: int,
        row: RegistryPatient,
        known: KnownPatients,
        patience: GatewayPatience,
    ) -> PatientLine:
        with patience:
            self._client.link_patient(row.patient_id, piz)
        known.linked(row.patient_id, piz)
        return replace(line, outcome="updated", patient_id=row.patient_id)

    def _with_keys(
        self, lines: Sequence[PatientLine], patients: Sequence[DayPatient]
    ) -> list[PatientLine]:
        """Learn the new rows' keys, all at once.

        A number that is there twice by now is refused, and so is one that somebody else got
        meanwhile: then nothing was inserted, and the row found is another person's.
        """
        created = [line.piz for line in lines if line.outcome == "inserted" and line.piz]
        if not created:
            return list(lines)
        try:
            rows = self._client.get_patients_by_piz(created)
        except (SqlhkError, SqlhkUnavailableError):
            # They were created, the gateway said so; only the keys stay unknown.
            warning = TaskWarning(
                "keys_unknown", "Die neuen Patienten ließen sich nicht mehr nachlesen."
            )
            return [
                replace(line, warnings=(*line.warnings, warning))
                if line.outcome == "inserted"
                else line
                for line in lines
            ]
        born = {patient.piz: patient.birth_date for patient in patients}
        return [
            _with_key(line, born.get(line.piz), [row for row in rows if row.number == line.piz])
            if line.outcome == "inserted" and line.piz
            else line
            for line in lines
        ]


def _with_key(line: PatientLine, born: date | None, rows: Sequence[RegistryPatient]) -> PatientLine:
    try:
        if not rows:
            raise SqlhkError("Der neue Patient ist in SQLHK nicht zu finden.")
        if len(rows) > 1:
            raise AmbiguousPatientError
        warnings = check_birth_date(born, rows[0], None)
    except TaskError as error:
        return replace(line, outcome="failed", code=error.code, message=error.message)
    return replace(line, patient_id=rows[0].patient_id, warnings=(*line.warnings, *warnings))
