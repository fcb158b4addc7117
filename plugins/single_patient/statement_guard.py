"""Refuses, before the database does, every statement that is not on the plugin's list.

It sits on the engine, so nothing that uses the engine gets past it. Writing statements pass only
while a plan is being carried out: until then, and so in every dry run, the engine only reads.
"""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection, Engine, event

from plugins.single_patient.statements import StatementList
from sync_core.errors import ScopeViolationError

_WRITING = "single_patient_writing"


def allow_writing(connection: Connection) -> None:
    """From now on this connection's transaction may send the writing statements of the list."""
    connection.execution_options(**{_WRITING: True})


def install_guard(engine: Engine, statements: StatementList, logger: logging.Logger) -> None:
    """Put the guard on the engine; it raises ``ScopeViolationError`` instead of sending."""

    @event.listens_for(engine, "before_cursor_execute")
    def refuse_strangers(
        connection: Connection,
        _cursor: Any,
        text: str,
        _parameters: Any,
        _context: Any,
        executemany: bool,
    ) -> None:
        statement = statements.with_text(text)
        if statement is None or executemany:
            logger.error("a statement that is not on the list was refused")
            raise ScopeViolationError(
                "Eine Anweisung, die nicht erlaubt ist, wurde nicht gesendet; "
                "alles wurde zurückgenommen."
            )
        if statement.writes and not connection.get_execution_options().get(_WRITING):
            logger.error("the writing statement %s was refused while reading", statement.name)
            raise ScopeViolationError(
                "Während nur gelesen werden darf, sollte geschrieben werden; "
                "alles wurde zurückgenommen."
            )
