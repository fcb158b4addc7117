"""Two things that Python does not offer about other processes on Windows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TextIO

if sys.platform == "win32":
    import ctypes
    import os
    import threading
    from ctypes import wintypes

    _SNAPSHOT_OF_PROCESSES = 0x2
    _INVALID_HANDLE = ctypes.c_void_p(-1).value
    _MAY_WAIT = 0x100000  # SYNCHRONIZE
    _FOR_EVER = 0xFFFFFFFF
    _MOST_ANCESTORS = 4

    class _ProcessEntry(ctypes.Structure):
        """PROCESSENTRY32W."""

        _fields_ = (
            ("size", wintypes.DWORD),
            ("usage", wintypes.DWORD),
            ("process", wintypes.DWORD),
            ("heap", ctypes.c_void_p),
            ("module", wintypes.DWORD),
            ("threads", wintypes.DWORD),
            ("parent", wintypes.DWORD),
            ("priority", wintypes.LONG),
            ("flags", wintypes.DWORD),
            ("name", wintypes.WCHAR * 260),
        )

    def _kernel() -> ctypes.WinDLL:
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateToolhelp32Snapshot.restype = wintypes.HANDLE
        kernel.OpenProcess.restype = wintypes.HANDLE
        kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
        kernel.Process32FirstW.argtypes = (wintypes.HANDLE, ctypes.c_void_p)
        kernel.Process32NextW.argtypes = (wintypes.HANDLE, ctypes.c_void_p)
        kernel.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
        return kernel

    def console_of_ancestors() -> TextIO | None:
        """The console of the nearest process above this one's starter; None when none has one."""
        kernel = _kernel()
        for process in _ancestors(kernel):
            if kernel.AttachConsole(process):
                try:
                    return open("CONOUT$", "w", encoding="utf-8", buffering=1)  # noqa: PTH123 - no path
                except OSError:
                    return None
        return None

    def _ancestors(kernel: ctypes.WinDLL) -> Iterator[int]:
        parents = dict(_parents(kernel))
        process = os.getppid()
        for _ in range(_MOST_ANCESTORS):
            process = parents.get(process, 0)
            if process == 0:
                return
            yield process

    def _parents(kernel: ctypes.WinDLL) -> Iterator[tuple[int, int]]:
        """Every process with its parent."""
        snapshot = kernel.CreateToolhelp32Snapshot(_SNAPSHOT_OF_PROCESSES, 0)
        if snapshot == _INVALID_HANDLE:
            return
        entry = _ProcessEntry(size=ctypes.sizeof(_ProcessEntry))
        more = kernel.Process32FirstW(snapshot, ctypes.byref(entry))
        while more:
            yield entry.process, entry.parent
            more = kernel.Process32NextW(snapshot, ctypes.byref(entry))
        kernel.CloseHandle(snapshot)

    def when_process_ends(process: int, then: Callable[[], object]) -> None:
        """Call ``then`` on a thread of its own once that process has ended; that may be at once.

        The thread does not keep this process alive.
        """
        kernel = _kernel()
        handle = kernel.OpenProcess(_MAY_WAIT, False, process)
        if not handle:
            return

        def wait() -> None:
            kernel.WaitForSingleObject(handle, _FOR_EVER)
            then()

        threading.Thread(target=wait, name="starter-watch", daemon=True).start()
