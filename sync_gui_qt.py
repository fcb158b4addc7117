"""The program: ``python sync_gui_qt.py``, the command ``sync_gui_qt``, and the EXE."""

from __future__ import annotations

import importlib.metadata
import platform
import sys

from sync_core.errors import SyncGuiError
from sync_program.command_line import EXIT_SETTINGS, NEW_PLUGIN, Options, parse_command_line
from sync_program.console import say_problem
from sync_program.leftovers import end_process
from sync_program.run import RunPlan, plan_run
from sync_program.start_problem import tell_start_problem


def main() -> int:
    """Run the program; returns the exit code, unless a plugin's threads would keep us alive."""
    if sys.argv[1:2] == [NEW_PLUGIN]:
        from sync_program.new_plugin import new_plugin  # noqa: PLC0415 - a command of its own

        return end_process(new_plugin(sys.argv[2:]))
    version = importlib.metadata.version("sync-gui")
    told = f"sync_gui_qt {version} (Python {platform.python_version()}, {platform.machine()})"
    options = parse_command_line(sys.argv[1:], told)
    try:
        return end_process(_run(options, plan_run(options, version)))
    except SyncGuiError as error:
        tell = say_problem if options.without_window else tell_start_problem
        tell(f"sync_gui_qt: {error}")
        return EXIT_SETTINGS


def _run(options: Options, plan: RunPlan) -> int:
    if options.backup is not None:
        from sync_program.verify import make_backup  # noqa: PLC0415 - one of five ways

        return make_backup(plan.data_dir, options.backup)
    if options.verify_receipts:
        from sync_program.verify import verify_receipts  # noqa: PLC0415 - one of five ways

        return verify_receipts(plan.data_dir)
    if options.check:
        from sync_program.headless import run_check  # noqa: PLC0415 - one of five ways

        return run_check(plan)
    if options.headless:
        from sync_program.headless import run_headless  # noqa: PLC0415 - one of five ways

        return run_headless(plan)
    from sync_program.window import run_with_window  # noqa: PLC0415 - the only one that needs Qt

    return run_with_window(plan)


if __name__ == "__main__":
    sys.exit(main())
