"""What the simulated gateway does with SQL: T-SQL in, the same question to SQLite.

Only as much of T-SQL as clients of the gateway write: ``@name`` parameters, the schema ``dbo``,
table hints, and money as text. Everything else means the same in both.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

NO_ROWS = "(sqlalchemy.exc.ResourceClosedError) This result object does not return rows"
"""What the gateway says about a statement that was carried out and has nothing to show."""

_WAIT_SECONDS = 5.0
_QUOTED = re.compile(r"('(?:[^']|'')*')")
_REPLACEMENTS = (
    (re.compile(r"@([A-Za-z_]\w*)"), r":\1"),
    (re.compile(r"(?:\[dbo\]|\bdbo)\.", re.IGNORECASE), ""),
    (re.compile(r"\bWITH\s*\(\s*\w+LOCK(?:\s*,\s*\w+LOCK)*\s*\)", re.IGNORECASE), ""),
    (
        re.compile(r"\bCONVERT\s*\(\s*nvarchar(?:\(\d+\))?\s*,\s*([\w.\[\]]+)\s*,\s*2\s*\)", re.I),
        r"money_text(\1)",
    ),
    (
        re.compile(r"\bCONVERT\s*\(\s*(\w+(?:\(\d+\))?)\s*,\s*([\w.\[\]:]+)\s*\)", re.IGNORECASE),
        r"CAST(\2 AS \1)",
    ),
)
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")

Row = dict[str, Any]
Result = TypeVar("Result")

# Money leaves the database as a decimal, which JSON does not know. A cast takes the type away.
sqlite3.register_converter("money", lambda text: Decimal(text.decode()))


class GatewaySqlError(Exception):
    """The database refused a statement; the text is what the gateway's clients are told."""


@dataclass(frozen=True)
class Upserted:
    """What an upsert did: operation 1 changed a row, 2 added one. ``key`` is the row's key."""

    operation_code: int
    key: Any


class GatewayDatabase:
    """SQLHK as the gateway uses it: each call is a connection and a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def execute(self, query: str, params: Mapping[str, Any]) -> list[Row] | None:
        """The rows of a question; None for a statement that returns no rows.

        Raises ``GatewaySqlError``.
        """
        return self._run(lambda connection: _execute(connection, sqlite_text(query), params))

    def upsert(
        self,
        table: str,
        search: Mapping[str, Any],
        update: Mapping[str, Any],
        keys: Sequence[str],
    ) -> Upserted:
        """Change the rows with the ``search`` values, or add one. Raises ``GatewaySqlError``."""
        for name in (table, *search, *update, *keys):
            if not _IDENTIFIER.fullmatch(name):
                raise GatewaySqlError(f"Incorrect syntax near '{name}'.")
        return self._run(lambda connection: _upsert(connection, table, search, update, keys))

    def _run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            address = f"{self._path.resolve().as_uri()}?mode=rw"
            with (
                closing(
                    sqlite3.connect(
                        address,
                        uri=True,
                        timeout=_WAIT_SECONDS,
                        detect_types=sqlite3.PARSE_DECLTYPES,
                    )
                ) as connection,
                connection,
            ):
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.create_function("money_text", 1, _money_text, deterministic=True)
                connection.row_factory = sqlite3.Row
                return work(connection)
        except sqlite3.Error as error:
            raise GatewaySqlError(f"({type(error).__name__}) {error}") from error


def sqlite_text(query: str) -> str:
    """The query as SQLite understands it; what stands in quotes is left alone."""
    parts = _QUOTED.split(query)
    for index in range(0, len(parts), 2):
        for pattern, replacement in _REPLACEMENTS:
            parts[index] = pattern.sub(replacement, parts[index])
    return "".join(parts)


def _execute(
    connection: sqlite3.Connection, text: str, params: Mapping[str, Any]
) -> list[Row] | None:
    cursor = connection.execute(text, dict(params))
    return None if cursor.description is None else [dict(row) for row in cursor.fetchall()]


def _upsert(
    connection: sqlite3.Connection,
    table: str,
    search: Mapping[str, Any],
    update: Mapping[str, Any],
    keys: Sequence[str],
) -> Upserted:
    where = " AND ".join(f"{name} = :s_{name}" for name in search)
    values = {f"s_{k}": v for k, v in search.items()} | {f"u_{k}": v for k, v in update.items()}
    key = keys[0] if keys else "rowid"
    found = connection.execute(f"SELECT {key} FROM {table} WHERE {where}", values).fetchone()  # noqa: S608 - names were checked
    if found is not None:
        changes = ", ".join(f"{name} = :u_{name}" for name in update)
        connection.execute(f"UPDATE {table} SET {changes} WHERE {where}", values)  # noqa: S608 - names were checked
        return Upserted(1, found[0])
    row = {**search, **update}
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    cursor = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)  # noqa: S608 - names were checked
    return Upserted(2, cursor.lastrowid)


def _money_text(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"
