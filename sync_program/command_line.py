"""The command line, the same from source, installed and as an EXE."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EXIT_OK = 0
EXIT_PROBLEM = 1
EXIT_SETTINGS = 2
EXIT_PORT_IN_USE = 3
EXIT_FOLDER_IN_USE = 4

NEW_PLUGIN = "new-plugin"
"""The one command; without it the program runs, as its options say."""


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    demo: bool
    headless: bool
    check: bool
    verify_receipts: bool
    backup: Path | None
    safe_mode: bool
    config: Path | None
    data_dir: Path | None
    host: str | None
    port: int | None
    disable_plugin: tuple[str, ...]
    retry_plugin: tuple[str, ...]

    @property
    def without_window(self) -> bool:
        """Whether nobody sits before a screen."""
        ends_by_itself = self.check or self.verify_receipts or self.backup is not None
        return self.headless or ends_by_itself


def parse_command_line(arguments: Sequence[str], version: str) -> Options:
    """Read the arguments (without the program's name).

    Ends the process with code 2 and a message for what it does not know, and with 0 after
    ``--version`` and ``--help``.
    """
    parser = argparse.ArgumentParser(
        prog="sync_gui_qt",
        description="Carries appointments from CallDoc to SQLHK; serves the API on port 5555.",
        epilog=f"sync_gui_qt {NEW_PLUGIN} NAME [FOLDER] writes the files of a new plugin.",
        allow_abbrev=False,
    )
    parser.add_argument("--demo", action="store_true", help="use simulated systems")
    parser.add_argument("--headless", action="store_true", help="serve the API without a window")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="folder of journal and log")
    parser.add_argument("--host", help="address on which the API listens")
    parser.add_argument("--port", type=int, help="port of the API; 0 takes a free one")
    parser.add_argument(
        "--disable-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="do not load this plugin (may be given several times)",
    )
    parser.add_argument(
        "--retry-plugin",
        action="append",
        default=[],
        metavar="NAME",
        help="load this plugin again that was set aside for ending a run (several times)",
    )
    parser.add_argument("--safe-mode", action="store_true", help="load no plugin but the built-in")
    # Each is all that such a run does: of two, one would be left out and the exit code well.
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument(
        "--check", action="store_true", help="try every dependency, print a line each, and end"
    )
    alone.add_argument(
        "--verify-receipts",
        action="store_true",
        help="prove that no receipt was changed or removed, and end",
    )
    alone.add_argument(
        "--backup",
        type=Path,
        metavar="FOLDER",
        help="copy the data folder into an empty one, prove the copy, and end",
    )
    parser.add_argument("--version", action="version", version=version)
    read = parser.parse_args(arguments)
    return Options(
        demo=read.demo,
        headless=read.headless,
        check=read.check,
        verify_receipts=read.verify_receipts,
        backup=read.backup,
        safe_mode=read.safe_mode,
        config=read.config,
        data_dir=read.data_dir,
        host=read.host,
        port=read.port,
        disable_plugin=tuple(read.disable_plugin),
        retry_plugin=tuple(read.retry_plugin),
    )
