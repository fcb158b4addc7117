"""The two files of a Windows Python that no wheel brings, made with the mingw compiler."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

COMPILER = "x86_64-w64-mingw32-gcc"
DLLTOOL = "x86_64-w64-mingw32-dlltool"
GENDEF = "gendef"

_PYTHON_C = """\
#include <wchar.h>
__declspec(dllimport) int Py_Main(int argc, wchar_t **argv);
int wmain(int argc, wchar_t **argv) { return Py_Main(argc, argv); }
"""

_EXPORT = re.compile(r"^(Py\w*|_Py\w*)(\s+DATA)?\s*$")


class CompileError(Exception):
    """A tool failed; the message is its own."""


def exports(definition: str) -> list[tuple[str, bool]]:
    """The names a DLL gives out, and whether each is data, from gendef's ``.def`` text."""
    found = (_EXPORT.match(line.strip()) for line in definition.splitlines())
    return [(match.group(1), match.group(2) is not None) for match in found if match]


def forwarding(library: str, target: str, names: Iterable[tuple[str, bool]]) -> str:
    """The ``.def`` text of a DLL without code that hands every name on to another DLL."""
    lines = [f"LIBRARY {library}", "EXPORTS"]
    lines += [f"  {name}={target}.{name}{' DATA' if data else ''}" for name, data in names]
    return "\n".join(lines) + "\n"


def compile_python(home: Path, dll: str, work: Path) -> None:
    """Make ``python.exe`` and ``python3.dll`` beside ``home / dll``. Raises ``CompileError``.

    ``python3.dll`` is the stable interface that PyQt5 is linked to; every name in it leads to the
    Python of that very version.
    """
    work.mkdir(parents=True, exist_ok=True)
    _run([GENDEF, str(home / dll)], work)
    stem = Path(dll).stem
    library = work / f"lib{stem}.a"
    _run([DLLTOOL, "-d", f"{stem}.def", "-D", dll, "-l", library.name], work)
    (work / "python.c").write_text(_PYTHON_C, encoding="ascii")
    link = [COMPILER, "-municode", "-O2", "-s", "-o", str(home / "python.exe"), "python.c"]
    _run([*link, str(library)], work)
    names = exports((work / f"{stem}.def").read_text(encoding="utf-8"))
    (work / "python3.def").write_text(forwarding("python3.dll", stem, names), encoding="ascii")
    link = [COMPILER, "-shared", "-nostdlib", "-s", "-o", str(home / "python3.dll")]
    _run([*link, "python3.def", str(library)], work)


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")
