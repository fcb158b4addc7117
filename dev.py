#!/usr/bin/env python3
"""What a developer does with this project, one command each, on Linux and Windows.

``python3 dev.py demo`` starts the program against simulated systems, ``test`` runs the timed
suite, ``lint`` the checks alone, ``bench`` measures against the budgets, ``screenshots`` takes
pictures of the window, ``docs`` writes the generated pages anew, ``build`` makes the one-file
program. The first run makes a virtual environment from exact versions; only the standard library
is needed before that.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "constraints.txt"
STAMP = VENV / "installed-from"

# Debian's package and the library that it brings; other systems name their packages differently.
DEBIAN_LIBRARIES = {
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libfontconfig1": "libfontconfig.so.1",
    "libdbus-1-3": "libdbus-1.so.3",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-xinerama0": "libxcb-xinerama.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libodbc2": "libodbc.so.2",
}
DEBIAN_FONTS = ("fonts-dejavu-core", Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
DEBIAN_DISPLAY = ("xvfb", "Xvfb")

# Two processes whatever the machine has: many tests watch the clock, and more would disturb them.
SIDE_BY_SIDE = ("--numprocesses=2", "--dist=worksteal")

FIRST_REQUEST = """\
Once the API is ready, try Max Mustermann's appointment of 2025-10-06 in another terminal:
  {curl} -H "Content-Type: application/json" -d {body} http://127.0.0.1:5555/api/sync/patient
The answer's status_url tells how it goes; http://127.0.0.1:5555/api/docs shows everything else.
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code is 0 when everything in it went well."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("demo", help="start the program with simulated systems; takes its options")
    test = commands.add_parser("test", help="checks and tests; further options go to pytest")
    test.add_argument("--slow", action="store_true", help="the long tests as well")
    commands.add_parser("lint", help="ruff and mypy")
    commands.add_parser(
        "bench", add_help=False, help="measure against the budgets; takes its own options"
    )
    commands.add_parser(
        "screenshots", add_help=False, help="pictures of every panel; takes its own options"
    )
    commands.add_parser("docs", help="write the generated pages of docs/ anew")
    commands.add_parser(
        "build", add_help=False, help="make the one-file program in dist/; takes its own options"
    )
    options, further = parser.parse_known_args(arguments)
    if options.command in ("lint", "docs") and further:
        parser.error(f"unknown: {' '.join(further)}")
    if sys.version_info < (3, 10):  # noqa: UP036 - whoever has an older one should read this
        sys.exit("Python 3.10 or later is needed.")

    def run_tests() -> int:
        install_libraries()
        chosen = [] if options.slow else ["-m", "not slow"]
        return run_steps([*LINT_STEPS, ("pytest", ["pytest", *SIDE_BY_SIDE, *chosen, *further])])

    def run_bench() -> int:
        install_libraries()
        command = [str(PYTHON), "-m", "benchmarks", *further]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    def take_screenshots() -> int:
        install_libraries()
        command = [str(PYTHON), "-m", "screenshots", *further]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    def run_build() -> int:
        install_libraries()
        command = [str(PYTHON), str(ROOT / "packaging" / "build_exe.py"), *further]
        return subprocess.run(command, cwd=ROOT, check=False).returncode

    actions: Mapping[str, Callable[[], int]] = {
        "demo": lambda: run_demo(further),
        "test": run_tests,
        "lint": lambda: run_steps(LINT_STEPS),
        "bench": run_bench,
        "screenshots": take_screenshots,
        "build": run_build,
        "docs": lambda: run_steps(DOCS_STEPS),
    }
    prepare_environment()
    return actions[options.command]()


# --- the environment -----------------------------------------------------------------------------


def prepare_environment() -> None:
    """Make ``.venv`` and install into it, unless it already holds what the files ask for."""
    wanted = hashlib.sha256()
    for file in (CONSTRAINTS, ROOT / "setup.py", ROOT / "pyproject.toml"):
        wanted.update(file.read_bytes())
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted.hexdigest():
        return
    if not PYTHON.exists():
        say("Making the virtual environment .venv")
        if importlib.util.find_spec("ensurepip") is None and not install_debian(["python3-venv"]):
            sys.exit("Python's venv module is missing; on Debian: apt-get install python3-venv")
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    say("Installing the pinned packages")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--constraint", str(CONSTRAINTS)]
    # Without isolation the project is built by the pinned tools, not by whatever is newest today.
    run([*pip, "setuptools", "wheel"])
    run([*pip, "--no-build-isolation", "--editable", f"{ROOT}[gui,test]"])
    STAMP.write_text(wanted.hexdigest())


def install_libraries() -> None:
    """See to the system libraries that Qt, ODBC and the tests load; only Linux may lack them."""
    missing = missing_debian_packages() if sys.platform == "linux" else []
    if missing and not install_debian(missing):
        names = " ".join(missing)
        say(f"Missing system libraries, by Debian's package names: {names}")


def missing_debian_packages() -> list[str]:
    """Debian's names of what is not there. Looks at the files, so it is quick."""
    ldconfig = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if ldconfig is None:
        return []  # no way to know
    known = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout
    present = {line.split(" ", 1)[0].strip() for line in known.splitlines()}
    missing = [name for name, library in DEBIAN_LIBRARIES.items() if library not in present]
    if not DEBIAN_FONTS[1].exists():
        missing.append(DEBIAN_FONTS[0])
    if shutil.which(DEBIAN_DISPLAY[1]) is None:
        missing.append(DEBIAN_DISPLAY[0])
    return missing


def install_debian(packages: Sequence[str]) -> bool:
    """Install Debian packages if we may; False when we may not or it failed."""
    apt = shutil.which("apt-get")
    if apt is None or os.name == "nt" or os.geteuid() != 0:
        return False
    say(f"Installing with apt-get: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [apt, "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    for command in ([*install], [apt, "update", "--quiet"], [*install]):
        done = subprocess.run(command, env=environment, check=False)
        if command[1] == "install" and done.returncode == 0:
            return True
    return False


# --- the commands --------------------------------------------------------------------------------

Step = tuple[str, Sequence[str]]
"""A name and a module of the environment with its arguments."""

LINT_STEPS: Sequence[Step] = (
    ("ruff check", ["ruff", "check", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
)


DOCS_STEPS: Sequence[Step] = (
    ("pages", ["sync_core.reference_docs", "docs"]),
    ("openapi.json", ["sync_program.openapi_file", "docs"]),
    ("reference.md", ["sync_program.contract_page", "docs/plugins"]),
)


def run_steps(steps: Sequence[Step]) -> int:
    """Run each step, whatever the others did, and print what took how long."""
    # A developer's own settings must not change what the tests see.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SYNC_GUI_")}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    lines, failed = [], False
    for name, command in steps:
        say(name)
        begin = time.monotonic()
        done = subprocess.run([str(PYTHON), "-m", *command], cwd=ROOT, env=environment, check=False)
        failed = failed or done.returncode != 0
        word = "failed" if done.returncode else "ok"
        lines.append(f"{name:<12} {time.monotonic() - begin:7.1f} s  {word}")
    say("Summary")
    print("\n".join(lines), flush=True)
    return 1 if failed else 0


def run_demo(further: Sequence[str]) -> int:
    """Start the program with simulated systems, in place of this process where that can be."""
    command = [str(PYTHON), str(ROOT / "sync_gui_qt.py"), "--demo", *further]
    headless = "--headless" in further
    if sys.platform == "linux" and not headless and not has_display():
        say("There is no display (DISPLAY, WAYLAND_DISPLAY): starting without a window")
        command.append("--headless")
        headless = True
    if not headless:
        install_libraries()
    body = '{"piz": "1234567", "date": "2025-10-06", "appointment_type_id": 24}'
    if os.name != "nt":
        print(FIRST_REQUEST.format(curl="curl", body=f"'{body}'"), flush=True)
        os.chdir(ROOT)
        os.execv(command[0], command)  # noqa: S606 - signals then reach the program itself
    escaped = body.replace('"', '\\"')
    print(FIRST_REQUEST.format(curl="curl.exe", body=f'"{escaped}"'), flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def has_display() -> bool:
    """Whether a window can be shown, or Qt was told how to do without a display."""
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run(command: Sequence[str]) -> None:
    """Run a command that must succeed."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        sys.exit(f"Failed: {' '.join(command)}")


def say(text: str) -> None:
    """Tell what is being done."""
    print(f"--- {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
