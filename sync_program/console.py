"""The few lines that the program prints, where there is a console at all.

A windowed EXE has neither standard output nor standard error.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO


def say(text: str) -> None:
    """A line on standard output."""
    _write(sys.stdout, text)


def say_problem(text: str) -> None:
    """A line on standard error."""
    _write(sys.stderr, text)


def say_api_ready(url: str) -> None:
    """The one line that tells that the API answers, and where."""
    say(f"API ready on {url}")


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    with contextlib.suppress(OSError):  # whoever read it is gone
        stream.write(text + "\n")
        stream.flush()
