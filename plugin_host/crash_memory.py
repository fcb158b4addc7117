"""What a run leaves behind for the next one, in case a plugin ends it.

Nothing inside a process survives a native crash. So while the program runs, two files in the data
folder tell what the plugins are being asked just now, and a crash writes the stack it happened on
into a third. A run that ends in order removes them; one that does not is judged by
:mod:`plugin_host.last_run` at the next start.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Protocol

from plugin_host.last_run import LastRun, Suspicion, Verdict, judge, read_crash, read_steps

STEPS_NAME = "plugin_steps.jsonl"
CRASH_NAME = "crash.txt"
SET_ASIDE_NAME = "plugins_set_aside.json"


class StartMemory(Protocol):
    """What the host tells while plugins are at work, and asks before it loads one."""

    def set_aside(self, name: str, version: str | None) -> str | None:
        """Why the plugin must not be loaded, if it must not."""

    def about(self, name: str, version: str | None, *, ours: bool, places: Sequence[str]) -> None:
        """Note who the plugin is and where its code lies."""

    def during(self, name: str, step: str) -> AbstractContextManager[None]:
        """While the block runs, the plugin is being asked ``step``."""


class NoMemory:
    """For a host whose end nobody looks at."""

    def set_aside(self, name: str, version: str | None) -> str | None:
        """Nobody is set aside."""
        return None

    def about(self, name: str, version: str | None, *, ours: bool, places: Sequence[str]) -> None:
        """Nothing is noted."""

    def during(self, name: str, step: str) -> AbstractContextManager[None]:
        """Nothing is noted."""
        return nullcontext()


class CrashMemory:
    """Judges the last run when made, then remembers this one, until :meth:`close`.

    ``folder`` is the data folder, which this process has claimed. Everything may be called from
    any thread. A folder that cannot be written costs the memory and nothing else.

    Attributes: ``verdict`` (what the last run's end says), ``crash_file`` (open for the stack of a
    crash; None when it could not be opened).
    """

    def __init__(self, folder: Path, logger: logging.Logger) -> None:
        self._folder = folder
        self._log = logger
        self._lock = threading.Lock()
        self._list = _SetAsideList(folder / SET_ASIDE_NAME)
        self.verdict = self._judge_last_run()
        self._steps = self._open(STEPS_NAME)
        self.crash_file: IO[bytes] | None = self._open(CRASH_NAME)

    def set_aside(self, name: str, version: str | None) -> str | None:
        """The reason, unless it was another version that ended the run: that one may try."""
        entry = self._list.entry(name)
        if entry is None:
            return None
        if entry.get("version") != version:
            self._log.info("plugin %s was set aside in another version; it is tried again", name)
            self.retry(name)
            return None
        return str(entry.get("reason", "it ended an earlier run"))

    def retry(self, name: str) -> None:
        """Load the plugin again from the next start on.

        Raises ``OSError`` when that cannot be written down.
        """
        with self._lock:
            self._list.remove(name)

    def is_set_aside(self, name: str) -> bool:
        """Whether the plugin will be kept out at the next start."""
        return self._list.entry(name) is not None

    def about(self, name: str, version: str | None, *, ours: bool, places: Sequence[str]) -> None:
        """Note who the plugin is and where its code lies."""
        self._note({"about": name, "version": version, "ours": ours, "places": list(places)})

    @contextmanager
    def during(self, name: str, step: str) -> Iterator[None]:
        """While the block runs, the plugin is being asked ``step``."""
        self._note({"in": name, "step": step})
        try:
            yield
        finally:
            self._note({"out": name, "step": step})

    def close(self) -> None:
        """This run ends in order: nothing about it is worth remembering."""
        with self._lock:
            for file in (self._steps, self.crash_file):
                if file is not None:
                    file.close()
            self._steps = self.crash_file = None
        for name in (STEPS_NAME, CRASH_NAME):
            with contextlib.suppress(OSError):
                (self._folder / name).unlink(missing_ok=True)

    def _judge_last_run(self) -> Verdict:
        steps, crash = self._read(STEPS_NAME), self._read(CRASH_NAME)
        if not steps and not crash:
            self._list.forget_suspicions()
            return Verdict()
        last = LastRun(read_steps(steps), read_crash(crash))
        verdict = judge(last, self._list.suspicions())
        if last.crash is not None:
            self._log.error(
                "the last run ended through a crash: %s; %s", last.crash.kind, last.crash.trail()
            )
        for item in verdict.set_aside:
            self._log.error("plugin %s is set aside: %s", item.plugin, item.reason)
        for item in verdict.suspected:
            self._log.warning("plugin %s: %s", item.plugin, item.reason)
        self._list.learn(verdict, datetime.now().astimezone())
        return verdict

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _open(self, name: str) -> IO[bytes] | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            return os.fdopen(os.open(self._folder / name, flags, 0o600), "wb", buffering=0)
        except OSError as error:
            self._log.warning("%s cannot be written (%s)", name, error.strerror)
            return None

    def _note(self, line: dict[str, Any]) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._steps is not None:
                self._steps.write(json.dumps(line).encode() + b"\n")


class _SetAsideList:
    """The file of those who are set aside or suspected."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._data: dict[str, dict[str, dict[str, Any]]] = {"set_aside": {}, "suspected": {}}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            read = json.loads(file.read_text(encoding="utf-8"))
            for part in self._data:
                self._data[part] = {str(k): dict(v) for k, v in read.get(part, {}).items()}

    def entry(self, name: str) -> dict[str, Any] | None:
        return self._data["set_aside"].get(name)

    def suspicions(self) -> frozenset[str]:
        return frozenset(self._data["suspected"])

    def remove(self, name: str) -> None:
        if self._data["set_aside"].pop(name, None) is not None:
            self._write()

    def forget_suspicions(self) -> None:
        if self._data["suspected"]:
            self._data["suspected"] = {}
            with contextlib.suppress(OSError):
                self._write()

    def learn(self, verdict: Verdict, now: datetime) -> None:
        self._data["set_aside"].update(
            (item.plugin, self._told(item, now)) for item in verdict.set_aside
        )
        self._data["suspected"] = {item.plugin: self._told(item, now) for item in verdict.suspected}
        with contextlib.suppress(OSError):
            self._write()

    @staticmethod
    def _told(item: Suspicion, now: datetime) -> dict[str, Any]:
        since = now.isoformat(timespec="seconds")
        return {"version": item.version, "reason": item.reason, "since": since}

    def _write(self) -> None:
        fresh = self._file.with_name(self._file.name + ".tmp")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(self._data, file, indent=1)
        fresh.replace(self._file)
