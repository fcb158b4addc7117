"""Deletes what the rules allow, row by row, each written down whole before it goes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from sync_core.day_result import ExaminationLine
from sync_core.errors import (
    DeadlineExceededError,
    InterruptedTaskError,
    JournalError,
    JournalUnavailableError,
    TaskCancelledError,
    TaskError,
)
from sync_core.gateway_patience import GatewayPatience
from sync_core.identity import RegistryPatient
from sync_core.obsolete import DeletionPolicy, Obsolete
from sync_core.registry_rows import RegistryExamination
from sync_core.run_control import RunControl

_NOT_RECORDED = (
    "Das Journal konnte nicht geschrieben werden; die Untersuchung wurde nicht gelöscht."
)

_log = logging.getLogger("sync_gui.day_sync")


class DeletingClient(Protocol):
    """What deletes a row that is still what was read, or raises a ``TaskError``."""

    def delete_untersuchung(self, id: int, *, expected: RegistryExamination) -> None:  # noqa: A002 - a given name
        """Delete the row with the key ``id``."""


def delete_rows(
    obsolete: Obsolete,
    patients: Mapping[int, RegistryPatient],
    policy: DeletionPolicy,
    *,
    client: DeletingClient,
    patience: GatewayPatience,
    control: RunControl,
    is_future: Callable[[], bool],
) -> Iterator[ExaminationLine]:
    """Delete ``obsolete.to_delete``; yields a line for each row as soon as its fate is known.

    A row that the journal does not take, or that somebody changed meanwhile, stays and is an
    error; what was recorded of it is taken back. ``is_future`` is asked before each row: from the
    day's first moment on the rest stays and has no line. Raises what ``control.check`` raises,
    between two rows.
    """
    for row in obsolete.to_delete:
        control.check()
        if not is_future():
            return
        key = row.row.untersuchung_id
        line = ExaminationLine(None, patients[row.row.patient_id].number, "deleted", key)
        try:
            policy.record(row.columns())
        except (JournalError, JournalUnavailableError):
            # It may stand in the book all the same, if only its anchor could not be written.
            _take_back(policy, row, JournalUnavailableError.code)
            yield _failed(line, JournalUnavailableError(_NOT_RECORDED))
            continue
        try:
            with patience:
                client.delete_untersuchung(key, expected=row)
        except (DeadlineExceededError, InterruptedTaskError, TaskCancelledError) as error:
            # Everybody's, not this row's; nothing was sent.
            _take_back(policy, row, getattr(error, "code", "cancelled"))
            raise
        except TaskError as error:
            _take_back(policy, row, error.code)
            line = _failed(line, error)
        yield line


def _take_back(policy: DeletionPolicy, row: RegistryExamination, code: str) -> None:
    try:
        policy.record_kept(row.columns(), code)
    except (JournalError, JournalUnavailableError):
        # The row is there, and its line says so; the record of it can be compared with it.
        _log.exception("a recorded deletion that failed could not be taken back")


def _failed(line: ExaminationLine, error: TaskError) -> ExaminationLine:
    return replace(line, outcome="error", code=error.code, message=error.message)
