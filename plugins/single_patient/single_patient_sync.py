"""Syncs one patient of one day from CallDoc to SQLHK. No Qt, no Flask, no day sync in here.

It never deletes, never touches a row of another patient, never guesses, and writes in one
transaction or not at all. It can be called from a test, a script or the API alike.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from plugins.single_patient.calldoc_questions import CallDocFactory, PatientDay, ask_calldoc
from plugins.single_patient.carry_out import Done, carry_out, preview
from plugins.single_patient.plan import AppointmentsNotMappedError, Plan, make_plan, map_taken
from plugins.single_patient.registry_names import registry_names
from plugins.single_patient.request import DEFAULT_TYPE, SyncRequest
from plugins.single_patient.resolution import Intent, refuted, resolve
from plugins.single_patient.result import SyncResult
from plugins.single_patient.sync_run import (
    SYNC_SECONDS,
    IntendCallback,
    KeepCallback,
    ProgressCallback,
    SyncRun,
    known_done,
    mismatch_of,
    silent_run,
)
from plugins.single_patient.transaction import RegistryTransaction, lock_name
from plugins.single_patient.unit_of_work import Sqlhk, UnitOfWork, run_unit
from sync_core.appointments import Person
from sync_core.errors import (
    OutcomeUnknownError,
    PatientMismatchError,
    PlanChangedError,
    ScopeViolationError,
    SqlhkUnavailableError,
    SyncGuiError,
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
from sync_core.matching import ExaminationsNotAssignedError
from sync_core.run_control import RunControl, linked
from sync_core.settings import MappingSettings
from sync_core.task_model import Resolution


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
        intend: IntendCallback = lambda intent, result: None,
    ) -> SyncResult:
        """Sync one patient of one day; returns what was found out and done.

        ``keep`` is told each new state of the result, so that a failed sync still tells what is
        known. ``intend`` is told what is about to be committed and what the result will be; if it
        raises, nothing is committed. Raises the ``TaskError`` of the failure, or
        ``TaskCancelledError``.
        """
        request = SyncRequest(
            piz, day, appointment_type_id, dry_run, plan_token, expected_birth_date
        )
        run = SyncRun(
            request,
            control or RunControl(SYNC_SECONDS),
            progress,
            keep,
            intend,
            SyncResult(request),
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
        return self._fetch(silent_run(request, control))

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
        return self._write(silent_run(patient_data, control), appointments)

    def resolve(
        self,
        stored: Mapping[str, Any],
        control: RunControl,
        later: Callable[[], Sequence[Mapping[str, Any]]] = tuple,
    ) -> Resolution:
        """What became of a stored intent, whose commit was sent and not answered.

        ``later`` tells the intents recorded since. All is read under the patient's lock, which
        waits for whatever may still be under way, so none is missed. Raises ``TaskError`` when
        SQLHK cannot be asked.
        """
        intent = Intent.from_json(stored)

        def compare(transaction: RegistryTransaction) -> Resolution:
            if refuted(intent, map(Intent.from_json, later())):
                return Resolution("not_written")
            rows = {place: transaction.row(*place) for place in intent.rows()}
            return resolve(intent, rows)

        reading = UnitOfWork(lock_name(intent.piz), compare, None)
        return run_unit(reading, self._sqlhk, control, self._log)

    # CallDoc

    def _fetch(self, run: SyncRun) -> PatientDay:
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

    def _know_calldoc(self, run: SyncRun, known: PatientDay) -> None:
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

    def _write(self, run: SyncRun, patient_day: PatientDay) -> SyncResult:
        searched, expected = patient_day.searched, run.request.expected_birth_date
        # Further entries with the same number say as much about the birth date as the first.
        others = [*(item.person for item in patient_day.selection.taken), *patient_day.patients[1:]]
        person = merge_person(run.request.piz, searched, others)
        run.progress("match", 40, "Patient und Untersuchungen werden verglichen")
        self._log.info("stage=match")
        try:
            run.warn(*check_calldoc_birth_dates(searched, others, expected))
        except PatientMismatchError:
            run.know(mismatch=mismatch_of(run.request, patient_day, None))
            raise
        started = time.monotonic()
        try:
            done = self._in_sqlhk(run, patient_day, person)
        finally:
            run.spent("sqlhk", started)
        run.result = known_done(run, patient_day, done)
        run.keep(run.result)
        return run.result

    def _in_sqlhk(self, run: SyncRun, patient_day: PatientDay, person: Person) -> Done:
        request = run.request
        warnings = tuple(run.warnings)

        def plan_in(transaction: RegistryTransaction) -> Plan:
            run.warnings[:] = warnings  # a repeated attempt finds its own
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
            if done.changes:
                run.intend(Intent(request.piz, done.changes), known_done(run, patient_day, done))

        name = lock_name(request.piz)
        if request.dry_run:
            reading = UnitOfWork(name, plan_in, None)
            return preview(run_unit(reading, self._sqlhk, run.control, self._log))
        writing = UnitOfWork(name, carry_out_in, before_commit)
        try:
            return self._committed(run, writing)
        except (TaskError, TaskCancelledError) as error:
            unknown = patient_day.selection.failed_lines(OutcomeUnknownError.code)
            if run.result.lines == unknown and not isinstance(error, OutcomeUnknownError):
                run.know(lines=patient_day.selection.failed_lines("not_written"))
            raise

    def _committed(self, run: SyncRun, writing: UnitOfWork[Done]) -> Done:
        """Carry out and commit; when the commit's answer is lost, ask what became of it."""
        done: list[Done] = []

        def note(transaction: RegistryTransaction) -> Done:
            done[:] = [writing.steps(transaction)]
            return done[0]

        try:
            return run_unit(replace(writing, steps=note), self._sqlhk, run.control, self._log)
        except OutcomeUnknownError as error:
            self._log.warning("the commit was not answered; SQLHK is asked what became of it")
            intent = Intent(run.request.piz, done[0].changes).as_json()
            with linked(run.control) as control:
                try:
                    resolution = self.resolve(intent, control)
                except SyncGuiError:
                    raise error from None
            self._log.info("the outcome is known: %s", resolution.outcome)
            if resolution.outcome == "undecided":
                raise
            if resolution.outcome == "not_written":
                run.control.commit_refused()
                raise SqlhkUnavailableError(
                    "Die Verbindung zu SQLHK riss beim Speichern ab; es wurde nichts geschrieben."
                ) from error
            run.control.commit_done()
            run.warn(*resolution.warnings)
            return done[0]

    def _plan(
        self,
        run: SyncRun,
        patient_day: PatientDay,
        person: Person,
        transaction: RegistryTransaction,
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
            run.know(mismatch=mismatch_of(request, patient_day, decision.row))
            raise
        if decision.row is not None:
            run.know(patient_found=True, patient_id=decision.row.patient_id)
        try:
            tables = transaction.mapping_tables()
            run.name_keys(registry_names(tables))
            mapped = map_taken(selection.taken, tables, self._mapping)
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
        except (AppointmentsNotMappedError, ExaminationsNotAssignedError) as error:
            run.know(lines=selection.failed_lines(error.code, error.guilty))
            raise
        run.warn(*plan.warnings)
        return plan
