"""The one-file program as a process, on Linux and in Wine, as a stranger would start it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.end_to_end.program import Lines, until
from tests.packaging.x_display import Display

START_SECONDS = 60.0
END_SECONDS = 20.0
"""Patience, not the budgets, which have tests of their own."""

READY = "API ready on "


class System(ABC):
    """Where the EXE runs; a context manager. ``exe`` is a copy of it in a folder of its own.

    ``seconds`` is how long a start until the first answer may take.
    """

    name: str
    seconds: float

    def __init__(self, folder: Path, built: Path) -> None:
        self.folder = folder
        self.exe = folder / "program" / built.name
        self.exe.parent.mkdir()
        shutil.copy2(built, self.exe)
        self.display = Display()

    def __enter__(self) -> System:
        return self

    def __exit__(self, *_: object) -> None:
        self.display.close()

    @abstractmethod
    def command(self, exe: Path) -> list[str]:
        """What starts ``exe`` here."""

    @abstractmethod
    def without_streams(self, command: Sequence[str]) -> list[str]:
        """What starts such a command with neither a console nor pipes."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """What it finds in its environment."""

    @abstractmethod
    def path(self, file: Path) -> str:
        """What a file of this machine is called there."""

    @abstractmethod
    def unpacked(self) -> list[Path]:
        """The folders into which running programs were unpacked."""

    @abstractmethod
    def is_ours(self, process: psutil.Process) -> bool:
        """Whether a process is a program of this system."""

    def processes(self) -> list[psutil.Process]:
        """The processes that were started from the EXE, the unpacking one first."""
        found = []
        for process in psutil.process_iter():
            try:
                if self.is_ours(process):
                    found.append(process)
            except psutil.Error:
                continue
        return sorted(found, key=lambda process: (process.create_time(), process.pid))

    def wait_until_gone(self) -> None:
        """Wait until no process and no unpacked folder is left."""
        until(
            lambda: True if not self.processes() and not self.unpacked() else None,
            END_SECONDS,
            f"left: {self.processes()} {self.unpacked()}",
        )

    def wait_until_no_process(self) -> None:
        """Wait until no process is left; its folder may be."""
        until(lambda: None if self.processes() else True, END_SECONDS, "a process is left")

    def run(self, *arguments: str, **settings: str) -> tuple[int, str]:
        """Run the EXE to its end; its exit code and what it printed, both streams together."""
        done = subprocess.run(
            [*self.command(self.exe), *arguments],
            env={**self.environment(), **_settings(settings)},
            cwd=self.folder,
            input=b"",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=START_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout.decode().replace("\r\n", "\n")


class LinuxSystem(System):
    """This Linux. The EXE is unpacked below a folder of the tests' own."""

    name = "linux"
    seconds = 5.0

    def command(self, exe: Path) -> list[str]:
        return [str(exe)]

    def without_streams(self, command: Sequence[str]) -> list[str]:
        return ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", *command]

    def environment(self) -> dict[str, str]:
        (self.folder / "tmp").mkdir(exist_ok=True)
        return {
            **_bare_environment(),
            "TMPDIR": str(self.folder / "tmp"),
            "DISPLAY": self.display.name,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_RUNTIME_DIR": str(self.folder / "tmp"),
        }

    def path(self, file: Path) -> str:
        return str(file)

    def unpacked(self) -> list[Path]:
        return list((self.folder / "tmp").glob("_MEI*"))

    def is_ours(self, process: psutil.Process) -> bool:
        return Path(process.exe()) == self.exe and process.status() != psutil.STATUS_ZOMBIE


class WineSystem(System):
    """Wine, with a prefix of the tests' own."""

    name = "windows"
    seconds = 10.0

    def __init__(self, folder: Path, built: Path) -> None:
        from windows.wine import Wine

        super().__init__(folder, built)
        self._prefix = folder / "prefix"
        self._wine = Wine(self._prefix)
        self._wine.prepare()

    def __exit__(self, *_: object) -> None:
        self._wine.end()
        super().__exit__()

    def command(self, exe: Path) -> list[str]:
        return ["wine", str(exe)]

    def without_streams(self, command: Sequence[str]) -> list[str]:
        # As Windows' desktop does it; Python in Wine cannot do with closed handles.
        return ["wine", "start", "/unix", *command[1:]]

    def environment(self) -> dict[str, str]:
        return {**self._wine.environment(), **_bare_environment(), "DISPLAY": self.display.name}

    def path(self, file: Path) -> str:
        from windows.wine import windows_path

        return windows_path(file)

    def unpacked(self) -> list[Path]:
        return list(self._prefix.glob("drive_c/users/*/Temp/_MEI*"))

    def is_ours(self, process: psutil.Process) -> bool:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = " ".join(process.cmdline())
        if "sync_gui_qt.exe" not in words:
            return False
        return process.environ().get("WINEPREFIX") == str(self._prefix)


class ExeProgram:
    """The running EXE; a context manager that ends it whatever happens.

    ``url`` and ``seconds_until_ready`` are set by :meth:`wait_until_ready`; ``lines`` is what it
    prints, both streams together, unless it gets no ``streams`` at all.
    """

    def __init__(
        self,
        system: System,
        data_dir: Path,
        *arguments: str,
        exe: Path | None = None,
        settings: Mapping[str, str] | None = None,
        streams: bool = True,
    ) -> None:
        self.system = system
        self.data_dir = data_dir
        self.url = ""
        self.seconds_until_ready = 0.0
        command = [
            *system.command(exe or system.exe),
            *("--data-dir", system.path(data_dir), *arguments),
        ]
        if not streams:
            command = system.without_streams(command)
        self._begun = time.monotonic()
        self.process = subprocess.Popen(
            command,
            env={**system.environment(), **_settings(settings or {})},
            cwd=system.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = Lines(self.process)

    def wait_until_ready(self) -> ExeProgram:
        """Wait for the line that tells the address, and for the first answer."""
        while (line := self.lines.next(START_SECONDS)) is not None:
            if line.startswith(READY):
                self.url = line.removeprefix(READY).strip()
                assert self.get("/health").json()["status"] == "healthy"
                self.seconds_until_ready = time.monotonic() - self._begun
                return self
        raise AssertionError(f"it did not start: {self.lines.seen}")

    def wait_for_health(self, url: str) -> None:
        """Wait for the first answer at an address that is known beforehand."""

        def look() -> bool | None:
            try:
                return self.get("/health").ok or None
            except requests.ConnectionError:
                return None

        self.url = url
        until(look, START_SECONDS, "it does not answer")

    @property
    def port(self) -> int:
        """Its port."""
        return int(self.url.rpartition(":")[2])

    def get(self, path: str) -> requests.Response:
        """One GET."""
        return requests.get(self.url + path, timeout=30)

    def sync(self, body: Any) -> dict[str, Any]:
        """Start a single-patient sync and wait for its end."""
        accepted = requests.post(f"{self.url}/api/sync/patient", json=body, timeout=30)
        assert accepted.status_code == 202, accepted.text
        path = accepted.json()["status_url"]

        def look() -> dict[str, Any] | None:
            status: dict[str, Any] = self.get(path).json()
            return status if status["status"] in ("completed", "failed") else None

        return until(look, 30, "the sync has not ended")

    def ended(self, seconds: float) -> int:
        """Its exit code; it must end by itself within ``seconds``."""
        code = self.process.wait(seconds)
        self.lines.end()
        return code

    def kill(self, which: Sequence[psutil.Process]) -> None:
        """End processes as a power failure would."""
        for process in which:
            process.kill()

    def __enter__(self) -> ExeProgram:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.system.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.kill()
        self.process.wait(END_SECONDS)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.lines.end()
        for folder in self.system.unpacked():
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port that nobody has."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether nobody answers there."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _bare_environment() -> dict[str, str]:
    kept = ("HOME", "LANG", "PATH", "USER")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _settings(settings: Mapping[str, str]) -> dict[str, str]:
    return {f"SYNC_GUI_{name}": value for name, value in settings.items()}
