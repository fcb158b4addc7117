"""The command line: ``python -m screenshots [FOLDER] [--only NAME…]``.

Without a folder only the few pictures that the documentation shows are written, to
``docs/images``. With one, every scene is written there, light and dark, at 100 % and at 200 %.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SCALES = (1, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; a process for each scale, because Qt learns it at its start."""
    parser = argparse.ArgumentParser(
        prog="dev.py screenshots", description="Pictures of every panel and dialog."
    )
    parser.add_argument("folder", nargs="?", type=Path, help="default: docs/images, only its few")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these scenes only")
    parser.add_argument("--scale", type=int, choices=SCALES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.scale is not None:
        return _take(options.folder, options.only)
    scales = (1,) if options.folder is None else SCALES
    return max(_take_in_process(options, scale) for scale in scales)


def _take_in_process(options: argparse.Namespace, scale: int) -> int:
    command = [sys.executable, "-m", "screenshots", "--scale", str(scale)]
    command += [str(options.folder.resolve())] if options.folder else []
    command += ["--only", *options.only] if options.only else []
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_GUI_")}
    display = {"QT_QPA_PLATFORM": "offscreen", "QT_FONT_DPI": "96", "QT_SCALE_FACTOR": str(scale)}
    environment = {**clean, **display}
    return subprocess.run(  # noqa: S603 - ourselves
        command, cwd=ROOT, env=environment, check=False
    ).returncode


def _take(folder: Path | None, only: Sequence[str]) -> int:
    from screenshots.scenes import take_all  # noqa: PLC0415 - Qt, with the scale of this process

    with tempfile.TemporaryDirectory(prefix="sync_gui_pictures_") as data:
        take_all(Path(data), folder or IMAGES, only, for_docs=folder is None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
