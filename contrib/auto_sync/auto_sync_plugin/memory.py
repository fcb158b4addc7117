"""What outlives the program: one small JSON file in the plugin's own folder.

It holds days, hashes and counts; no patient's name or number. A file that cannot be read begins
anew: then the next look takes a baseline, and today's daily run counts as not yet due.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging

FILE_NAME = "auto_sync.json"
VERSION = 1
MOST_RUNS = 50
MOST_DONE = 60


@dataclass(frozen=True)
class Run:
    """One line of the list of last runs. ``what`` and ``text`` are German, without patients."""

    at: datetime
    what: str
    ok: bool
    text: str


@dataclass(frozen=True)
class Switch:
    """The panel's switch, and what the setting said when somebody used it."""

    on: bool
    setting: bool


@dataclass(frozen=True)
class DailyPlan:
    """A daily run that has begun: the day it belongs to, and the days that are still to sync."""

    day: date
    open: tuple[date, ...]


@dataclass(frozen=True)
class Remembered:
    """Everything remembered. ``known`` are the hashes of ``watched_day`` for ``watched_types``."""

    salt: bytes
    switch: Switch | None = None
    on_since: datetime | None = None
    done: tuple[date, ...] = ()
    plan: DailyPlan | None = None
    watched_day: date | None = None
    watched_types: tuple[int, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()

    def with_run(self, run: Run) -> Remembered:
        """The same with one more run, the newest first."""
        return replace(self, runs=(run, *self.runs)[:MOST_RUNS])

    def with_plan(self, plan: DailyPlan) -> Remembered:
        """The same with a daily run begun; its day is done whatever becomes of it."""
        return replace(self, plan=plan, done=(*self.done, plan.day)[-MOST_DONE:])


class Memory:
    """The remembered values, and their file. Used by one thread.

    ``folder`` is asked each time and may raise ``OSError``: then everything works as long as the
    program runs, and the log says so once.
    """

    def __init__(self, folder: Callable[[], Path], logger: logging.Logger) -> None:
        self._folder = folder
        self._log = logger
        self._told = False
        self.now = self._load()

    def keep(self, remembered: Remembered) -> None:
        """Remember this from now on; the file is replaced as a whole or not at all."""
        if remembered == self.now:
            return
        self.now = remembered
        try:
            _replace_file(self._folder() / FILE_NAME, json.dumps(_as_json(remembered)))
            self._told = False
        except OSError as error:
            if not self._told:
                self._log.warning("what is remembered cannot be written (%s)", error.strerror)
            self._told = True

    def _load(self) -> Remembered:
        try:
            text = (self._folder() / FILE_NAME).read_bytes()
        except FileNotFoundError:
            return _new()
        except OSError as error:
            self._log.warning("what was remembered cannot be read (%s)", error.strerror)
            return _new()
        try:
            return _from_json(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._log.warning("what was remembered is damaged; everything begins anew")
            return _new()


def _new() -> Remembered:
    return Remembered(salt=secrets.token_bytes(16))


def _replace_file(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)


def _as_json(value: Remembered) -> dict[str, Any]:
    return {
        "version": VERSION,
        "salt": value.salt.hex(),
        "switch": value.switch and {"on": value.switch.on, "setting": value.switch.setting},
        "on_since": value.on_since and value.on_since.isoformat(),
        "done": [day.isoformat() for day in value.done],
        "plan": value.plan
        and {
            "day": value.plan.day.isoformat(),
            "open": [day.isoformat() for day in value.plan.open],
        },
        "watched_day": value.watched_day and value.watched_day.isoformat(),
        "watched_types": list(value.watched_types),
        "known": dict(value.known),
        "runs": [
            {"at": run.at.isoformat(), "what": run.what, "ok": run.ok, "text": run.text}
            for run in value.runs
        ],
    }


def _from_json(raw: Any) -> Remembered:
    """For a damaged one: ``ValueError``, ``KeyError``, ``TypeError``, ``AttributeError``."""
    if raw["version"] != VERSION:
        raise ValueError("another version")
    salt = bytes.fromhex(raw["salt"])
    if len(salt) != 16:
        raise ValueError("not our salt")
    switch, plan = raw["switch"], raw["plan"]
    return Remembered(
        salt=salt,
        switch=switch and Switch(bool(switch["on"]), bool(switch["setting"])),
        on_since=raw["on_since"] and _moment(raw["on_since"]),
        done=tuple(map(date.fromisoformat, raw["done"])),
        plan=plan
        and DailyPlan(
            date.fromisoformat(plan["day"]), tuple(map(date.fromisoformat, plan["open"]))
        ),
        watched_day=raw["watched_day"] and date.fromisoformat(raw["watched_day"]),
        watched_types=tuple(int(one) for one in raw["watched_types"]),
        known={key: _text(seen) for key, seen in raw["known"].items()},
        runs=tuple(
            Run(_moment(run["at"]), str(run["what"]), bool(run["ok"]), str(run["text"]))
            for run in raw["runs"]
        ),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment
