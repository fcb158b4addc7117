"""Asking for a file and writing to it. The writing belongs on a worker thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtWidgets import QFileDialog, QWidget

AskPath = Callable[[QWidget, str, str, str], str]
"""Parent, title, proposed name and filter in; the chosen path out, empty when none was."""


def ask_path(parent: QWidget, title: str, proposal: str, pattern: str) -> str:
    """Ask where to save."""
    path, _pattern = QFileDialog.getSaveFileName(parent, title, proposal, pattern)
    return path


def write_file(path: Path, text: str, encoding: str) -> str:
    """Write a file as a whole; returns a German sentence about what became of it.

    It may hold patient data, so only its owner may read it where the system knows such rights.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding=encoding, newline="") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        return f"Konnte nicht gespeichert werden: {error.strerror or 'unbekannter Fehler'}."
    return f"Gespeichert: {path}"
