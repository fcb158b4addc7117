"""Syncs a whole day from CallDoc to SQLHK: CallDoc, then patients, then examinations.

Usable from a script, a test or a task alike: no Qt, no Flask, no plugin. What is wrong with one
appointment stops nothing else; an answer of CallDoc that fails or cannot be understood ends the
whole before anything was written. There is no transaction around a day: what was done is told,
also when the day is stopped or the gateway dies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Literal

from mssql_api_client import MsSqlApiClient
from patient_synchronizer import PatientSynchronizer
from sync_core.appointments import Appointment, UnreadableAppointment, read_appointment
from sync_core.day_examinations import GroupRefusedError, groups_of, match_group
from sync_core.day_patients import DayPatient
from sync_core.day_result import DayResult, ExaminationSyncResult, distinct_warnings
from sync_core.day_selection import DayScope, DaySelection, StatusFilter, select_day
from sync_core.identity import RegistryPatient
from sync_core.mapping import MappingTables, mapped_types
from sync_core.obsolete import DeletionPolicy
from sync_core.registry_rows import RegistryExamination
from sync_core.run_control import RunControl
from sync_core.settings import MappingSettings
from untersuchung_synchronizer import UntersuchungSynchronizer

if TYPE_CHECKING:
    from calldoc_interface import CallDocInterface

CallDocFactory = Callable[..., "CallDocInterface"]
ProgressCallback = Callable[[str, int, str], None]
KeepCallback = Callable[[DayResult], None]

ALL_TYPES: Literal["all"] = "all"
"""Every CallDoc type that SQLHK maps to a kind of examination."""
DEFAULT_TYPES: frozenset[int] = frozenset({24, 25})
DAY_SECONDS = 600.0
"""How long a day may take when the caller hands in no control."""

_PATIENTS_FROM, _PATIENTS_TO, _EXAMINATIONS_TO = 20, 50, 95  # percent

_log = logging.getLogger("sync_gui.day_sync")


@dataclass(frozen=True)
class _Ground:
    """What was read before anything is written."""

    scope: DayScope
    tables: MappingTables
    selection: DaySelection
    rows: tuple[RegistryExamination, ...]
    rows_before: frozenset[RegistryExamination] | None
    today: Callable[[], date]


class DaySynchronizer:
    """The synchronizer with what it works with.

    ``calldoc(from_date, to_date, control=…)`` makes a CallDoc client; ``client`` is the gateway;
    ``mapping`` the values of new rows; ``today`` tells the calendar day in Germany.
    """

    def __init__(
        self,
        calldoc: CallDocFactory,
        client: MsSqlApiClient,
        mapping: MappingSettings,
        today: Callable[[], date],
    ) -> None:
        self._calldoc = calldoc
        self._client = client
        self._mapping = mapping
        self._today = today

    def sync(
        self,
        day: date,
        types: Collection[int] | Literal["all"] = DEFAULT_TYPES,
        *,
        status_filter: StatusFilter = StatusFilter.SMART,
        delete_obsolete: DeletionPolicy | None = None,
        progress: ProgressCallback = lambda stage, percent, message: None,
        keep: KeepCallback = lambda result: None,
        control: RunControl | None = None,
    ) -> DayResult:
        """Sync one day; returns what was found out and done.

        ``progress`` is told (stage, percent, German message) at each step and each appointment,
        ``keep`` each new state of the result, so that a day that is stopped or fails still tells
        what was done. Raises ``CallDocUnavailableError`` and ``CallDocError`` (nothing was
        written), ``SqlhkUnavailableError`` and ``SqlhkError`` when SQLHK cannot be read,
        ``TaskCancelledError`` and the deadline's errors. What fails for one patient or one
        appointment is counted and does not raise.
        """
        control = control or RunControl(DAY_SECONDS)
        run = _DayRun(self._client.with_control(control), self._mapping, control, progress, keep)
        tables = run.client.get_mapping_tables()
        wanted = mapped_types(tables.kinds) if types == ALL_TYPES else frozenset(types)
        scope = DayScope(day, wanted, self._today())
        run.know(DayResult(day, tuple(sorted(wanted))))
        # What somebody adds while CallDoc answers may belong to an appointment that is not in it.
        before = frozenset(run.client.get_untersuchungen_by_date(day)) if delete_obsolete else None
        progress("calldoc", 5, "CallDoc wird gefragt")
        # CallDoc's own filter would hide an appointment whose type cannot be read, and nothing
        # would protect that patient's examination then.
        only = {"appointment_type_id": min(wanted)} if len(wanted) == 1 else {}
        listed = self._ask(day, {} if delete_obsolete else only, control)
        selection = select_day(scope, listed, status_filter)
        run.know(
            replace(
                run.result,
                appointments=selection,
                warnings=distinct_warnings(selection.warnings),
            )
        )
        _log.info("day taken=%d left_out=%d", len(selection.taken), len(selection.left_out))
        progress("match", 15, "Vorhandene Untersuchungen werden gelesen")
        rows = run.client.get_untersuchungen_by_date(day)
        ground = _Ground(scope, tables, selection, tuple(rows), before, self._today)
        run.patients(ground)
        run.examinations(ground, delete_obsolete)
        progress("done", 100, "Der Tag ist übertragen")
        return run.result

    def _ask(
        self, day: date, filters: Mapping[str, int], control: RunControl
    ) -> list[Appointment | UnreadableAppointment]:
        """CallDoc's answer in one call, so that all of it is of one moment.

        What it counts but does not list is an appointment that cannot be read.
        """
        client = self._calldoc(day.isoformat(), day.isoformat(), control=control)
        answer = client.appointment_search(**filters)
        listed = [read_appointment(raw) for raw in answer["data"]]
        if _counts_more(answer.get("count"), len(listed)):
            listed.append(UnreadableAppointment(None, None, None, "not listed"))
        return listed


def _counts_more(count: object, listed: int) -> bool:
    """Whether CallDoc speaks of appointments that its list does not hold."""
    return isinstance(count, int) and not isinstance(count, bool) and count > listed


class _DayRun:
    """One day under way: what is known so far, and who is told of it."""

    def __init__(
        self,
        client: MsSqlApiClient,
        mapping: MappingSettings,
        control: RunControl,
        progress: ProgressCallback,
        keep: KeepCallback,
    ) -> None:
        self.client = client
        self.result: DayResult
        self._mapping = mapping
        self._control = control
        self._progress = progress
        self._keep = keep

    def know(self, result: DayResult) -> None:
        """The result is this by now."""
        self.result = result
        self._keep(result)

    def patients(self, ground: _Ground) -> None:
        """Find, link or create the patients."""
        synchronizer = PatientSynchronizer(
            self.client,
            control=self._control,
            progress=self._teller("Patient", _PATIENTS_FROM, _PATIENTS_TO),
            keep=lambda patients: self.know(replace(self.result, patients=patients)),
            before_writing=partial(self._see_that_it_leads_somewhere, ground),
        )
        synchronizer.synchronize_patients_from_appointments(ground.selection.taken)

    def examinations(self, ground: _Ground, delete_obsolete: DeletionPolicy | None) -> None:
        """Create, change and delete the examinations."""
        synchronizer = UntersuchungSynchronizer(
            self.client,
            ground.scope,
            self._mapping,
            tables=ground.tables,
            control=self._control,
            progress=self._teller("Termin", _PATIENTS_TO, _EXAMINATIONS_TO),
            keep=self._know_examinations,
            today=ground.today,
        )
        synchronizer.synchronize_appointments(
            ground.selection.taken,
            ground.rows,
            delete_obsolete=delete_obsolete,
            patients=self.result.patients,
            left_out=ground.selection.left_out,
            rows_before=ground.rows_before,
        )

    def _know_examinations(self, found: ExaminationSyncResult) -> None:
        warnings = distinct_warnings((*self.result.warnings, *found.warnings))
        self.know(replace(self.result, untersuchungen=found, warnings=warnings))

    def _teller(self, word: str, start: int, end: int) -> Callable[[int, int], None]:
        def tell(done: int, total: int) -> None:
            percent = start + (end - start) * done // max(total, 1)
            self._progress("write", percent, f"{word} {done} von {total}")

        return tell

    def _see_that_it_leads_somewhere(
        self, ground: _Ground, patient: DayPatient, row: RegistryPatient | None
    ) -> None:
        """Refuse a patient none of whose appointments can become an examination."""
        key = None if row is None else row.patient_id
        rows = [item.row for item in ground.rows if item.row.patient_id == key]
        refusals: list[GroupRefusedError] = []
        for group in groups_of(patient.appointments):
            try:
                match_group(group, ground.tables, self._mapping, rows)
            except GroupRefusedError as refusal:
                refusals.append(refusal)
            else:
                return
        raise refusals[0].error
