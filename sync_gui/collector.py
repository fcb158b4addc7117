"""Python's collector of cyclic garbage, kept from holding up the window.

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

SETTLED_MS = 10_000
"""After this time panels are built and have read their earlier tasks, on slow computers too."""
_NEVER = 2**30


@contextmanager
def short_passes(settled_ms: int = SETTLED_MS) -> Iterator[None]:
    """Inside no pass takes long; on the thread whose event loop runs inside.

    While the window opens only young objects are looked at. ``settled_ms`` after the loop has begun
    all that is there counts as permanent, and the collector works as usual on what is new.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*usual[:2], _NEVER)

    def settle() -> None:
        gc.freeze()
        gc.set_threshold(*usual)

    timer = QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(settle)
    timer.start(settled_ms)
    try:
        yield
    finally:
        timer.stop()
        gc.set_threshold(*usual)
        gc.unfreeze()
