"""Asking for a file and writing to it. The writing belongs on a worker thread."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QStandardPaths
from PyQt5.QtWidgets import QFileDialog, QWidget

from plugins.single_patient.panel.note import Note, Tone

AskPath = Callable[[QWidget, str, str, str], str]
"""Parent, title, proposed name and filter in; the chosen path out, empty when none was."""

_NO_FOLDER = "der Ordner ist nicht mehr da"
_NO_PLACE = "dort lässt sich nichts speichern"
_NO_RIGHT = "in diesem Ordner dürfen Sie nichts speichern"
_IN_USE = "die Datei ist schreibgeschützt oder in einem anderen Programm geöffnet"
_FULL = "auf dem Laufwerk ist kein Platz mehr"
_READ_ONLY = "das Laufwerk ist schreibgeschützt"
_UNREACHABLE = "das Laufwerk ist nicht erreichbar"
_BAD_NAME = "der Name ist zu lang oder enthält ein Zeichen, das dort nicht geht"
_REASONS = {
    errno.ENOENT: _NO_FOLDER,
    errno.ENOTDIR: _NO_FOLDER,
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EISDIR: "dort gibt es schon einen Ordner mit diesem Namen",
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.ENAMETOOLONG: _BAD_NAME,
    errno.EINVAL: _BAD_NAME,
    errno.EIO: _UNREACHABLE,
    errno.ENODEV: _UNREACHABLE,
    errno.ETIMEDOUT: _UNREACHABLE,
    errno.EHOSTUNREACH: _UNREACHABLE,
    errno.ENETUNREACH: _UNREACHABLE,
}
_WINDOWS_REASONS = {
    19: _READ_ONLY,
    21: _UNREACHABLE,
    32: _IN_USE,
    33: _IN_USE,
    39: _FULL,
    53: _UNREACHABLE,
    55: _UNREACHABLE,
    59: _UNREACHABLE,
    64: _UNREACHABLE,
    67: _UNREACHABLE,
    112: _FULL,
    1231: _UNREACHABLE,
}
"""What Windows tells more exactly than with the number that all systems have."""


class SaveQuestion:
    """Asks where to save: first in the user's documents, then where the last file went."""

    def __init__(self) -> None:
        self._folder = Path()

    def __call__(self, parent: QWidget, title: str, proposal: str, pattern: str) -> str:
        """The chosen path; empty when none was. Arguments as in :data:`AskPath`."""
        folder = self._folder if self._folder.is_absolute() else _documents()
        if not folder.is_dir():  # unplugged, or removed meanwhile
            folder = _documents()
        start = str(folder / proposal)
        path, _pattern = QFileDialog.getSaveFileName(parent, title, start, pattern)
        if path:
            self._folder = Path(path).parent
        return path


def write_file(path: Path, text: str, encoding: str, logger: logging.Logger) -> Note:
    """Write a file as a whole; returns what became of it. Why it failed is logged, too.

    It may hold patient data, so only its owner may read it where the system knows such rights.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
            file.write(text)
    except FileNotFoundError as error:
        return _refused(draft, error, _NO_PLACE if path.parent.is_dir() else _NO_FOLDER, logger)
    except OSError as error:
        return _refused(draft, error, _reason(error), logger)
    try:
        draft.replace(path)
    except PermissionError as error:  # the draft could be written, so it is about the file
        return _refused(draft, error, _IN_USE, logger)
    except OSError as error:
        return _refused(draft, error, _reason(error), logger)
    return Note(Tone.DONE, f"Gespeichert: {path.name} im Ordner {path.parent}")


def _refused(draft: Path, error: OSError, reason: str, logger: logging.Logger) -> Note:
    with contextlib.suppress(OSError):
        draft.unlink()
    # Neither its name nor its folder: whoever chose them may have put a patient's name in.
    logger.warning("A file could not be saved: %s (%s)", error.strerror, error.errno)
    return Note(Tone.REFUSED, f"Nicht gespeichert: {reason}.")


def _reason(error: OSError) -> str:
    """Why a file could not be written; the system's own words are often English."""
    windows = _WINDOWS_REASONS.get(getattr(error, "winerror", None) or 0)
    unknown = f"das System meldet den Fehler {error.errno}"
    return windows or _REASONS.get(error.errno or 0, unknown)


def _documents() -> Path:
    documents = QStandardPaths.writableLocation(QStandardPaths.DocumentsLocation)
    return Path(documents) if documents and Path(documents).is_dir() else Path.home()
