"""One transaction in SQLHK: the questions, the narrow writes, and the proof of their scope."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from sqlalchemy import Connection

from plugins.single_patient.registry_names import joined_name
from plugins.single_patient.sqlhk_dialect import SqlhkDialect
from plugins.single_patient.statement_guard import allow_writing
from sync_core.errors import ConflictError, ScopeViolationError
from sync_core.identity import NewPatient, RegistryPatient
from sync_core.mapping import ExaminationValues, MappingRow, MappingTables
from sync_core.matching import ExaminationRow
from sync_core.run_control import RunControl


def lock_name(piz: int) -> str:
    """The name of the patient's lock: the same on every machine, for every day and type.

    A hash, because the first characters of a lock's name can be read by others.
    """
    return "sync_gui/" + hashlib.sha256(f"sync_gui patient {piz}".encode()).hexdigest()


class RegistryTransaction:
    """SQLHK for one patient, inside one open transaction that holds the patient's lock.

    Each method is one statement; it asks ``control`` first, so nothing is sent after the
    deadline. Writing methods raise ``ConflictError`` when the row is not what was read, and
    ``ScopeViolationError`` when another row was touched.
    """

    def __init__(
        self,
        connection: Connection,
        dialect: SqlhkDialect,
        control: RunControl,
        logger: logging.Logger,
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self._control = control
        self._log = logger
        self._watch: object = None
        self._writing = False
        self._touched = 0

    def patients_with_number(self, number: int) -> list[RegistryPatient]:
        """The patients whose M1Ziffer is the number."""
        return self._patients("patients_with_number", {"number": number})

    def patients_born_in(self, year: int) -> list[RegistryPatient]:
        """The patients whose birth date holds the year; the day is compared by the caller."""
        return self._patients("patients_born_in_year", {"year": f"%{year:04d}%"})

    def examinations_of(self, patient_id: int) -> list[ExaminationRow]:
        """All examinations of the patient, whatever their day."""
        rows = self._read("examinations_of_patient", {"patient_id": patient_id})
        return [ExaminationRow(*row) for row in rows]

    def mapping_tables(self) -> MappingTables:
        """The three mapping tables with their names, whole: they are small."""
        return MappingTables(
            kinds=self._mapping_rows("kinds"),
            rooms=self._mapping_rows("rooms"),
            doctors=self._mapping_rows("doctors"),
        )

    def row(self, table: str, key: int) -> Mapping[str, Any] | None:
        """A row of Patient or Untersuchung by its key, with the columns of a new row."""
        name = {"Patient": "patient_row", "Untersuchung": "examination_row"}[table]
        rows = self._read(name, {"key": key})
        return rows[0]._mapping if rows else None

    def begin_writing(self) -> None:
        """From now on rows may be written; never called in a dry run."""
        self._control.check()
        self._watch = self._dialect.begin_watch(self._connection)
        allow_writing(self._connection)
        self._writing = True

    def insert_patient(self, row: NewPatient) -> int:
        """Create the patient; returns its key."""
        return self._insert("insert_patient", _new(vars(row)))

    def link_patient(self, patient_id: int, number: int) -> None:
        """Give a patient without a number its number."""
        self._update("link_patient", patient_id, {"new_M1Ziffer": number})

    def insert_examination(self, values: ExaminationValues, patient_id: int) -> int:
        """Create an examination of the patient; returns its key."""
        return self._insert("insert_examination", _new(values.columns(patient_id)))

    def update_examination(self, row: ExaminationRow, values: ExaminationValues) -> None:
        """Change lab and doctor of an examination that is still what was read."""
        self._update(
            "update_examination",
            row.untersuchung_id,
            {
                "patient_id": row.patient_id,
                "old_Datum": row.day_text,
                "old_UntersuchungartID": row.kind_id,
                "old_HerzkatheterID": row.lab_id,
                "old_UntersucherAbrechnungID": row.doctor_id,
                "new_HerzkatheterID": values.lab_id,
                "new_UntersucherAbrechnungID": values.doctor_id,
            },
        )

    def prove_scope(self) -> None:
        """Compare what the database counted with the rows that were meant to be touched."""
        if not self._writing:
            return
        changed = self._dialect.rows_changed(self._connection, self._watch)
        if changed is not None and changed != self._touched:
            self._violated("transaction", abs(changed - self._touched))

    def _mapping_rows(self, name: str) -> list[MappingRow]:
        return [
            MappingRow(key, calldoc, joined_name(parts))
            for key, calldoc, *parts in self._read(name, {})
        ]

    def _patients(self, name: str, parameters: Mapping[str, Any]) -> list[RegistryPatient]:
        return [RegistryPatient(*row) for row in self._read(name, parameters)]

    def _read(self, name: str, parameters: Mapping[str, Any]) -> list[Any]:
        self._control.check()
        statement = self._dialect.statements[name]
        rows = self._connection.execute(statement.clause, parameters).fetchall()
        self._log.debug("read %s: %d rows", statement.table, len(rows))
        return list(rows)

    def _insert(self, name: str, parameters: Mapping[str, Any]) -> int:
        keys = self._write(name, parameters)
        if len(keys) != 1 or keys[0] is None:
            self._violated(name, max(0, len(keys) - 1))
        return int(keys[0])

    def _update(self, name: str, key: int, parameters: Mapping[str, Any]) -> None:
        keys = self._write(name, {"key": key, **parameters})
        foreign = [touched for touched in keys if touched != key]
        if foreign or len(keys) > 1:
            self._violated(name, max(len(foreign), len(keys) - 1))
        if not keys:
            raise ConflictError

    def _write(self, name: str, parameters: Mapping[str, Any]) -> list[Any]:
        self._control.check()
        statement = self._dialect.statements[name]
        result = self._connection.execute(statement.clause, parameters)
        keys = [row[0] for row in result.fetchall()]
        self._touched += len(keys)
        self._log.info(
            "wrote statement=%s table=%s keys=%s rows=%d", name, statement.table, keys, len(keys)
        )
        return keys

    def _violated(self, where: str, rows: int) -> NoReturn:
        self._log.error("scope violated by %s: %d rows outside", where, rows)
        raise ScopeViolationError(rows_outside=rows)


def _new(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in columns.items()}
