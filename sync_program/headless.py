"""The program without a window: serves the API until Ctrl-C or SIGTERM. Needs no Qt."""

from __future__ import annotations

import signal
from queue import Empty, SimpleQueue

from sync_api_server import PortInUseError, ServerStartError
from sync_core.errors import DataFolderInUseError
from sync_core.null_bridge import NullBridge
from sync_program.command_line import (
    EXIT_FOLDER_IN_USE,
    EXIT_OK,
    EXIT_PORT_IN_USE,
    EXIT_PROBLEM,
)
from sync_program.console import say, say_api_ready, say_problem
from sync_program.run import Running, RunPlan

_LOOK_SECONDS = 0.5


class _NamesShown:
    """Without a window no names are shown, so none are hidden."""

    hidden = False


def run_headless(plan: RunPlan) -> int:
    """Serve until told to end; returns the exit code (3: port in use, 4: folder in use)."""
    asked: SimpleQueue[int] = SimpleQueue()  # the one that may be used in a signal's handler
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda told, _frame: asked.put(told))
    try:
        lock = plan.claim_folder()
    except DataFolderInUseError as error:
        say_problem(str(error))
        return EXIT_FOLDER_IN_USE
    with lock, Running(plan, NullBridge(), _NamesShown()) as running:
        try:
            running.api.open()
        except PortInUseError as error:
            say_problem(f"API not started: {error}")
            return EXIT_PORT_IN_USE
        except ServerStartError as error:
            say_problem(f"API not started: {error}")
            return EXIT_PROBLEM
        say_api_ready(running.api.url)
        key = running.program.api_key.state()
        if key.source == "unreadable":
            say_problem(f"API refuses every call: {key.problem}")
        _wait_for(asked)
    return EXIT_OK


def _wait_for(asked: SimpleQueue[int]) -> None:
    """Wait in short turns: the system may hand a signal to another thread, and on Windows it
    always does, which does not wake this one; Python calls the handler at its next turn.
    """
    while True:
        try:
            asked.get(timeout=_LOOK_SECONDS)
            return
        except Empty:
            continue


def run_check(plan: RunPlan) -> int:
    """Try every dependency, print a line each; 0 when all are well, else 1."""
    try:
        lock = plan.claim_folder()
    except DataFolderInUseError as error:
        say_problem(str(error))
        return EXIT_FOLDER_IN_USE
    with lock, Running(plan, NullBridge(), _NamesShown()) as running:
        source = plan.settings.source
        say(f"ok       settings: {source if source else 'no file, defaults and environment only'}")
        say(f"ok       data folder: {plan.data_dir}")
        good = True
        running.program.plugins.wait_for_latecomers()
        for report in running.program.plugins.report():
            if report.state == "failed" or report.set_aside:
                good = False
                say(f"PROBLEM  plugin {report.name}: {report.reason}")
        key = running.program.api_key.state()
        if key.source == "unreadable":
            good = False
            say(f"PROBLEM  API key: {key.problem}")
        checks = running.program.check_thoroughly()
        for name, check in checks.items():
            good = good and not check.stands_in_the_way
            word = "ok" if check.ok else "PROBLEM" if check.needed else "note"
            say(f"{word:<8} {name}: {check.message} ({check.ms} ms)")
        for name in ("calldoc", "sqlhk"):
            if name not in checks:
                good = False
                say(f"PROBLEM  {name}: not configured")
    return EXIT_OK if good else EXIT_PROBLEM
