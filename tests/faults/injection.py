"""Faults at the database driver, below SQLAlchemy: errors, dead connections, foreign writers.

An :class:`Injection` holds the rules. A *call* is ``connect``, ``commit``, ``rollback``, or the
name of one of the plugin's statements; what a driver does besides (a ping, SQLAlchemy's own first
questions) is no call. :func:`inject_into_sqlite` puts it between the plugin's own engine and the
``sqlite3`` connections that it makes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from plugins.single_patient.statements import StatementList
from tests.faults.driver_errors import MakeError

FOR_EVER = 1_000_000

Act = Callable[[Any], None]
"""What happens at a call: gets the driver's connection, and raises or not."""

ChangeText = Callable[[str, Any], tuple[str, Any]]
"""Makes of a statement's text and parameters what is sent in its place."""


@dataclass
class _Rule:
    call: str
    when: str
    act: Act
    skip: int
    times: int


class Injection:
    """The rules, and what was called (``calls``, in order and without rollbacks).

    ``strangers`` are texts that came to the driver without being on the plugin's list.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.strangers: list[str] = []
        self._rules: list[_Rule] = []
        self._texts: dict[str, ChangeText] = {}

    def before(self, call: str, act: Act, *, nth: int = 1, times: int = 1) -> None:
        """From its ``nth`` time on, so many ``times``, ``act`` before the call is carried out."""
        self._rules.append(_Rule(call, "before", act, nth - 1, times))

    def after(self, call: str, act: Act, *, nth: int = 1, times: int = 1) -> None:
        """The same once the call was carried out, before its answer is given."""
        self._rules.append(_Rule(call, "after", act, nth - 1, times))

    def change_text(self, call: str, change: ChangeText) -> None:
        """Send something else instead of a statement."""
        self._texts[call] = change

    def clear(self) -> None:
        """No fault any more, and no call so far."""
        self.calls.clear()
        self._rules.clear()
        self._texts.clear()

    def passing(self, call: str, when: str, connection: Any) -> None:
        """The driver tells: this call is about to be carried out, or was."""
        if when == "before" and call != "rollback":
            self.calls.append(call)
        for rule in list(self._rules):
            if (rule.call, rule.when) != (call, when):
                continue
            if rule.skip:
                rule.skip -= 1
            elif rule.times:
                rule.times -= 1
                rule.act(connection)

    def text_for(self, call: str, text: str, parameters: Any) -> tuple[str, Any]:
        """What is sent for a statement."""
        change = self._texts.get(call)
        return (text, parameters) if change is None else change(text, parameters)


def failing(make_error: MakeError) -> Act:
    """The driver raises; the connection and its transaction are as they were."""

    def act(_connection: Any) -> None:
        raise make_error()

    return act


def dying(make_error: MakeError) -> Act:
    """The connection is gone, and with it what was not committed; then the driver raises."""

    def act(connection: Any) -> None:
        connection.rollback()  # for SQLite, which would keep its lock until the last cursor goes
        connection.close()
        raise make_error()

    return act


class FaultyCursor:
    """An ``sqlite3`` cursor whose statements pass the injection."""

    def __init__(self, connection: FaultyConnection, real: sqlite3.Cursor) -> None:
        self._connection = connection
        self._real = real

    def execute(self, text: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Any:
        call = self._connection.name_of(text)
        if call is None:
            self._connection.injection.strangers.append(text)
            return self._real.execute(text, parameters)
        injection, driver = self._connection.injection, self._connection.real
        injection.passing(call, "before", driver)
        self._real.execute(*injection.text_for(call, text, parameters))
        injection.passing(call, "after", driver)
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class FaultyConnection:
    """An ``sqlite3`` connection whose calls pass the injection."""

    def __init__(
        self, real: sqlite3.Connection, injection: Injection, statements: StatementList
    ) -> None:
        self.real = real
        self.injection = injection
        self._statements = statements

    def name_of(self, text: str) -> str | None:
        statement = self._statements.with_text(text)
        return None if statement is None else statement.name

    def cursor(self) -> FaultyCursor:
        return FaultyCursor(self, self.real.cursor())

    def commit(self) -> None:
        self._through("commit", self.real.commit)

    def rollback(self) -> None:
        self._through("rollback", self.real.rollback)

    def _through(self, call: str, carry_out: Callable[[], None]) -> None:
        self.injection.passing(call, "before", self.real)
        carry_out()
        self.injection.passing(call, "after", self.real)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def inject_into_sqlite(engine: Engine, injection: Injection, statements: StatementList) -> None:
    """From now on every connection that the engine makes passes the injection."""
    connect = engine.pool._creator

    def faulty() -> Any:
        injection.passing("connect", "before", None)
        return FaultyConnection(connect(), injection, statements)  # type: ignore[call-arg,arg-type]

    engine.pool._creator = faulty
