"""Windows programs, run in Wine with a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = "wine"


class WineError(Exception):
    """Wine is not there, or a program in it failed; the message says which."""


class Wine:
    """Wine with the prefix (its Windows disk and registry) ``prefix``, made when it is not there.

    :meth:`end` must be called in the end: Wine's own services outlive the programs.
    """

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix

    def environment(self, further: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a program must find in its environment to run in this prefix."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return {
            **kept,
            "WINEPREFIX": str(self._prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # Neither .NET nor a browser is wanted: without this Wine asks for them.
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            **(further or {}),
        }

    def prepare(self) -> None:
        """Make the prefix. Raises ``WineError``."""
        if shutil.which(PROGRAM) is None:
            raise WineError("wine is not installed")
        if not (self._prefix / "system.reg").exists():
            self._prefix.parent.mkdir(parents=True, exist_ok=True)
            self._call(["wineboot", "--init"], self._prefix.parent, 120)

    def run(self, program: Path, *arguments: str, cwd: Path, seconds: float) -> str:
        """Run a program to its end; returns what it printed. Raises ``WineError``."""
        return self._call([PROGRAM, str(program), *arguments], cwd, seconds)

    def end(self) -> None:
        """End what still runs in this prefix, and wait for that."""
        environment = self.environment()
        for option in ("--kill", "--wait"):
            subprocess.run(
                ["wineserver", option],
                env=environment,
                timeout=30,
                check=False,
                capture_output=True,
            )

    def _call(self, command: Sequence[str], cwd: Path, seconds: float) -> str:
        # Pipes, for Python in Wine cannot use files or nothing as its standard streams.
        try:
            done = subprocess.run(
                command,
                cwd=cwd,
                env=self.environment(),
                input=b"",
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise WineError(f"{command[0]} was not done after {seconds} seconds") from None
        told = done.stdout.decode(errors="replace").replace("\r\n", "\n")
        if done.returncode != 0:
            raise WineError(f"{' '.join(command)} ended with {done.returncode}:\n{told}")
        return told


def windows_path(file: Path) -> str:
    r"""How a file of this system is called in Wine, where ``Z:`` is the root folder."""
    return "Z:" + str(file.absolute()).replace("/", "\\")
