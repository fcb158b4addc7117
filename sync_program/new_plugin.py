"""``sync_gui_qt new-plugin NAME [FOLDER]``: the skeleton of a plugin, in one command.

The names are held against what the program and the plugins installed here bring, so the program is
put together for that, in a folder of its own, and not opened.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from plugin_template.names import Taken, names_of, problems
from plugin_template.skeleton import skeleton, write
from sync_core.key_store import KeyStoreInMemory
from sync_core.null_bridge import NullBridge
from sync_core.settings import Settings
from sync_gui.host_plugin import create_window_plugin
from sync_gui.log_handler import LogHandler
from sync_program.command_line import EXIT_OK, EXIT_PROBLEM, NEW_PLUGIN
from sync_program.console import say, say_problem
from sync_program.program import Program, ProgramParts


def new_plugin(arguments: Sequence[str]) -> int:
    """Write the plugin; 0, or 1 with a reason on standard error for each thing that is wrong.

    Ends the process with code 2 for arguments that are none, and with 0 after ``--help``.
    """
    parser = argparse.ArgumentParser(
        prog=f"sync_gui_qt {NEW_PLUGIN}",
        description="Write the files of a new plugin: panel, endpoint, settings, tests.",
        allow_abbrev=False,
    )
    parser.add_argument("name", metavar="NAME", help="the project's name, for example day-count")
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", type=Path, help="where (default: a folder NAME here)"
    )
    parser.add_argument("--task-kind", action="store_true", help="with a kind of task of its own")
    options = parser.parse_args(arguments)
    # What the program has to say about other plugins is of no interest here.
    logging.getLogger("sync_gui").addHandler(logging.NullHandler())
    try:
        names = names_of(options.name)
    except ValueError as error:
        say_problem(f"{NEW_PLUGIN}: {error}")
        return EXIT_PROBLEM
    wrong = list(problems(names, what_is_taken()))
    for problem in wrong:
        say_problem(f"{NEW_PLUGIN}: {problem}")
    if wrong:
        return EXIT_PROBLEM
    folder: Path = options.folder or Path(names.project)
    try:
        write(folder, skeleton(names, task_kind=options.task_kind))
    except OSError as error:
        say_problem(f"{NEW_PLUGIN}: {error}")
        return EXIT_PROBLEM
    say(f"Written to {folder.absolute()}; its README.md says how to go on.")
    return EXIT_OK


def what_is_taken() -> Taken:
    """The names and paths of the program and of all plugins that are installed here."""
    with tempfile.TemporaryDirectory(prefix="sync_gui_new_plugin_") as folder:
        bridge = NullBridge()
        plugin = create_window_plugin(bridge, LogHandler(bridge.emit))
        program = Program(
            Settings(),
            ProgramParts(
                version=importlib.metadata.version("sync-gui"),
                data_dir=Path(folder),
                base_folder=Path(__file__).parent.parent,
                bridge=bridge,
                names=_NamesShown(),
                builtins=[("host_window", plugin)],
                key_store=KeyStoreInMemory(),
            ),
        )
        try:
            program.start()
            return Taken(
                frozenset(_names(program)),
                frozenset(_paths(program)),
                lambda name: importlib.util.find_spec(name) is not None,
            )
        finally:
            program.shutdown()
            program.memory.close()


def _names(program: Program) -> Iterator[str]:
    for report in program.plugins.report():
        yield report.name
        yield from report.panels
    for kind in program.plugins.task_kinds():
        yield kind.name
    for blueprint in program.plugins.blueprints():
        yield blueprint.name


def _paths(program: Program) -> Iterator[str]:
    for report in program.plugins.report():
        for route in report.routes:
            yield route.partition(" ")[2]


class _NamesShown:
    hidden = False
