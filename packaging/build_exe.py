"""``python3 dev.py build [--windows]``: makes the one-file program and what goes with it.

Without ``--windows`` it is made for the system that runs this, with it for Windows, in Wine. The
result is a folder of ``dist``: the program, its bill of materials, the licences of its parts, its
source, and the check sums of these.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# At the end, so that nothing there is taken for a library: dev.py installs Debian packages.
sys.path.append(str(ROOT))

from filelock import FileLock  # noqa: E402

import dev  # noqa: E402
import native  # noqa: E402
import project_copy  # noqa: E402
import result  # noqa: E402
import system_tools  # noqa: E402

MOST_MEGABYTES = 60.0


def main(arguments: Sequence[str]) -> int:
    """Build; the exit code is 0 when the program is there and within its size."""
    parser = argparse.ArgumentParser(prog="dev.py build", description=__doc__)
    parser.add_argument("--windows", action="store_true", help="for Windows, by means of Wine")
    parser.add_argument(
        "--if-changed", action="store_true", help="only when what is there is out of date"
    )
    parser.add_argument(
        "--is-current",
        action="store_true",
        help="build nothing; the exit code is 0 when what is there is up to date, else 1",
    )
    parser.add_argument(
        "--pin-windows",
        action="store_true",
        help="write down anew which wheels the Windows program is made of, and end",
    )
    options = parser.parse_args(arguments)
    if options.pin_windows:
        pin_windows()
        return 0
    out = ROOT / "dist" / ("windows" if options.windows or os.name == "nt" else "linux")
    out.parent.mkdir(exist_ok=True)
    files = project_copy.project_files(ROOT)
    with FileLock(out.with_name(f".{out.name}.lock")):
        wanted = result.fingerprint(ROOT, files)
        if options.is_current:
            return 0 if result.is_current(out, wanted) else 1
        if options.if_changed and result.is_current(out, wanted):
            return 0
        begin = time.monotonic()
        build(out, files, in_wine=options.windows and os.name != "nt")
        (out / result.STAMP).write_text(wanted)
        return report(out, time.monotonic() - begin)


def pin_windows() -> None:
    """Write down anew which wheels the Windows program is made of."""
    from shipped import requires_with  # noqa: PLC0415 - one of three ways
    from windows.pins import write_pins  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="sync_gui_build_") as temporary:
        work = Path(temporary)
        project_copy.copy_project(ROOT, project_copy.project_files(ROOT), work / "project")
        wheel = make_wheel(work / "project", work / "wheel")
        write_pins((ROOT / "constraints.txt").read_text(encoding="utf-8"), requires_with(wheel))


def build(out: Path, files: Sequence[Path], *, in_wine: bool) -> None:
    """Make the folder ``out`` anew from the project's ``files``."""
    tools = system_tools.FOR_WINDOWS_IN_WINE if in_wine else system_tools.FOR_LINUX
    if sys.platform == "linux":
        system_tools.require(tools, dev.install_debian)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="sync_gui_build_") as temporary:
        work = Path(temporary)
        project_copy.copy_project(ROOT, files, work / "project")
        dev.say("Making the project's wheel")
        wheel = make_wheel(work / "project", work / "wheel")
        if in_wine:
            from windows.build import build_windows  # noqa: PLC0415 - one of three ways

            build_windows(wheel, ROOT, out, work)
        else:
            dev.say("Running PyInstaller")
            native.build_here(wheel, ROOT, out, work)
        name = "-".join(wheel.name.split("-")[:2])
        project_copy.zip_project(work / "project", files, out / f"{name}-source.zip", name)
    shutil.copyfile(ROOT / "LICENSE", out / "LICENSE")
    result.write_sums(out)


def make_wheel(project: Path, folder: Path) -> Path:
    """The wheel of the project that lies in ``project``."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    pip += ["--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(project)]
    subprocess.run(pip, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def report(out: Path, seconds: float) -> int:
    """Say what was made; 1 when the program is larger than it may be."""
    program = result.program_in(out)
    if program is None:
        dev.say("There is no program: PyInstaller made none")
        return 1
    megabytes = program.stat().st_size / 1e6
    dev.say(f"{program.relative_to(ROOT)}: {megabytes:.1f} MB, made in {seconds:.0f} s")
    if megabytes > MOST_MEGABYTES:
        dev.say(f"That is more than {MOST_MEGABYTES:.0f} MB")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
