"""Brings a day's appointments into SQLHK as examinations, through the SQL gateway.

Mapping, same examination and matching are the rules of :mod:`sync_core`, the same as in a
single-patient sync, and so is every refusal. Nothing is written on a guess. Obsolete examinations
are deleted only under the guards of :mod:`sync_core.obsolete`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date

from mssql_api_client import MsSqlApiClient
from patient_synchronizer import PatientSynchronizer
from sync_core.appointments import Appointment
from sync_core.day_evidence import evidence_of
from sync_core.day_examinations import (
    Group,
    GroupRefusedError,
    failed_line,
    groups_of,
    match_group,
    refused_lines,
    same_lines,
    with_keys,
)
from sync_core.day_patients import NO_NUMBER, DayPatient
from sync_core.day_result import (
    ExaminationLine,
    ExaminationSyncResult,
    PatientLine,
    PatientSyncResult,
    distinct_warnings,
    outcome_of,
)
from sync_core.day_selection import DayScope, LeftOut
from sync_core.errors import (
    DeadlineExceededError,
    InterruptedTaskError,
    PatientNotFoundError,
    SqlhkError,
    SqlhkUnavailableError,
    TaskError,
)
from sync_core.gateway_patience import GatewayPatience
from sync_core.german import by_number, counted
from sync_core.identity import RegistryPatient
from sync_core.mapping import ExaminationValues, MappingTables
from sync_core.matching import ExaminationRow, Pair, Wanted
from sync_core.obsolete import (
    DeletionPolicy,
    Evidence,
    Obsolete,
    judge_obsolete,
    obsolete_warnings,
)
from sync_core.obsolete_deletion import delete_rows
from sync_core.registry_rows import RegistryExamination
from sync_core.run_control import RunControl
from sync_core.settings import MappingSettings
from sync_core.task_model import TaskWarning

EXAMINATION_SECONDS = 600.0
"""How long a whole day's examinations may take when the caller hands in no control."""

_log = logging.getLogger("sync_gui.day_sync")


@dataclass
class _Run:
    """One call under way: what is known, and what has been done so far."""

    tables: MappingTables
    patients: Mapping[int | None, PatientLine]
    rows: Mapping[int, RegistryExamination]
    lines: list[ExaminationLine] = field(default_factory=list)
    warnings: list[TaskWarning] = field(default_factory=list)
    assigned: set[int] = field(default_factory=set)
    created: dict[int, tuple[int, ExaminationValues]] = field(default_factory=dict)
    obsolete: Obsolete = field(default_factory=Obsolete)
    patience: GatewayPatience = field(default_factory=GatewayPatience)

    def rows_of(self, patient_id: int) -> list[ExaminationRow]:
        return [item.row for item in self.rows.values() if item.row.patient_id == patient_id]

    def result(self) -> ExaminationSyncResult:
        return ExaminationSyncResult(
            tuple(self.lines), self.obsolete, distinct_warnings(self.warnings)
        )


class UntersuchungSynchronizer:
    """The synchronizer with what it works with.

    ``scope`` is the day and the types that were asked for, ``mapping`` the values of new rows,
    ``tables`` SQLHK's mapping tables (read when not given). ``control`` is deadline and stop
    request: asked between two patients. ``progress`` is told (appointments done, of how many);
    ``keep`` is told each new state of the result, also of a run that is stopped or fails.
    ``today`` is asked again before each deletion, because a day may begin while it is synced.
    """

    def __init__(
        self,
        client: MsSqlApiClient,
        scope: DayScope,
        mapping: MappingSettings,
        *,
        tables: MappingTables | None = None,
        control: RunControl | None = None,
        progress: Callable[[int, int], None] = lambda done, total: None,
        keep: Callable[[ExaminationSyncResult], None] = lambda result: None,
        today: Callable[[], date] | None = None,
    ) -> None:
        self._control = control or RunControl(EXAMINATION_SECONDS)
        self._client = client.with_control(self._control)
        self._scope = scope
        self._mapping = mapping
        self._tables = tables
        self._progress = progress
        self._keep = keep
        self._today = today or (lambda: scope.today)

    def synchronize_appointments(
        self,
        appointments: Sequence[Appointment],
        untersuchungen: Sequence[RegistryExamination],
        *,
        delete_obsolete: DeletionPolicy | None = None,
        patients: PatientSyncResult | None = None,
        left_out: Sequence[LeftOut] = (),
        rows_before: AbstractSet[RegistryExamination] | None = None,
    ) -> ExaminationSyncResult:
        """Create and change examinations; delete obsolete ones where that is asked for.

        ``appointments`` are those that were taken, ``untersuchungen`` all of the day in SQLHK,
        ``patients`` what the patients' sync came to (without it they are looked up, and nobody is
        created), ``left_out`` the appointments that were not taken: their patients' examinations
        are not obsolete unless they were cancelled, ``rows_before`` the examinations as
        they were before CallDoc was asked: its answer says nothing about later ones. Raises
        ``ValueError`` for appointments outside the scope, and otherwise as
        :class:`PatientSynchronizer` does.
        """
        for item in appointments:
            if item.day != self._scope.day or item.type_id not in self._scope.types:
                raise ValueError(f"appointment {item.appointment_id} is not of this day and type")
        if patients is None:
            patients = self._look_up(appointments)
        run = _Run(
            self._tables or self._client.get_mapping_tables(),
            {line.piz: line for line in patients.details},
            {item.row.untersuchung_id: item for item in untersuchungen},
        )
        try:
            self._warn_of_unreadable_dates(run)
            self._carry_over(run, appointments)
            self._learn_keys(run)
            scope = replace(self._scope, today=max(self._scope.today, self._today()))
            evidence = evidence_of(
                scope, run.tables, appointments, run.lines, left_out, rows_before=rows_before
            )
            self._delete_obsolete(run, evidence, delete_obsolete)
        finally:
            result = run.result()
            self._keep(result)
        _log.info(
            "examinations inserted=%d updated=%d unchanged=%d deleted=%d skipped=%d errors=%d",
            result.inserted,
            result.updated,
            result.unchanged,
            result.deleted,
            result.skipped,
            result.errors,
        )
        return result

    # Creating and changing

    def _look_up(self, appointments: Sequence[Appointment]) -> PatientSyncResult:
        def refuse(patient: DayPatient, row: RegistryPatient | None) -> None:
            raise PatientNotFoundError("Der Patient steht mit dieser Nummer nicht in SQLHK.")

        finder = PatientSynchronizer(self._client, control=self._control, before_writing=refuse)
        return finder.synchronize_patients_from_appointments(appointments)

    def _warn_of_unreadable_dates(self, run: _Run) -> None:
        ids = [line.patient_id for line in run.patients.values() if line.patient_id is not None]
        keys = self._client.get_unreadable_untersuchungen(ids)
        if keys:
            shown = ", ".join(map(str, keys[:5])) + (", …" if len(keys) > 5 else "")
            run.warnings.append(
                TaskWarning(
                    "date_unreadable",
                    f"{counted(len(keys), 'Untersuchung', 'Untersuchungen')} der Patienten dieses "
                    f"Tages {by_number(len(keys), 'hat', 'haben')} kein lesbares Datum "
                    f"(UntersuchungID {shown}).",
                )
            )

    def _carry_over(self, run: _Run, appointments: Sequence[Appointment]) -> None:
        run.lines += [
            ExaminationLine(item.appointment_id, None, "skipped", code=NO_NUMBER)
            for item in appointments
            if item.piz is None
        ]
        for group in groups_of(appointments):
            self._control.check()
            self._group(run, group)
            self._keep(run.result())
            self._progress(len(run.lines), len(appointments))

    def _group(self, run: _Run, group: Group) -> None:
        patient = run.patients.get(group.piz)
        if patient is None or patient.patient_id is None:
            run.lines += self._unresolved(run, group, patient)
            return
        patient_id = patient.patient_id
        try:
            matched = match_group(group, run.tables, self._mapping, run.rows_of(patient_id))
        except GroupRefusedError as refusal:
            run.lines += refused_lines(group, refusal)
            return
        run.warnings += matched.warnings
        same_as = matched.matching.same_as
        run.assigned |= {pair.row.untersuchung_id for pair in matched.matching.pairs}
        items = {item.appointment_id: item for item in group.appointments}
        lines: list[ExaminationLine] = []
        try:
            for pair in matched.matching.pairs:
                lines.append(self._pair(run, items[pair.wanted.appointment_id], pair))
            for wanted in matched.matching.new:
                lines.append(self._new(run, items[wanted.appointment_id], wanted, patient_id))
            lines += same_lines(same_as, lines)
        finally:
            run.lines += lines
            run.created |= {
                item: run.created[other] for item, other in same_as.items() if other in run.created
            }

    def _unresolved(
        self, run: _Run, group: Group, patient: PatientLine | None
    ) -> list[ExaminationLine]:
        """The lines of appointments whose patient is not known, with the patient's reason."""
        code = (patient.code if patient else None) or SqlhkUnavailableError.code
        try:
            match_group(group, run.tables, self._mapping, ())
        except GroupRefusedError as refusal:
            if refusal.error.code == code:  # the appointments are why nobody was created
                return refused_lines(group, refusal)
        message = patient.message if patient else None
        return [
            ExaminationLine(
                item.appointment_id, item.piz, outcome_of(code), code=code, message=message
            )
            for item in group.appointments
        ]

    def _pair(self, run: _Run, item: Appointment, pair: Pair) -> ExaminationLine:
        key = pair.row.untersuchung_id
        line = ExaminationLine(item.appointment_id, item.piz, "unchanged", key)
        if not pair.differs:
            return line
        values = pair.wanted.values
        changes = {"HerzkatheterID": values.lab_id, "UntersucherAbrechnungID": values.doctor_id}
        try:
            with run.patience:
                self._client.update_untersuchung(key, changes, expected=run.rows[key])
        except (DeadlineExceededError, InterruptedTaskError):
            raise  # everybody's, not this appointment's; nothing was sent
        except TaskError as error:
            return replace(failed_line(item, error), untersuchung_id=key)
        return replace(line, outcome="updated")

    def _new(
        self, run: _Run, item: Appointment, wanted: Wanted, patient_id: int
    ) -> ExaminationLine:
        try:
            with run.patience:
                self._client.insert_untersuchung(wanted.values.columns(patient_id))
        except (DeadlineExceededError, InterruptedTaskError):
            raise  # as above
        except TaskError as error:
            return failed_line(item, error)
        run.created[item.appointment_id] = (patient_id, wanted.values)
        return ExaminationLine(item.appointment_id, item.piz, "inserted")

    def _learn_keys(self, run: _Run) -> None:
        """Read the day again, once for all new rows, and see that each is there once."""
        if not run.created:
            return
        try:
            found = self._client.get_untersuchungen_by_date(self._scope.day)
        except (SqlhkError, SqlhkUnavailableError):
            # They were created, the gateway said so; only the keys stay unknown.
            run.warnings.append(
                TaskWarning(
                    "keys_unknown", "Die neuen Untersuchungen ließen sich nicht mehr nachlesen."
                )
            )
            return
        run.lines = with_keys(run.lines, run.created, [item.row for item in found])

    # Deleting

    def _delete_obsolete(
        self, run: _Run, evidence: Evidence, policy: DeletionPolicy | None
    ) -> None:
        rows = list(run.rows.values())
        patient_ids = {
            item.row.patient_id
            for item in rows
            if item.row.kind_id in evidence.kinds and item.row.untersuchung_id not in run.assigned
        }
        patients = {row.patient_id: row for row in self._client.get_patients_by_id(patient_ids)}
        run.obsolete = judge_obsolete(
            rows,
            evidence,
            self._mapping,
            assigned=run.assigned,
            patients=patients,
            policy=policy,
        )
        run.warnings += obsolete_warnings(run.obsolete)
        if policy is not None:
            self._delete(run, patients, policy)

    def _delete(
        self, run: _Run, patients: Mapping[int, RegistryPatient], policy: DeletionPolicy
    ) -> None:
        decided: set[int | None] = set()
        for line in delete_rows(
            run.obsolete,
            patients,
            policy,
            client=self._client,
            patience=run.patience,
            control=self._control,
            is_future=lambda: self._today() < self._scope.day,
        ):
            run.lines.append(line)
            decided.add(line.untersuchung_id)
            self._keep(run.result())
        run.obsolete = run.obsolete.begun(decided)
        run.warnings += obsolete_warnings(run.obsolete)
