"""Which Debian packages the system's libraries in the program come from, and their licences."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_DOCUMENTS = Path("/usr/share/doc")


@dataclass(frozen=True)
class Package:
    """An installed Debian package."""

    name: str
    version: str


def packages_of(files: Iterable[Path]) -> Mapping[Path, Package]:
    """The package of each file; files of none, and systems without ``dpkg``, give nothing."""
    if shutil.which("dpkg-query") is None:
        return {}
    # A merged /usr: the package may know the file by its older name.
    names = {str(name): file for file in files for name in _names(file)}
    found = _lines("--search", *names)
    owners = {names[path]: owner for owner, path in _pairs(found, ": ") if path in names}
    shown = _lines("--show", "--showformat=${binary:Package}\t${Version}\n", *owners.values())
    versions = {name.partition(":")[0]: version for name, version in _pairs(shown, "\t")}
    return {
        file: Package(name, versions[name])
        for file, owner in owners.items()
        if (name := owner.partition(":")[0]) in versions
    }


def copyright_text(package: Package) -> str | None:
    """The licence that the package brings."""
    file = _DOCUMENTS / package.name / "copyright"
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None


def _names(file: Path) -> set[Path]:
    real = file.resolve()
    both = {file, real}
    return both | {Path("/", *name.parts[2:]) for name in both if name.parts[:2] == ("/", "usr")}


def _lines(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["dpkg-query", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.splitlines()


def _pairs(lines: Iterable[str], separator: str) -> list[tuple[str, str]]:
    split = (line.partition(separator) for line in lines)
    return [(first, second) for first, found, second in split if found]
