"""Which plugin ended the last run, from what that run left behind. Pure rules.

A crash leaves the stack it happened on: that names the plugin whose code is innermost. Without a
stack (the process was killed, the machine lost power, a plugin called ``os._exit``) there are only
the questions that were still open. That may be chance, so a plugin is kept out for it only when it
happens twice in a row. What ships with the program is kept out only when its own start crashed:
a crash later on lets the program start, and without it the program is of little use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugin_host.blame import StackLine, owner_among

_FATAL = re.compile(r"^(Fatal Python error: .+|Windows fatal exception: (?!code).+)$")
_CALL = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<function>.+)$')
_TRAIL = 6


@dataclass(frozen=True)
class About:
    """Who a plugin is: its version, whether it is ours, where its code lies."""

    version: str | None = None
    ours: bool = False
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Steps:
    """The plugins of a run, and what each was being asked when it ended."""

    about: Mapping[str, About] = field(default_factory=dict)
    open: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Crash:
    """A native crash: the interpreter's word for it, and the stack, innermost first."""

    kind: str
    stack: tuple[StackLine, ...]

    def trail(self) -> str:
        """The innermost calls, for the log."""
        return " < ".join(map(str, self.stack[:_TRAIL])) or "no Python code was running"


@dataclass(frozen=True)
class LastRun:
    """What a run that did not end in order left behind."""

    steps: Steps
    crash: Crash | None


@dataclass(frozen=True)
class Suspicion:
    """A plugin and why it is thought to have ended the run."""

    plugin: str
    version: str | None
    reason: str
    ours: bool = False


@dataclass(frozen=True)
class Verdict:
    """Who is kept out from now on, and who will be if it happens again."""

    set_aside: tuple[Suspicion, ...] = ()
    suspected: tuple[Suspicion, ...] = ()


def read_steps(text: str) -> Steps:
    """The steps file; a line that is cut off or damaged is passed over."""
    about: dict[str, About] = {}
    asked: dict[str, list[str]] = {}
    for line in _objects(text):
        name, step = line.get("about"), str(line.get("step"))
        if isinstance(name, str):
            places = (*about.get(name, About()).places, *map(str, line.get("places", ())))
            about[name] = About(line.get("version"), bool(line.get("ours")), places)
        elif isinstance(name := line.get("in"), str):
            asked.setdefault(name, []).append(step)
        elif isinstance(name := line.get("out"), str) and step in asked.get(name, ()):
            asked[name].remove(step)
    return Steps(about, {name: steps[-1] for name, steps in asked.items() if steps})


def read_crash(text: str) -> Crash | None:
    """The last crash in what the interpreter's fault handler wrote; None when there is none.

    On Windows it also writes of exceptions that are handled right after; those are numbered codes
    and are passed over.
    """
    kind: str | None = None
    stack: list[StackLine] = []
    for line in text.splitlines():
        fatal, call = _FATAL.match(line), _CALL.match(line)
        if fatal:
            kind, stack = fatal[1], []
        elif call and kind:
            number = int(call["line"]) if call["line"].isdigit() else 0
            stack.append(StackLine(call["file"], call["function"], number))
    return Crash(kind, tuple(stack)) if kind else None


def judge(last: LastRun, suspected_before: frozenset[str]) -> Verdict:
    """Who is to be kept out after ``last``; ``suspected_before`` are the run's before it."""
    if last.crash is not None:
        culprit = _crashed(last.crash, last.steps)
        if culprit is not None:
            in_start = culprit.plugin in last.steps.open
            return Verdict(set_aside=(culprit,)) if in_start or not culprit.ours else Verdict()
    open_ones = [
        Suspicion(name, about.version, f"the program ended while it was in {step}")
        for name, step in last.steps.open.items()
        if not (about := last.steps.about.get(name, About())).ours
    ]
    again = [item for item in open_ones if item.plugin in suspected_before]
    if again:
        return Verdict(
            set_aside=tuple(
                Suspicion(item.plugin, item.version, f"twice in a row {item.reason}")
                for item in again
            )
        )
    return Verdict(suspected=tuple(open_ones))


def _crashed(crash: Crash, steps: Steps) -> Suspicion | None:
    places = {
        # The fault handler writes ASCII only.
        place.encode("ascii", "backslashreplace").decode(): name
        for name, about in steps.about.items()
        for place in about.places
    }
    name = owner_among(places, (call.file for call in crash.stack))
    if name is None and len(steps.open) == 1:
        (name,) = steps.open
    if name is None:
        return None
    about = steps.about.get(name, About())
    where = steps.open.get(name) or _innermost(crash, places, name)
    return Suspicion(
        name, about.version, f"it ended the last run ({crash.kind}, in {where})", about.ours
    )


def _innermost(crash: Crash, places: dict[str, str], name: str) -> str:
    for call in crash.stack:
        if owner_among(places, [call.file]) == name:
            return f"{call.function}, {Path(call.file).name}"
    return "native code"


def _objects(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found
