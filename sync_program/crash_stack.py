"""The stack of a native crash, written where the next start finds it."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def crashes_written_to(file: IO[bytes] | None) -> Iterator[None]:
    """While the block runs, a crash writes the stack of its thread into ``file`` (None: nothing).

    Only that thread's: the others' would only hide whose code it was.
    """
    if file is None:
        yield
        return
    before = faulthandler.is_enabled()
    faulthandler.enable(file, all_threads=False)
    try:
        yield
    finally:
        faulthandler.disable()
        if before and sys.__stderr__ is not None:
            faulthandler.enable(sys.__stderr__)
