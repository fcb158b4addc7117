"""Python's collector of cyclic garbage, kept on the window's thread and from holding it up.

Left alone it makes a pass on whatever thread makes the next object. A window that is closed is
cyclic garbage, and a worker that took it down in passing would bring the program down with it: only
the window's thread may do that. So here a timer of that thread makes all passes.

A full pass looks at every object there is with all threads stopped: 50 to 100 ms for this program,
half as much again with ten thousand tasks, and only for the sake of what is garbage by then, which
is next to nothing. What is there once the window has opened stays until the end, so it is taken out
of all later passes.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PyQt5.QtCore import QTimer

EVERY_MS = 200
"""How often is looked whether a pass is due; under full load that adds up to 2 ms of work."""
SETTLED_MS = 10_000
"""After this time panels are built and have read their earlier tasks, on slow computers too."""


@contextmanager
def passes_on_this_thread(settled_ms: int = SETTLED_MS, every_ms: int = EVERY_MS) -> Iterator[None]:
    """Inside, only the thread whose event loop runs inside collects garbage, and never for long.

    While the window opens only young objects are looked at. ``settled_ms`` after the loop has begun
    all that is there counts as permanent, and passes look at all that is new.
    """
    settled = False

    def settle() -> None:
        nonlocal settled
        gc.freeze()
        settled = True

    def make_due_pass() -> None:
        young, middle, old = gc.get_count()
        limits = gc.get_threshold()
        if settled and old > limits[2]:
            gc.collect(2)
        elif middle > limits[1]:
            gc.collect(1)
        elif young > limits[0]:
            gc.collect(0)

    settling = QTimer()
    settling.setSingleShot(True)
    settling.timeout.connect(settle)
    settling.start(settled_ms)
    looking = QTimer()
    looking.timeout.connect(make_due_pass)
    looking.start(every_ms)
    gc.disable()
    try:
        yield
    finally:
        settling.stop()
        looking.stop()
        gc.unfreeze()
        gc.enable()
