"""From pinned wheels to ``sync_gui_qt.exe``: fetch, lay out, compile, install, run PyInstaller."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import platformdirs

from dev import say
from shipped import requires_with
from windows.compile import compile_python
from windows.fetch import PLATFORM, fetch
from windows.pins import RUNTIME, checked_pins, runtime_pin
from windows.python_home import DLL, lay_out
from windows.wine import Wine, WineError, windows_path

_SECONDS = 1200.0


def cache_folder() -> Path:
    """Where downloads and the Wine prefix are kept from one build to the next."""
    return platformdirs.user_cache_path("sync_gui_build", appauthor=False)


def build_windows(wheel: Path, root: Path, out: Path, work: Path) -> None:
    """Build ``out / "sync_gui_qt.exe"`` of the project's ``wheel``; ``root`` is its folder.

    ``work`` is a folder for what lies about meanwhile. Raises ``PinError``, ``FetchError``,
    ``LayoutError``, ``CompileError`` and ``WineError``.
    """
    constraints = (root / "constraints.txt").read_text(encoding="utf-8")
    pins = checked_pins(constraints, requires_with(wheel))
    chosen = runtime_pin(pins, platform.python_version())
    wanted = [pin for pin in pins if pin.name != RUNTIME]
    cache = cache_folder() / "wheels"
    say(f"Fetching {len(wanted) + 1} wheels for Windows, or finding them in {cache}")
    runtime = fetch({chosen.requirement: chosen.sha256}, cache)[chosen.requirement]
    packages = fetch({pin.requirement: pin.sha256 for pin in wanted}, cache).values()
    say("Putting together a Windows Python")
    home = work / "python"
    lay_out(home, runtime)
    compile_python(home, DLL, work / "compile")
    install([*packages, wheel], home / "Lib" / "site-packages")
    wine = Wine(cache_folder() / "wine")
    try:
        say("Starting Wine")
        wine.prepare()
        python = home / "python.exe"
        told = wine.run(python, "-VV", cwd=work, seconds=60).strip()
        if told.split()[1] != platform.python_version():
            raise WineError(f"{runtime.name} carries another Python than expected: {told}")
        say(f"Running PyInstaller in Wine with {told}")
        wine.run(
            python,
            *("-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--distpath", windows_path(out), "--workpath", windows_path(work / "pyinstaller")),
            windows_path(root / "packaging" / "sync_gui_qt.spec"),
            cwd=work,
            seconds=_SECONDS,
        )
        told = wine.run(out / "sync_gui_qt.exe", "--version", cwd=work, seconds=60)
        say(told.strip())
        if not told.startswith("sync_gui_qt "):
            raise WineError("the program that was built does not tell its version")
    finally:
        wine.end()


def install(wheels: Iterable[Path], target: Path) -> None:
    """Install exactly these wheels for Windows. Raises ``WineError`` when pip cannot."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    command += ["--no-deps", "--no-index", "--only-binary=:all:", *PLATFORM]
    command += ["--no-compile", "--target", str(target)]
    if subprocess.run([*command, *map(str, wheels)], check=False).returncode != 0:
        raise WineError("pip could not install the wheels")
