"""A clean copy of the project: what git knows or would take in, and nothing that lies about.

Of it are made the wheel that goes into the program and the source archive that goes with it.
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

_LEFT_OUT = {"build", "dist", "__pycache__"}
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def project_files(root: Path) -> list[Path]:
    """The project's files, relative to ``root``, sorted; without git all but the usual rubbish."""
    git = shutil.which("git")
    if git is not None and (root / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=root, capture_output=True, timeout=60, check=False)
        if done.returncode == 0:
            names = {Path(name) for name in done.stdout.decode().split("\0") if name}
            return sorted(name for name in names if (root / name).is_file())
    return sorted(file.relative_to(root) for file in _walk(root))


def copy_project(root: Path, files: Iterable[Path], target: Path) -> None:
    """Copy ``files`` of ``root`` to the same places below ``target``, which is made anew."""
    if target.exists():
        shutil.rmtree(target)
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / file, target / file)


def zip_project(root: Path, files: Iterable[Path], archive: Path, folder: str) -> None:
    """Pack ``files`` of ``root`` into ``archive``, below one folder; the same bytes every time."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            entry = zipfile.ZipInfo(f"{folder}/{file.as_posix()}", _EARLIEST)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, (root / file).read_bytes(), zipfile.ZIP_DEFLATED)


def _walk(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name in _LEFT_OUT or entry.name.startswith(".") or entry.suffix == ".egg-info":
            continue
        if entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry
