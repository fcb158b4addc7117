"""Syncs one patient of one day from CallDoc to SQLHK. No Qt, no Flask, no day sync in here.

It never deletes, never touches a row of another patient, never guesses, and writes in one
transaction or not at all. It can be called from a test, a script or the API alike.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from plugins.single_patient.calldoc_questions import CallDocFactory, PatientDay, ask_calldoc
from plugins.single_patient.carry_out import Done, carry_out, preview
from plugins.single_patient.plan import AppointmentsNotMappedError, Plan, make_plan, map_taken
from plugins.single_patient.request import DEFAULT_TYPE, SyncRequest
from plugins.single_patient.result import Mismatch, SyncResult
from plugins.single_patient.transaction import RegistryTransaction, lock_name
from plugins.single_patient.unit_of_work import Sqlhk, UnitOfWork, run_unit
from sync_core.appointments import Person
from sync_core.errors import (
    AmbiguousExaminationError,
    OutcomeUnknownError,
    PatientMismatchError,
    PlanChangedError,
    ScopeViolationError,
    TaskCancelledError,
    TaskError,
)
from sync_core.identity import (
    RegistryPatient,
    check_birth_date,
    check_calldoc_birth_dates,
    decide_patient,
    merge_person,
)
from sync_core.run_control import RunControl
from sync_core.settings import MappingSettings
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


@dataclass
class _Run:
    """One sync under way: what is known so far, told to ``keep`` at each step."""

    request: SyncRequest
    control: RunControl
    progress: ProgressCallback
    keep: KeepCallback
    result: SyncResult
    warnings: list[TaskWarning] = field(default_factory=list)

    def know(self, **values: object) -> None:
        self.result = replace(self.result, **values, warnings=tuple(self.warnings))  # type: ignore[arg-type]  # the fields' own types
        self.keep(self.result)

    def warn(self, *warnings: TaskWarning) -> None:
        self.warnings += [warning for warning in warnings if warning not in self.warnings]

    def spent(self, name: str, since: float) -> None:
        timing = dict(self.result.timing_ms)
        timing[name] = timing.get(name, 0) + round((time.monotonic() - since) * 1000)
        self.know(timing_ms=timing)


class SinglePatientSynchronizer:
    """The synchronizer with what it works with.

    ``calldoc(from_date, to_date, control=…)`` makes a CallDoc client; ``sqlhk`` is the registry;
    ``mapping`` the values of new rows. ``logger`` gets stages, tables, keys and counts, never
    names or values.
    """

    def __init__(
        self,
        calldoc: CallDocFactory,
        sqlhk: Sqlhk,
        mapping: MappingSettings,
        logger: logging.Logger,
    ) -> None:
        self._calldoc = calldoc
        self._sqlhk = sqlhk
        self._mapping = mapping
        self._log = logger

    def sync(
        self,
        piz: int,
        day: date,
        appointment_type_id: int = DEFAULT_TYPE,
        *,
        dry_run: bool = False,
        plan_token: str | None = None,
        expected_birth_date: date | None = None,
        control: RunControl | None = None,
        progress: ProgressCallback = lambda stage, percent, message: None,
        keep: KeepCallback = lambda result: None,
    ) -> SyncResult:
        """Sync one patient of one day; returns what was found out and done.

        ``keep`` is told each new state of the result, so that a failed sync still tells what is
        known. Raises the ``TaskError`` of the failure, or ``TaskCancelledError``.
        """
        request = SyncRequest(
            piz, day, appointment_type_id, dry_run, plan_token, expected_birth_date
        )
        run = _Run(
            request, control or RunControl(SYNC_SECONDS), progress, keep, SyncResult(request)
        )
        try:
            patient_day = self._fetch(run)
            return self._write(run, patient_day)
        except TaskError as error:
            self._log.info("stopped with %s", error.code)
            if isinstance(error, ScopeViolationError):
                run.know(rows_outside_scope=error.rows_outside)
            raise

    def fetch_patient_appointments(
        self,
        day: date,
        piz: int,
        appointment_type_id: int = DEFAULT_TYPE,
        *,
        control: RunControl | None = None,
    ) -> PatientDay:
        """The first step by itself: what CallDoc knows. Raises as :meth:`sync` does."""
        request = SyncRequest(piz, day, appointment_type_id)
        return self._fetch(_silent(request, control))

    def sync_to_sqlhk(
        self,
        patient_data: SyncRequest,
        appointments: PatientDay,
        *,
        control: RunControl | None = None,
    ) -> SyncResult:
        """The second step by itself: ``patient_data`` says who is meant, ``appointments`` what
        the first step returned. Raises as :meth:`sync` does.
        """
        return self._write(_silent(patient_data, control), appointments)

    # CallDoc

    def _fetch(self, run: _Run) -> PatientDay:
        run.progress("calldoc", 10, "CallDoc wird gefragt")
        self._log.info("stage=calldoc")
        started = time.monotonic()

        def keep(known: PatientDay) -> None:
            self._know_calldoc(run, known)

        try:
            patient_day = ask_calldoc(run.request, self._calldoc, run.control, keep)
        finally:
            run.spent("calldoc", started)
        keep(patient_day)
        return patient_day

    def _know_calldoc(self, run: _Run, known: PatientDay) -> None:
        selection = known.selection
        people = [item.person for item in (*selection.taken, *selection.others)]
        person = merge_person(run.request.piz, known.searched, people)
        run.warn(*selection.warnings)
        run.know(
            patient_found=bool(known.patients or people),
            surname=person.surname,
            given_name=person.given_name,
            birth_date=person.birth_date,
            found=selection.found,
            lines=selection.failed_lines("not_written"),
        )

    # SQLHK

    def _write(self, run: _Run, patient_day: PatientDay) -> SyncResult:
        taken = [item.person for item in patient_day.selection.taken]
        person = merge_person(run.request.piz, patient_day.searched, taken)
        run.progress("match", 40, "Patient und Untersuchungen werden verglichen")
        self._log.info("stage=match")
        try:
            for searched in patient_day.patients or (None,):
                run.warn(
                    *check_calldoc_birth_dates(searched, taken, run.request.expected_birth_date)
                )
        except PatientMismatchError:
            run.know(mismatch=_mismatch(run.request, patient_day, None))
            raise
        started = time.monotonic()
        try:
            done = self._in_sqlhk(run, patient_day, person)
        finally:
            run.spent("sqlhk", started)
        self._know_done(run, patient_day, done)
        run.know(message=_MESSAGES[done.action])
        return run.result

    def _in_sqlhk(self, run: _Run, patient_day: PatientDay, person: Person) -> Done:
        request = run.request

        def plan_in(transaction: RegistryTransaction) -> Plan:
            return self._plan(run, patient_day, person, transaction)

        def carry_out_in(transaction: RegistryTransaction) -> Done:
            plan = plan_in(transaction)
            if request.plan_token is not None and request.plan_token != plan.token:
                raise PlanChangedError
            run.progress("write", 70, "Untersuchung wird geschrieben")
            self._log.info("stage=write")
            return carry_out(plan, transaction)

        def before_commit(done: Done) -> None:
            # Until the answer comes, this is the truth: written or not, nobody knows.
            run.know(lines=patient_day.selection.failed_lines(OutcomeUnknownError.code))
            run.progress("commit", 90, "Wird gespeichert")
            self._log.info("stage=commit action=%s", done.action)

        name = lock_name(request.piz)
        if request.dry_run:
            reading = UnitOfWork(name, plan_in, None)
            return preview(run_unit(reading, self._sqlhk, run.control, self._log))
        writing = UnitOfWork(name, carry_out_in, before_commit)
        try:
            return run_unit(writing, self._sqlhk, run.control, self._log)
        except (TaskError, TaskCancelledError) as error:
            unknown = patient_day.selection.failed_lines(OutcomeUnknownError.code)
            if run.result.lines == unknown and not isinstance(error, OutcomeUnknownError):
                run.know(lines=patient_day.selection.failed_lines("not_written"))
            raise

    def _plan(
        self, run: _Run, patient_day: PatientDay, person: Person, transaction: RegistryTransaction
    ) -> Plan:
        request, selection = run.request, patient_day.selection
        with_number = transaction.patients_with_number(request.piz)
        born_alike: list[RegistryPatient] = []
        if not with_number and person.birth_date is not None:
            born_alike = transaction.patients_born_in(person.birth_date.year)
        decision = decide_patient(request.piz, person, with_number, born_alike)
        try:
            run.warn(
                *check_birth_date(person.birth_date, decision.row, request.expected_birth_date)
            )
        except PatientMismatchError:
            run.know(mismatch=_mismatch(request, patient_day, decision.row))
            raise
        if decision.row is not None:
            run.know(patient_found=True, patient_id=decision.row.patient_id)
        try:
            mapped = map_taken(selection.taken, transaction.mapping_tables(), self._mapping)
            rows = (
                [] if decision.row is None else transaction.examinations_of(decision.row.patient_id)
            )
            plan = make_plan(
                request,
                person=person,
                decision=decision,
                mapped=mapped,
                rows=rows,
                mapping=self._mapping,
                selection=selection,
            )
        except AppointmentsNotMappedError as error:
            run.know(lines=selection.failed_lines(error.code, error.guilty))
            raise
        except AmbiguousExaminationError as error:
            run.know(lines=selection.failed_lines(error.code))
            raise
        run.warn(*plan.warnings)
        return plan

    def _know_done(self, run: _Run, patient_day: PatientDay, done: Done) -> None:
        run.know(
            lines=done.lines + patient_day.selection.skipped,
            action=done.action,
            untersuchung_id=done.untersuchung_id,
            patient_action=done.patient_action,
            patient_id=done.patient_id,
            changes=done.changes,
            plan_token=done.plan.token if run.request.dry_run else None,
        )


def _silent(request: SyncRequest, control: RunControl | None) -> _Run:
    return _Run(
        request,
        control or RunControl(SYNC_SECONDS),
        lambda stage, percent, message: None,
        lambda result: None,
        SyncResult(request),
    )


def _mismatch(
    request: SyncRequest, patient_day: PatientDay, row: RegistryPatient | None
) -> Mismatch:
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
