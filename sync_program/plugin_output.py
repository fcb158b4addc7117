"""Standard output belongs to the program: whoever starts it reads one line there.

What plugins print goes to the log instead, and a plugin that closes ``sys.stdout`` closes nothing
that matters.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

_LOGGER = logging.getLogger("sync_gui.plugins")
_LONGEST = 2000


class _ToLog(io.TextIOBase):
    """Each line written is a line of the log."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = ""

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Log the lines that are complete."""
        *lines, self._begun = (self._begun + text).split("\n")
        if len(self._begun) > _LONGEST:
            lines.append(self._begun)
            self._begun = ""
        for line in lines:
            if line.strip():
                _LOGGER.debug("printed: %s", line)
        return len(text)


@contextmanager
def plugin_output_to_log() -> Iterator[None]:
    """While the block runs, what is printed goes to the log, at level DEBUG."""
    with redirect_stdout(_ToLog()):
        yield
