"""The client of the HTTP SQL gateway, the day sync's way to SQLHK. The quirks end here.

Values are always sent as parameters. Looking up is done for a whole day at once, because every
call costs. What makes writing safe is in :mod:`sync_core.gateway_calls` (a write is never repeated
without a look) and :mod:`sync_core.registry_sql` (each statement says what it relies on).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from sync_core import registry_sql
from sync_core.errors import AmbiguousPatientError, ConflictError
from sync_core.gateway_answers import Row, UpsertAnswer
from sync_core.gateway_calls import GatewayCalls
from sync_core.http_calls import HttpCalls
from sync_core.identity import NewPatient, RegistryPatient
from sync_core.mapping import MappingRow, MappingTables, map_kind
from sync_core.registry_rows import (
    RegistryExamination,
    read_dated_key,
    read_examination,
    read_mapping_row,
    read_patient,
)
from sync_core.registry_sql import Query
from sync_core.run_control import RunControl

CONNECT_TIMEOUT, READ_TIMEOUT = 3.0, 20.0
MOST_KEYS = 500  # in one question; SQL Server takes 2,100 parameters
MOST_DAYS = 50  # each costs two patterns

_log = logging.getLogger("sync_gui.gateway")

Item = TypeVar("Item")


class MsSqlApiClient:
    """The gateway at ``base_url``.

    ``calls`` is the connection pool (one of its own by default), ``control`` deadline and stop
    request (by default a minute a call). Every method raises ``SqlhkUnavailableError`` or
    ``SqlhkError`` with a message that names the gateway, or what ``control.check`` raises; writing
    ones also ``ConflictError`` (the row is not what was read) and ``OutcomeUnknownError``.
    """

    def __init__(
        self,
        base_url: str,
        *,
        calls: HttpCalls | None = None,
        control: RunControl | None = None,
    ) -> None:
        self._base_url = base_url
        self._calls = calls or HttpCalls(connect_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)
        self._gateway = GatewayCalls(base_url, self._calls, control)

    def with_control(self, control: RunControl) -> MsSqlApiClient:
        """The same client, under this deadline and stop request."""
        return MsSqlApiClient(self._base_url, calls=self._calls, control=control)

    def close(self) -> None:
        """Close the kept connections, those of clients made by :meth:`with_control` too."""
        self._calls.close()

    # The gateway's two calls

    def execute_sql(
        self, query: str, database: str = "SQLHK", params: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """The rows of a question; an empty list for a statement that returns none.

        ``params`` fill the ``@name`` places of ``query``. A statement that is no SELECT is sent
        once; ``OutcomeUnknownError`` when the answer leaves open whether it was carried out.
        """
        statement = Query(query, params or {})
        if query.lstrip().upper().startswith("SELECT"):
            return list(self._gateway.read(statement, database))
        return list(self._gateway.execute(statement, database))

    def upsert_data(
        self,
        table: str,
        search_fields: Mapping[str, Any],
        update_fields: Mapping[str, Any],
        key_fields: Sequence[str],
        database: str = "SQLHK",
    ) -> UpsertAnswer:
        """Change the row with the values ``search_fields``, or add one with both lots of values.

        ``key_fields`` name the columns of the key. It overwrites whatever it finds, so the day
        sync itself never uses it. ``ValueError`` for names that are no identifiers.
        """
        return self._gateway.upsert(table, search_fields, update_fields, key_fields, database)

    # What the day sync asks

    def get_untersuchungen_by_date(self, date: date) -> list[RegistryExamination]:
        """All examinations of a day, however people typed its date."""
        rows = map(read_examination, self._gateway.read(registry_sql.examinations_on(date)))
        return [row for row in rows if row is not None and row.row.day == date]

    def get_patient_by_piz(self, piz: int) -> RegistryPatient | None:
        """The patient with this number. ``AmbiguousPatientError`` if there are several."""
        found = self.get_patients_by_piz([piz])
        if len(found) > 1:
            raise AmbiguousPatientError
        return found[0] if found else None

    def get_patients_by_piz(self, numbers: Iterable[int]) -> list[RegistryPatient]:
        """All patients with one of these numbers, in few calls."""
        return self._patients_with("M1Ziffer", numbers)

    def get_patients_by_id(self, patient_ids: Iterable[int]) -> list[RegistryPatient]:
        """All patients with one of these keys, in few calls."""
        return self._patients_with("PatientID", patient_ids)

    def get_patients_born_on(self, days: Iterable[date]) -> list[RegistryPatient]:
        """All patients born on one of these days, however people typed it, in few calls."""
        wanted = set(days)
        found: dict[int, RegistryPatient] = {}
        for part in _parts(sorted(wanted), MOST_DAYS):
            for row in map(read_patient, self._gateway.read(registry_sql.patients_born_on(part))):
                if row.birth_date in wanted:
                    found[row.patient_id] = row
        return list(found.values())

    def get_unreadable_untersuchungen(self, patient_ids: Iterable[int]) -> list[int]:
        """The keys of these patients' examinations whose date nobody can read."""
        return [
            key
            for part in _parts(sorted(set(patient_ids)), MOST_KEYS)
            for key, day in map(
                read_dated_key, self._gateway.read(registry_sql.dates_of_patients(part))
            )
            if day is None
        ]

    def get_untersuchungart_by_appointment_type(self, id: int) -> int:  # noqa: A002 - a given name
        """The kind of examination that this CallDoc type becomes.

        ``MappingMissingError`` when none or more than one maps it.
        """
        return map_kind(id, self._mapping("Untersuchungart", "UntersuchungartID"))[0]

    def get_mapping_tables(self) -> MappingTables:
        """The three mapping tables, whole: they are small."""
        return MappingTables(
            kinds=self._mapping("Untersuchungart", "UntersuchungartID"),
            rooms=self._mapping("Herzkatheter", "HerzkatheterID"),
            doctors=self._mapping("Untersucherabrechnung", "UntersucherAbrechnungID"),
        )

    # What the day sync writes

    def insert_patient(self, row: NewPatient) -> None:
        """Create a patient, unless the number is there by now. The key is read afterwards."""
        self._gateway.write(registry_sql.insert_patient(row))
        _log.info("inserted into table=Patient")

    def link_patient(self, patient_id: int, number: int) -> None:
        """Give a patient its number, if it still has none."""
        self._gateway.write(registry_sql.link_patient(patient_id, number))
        _log.info("updated table=Patient key=%d", patient_id)

    def insert_untersuchung(self, data: Mapping[str, Any]) -> None:
        """Create an examination from SQLHK's columns, unless the very same is there by now.

        Its key is learnt by reading the day again, once for all of them.
        """
        self._gateway.write(registry_sql.insert_examination(data))
        _log.info("inserted into table=Untersuchung PatientID=%s", data["PatientID"])

    def update_untersuchung(
        self,
        id: int,  # noqa: A002 - a given name
        data: Mapping[str, int],
        *,
        expected: RegistryExamination | None = None,
    ) -> None:
        """Change lab and doctor (no other column: ``ValueError``) of an examination.

        The row must be what ``expected`` says, by default what it is at this moment.
        """
        row = expected or self._examination(id)
        self._gateway.write(registry_sql.update_examination(row, data))
        _log.info("updated table=Untersuchung key=%d", id)

    def delete_untersuchung(
        self,
        id: int,  # noqa: A002 - a given name
        *,
        expected: RegistryExamination | None = None,
    ) -> None:
        """Delete an examination that is in every column what ``expected`` says (see update)."""
        row = expected or self._examination(id)
        self._gateway.write(registry_sql.delete_examination(row))
        _log.info("deleted from table=Untersuchung key=%d", id)

    def _patients_with(self, column: str, values: Iterable[int]) -> list[RegistryPatient]:
        return [
            read_patient(row)
            for part in _parts(sorted(set(values)), MOST_KEYS)
            for row in self._gateway.read(registry_sql.patients_with(column, part))
        ]

    def _mapping(self, table: str, key: str) -> list[MappingRow]:
        calldoc = registry_sql.MAPPED_BY[table]
        rows = self._gateway.read(registry_sql.mapping_table(table, key))
        return [read_mapping_row(row, key, calldoc) for row in rows]

    def _examination(self, key: int) -> RegistryExamination:
        rows = self._gateway.read(registry_sql.examination_with_key(key))
        found = read_examination(rows[0]) if len(rows) == 1 else None
        if found is None:
            raise ConflictError("Die Untersuchung gibt es in SQLHK nicht.")
        return found


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
