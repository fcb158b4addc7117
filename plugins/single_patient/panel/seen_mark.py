"""Up to when failed syncs have been seen, remembered from run to run. No Qt.

A moment and nothing else: a list of tasks would grow, and their ids hold patients' numbers.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

FILE_NAME = "error_list.json"


class SeenMark:
    """The moment in a file of the plugin's own folder. From any thread; best not the window's.

    ``folder`` is asked each time and may raise ``OSError``: then failures count as unseen again
    after the next start, and the log says so.
    """

    def __init__(self, folder: Callable[[], Path], logger: logging.Logger) -> None:
        self._folder = folder
        self._log = logger
        self._lock = threading.Lock()
        self._kept: datetime | None = None

    def read(self, now: datetime) -> datetime | None:
        """The moment up to which everything was seen; None when nothing is known to be.

        One in the future is taken for ``now``: the clock was wrong then, and what fails from now on
        is news.
        """
        with self._lock:
            try:
                raw = json.loads((self._folder() / FILE_NAME).read_bytes())
                seen = datetime.fromisoformat(raw["seen_until"])
                self._kept = min(seen, now)
            except FileNotFoundError:
                pass
            except OSError as error:
                self._log.warning("which failures were seen cannot be read (%s)", error.strerror)
            except (ValueError, KeyError, TypeError, RecursionError):
                self._log.warning("which failures were seen is damaged; all count as unseen")
            return self._kept

    def keep(self, moment: datetime) -> None:
        """Remember that everything up to ``moment`` was seen; an earlier one changes nothing.

        The file is replaced as a whole or not at all.
        """
        with self._lock:
            if self._kept is not None and moment <= self._kept:
                return
            self._kept = moment
            try:
                _replace(self._folder() / FILE_NAME, json.dumps({"seen_until": moment.isoformat()}))
            except OSError as error:
                self._log.warning("which failures were seen cannot be kept (%s)", error.strerror)


def _replace(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)
