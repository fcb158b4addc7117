"""The log: a rotating file in the data folder, and warnings on standard error.

Nothing is logged that names a patient: callers see to their messages, :mod:`sync_core.log_text`
to tracebacks, and the loggers of libraries that print addresses or statements are turned down.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path

from sync_core.log_text import OneLineFormatter

LOG_NAME = "sync_gui.log"
BYTES_A_FILE = 5 * 1024 * 1024
FILES = 5
"""Files kept, the current one included."""

_TURNED_DOWN = {
    "urllib3": logging.ERROR,  # its warnings name addresses with their queries
    "requests": logging.WARNING,
    "waitress": logging.WARNING,
    "werkzeug": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "filelock": logging.WARNING,
}


class _OwnersFile(RotatingFileHandler):
    """The log file: its owner's only, and never in the way of the program."""

    def __init__(self, file: Path) -> None:
        self._complained = False
        super().__init__(
            file,
            maxBytes=BYTES_A_FILE,
            backupCount=FILES - 1,
            encoding="utf-8",
            errors="backslashreplace",
        )

    def _open(self) -> io.TextIOWrapper:
        stream = open(  # noqa: SIM115 - the handler closes it; a path has no opener
            self.baseFilename,
            "a",
            encoding=self.encoding,
            errors=self.errors,
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )
        if os.name == "posix":
            os.fchmod(stream.fileno(), 0o600)  # a file that was there keeps its mode otherwise
        return stream

    def doRollover(self) -> None:
        """Begin a new file; go on with the old one as long as somebody keeps it from being moved.

        On Windows a virus scanner or a viewer does that now and then.
        """
        with contextlib.suppress(OSError):
            super().doRollover()
        if self.stream is None:
            self.stream = self._open()

    def close(self) -> None:
        """Close the file; what a full disk does not take is lost."""
        with contextlib.suppress(OSError):
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """Say once that logging fails; the standard way prints the record's arguments."""
        if not self._complained and sys.stderr is not None:
            self._complained = True
            reason = type(sys.exc_info()[1]).__name__
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(f"The log file cannot be written ({reason}).\n")


class _Console(logging.StreamHandler):  # type: ignore[type-arg]  # no subscript before 3.11
    """Warnings on standard error; a closed console is no error."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Pass over it: there is nowhere left to say it."""


@dataclass(frozen=True)
class LoggingHandle:
    """Logging as it was configured, and the way back. ``file`` is the current log file."""

    file: Path
    _handlers: Sequence[logging.Handler]
    _levels_before: Sequence[tuple[logging.Logger, int]]

    def close(self) -> None:
        """Write out and close the file, and leave logging as it was found."""
        logging.captureWarnings(False)
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        for logger, level in self._levels_before:
            logger.setLevel(level)


def configure_logging(folder: Path, level: str) -> LoggingHandle:
    """Begin to log into ``folder``, which must exist, from ``level`` (a level's name) upwards.

    Warnings also go to standard error, when the program has one: a windowed EXE has not.
    Raises ``OSError`` when the file cannot be opened.
    """
    handlers: list[logging.Handler] = [_OwnersFile(folder / LOG_NAME)]
    if sys.stderr is not None:
        console = _Console(sys.stderr)
        console.setLevel(logging.WARNING)
        handlers.append(console)
    root = logging.getLogger()
    levels_before = [(root, root.level)]
    root.setLevel(level)
    for name, floor in _TURNED_DOWN.items():
        logger = logging.getLogger(name)
        levels_before.append((logger, logger.level))
        logger.setLevel(max(floor, root.level))
    for handler in handlers:
        handler.setFormatter(OneLineFormatter())
        root.addHandler(handler)
    logging.captureWarnings(True)
    return LoggingHandle(folder / LOG_NAME, tuple(handlers), tuple(levels_before))
