"""The program and the simulated systems as processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from benchmarks.http_client import Client
from benchmarks.results import BenchmarkError
from benchmarks.waiting import wait_for

ROOT = Path(__file__).parents[1]
PROGRAM = (sys.executable, str(ROOT / "sync_gui_qt.py"))
HEADLESS = ("--headless",)
WITH_WINDOW: tuple[str, ...] = ()

_END_SECONDS = 15.0
_READY = "API ready on "
_SETTLE_SECONDS = 0.5


class _Process:
    """A process; its output is kept in files. A context manager that ends it."""

    def __init__(
        self, folder: Path, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._output = folder / "stdout.txt"
        self._errors = folder / "stderr.txt"
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.popen = subprocess.Popen(
                command,
                cwd=folder,
                env={**_clean_environment(folder), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

    def first_line(self) -> str:
        """The first line on standard output, awaited."""

        def look() -> str | None:
            text = self._output.read_text(encoding="utf-8")
            if "\n" in text:
                return text.partition("\n")[0]
            if self.popen.poll() is not None:
                errors = self._errors.read_text(encoding="utf-8", errors="replace")
                raise BenchmarkError(f"ended with code {self.popen.returncode}: {errors[-500:]}")
            return None

        return wait_for(look, "the process did not say that it is ready")

    def terminate(self) -> float:
        """Ask it to end; returns the seconds until it was gone.

        Raises ``BenchmarkError`` when that takes very long or when it did not end in order.
        """
        begin = time.monotonic()
        self.popen.terminate()
        try:
            self.popen.wait(_END_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise BenchmarkError(f"had not ended after {_END_SECONDS:.0f} s") from error
        seconds = time.monotonic() - begin
        if self.popen.returncode != 0 and os.name == "posix":  # Windows ends it without asking
            raise BenchmarkError(f"ended with code {self.popen.returncode} when asked to end")
        return seconds

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.popen.poll() is not None:
            return
        self.popen.terminate()
        try:
            self.popen.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(_END_SECONDS)


class Demo(_Process):
    """``python -m demo``, running when this is made. ``database`` is the simulated SQLHK."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "demo", "--folder", str(folder / "systems")]
        super().__init__(folder, command, {"PYTHONPATH": str(ROOT)})
        try:
            self._ready: dict[str, Any] = json.loads(self.first_line())
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.database = Path(self._ready["database_path"])

    def __enter__(self) -> Demo:
        return self

    def settings(self) -> dict[str, str]:
        """The environment that leads the program to the simulated systems."""
        return {
            "SYNC_GUI_CALLDOC__BASE_URL": self._ready["calldoc_base_url"],
            "SYNC_GUI_CALLDOC__PATIENT_URL": self._ready["patient_url"],
            "SYNC_GUI_SQLHK__URL": self._ready["sqlhk_url"],
            "SYNC_GUI_GATEWAY__URL": self._ready["gateway_url"],
        }

    def control(self, method: str, path: str, document: Any = None) -> Any:
        """Use one of the demo's switches."""
        url = self._ready["control_url"]
        with Client(url) as client:
            target = f"{urlsplit(url).path}/{path}"
            return client.expect(200, method, target, document).json()

    def slow_calldoc(self, seconds: float) -> None:
        """Let each CallDoc call take this much longer from now on."""
        self.control("PUT", "faults", {"both": {"mode": "slow", "seconds": seconds}})


class Program(_Process):
    """The program, started with the given options on a free port.

    ``folder`` gets the data folder ``data``; ``entry`` is the command without options. A window
    is Qt's *offscreen* one. ``url`` is known after :meth:`wait_until_ready`.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        options: Sequence[str] = HEADLESS,
        entry: Sequence[str] = PROGRAM,
    ) -> None:
        self.data_dir = folder / "data"
        self.url = ""
        self._started = time.monotonic()
        command = [*entry, "--port", "0", "--data-dir", str(self.data_dir), *options]
        super().__init__(folder, command, {"QT_QPA_PLATFORM": "offscreen", **settings})

    def __enter__(self) -> Program:
        return self

    def wait_until_ready(self) -> float:
        """Wait for the first answer of ``/health``; returns the seconds since the start."""
        line = self.first_line().rstrip()
        if not line.startswith(_READY):
            raise BenchmarkError(f"said {line!r} and not that it is ready")
        self.url = line.removeprefix(_READY)
        with self.client() as client:
            client.expect(200, "GET", "/health")
        return time.monotonic() - self._started

    def settle(self) -> None:
        """Wait a moment: after its first answer the program still builds its window."""
        time.sleep(_SETTLE_SECONDS)

    def client(self) -> Client:
        """A connection of its own to the API."""
        return Client(self.url)


def _clean_environment(folder: Path) -> dict[str, str]:
    """This process's environment without a developer's own settings of the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_GUI_")}
    return {**kept, "XDG_CONFIG_HOME": str(folder / "config")}
