"""A Windows Python's folder, as its installer would have made it.

The interpreter and its extension modules come from a wheel that carries them for shipping, the
standard library, which is the same on every system, from the Python that runs this: it must be of
exactly the same version.
"""

from __future__ import annotations

import shutil
import sysconfig
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

DLL = "python311.dll"

_FOLDER_IN_WHEEL = "deploy_libs"
_BESIDE_PYTHON = (DLL, "VCRUNTIME140.dll")
_LEFT_OUT = ("api-ms-", "tcl", "tk86")
"""Windows has the first itself, and the program no window of Tk's."""

_LIBRARY_LEFT_OUT = (
    "__pycache__",
    "_sysconfigdata*",
    "config-*",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib-dynload",
    "lib2to3",
    "site-packages",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
)


class LayoutError(Exception):
    """The parts for a Windows Python are not there; the message says which."""


def places(names: Iterable[str]) -> Mapping[str, str]:
    """Where the files of the runtime's wheel belong, below the Python's folder."""
    found = {}
    for name in names:
        path = PurePosixPath(name)
        if path.parent.name != _FOLDER_IN_WHEEL or path.suffix not in (".dll", ".pyd"):
            continue
        if path.name in _BESIDE_PYTHON:
            found[name] = path.name
        elif not path.name.startswith((*_LEFT_OUT, "_tkinter")):
            found[name] = f"DLLs/{path.name}"
    return found


def lay_out(home: Path, runtime: Path) -> None:
    """Make the folder ``home`` anew from the wheel ``runtime``. Raises ``LayoutError``."""
    if home.exists():
        shutil.rmtree(home)
    with zipfile.ZipFile(runtime) as wheel:
        found = places(wheel.namelist())
        if not set(_BESIDE_PYTHON) <= set(found.values()):
            raise LayoutError(f"{runtime.name} does not carry {' and '.join(_BESIDE_PYTHON)}")
        for name, place in found.items():
            target = home / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wheel.read(name))
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(library, home / "Lib", ignore=shutil.ignore_patterns(*_LIBRARY_LEFT_OUT))
