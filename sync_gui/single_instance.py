"""A second start brings the first one's window to the front.

Whoever owns the data folder listens on a local socket (a named pipe on Windows) that is named
after the folder; only the same user can open it.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QObject
from PyQt5.QtNetwork import QLocalServer, QLocalSocket

LOGGER = logging.getLogger("sync_gui.window")
_REQUEST = b"raise\n"
_ANSWER = b"ok\n"
_PAUSE_SECONDS = 0.05


def server_name(data_dir: Path) -> str:
    """The socket's name: the same for every way to write the folder, another for other users."""
    told = f"{getpass.getuser()}\0{data_dir.resolve()}"
    return "sync-gui-" + hashlib.sha256(told.encode()).hexdigest()[:32]


def ask_running_window(data_dir: Path, timeout_ms: int) -> bool:
    """Ask the process that owns ``data_dir`` to show its window; whether it said yes.

    Tries again until ``timeout_ms`` have passed: the other one may be starting still. Needs no
    running event loop.
    """
    end = time.monotonic() + timeout_ms / 1000
    _allow_raise()
    while True:
        left = max(1, round((end - time.monotonic()) * 1000))
        if _ask_once(server_name(data_dir), left):
            return True
        if time.monotonic() + _PAUSE_SECONDS >= end:
            return False
        time.sleep(_PAUSE_SECONDS)


def _ask_once(name: str, timeout_ms: int) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(name)
    try:
        if not socket.waitForConnected(timeout_ms):
            return False
        socket.write(_REQUEST)
        return socket.waitForReadyRead(timeout_ms) and bytes(socket.readLine()) == _ANSWER
    finally:
        socket.abort()


def _allow_raise() -> None:
    """Windows lets only the program in front hand on the right to come to the front."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - only there

        ctypes.windll.user32.AllowSetForegroundWindow(-1)


class RaiseServer(QObject):
    """Calls ``on_raise`` on the GUI thread when another start asks for it.

    Made by the process that owns ``data_dir``, on the GUI thread; :meth:`close` ends it. Without
    a socket (it is logged) the program works, and a second start cannot reach it.
    """

    def __init__(self, data_dir: Path, on_raise: Callable[[], None]) -> None:
        super().__init__()
        self._on_raise = on_raise
        name = server_name(data_dir)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        QLocalServer.removeServer(name)  # left by a crash; we own the folder, so nobody listens
        if not self._server.listen(name):
            LOGGER.warning("no second start can reach this window: %s", self._server.errorString())

    @property
    def listening(self) -> bool:
        """Whether a second start can reach us."""
        return self._server.isListening()

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._answer(socket))
            if socket.bytesAvailable():
                self._answer(socket)

    def _answer(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            return
        if bytes(socket.readLine()) == _REQUEST:
            socket.write(_ANSWER)
            socket.flush()
            self._on_raise()
        socket.disconnectFromServer()
