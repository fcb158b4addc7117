"""Whose code it was: from the files on a stack to the plugin they belong to."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType, TracebackType

Files = Iterable[str]
"""File names as they stand in a stack, the innermost call first."""


@dataclass(frozen=True)
class StackLine:
    """One call of a stack: the function, its file and the line it has come to."""

    file: str
    function: str
    line: int

    def __str__(self) -> str:
        """Without the folder: people read it, also through the API."""
        return f"{self.function} ({Path(self.file).name}:{self.line})"


class Places:
    """Where the code of each plugin lies. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[str, str] = {}

    def add(self, plugin: str, places: Iterable[str]) -> None:
        """Note files, and folders with a separator at their end, as this plugin's."""
        with self._lock:
            for place in places:
                self._places.setdefault(place, plugin)

    def of(self, plugin: str) -> tuple[str, ...]:
        """The places noted for a plugin."""
        with self._lock:
            return tuple(place for place, owner in self._places.items() if owner == plugin)

    def owner(self, files: Files) -> str | None:
        """The plugin whose code is innermost, if any plugin's is there."""
        with self._lock:
            places = dict(self._places)
        return owner_among(places, files)


def owner_among(places: dict[str, str], files: Files) -> str | None:
    """The owner of the first of ``files`` that lies in one of ``places`` (place: owner)."""
    for file in files:
        if file in places:
            return places[file]
        for place, owner in places.items():
            if place.endswith((os.sep, "/")) and file.startswith(place):
                return owner
    return None


def places_of_hooks(hooks: ModuleType) -> Iterator[str]:
    """Where the functions of a plugin come from: their package's folder, or their file."""
    for function in vars(hooks).values():
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        if code is None:
            continue
        in_package = "." in str(getattr(function, "__module__", ""))
        yield f"{Path(code.co_filename).parent}{os.sep}" if in_package else code.co_filename


def stack_of(frame: FrameType | None) -> list[StackLine]:
    """The calls that a frame has come through, the innermost first."""
    lines = []
    while frame is not None:
        code = frame.f_code
        lines.append(StackLine(code.co_filename, code.co_name, frame.f_lineno))
        frame = frame.f_back
    return lines


def stack_of_fault(trace: TracebackType | None) -> list[StackLine]:
    """The calls of a traceback, the innermost first."""
    lines = []
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(StackLine(code.co_filename, code.co_name, trace.tb_lineno))
        trace = trace.tb_next
    return lines[::-1]
