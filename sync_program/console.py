"""The few lines that the program prints, where there is a console at all.

A windowed EXE has neither standard output nor standard error. The streams are the process's own,
because what plugins print goes elsewhere (:mod:`sync_program.plugin_output`).
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TextIO


def say(text: str) -> None:
    """A line on standard output."""
    _write(sys.__stdout__, 1, text)


def say_problem(text: str) -> None:
    """A line on standard error."""
    _write(sys.__stderr__, 2, text)


def say_api_ready(url: str) -> None:
    """The one line that tells that the API answers, and where."""
    say(f"API ready on {url}")


def _write(stream: TextIO | None, number: int, text: str) -> None:
    if stream is None:
        return
    line = text + "\n"
    with contextlib.suppress(OSError):  # whoever read it is gone
        try:
            stream.write(line)
            stream.flush()
        except ValueError:  # a plugin closed it; the file below it is open
            os.write(number, line.encode(errors="backslashreplace"))
