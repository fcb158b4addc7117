"""The programs that a build needs from the system, and how to come by them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence

FOR_LINUX = {"objdump": "binutils", "strip": "binutils"}
FOR_WINDOWS_IN_WINE = {
    "wine": "wine",
    "wineserver": "wine",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64-win32",
    "x86_64-w64-mingw32-dlltool": "binutils-mingw-w64-x86-64",
    "gendef": "mingw-w64-tools",
}
"""Each program with the Debian package that brings it."""


def missing_packages(tools: Mapping[str, str]) -> list[str]:
    """The Debian packages of those tools that are not there."""
    return sorted({package for tool, package in tools.items() if shutil.which(tool) is None})


def require(tools: Mapping[str, str], install: Callable[[Sequence[str]], bool]) -> None:
    """See to it that the tools are there; ``install`` installs Debian packages if it may.

    Ends the program with their names when they are not there in the end.
    """
    missing = missing_packages(tools)
    if missing and install(missing):
        missing = missing_packages(tools)
    if missing:
        sys.exit(f"Missing for this build, by Debian's package names: {' '.join(missing)}")
