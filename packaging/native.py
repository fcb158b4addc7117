"""The program for the system that runs the build: a virtual environment and PyInstaller in it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class BuildError(Exception):
    """A step of the build failed; it has said why on standard error."""


def build_here(wheel: Path, root: Path, out: Path, work: Path) -> None:
    """Build into the folder ``out`` of the project's ``wheel``; ``root`` is the project's folder.

    The environment is one of the program's parts alone, ``.venv-build``, kept from one build to
    the next. That with the tests' tools would not do: PyInstaller takes in what it finds. Raises
    ``BuildError``.
    """
    python = _environment(wheel, root)
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(out), "--workpath", str(work / "pyinstaller")]
    run([*command, str(root / "packaging" / "sync_gui_qt.spec")], work)
    (program,) = (file for file in out.glob("sync_gui_qt*") if file.suffix in ("", ".exe"))
    done = subprocess.run(
        [program, "--version"], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0 or not done.stdout.startswith("sync_gui_qt "):
        raise BuildError(f"the program that was built does not run: {done.stderr}")


def run(command: Sequence[str], folder: Path) -> None:
    """Run a command in ``folder``. Raises ``BuildError``."""
    if subprocess.run(command, cwd=folder, check=False).returncode != 0:
        raise BuildError(" ".join(command))


def _environment(wheel: Path, root: Path) -> Path:
    """Install the wheel and all it needs from the pinned versions; returns the interpreter."""
    folder = root / ".venv-build"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    constraints, stamp = root / "constraints.txt", folder / "installed-from"
    inputs = constraints.read_bytes() + (root / "setup.py").read_bytes()
    wanted = hashlib.sha256(inputs).hexdigest()
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if not stamp.exists() or stamp.read_text() != wanted:
        run([sys.executable, "-m", "venv", "--clear", str(folder)], root)
        run([*pip, "--constraint", str(constraints), f"{wheel}[gui,build]"], root)
        stamp.write_text(wanted)
    run([*pip, "--force-reinstall", "--no-deps", str(wheel)], root)
    return python
