"""Kills the process it runs in at a chosen step of what it does to the journal and to SQLHK.

A step is a statement sent to SQLite, a write of SQLite to one of its files, or a write to the
anchor. The process dies before a statement is sent (after one is before the next), and halfway
through a write.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

_ANCHORS = (".anchor", ".anchor.new")
_REBUILT = "-shm"
"""The index of SQLite's log: whoever opens the database after a crash makes it anew."""
_FRAME_HEADER = 24
"""Written before each page of the log; without its page it counts as little as half a page."""
_WRITE = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t,
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_longlong,
    use_errno=True,
)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_longlong, use_errno=True)
_UNLINK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, use_errno=True)

_kept_alive: list[Any] = []
"""What SQLite calls back; it must live as long as the process."""


@dataclass(frozen=True)
class Step:
    """The ``occurrence``-th step (from 1) with this name."""

    name: str
    occurrence: int


NOWHERE = Step("", 0)
"""No step is this one: steps are noted, and nothing dies."""


def order(orders: Path, step: Step) -> None:
    """Tell the program that obeys ``orders`` to die at ``step``, counted from now on."""
    _trace_of(orders).unlink(missing_ok=True)
    fresh = orders.with_suffix(".new")
    fresh.write_text(json.dumps([step.name, step.occurrence]), encoding="ascii")
    fresh.replace(orders)


def trace(orders: Path) -> list[Step]:
    """The steps made since the order was given, the one that killed included."""
    file = _trace_of(orders)
    names = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    seen: Counter[str] = Counter()
    steps = []
    for name in names:
        seen[name] += 1
        steps.append(Step(name, seen[name]))
    return steps


def obey(orders: Path) -> None:
    """From now on this process counts its steps and dies as it is ordered to."""
    steps = _Steps(orders)
    _watch_statements(steps)
    _watch_anchor(steps)
    _watch_sqlite_files(steps)


class _Steps:
    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._lock = threading.Lock()
        self._order: list[Any] = []
        self._given: int | None = None
        self._seen: Counter[str] = Counter()
        self._open, self._write, self._close = os.open, os.write, os.close

    def is_last(self, name: str) -> bool:
        """Count a step; True: the process dies at this one."""
        with self._lock:
            if not self._ordered():
                return False
            self._seen[name] += 1
            self._note(name)
            return [name, self._seen[name]] == self._order

    def pass_or_die(self, name: str) -> None:
        """Count a step that cannot be made by halves."""
        if self.is_last(name):
            die()

    def _ordered(self) -> bool:
        try:
            given = self._orders.stat().st_mtime_ns
        except FileNotFoundError:
            return False
        if given != self._given:
            self._given = given
            self._order = json.loads(self._orders.read_text(encoding="ascii"))
            self._seen.clear()
        return True

    def _note(self, name: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = self._open(_trace_of(self._orders), flags, 0o600)
        self._write(descriptor, f"{name}\n".encode("ascii"))
        self._close(descriptor)


def _trace_of(orders: Path) -> Path:
    return orders.with_suffix(".trace")


def die() -> NoReturn:
    """End as by ``kill -9``."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL was survived")


def _watch_statements(steps: _Steps) -> None:
    connect = sqlite3.connect

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> Any:
            steps.pass_or_die(_statement(self.connection, sql))
            return super().execute(sql, *values)

    class Connection(sqlite3.Connection):
        def __init__(self, database: Any, *values: Any, **options: Any) -> None:
            super().__init__(database, *values, **options)
            self.name = "journal" if "journal" in str(database) else "sqlhk"

        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def execute(self, sql: str, *values: Any) -> Any:
            return self.cursor().execute(sql, *values)

        def executescript(self, sql: str) -> Any:
            steps.pass_or_die(_statement(self, sql))
            return super().executescript(sql)

        def commit(self) -> None:
            steps.pass_or_die(f"{self.name}: COMMIT")
            super().commit()

        def rollback(self) -> None:
            steps.pass_or_die(f"{self.name}: ROLLBACK")
            super().rollback()

    def watched(*values: Any, **options: Any) -> sqlite3.Connection:
        return connect(*values, **{"factory": Connection, **options})

    sqlite3.connect = watched  # type: ignore[assignment]


def _statement(connection: Any, sql: str) -> str:
    return f"{connection.name}: {' '.join(sql.split()[:9])}"


def _watch_anchor(steps: _Steps) -> None:
    write, fsync = os.write, os.fsync

    def watched_write(descriptor: int, data: Any) -> int:
        if _is_anchor(descriptor) and steps.is_last("anchor: write"):
            write(descriptor, data[: len(data) // 2])
            die()
        return write(descriptor, data)

    def watched_fsync(descriptor: int) -> None:
        if _is_anchor(descriptor):
            steps.pass_or_die("anchor: fsync")
        fsync(descriptor)

    os.write, os.fsync = watched_write, watched_fsync  # type: ignore[assignment]


def _is_anchor(descriptor: int) -> bool:
    return _path(descriptor).endswith(_ANCHORS)


def _path(descriptor: int) -> str:
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


class _Vfs(ctypes.Structure):
    """The head of SQLite's ``sqlite3_vfs``, as far as its system calls can be replaced."""

    _fields_: Sequence[tuple[str, Any]] = [
        ("version", ctypes.c_int),
        ("size_of_file", ctypes.c_int),
        ("longest_path", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        *((f"method_{number}", ctypes.c_void_p) for number in range(13)),
        (
            "set_call",
            ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
        ),
        ("get_call", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)),
    ]


def _watch_sqlite_files(steps: _Steps) -> None:
    library = ctypes.CDLL(_library_of_sqlite())
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None)
    found = 0
    for name in (b"pwrite64", b"pwrite"):
        address = vfs.contents.get_call(vfs, name)
        if address:
            found += 1
            _replace(vfs, name, _WRITE(_dying_write(steps, _WRITE(address))))
    assert found, "SQLite's writes cannot be watched"
    truncate = _TRUNCATE(vfs.contents.get_call(vfs, b"ftruncate"))
    unlink = _UNLINK(vfs.contents.get_call(vfs, b"unlink"))

    def watched_truncate(descriptor: int, size: int) -> int:
        file = _short(_path(descriptor))
        if not file.endswith(_REBUILT):
            steps.pass_or_die(f"{file}: truncate")
        return int(truncate(descriptor, size))

    def watched_unlink(path: bytes) -> int:
        file = _short(path.decode())
        if not file.endswith(_REBUILT):
            steps.pass_or_die(f"{file}: delete")
        return int(unlink(path))

    _replace(vfs, b"ftruncate", _TRUNCATE(watched_truncate))
    _replace(vfs, b"unlink", _UNLINK(watched_unlink))


def _dying_write(steps: _Steps, write: Any) -> Any:
    def watched_write(descriptor: int, data: int, size: int, offset: int) -> int:
        file = _short(_path(descriptor))
        counts = size != _FRAME_HEADER and not file.endswith(_REBUILT)
        if counts and steps.is_last(f"{file}: write {size} bytes"):
            write(descriptor, data, size // 2, offset)
            die()
        return int(write(descriptor, data, size, offset))

    return watched_write


def _replace(vfs: Any, name: bytes, call: Any) -> None:
    _kept_alive.append(call)
    code = vfs.contents.set_call(vfs, name, ctypes.cast(call, ctypes.c_void_p))
    assert code == sqlite3.SQLITE_OK, name


def _short(path: str) -> str:
    return path.rpartition("/")[2]


def _library_of_sqlite() -> str:
    """The very library that Python's module uses."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        path = line.rpartition(" ")[2]
        if "libsqlite3" in path:
            return path
    import _sqlite3

    return _sqlite3.__file__
