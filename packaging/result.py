"""What a build leaves in its folder of ``dist``, and how to tell that it is still up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

SUMS = "SHA256SUMS"
STAMP = ".built-from"

_NOT_IN_THE_PROGRAM = {".ci", "benchmarks", "docs", "screenshots", "tests"}
_HELP = {
    "docs/handbuch.md",
    "docs/erste-schritte.md",
    "docs/fehlermeldungen.md",
}
_HELP_PICTURES = Path("docs/images")


def program_in(out: Path) -> Path | None:
    """The program in such a folder; None when there is none."""
    files = [file for file in out.glob("sync_gui_qt*") if file.suffix in ("", ".exe")]
    return files[0] if files else None


def write_sums(out: Path) -> None:
    """Write ``SHA256SUMS``, as ``sha256sum --check`` reads it."""
    files = [file for file in sorted(out.iterdir()) if file.name not in (SUMS, STAMP)]
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (out / SUMS).write_text("".join(lines), encoding="utf-8")


def fingerprint(root: Path, files: Iterable[Path]) -> str:
    """Stands for all that goes into the program; ``files`` are the project's, below ``root``."""
    digest = hashlib.sha256()
    for file in files:
        if _is_in_the_program(file):
            digest.update(file.as_posix().encode() + b"\0")
            digest.update(hashlib.sha256((root / file).read_bytes()).digest())
    return digest.hexdigest()


def _is_in_the_program(file: Path) -> bool:
    if file.as_posix() in _HELP or file.parent == _HELP_PICTURES:
        return True  # what the window's help shows
    return file.parts[0] not in _NOT_IN_THE_PROGRAM and file.suffix != ".md"


def is_current(out: Path, wanted: str) -> bool:
    """Whether the folder holds a program made of just this."""
    stamp = out / STAMP
    return program_in(out) is not None and stamp.exists() and stamp.read_text() == wanted
