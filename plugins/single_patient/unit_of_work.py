"""Runs a unit of work in one SQLHK transaction, and repeats it whole where that is right.

After any failed statement the transaction is rolled back and the unit begins again from its first
question: a server that has already rolled back would open a new transaction at the next
statement, and a later commit would save only the second half.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from plugins.single_patient.sqlhk_dialect import SqlhkDialect
from plugins.single_patient.sqlhk_errors import Meaning, as_task_error, meaning_of, native_number
from plugins.single_patient.transaction import RegistryTransaction
from sync_core.errors import ConflictError, OutcomeUnknownError
from sync_core.run_control import CommitState, RunControl

COMMIT_RESERVE_SECONDS = 1.0
"""What must be left of a task's time when its commit is sent, so that its outcome is learnt."""

_MOST_RETRIES = {Meaning.BUSY: 20, Meaning.VICTIM: 20, Meaning.LOST: 1}
_PAUSE_SECONDS = (0.02, 0.2)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Sqlhk:
    """The registry: its engine and its dialect."""

    engine: Engine
    dialect: SqlhkDialect


@dataclass(frozen=True)
class UnitOfWork(Generic[Result]):
    """What is done in one transaction under one lock.

    ``steps`` may be called several times, each time in a fresh transaction. ``before_commit`` is
    told their result right before the commit is sent; None: the unit only reads, and its
    transaction is rolled back.
    """

    lock_name: str
    steps: Callable[[RegistryTransaction], Result]
    before_commit: Callable[[Result], None] | None


def run_unit(
    unit: UnitOfWork[Result], sqlhk: Sqlhk, control: RunControl, logger: logging.Logger
) -> Result:
    """Run the unit to its end; returns what its steps returned.

    It is repeated once after a conflict, and within the time for a lost connection, a deadlock
    or a lock. Raises ``TaskError`` and ``TaskCancelledError``; nothing was written then, except
    for ``OutcomeUnknownError``.
    """
    retries: Counter[Meaning] = Counter()
    conflicts = 0
    while True:
        control.check()
        try:
            return _attempt(unit, sqlhk, control, logger)
        except ConflictError:
            conflicts += 1
            if conflicts == 2:
                raise
            logger.warning("a row was changed meanwhile; everything is read again")
        except SQLAlchemyError as error:
            if control.commit_state is CommitState.SENT:
                logger.exception("the commit was sent and its answer never came")
                raise OutcomeUnknownError from error
            control.check()  # a deadline or stop request is the truer reason
            meaning = meaning_of(error)
            retries[meaning] += 1
            logger.warning(
                "SQLHK: %s %s (%s)", type(error).__name__, native_number(error), meaning.value
            )
            if retries[meaning] > _MOST_RETRIES.get(meaning, 0):
                raise as_task_error(error) from error
            control.pause(random.uniform(*_PAUSE_SECONDS))  # noqa: S311 - jitter, no secret


def _attempt(
    unit: UnitOfWork[Result], sqlhk: Sqlhk, control: RunControl, logger: logging.Logger
) -> Result:
    with sqlhk.engine.connect() as connection:
        try:
            return _in_transaction(unit, sqlhk.dialect, connection, control, logger)
        except BaseException:
            _roll_back(connection)
            raise


def _in_transaction(
    unit: UnitOfWork[Result],
    dialect: SqlhkDialect,
    connection: Connection,
    control: RunControl,
    logger: logging.Logger,
) -> Result:
    with control.abortable(dialect.interrupter(connection)):
        dialect.lock(connection, unit.lock_name, control)
        transaction = RegistryTransaction(connection, dialect, control, logger)
        result = unit.steps(transaction)
        transaction.prove_scope()
    if unit.before_commit is None:
        connection.rollback()
    else:
        unit.before_commit(result)
        dialect.commit(connection, control, COMMIT_RESERVE_SECONDS)
    return result


def _roll_back(connection: Connection) -> None:
    """Undo; what ended the attempt is the truth, and a rollback that fails too must not hide it."""
    try:
        connection.rollback()
    except SQLAlchemyError:
        connection.invalidate()
