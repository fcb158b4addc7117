"""Deletes what the rules allow, row by row, each written down whole before it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from sync_core.day_result import ExaminationLine
from sync_core.errors import (
    DeadlineExceededError,
    JournalError,
    JournalUnavailableError,
    TaskError,
)
from sync_core.gateway_patience import GatewayPatience
from sync_core.identity import RegistryPatient
from sync_core.obsolete import DeletionPolicy, Obsolete
from sync_core.registry_rows import RegistryExamination
from sync_core.run_control import RunControl


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
) -> Iterator[ExaminationLine]:
    """Delete ``obsolete.to_delete``; yields a line for each row as soon as its fate is known.

    A row that the journal does not take, or that somebody changed meanwhile, stays and is an
    error. Raises what ``control.check`` raises, between two rows.
    """
    for row in obsolete.to_delete:
        control.check()
        key = row.row.untersuchung_id
        line = ExaminationLine(None, patients[row.row.patient_id].number, "deleted", key)
        try:
            policy.record(row.columns())
            with patience:
                client.delete_untersuchung(key, expected=row)
        except DeadlineExceededError:
            raise  # everybody's, not this row's; nothing was sent
        except JournalError:
            line = _failed(line, JournalUnavailableError())
        except TaskError as error:
            line = _failed(line, error)
        yield line


def _failed(line: ExaminationLine, error: TaskError) -> ExaminationLine:
    return replace(line, outcome="error", code=error.code, message=error.message)
