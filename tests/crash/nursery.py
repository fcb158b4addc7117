"""A process with the program's modules already imported, which bears programs by forking.

Hundreds of starts in a test would spend most of their time importing. What is born runs the
program's own ``main`` from its first line, as a process of its own with its own folder,
environment and standard streams. ``python -m tests.crash.nursery FD`` is the nursery itself.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from tests.clock import PATIENCE

ROOT = Path(__file__).parents[2]
ORDERS = "CRASH_ORDERS"
"""The variable that names the file in which a born program finds at which step it dies."""

_LARGEST = 1 << 17
_POLL_SECONDS = 0.002


class Child:
    """A born program; it looks like a ``subprocess.Popen``."""

    def __init__(self, nursery: Nursery, pid: int, stdout: TextIO) -> None:
        self._nursery = nursery
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it lives."""
        if self.returncode is None:
            code = self._nursery.ask({"poll": self.pid})["code"]
            if code is not None:  # told once only: the id may soon be somebody else's
                self.returncode = code
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The exit code; ``subprocess.TimeoutExpired`` if it lives that long."""
        pause = threading.Event()
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("born program", timeout)
            pause.wait(_POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)  # not reaped before it is polled: the id is still its own

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The tests' side: starts the nursery, asks it for programs, ends it with all of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.nursery", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def bear(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, stderr: TextIO
    ) -> Child:
        """A new process that runs the program with exactly these arguments."""
        reading, writing = os.pipe()
        request = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder),
        }
        try:
            pid = self.ask(request, [writing, stderr.fileno()])["pid"]
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return Child(self, pid, TextIOWrapper(os.fdopen(reading, "rb"), encoding="utf-8"))

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """One question and its answer; ``descriptors`` go along."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
            answer: dict[str, Any] = json.loads(self._socket.recv(_LARGEST))
        return answer

    def close(self) -> None:
        """End the nursery; it kills what still lives."""
        self._socket.close()
        self._process.wait(PATIENCE)


def _serve(questions: socket.socket) -> None:
    alive: set[int] = set()
    while True:
        message, descriptors, _, _ = socket.recv_fds(questions, _LARGEST, 2)
        if not message:
            break
        request = json.loads(message)
        if "poll" in request:
            answer: dict[str, Any] = {"code": _poll(request["poll"], alive)}
        else:
            pid = os.fork()
            if pid == 0:
                questions.close()
                _live(request, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            alive.add(pid)
            answer = {"pid": pid}
        questions.send(json.dumps(answer).encode())
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _poll(pid: int, alive: set[int]) -> int | None:
    if pid in alive:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            alive.discard(pid)
            return os.waitstatus_to_exitcode(status)
    return None


def _live(request: Mapping[str, Any], stdout: int, stderr: int) -> None:
    """In the new process: become the program; does not return."""
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.close(stdout)
    os.close(stderr)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv = [str(ROOT / "sync_gui_qt.py"), *request["arguments"]]
    if ORDERS in os.environ:
        from tests.crash.doom import obey

        obey(Path(os.environ[ORDERS]))
    import sync_gui_qt

    sys.exit(sync_gui_qt.main())


def _import_the_program() -> None:
    for module in (
        "sync_gui_qt",
        "sync_program.headless",
        "sync_program.verify",
        "plugins.single_patient.plugin",
    ):
        importlib.import_module(module)


if __name__ == "__main__":
    _import_the_program()
    _serve(socket.socket(fileno=int(sys.argv[1])))
