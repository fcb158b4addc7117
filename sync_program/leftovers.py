"""Threads that a plugin never ended must not keep the process alive."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress

_GRACE_SECONDS = 0.3


def strange_threads() -> list[str]:
    """The threads that the interpreter would wait for at its end, the main thread aside."""
    return [thread.name for thread in _waited_for()]


def end_process(code: int) -> int:
    """Return ``code`` for an ordinary end; with such threads left, end the process with it now.

    Call it last: what still runs then belongs to plugins, whose stop was asked for and waited for.
    """
    until = time.monotonic() + _GRACE_SECONDS
    for thread in _waited_for():
        thread.join(max(0.0, until - time.monotonic()))
    if _waited_for():
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):  # closed, or none in an EXE
                stream.flush()
        os._exit(code)
    return code


def _waited_for() -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.main_thread() and thread.is_alive()
    ]
