"""That a test leaves no thread behind: what a plugin starts it must end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0
"""How long a thread that was told to end may take, as at the end of the program."""


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Raise ``AssertionError`` at the end of the block for threads that were started in it."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + PATIENCE_SECONDS
    started = [thread for thread in threading.enumerate() if thread not in before]
    # Foreign threads that Python merely met, Qt's for instance, have no end that it could see.
    started = [one for one in started if not isinstance(one, threading._DummyThread)]
    for thread in started:
        thread.join(max(0.0, until - time.monotonic()))
    left = [thread.name for thread in started if thread.is_alive()]
    if left:
        raise AssertionError(f"threads left behind: {', '.join(left)}")
