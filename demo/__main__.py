"""``python -m demo --folder DIR``: the simulated systems as a process of their own.

Prints one line of JSON with the addresses when everything answers, and runs until SIGTERM, SIGINT
or the end of a standard input that is a pipe.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import stat
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Event, Thread

from demo.systems import DemoSystems

# Where waiting for an event cannot be interrupted by a signal, this is how late it is noticed.
_SIGNAL_POLL_SECONDS = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo's systems; returns the exit code."""
    parser = argparse.ArgumentParser(prog="demo", description="Simulated CallDoc and SQLHK.")
    parser.add_argument("--folder", type=Path, required=True, help="where the database is kept")
    parser.add_argument("--port", type=int, default=0, help="CallDoc's port (0: a free one)")
    parser.add_argument("--control-port", type=int, default=0, help="port of the switches")
    parser.add_argument("--gateway-port", type=int, default=0, help="the SQL gateway's port")
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        default=date.today(),
        help="the second day with the full plan (default: the machine's date)",
    )
    options = parser.parse_args(arguments)
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if _stdin_is_pipe():
        Thread(target=_wait_for_end_of_stdin, args=(ended,), daemon=True).start()
    with DemoSystems.start(
        options.folder,
        today=options.today,
        port=options.port,
        control_port=options.control_port,
        gateway_port=options.gateway_port,
    ) as systems:
        print(json.dumps(systems.addresses() | {"pid": os.getpid()}), flush=True)
        while not ended.wait(_SIGNAL_POLL_SECONDS):
            pass
    return 0


def _stdin_is_pipe() -> bool:
    if sys.stdin is None:
        return False
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind)


def _wait_for_end_of_stdin(ended: Event) -> None:
    # Below Python's buffers: their lock, held by this thread, would stop the interpreter's end.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
