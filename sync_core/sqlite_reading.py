"""Opens SQLite files for reading only, wherever they lie."""

from __future__ import annotations

import sqlite3
from pathlib import Path, PurePath
from urllib.parse import quote


def open_for_reading(path: Path, timeout: float = 5.0) -> sqlite3.Connection:
    """A connection that cannot write. Raises ``sqlite3.Error``.

    It makes no database; beside one in WAL mode SQLite may leave its own ``-wal`` and ``-shm``,
    which hold nothing then, and it needs to: on a read-only medium such a file cannot be opened.

    ``timeout``: seconds to wait for somebody who writes. Each statement is carried out at once.
    """
    address = reading_address(path.absolute())
    return sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)


def reading_address(path: PurePath) -> str:
    r"""The address of an absolute path as SQLite wants it.

    It takes what stands between ``//`` and ``/`` for a host and refuses it, so a path of Windows'
    network (``\\server\share\...``) has to stand behind an empty one.
    """
    text = path.as_posix()
    return f"file://{quote(text if text.startswith('/') else '/' + text)}?mode=ro"
