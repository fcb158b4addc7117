"""What is special about the process of the one-file EXE; nothing here happens from source.

Such an EXE is two processes: the one that was started unpacks the program into a temporary folder,
starts it as its child, waits, and removes the folder.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import MutableMapping
from pathlib import Path

ARCHIVE = "packages.zip"
"""What the file beside the unpacked program is called that holds small packages."""

_LIBRARY_PATH = "LD_LIBRARY_PATH"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def find_archive() -> None:
    """Let Python find the packages that are packed into one archive: metadata and time zones.

    It stands at the end of what the program carries, and thus before any folder of plugins. The
    processes that plugins start with multiprocessing get the search path from this one.
    """
    sys.path.append(str(Path(vars(sys)["_MEIPASS"]) / ARCHIVE))


def find_streams() -> None:
    """See to standard output and error; what does not exist stays None.

    Pipes and files are there from the start. Windows gives a program with windows no console, so
    one that was started with arguments, thus perhaps by hand, takes that of its starter. No
    character of a path ends the program for not being in the console's character set. To be called
    before anything is opened.
    """
    if sys.platform != "win32":
        _occupy_standard_numbers()
    if sys.platform == "win32" and sys.stdout is None and len(sys.argv) > 1:
        from sync_program.windows_process import (  # noqa: PLC0415 - only there
            console_of_ancestors,
        )

        console = console_of_ancestors()
        # Under both names: the program's own lines go to the original streams.
        names = ("stdout", "stderr", "__stdout__", "__stderr__")
        vars(sys).update(dict.fromkeys(names, console))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _occupy_standard_numbers() -> None:
    """Let no file and no connection get the number of a standard stream that does not exist.

    Libraries write their complaints to number 2, whatever that is: they went to the X server.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one


def end_with_starter() -> None:
    """End as asked by SIGTERM when the process that unpacked us is ended by force.

    Otherwise the program would go on unseen, with its port and its data folder.
    """
    if sys.platform == "win32":
        from sync_program.windows_process import when_process_ends  # noqa: PLC0415 - only there

        when_process_ends(os.getppid(), lambda: signal.raise_signal(signal.SIGTERM))
    elif sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - of no use elsewhere

        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def restore_library_path(environment: MutableMapping[str, str]) -> None:
    """Give programs that we start, a browser for one, the system's libraries and not ours.

    The starter pointed Linux' loader to the temporary folder; this process has read that already.
    """
    before = environment.pop(f"{_LIBRARY_PATH}_ORIG", None)
    if before is not None:
        environment[_LIBRARY_PATH] = before
    else:
        environment.pop(_LIBRARY_PATH, None)
