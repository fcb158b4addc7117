"""Makes the plugin's own database engine from the setting ``sqlhk.url``."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sync_core.errors import SettingsError

SQLITE_WAIT_SECONDS = 0.2
"""How long SQLite itself waits for a lock; we ask again until the deadline."""


def create_sqlhk_engine(
    url: str, *, password: str | None, connections: int, query_timeout: int, login_timeout: int
) -> Engine:
    """The engine for ``sqlhk.url``; nothing is connected yet.

    ``connections`` may be open at once; the time-outs are seconds. Parameters never appear in
    SQLAlchemy's own messages. Raises ``SettingsError`` for an address it cannot use.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError("sqlhk.url is not an SQLAlchemy address") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite_engine(parsed)
    if backend == "mssql":
        return _sql_server_engine(
            parsed if password is None else parsed.set(password=password),
            connections,
            query_timeout,
            login_timeout,
        )
    raise SettingsError("sqlhk.url must begin with mssql+pyodbc, mssql+mssqlpython or sqlite")


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsError("sqlhk.url must name an SQLite file")
    # mode=rw: a file that does not exist is an error and is not created. The address may ask for
    # less (sqlite:///file:PATH?mode=ro&uri=true).
    mode = "ro" if url.query.get("mode") == "ro" else "rw"
    file = Path(url.database.removeprefix("file:")).absolute()
    address = f"file:{quote(file.as_posix())}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address,
            uri=True,
            timeout=SQLITE_WAIT_SECONDS,
            isolation_level=None,  # transactions begin where we say so
            check_same_thread=False,
        )

    # A new connection each time costs a fraction of a millisecond, and notices a file that was
    # taken away or replaced.
    return create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)


def _sql_server_engine(
    url: URL, connections: int, query_timeout: int, login_timeout: int
) -> Engine:
    options: dict[str, Any] = {}
    if url.get_driver_name() == "pyodbc":
        import pyodbc  # noqa: PLC0415 - needs a system library that only SQL Server users have

        pyodbc.pooling = False  # SQLAlchemy's own pool is enough, and two disturb each other
        options["connect_args"] = {"timeout": login_timeout}
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=2,  # no ping: a lost connection repeats the whole unit once anyway
        pool_timeout=5,
        pool_recycle=600,
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        **options,
    )

    @event.listens_for(engine, "connect")
    def limit_queries(connection: Any, _record: object) -> None:
        connection.timeout = query_timeout

    return engine
