"""The real program and the simulated systems as processes, as a stranger would start them."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import requests

from tests.clock import AT_ONCE, PATIENCE
from tests.demo.client import call

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
END_SECONDS = AT_ONCE  # three are promised; dev.py bench measures them
ENDED = ("completed", "failed", "cancelled")

Value = TypeVar("Value")


def until(look: Callable[[], Value | None], seconds: float, what: str) -> Value:
    """What ``look`` returns as soon as it is not None; fails when that takes too long."""
    pause = threading.Event()
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"after {seconds} s: {what}"
        pause.wait(0.01)
    return found


def clean_environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment without the developer's settings, and with ``SYNC_GUI_<NAME>=value``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_GUI_")}
    given = {f"SYNC_GUI_{name}": value for name, value in settings.items()}
    return {**kept, "XDG_CONFIG_HOME": str(folder / "config"), **given}


def run_program(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the program with exactly these arguments until it ends by itself."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [sys.executable, str(ROOT / "sync_gui_qt.py"), *arguments],
        cwd=folder,
        env=clean_environment(folder, **settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


class Lines:
    """A process's standard output, line by line and without waiting for ever."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.seen: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._process = process
        self._thread = threading.Thread(target=self._read, name="lines-of-process")
        self._thread.start()

    def next(self, seconds: float) -> str | None:
        """The next line without its end; None when there is none any more."""
        line = self._queue.get(timeout=seconds)
        if line is not None:
            self.seen.append(line)
        return line

    def end(self) -> None:
        """Read what is left; the process must have ended."""
        self._thread.join(PATIENCE)
        while not self._queue.empty():
            line = self._queue.get()
            if line is not None:
                self.seen.append(line)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._queue.put(line.rstrip("\n"))
        self._queue.put(None)


class Demo:
    """A running ``python -m demo`` and its switches.

    ``ready`` is what it printed: its addresses and files.
    """

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "demo", "--folder", str(folder), *arguments],
            cwd=ROOT,
            env=clean_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines = Lines(self._process)
        try:
            line = self._lines.next(START_SECONDS)
            assert line is not None, "the demo did not start"
        except BaseException:
            self.stop()
            raise
        self.ready: dict[str, Any] = json.loads(line)

    @property
    def database(self) -> Path:
        """The simulated SQLHK."""
        return Path(self.ready["database_path"])

    def control(self, method: str, path: str, document: Any = None) -> Any:
        """Use one of the demo's switches."""
        return call(method, f"{self.ready['control_url']}/{path}", document)

    def faults(self, **faults: Any) -> None:
        """Set all faults; what is not named is in order."""
        self.control("PUT", "faults", faults)

    def settings(self) -> dict[str, str]:
        """What the program needs to know of it, as environment settings."""
        return {
            "CALLDOC__BASE_URL": self.ready["calldoc_base_url"],
            "CALLDOC__PATIENT_URL": self.ready["patient_url"],
            "SQLHK__URL": self.ready["sqlhk_url"],
        }

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(PATIENCE)
        self._lines.end()


class Program:
    """The program as a process; a context manager that ends it whatever happens.

    ``folder`` gets the data folder ``data`` and the file ``stderr.txt``; ``settings`` are
    environment settings without their prefix. ``url`` is set by :meth:`wait_until_ready`.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str],
        *arguments: str,
        port: int = 0,
        data_dir: Path | None = None,
        environment: Mapping[str, str] | None = None,
        headless: bool = True,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.data_dir = data_dir or folder / "data"
        self.url = ""
        self._stderr = (folder / "stderr.txt").open("a+", encoding="utf-8")
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "sync_gui_qt.py"),
                *(["--headless"] if headless else []),
                "--port",
                str(port),
                "--data-dir",
                str(self.data_dir),
                *arguments,
            ],
            cwd=folder,
            env={**clean_environment(folder, **settings), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self.lines = Lines(self.process)

    def wait_until_ready(self) -> Program:
        """Wait for the one line on standard output and for the first answer."""
        line = self.lines.next(START_SECONDS)
        assert line is not None, self.errors()
        prefix = "API ready on http://"
        assert line.startswith(prefix), line
        self.url = line.removeprefix("API ready on ")
        assert self.get("/health").json()["status"] == "healthy"
        return self

    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return (self.folder / "stderr.txt").read_text(encoding="utf-8")

    def ended(self, seconds: float) -> int:
        """Its exit code; it must end by itself within ``seconds``."""
        code = self.process.wait(seconds)
        self.lines.end()
        return code

    def terminate(self) -> float:
        """Ask it to end (SIGTERM); returns the seconds it took."""
        begin = time.monotonic()
        self.process.terminate()
        assert self.ended(PATIENCE) == 0
        return time.monotonic() - begin

    def kill(self) -> None:
        """End it as a power failure would."""
        self.process.kill()
        self.process.wait(PATIENCE)
        self.lines.end()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(PATIENCE)
        self.lines.end()
        self._stderr.close()

    # As an HTTP client

    def get(self, path: str, **options: Any) -> requests.Response:
        """One GET."""
        return requests.get(self.url + path, timeout=PATIENCE, **options)

    def send(self, body: Any, **options: Any) -> requests.Response:
        """``POST /api/sync/patient`` with a JSON body."""
        return requests.post(f"{self.url}/api/sync/patient", json=body, timeout=PATIENCE, **options)

    def start(self, body: Any) -> str:
        """Start a sync that must be accepted; returns its task id."""
        answer = self.send(body)
        assert answer.status_code == 202, answer.text
        accepted = answer.json()
        assert answer.headers["Location"] == accepted["status_url"]
        assert answer.headers["Retry-After"] == "1"
        assert accepted["status_url"] == f"/api/sync/status/{accepted['task_id']}"
        assert accepted["message"] == "Single patient synchronization started"
        return str(accepted["task_id"])

    def status(self, task_id: str) -> dict[str, Any]:
        """One status call."""
        answer = self.get(f"/api/sync/status/{task_id}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        status: dict[str, Any] = answer.json()
        assert ("Retry-After" in answer.headers) == (status["status"] not in ENDED)
        return status

    def wait(self, task_id: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The status once the task has ended."""

        def look() -> dict[str, Any] | None:
            status = self.status(task_id)
            return status if status["status"] in ENDED else None

        return until(look, seconds, f"{task_id} has not ended")

    def wait_for_stage(self, task_id: str, stage: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """The status once a running task has come to ``stage``."""

        def look() -> dict[str, Any] | None:
            status = self.status(task_id)
            assert status["status"] not in ENDED, status
            return status if status["progress"]["stage"] == stage else None

        return until(look, seconds, f"{task_id} has not come to {stage}")

    def cancel(self, task_id: str) -> requests.Response:
        """One cancel call."""
        return requests.post(f"{self.url}/api/sync/cancel/{task_id}", timeout=PATIENCE)

    def sync(self, body: Any) -> dict[str, Any]:
        """Start a sync and wait for its end."""
        return self.wait(self.start(body))
