"""What the executable error catalogue plays on: programs whose faults can be switched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_core.error_catalogue import http_error, task_error
from tests.end_to_end.answers import Contract, problem
from tests.end_to_end.program import ROOT, Demo, Lines, Program, clean_environment
from tests.end_to_end.stage import Stage

KEY = "Geheim-42"
OTHER_NAME = "sync.example"
OTHER_ORIGIN = "https://intranet.example"


class FaultyProgram(Program):
    """The program as ``tests.end_to_end.faulty_program`` runs it; used like ``Program``."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.switches = folder / "switches"
        self.switches.mkdir(parents=True, exist_ok=True)
        self.url = ""
        self._stderr = (folder / "stderr.txt").open("a+", encoding="utf-8")
        module = [sys.executable, "-m", "tests.end_to_end.faulty_program", str(self.switches)]
        options = ["--headless", "--port", "0", "--data-dir", str(self.data_dir)]
        self.process = subprocess.Popen(
            [*module, *options],
            cwd=folder,
            env={**clean_environment(folder, **settings), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
        )
        self.lines = Lines(self.process)

    @contextmanager
    def switched_on(self, name: str) -> Iterator[None]:
        """One of the program's own faults is on within the block."""
        switch = self.switches / name
        switch.touch()
        try:
            yield
        finally:
            switch.unlink(missing_ok=True)

    def log(self) -> str:
        """What it has logged."""
        return (self.data_dir / "sync_gui.log").read_text(encoding="utf-8")


@contextmanager
def no_room(program: Program) -> Iterator[None]:
    """No file of the program may grow, as if the disk were full."""
    if sys.platform == "win32":
        pytest.skip("limits of other processes exist on Linux only")
    import resource

    pid, size = program.process.pid, (program.data_dir / "journal.sqlite-wal").stat().st_size
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


class Hall:
    """What one entry of the catalogue is provoked with.

    ``program`` is shared by all entries: two workers, one place to wait, four seconds for a
    sync.
    ``locked`` has a key, knows no foreign system and listens everywhere. ``stage`` is this
    entry's own patient and day.
    """

    def __init__(
        self,
        code: str,
        *,
        program: FaultyProgram,
        locked: Callable[[], Program],
        folder: Path,
        stages: Callable[..., Stage],
        contract: Contract,
    ) -> None:
        self.code = code
        self.program = program
        self._open_locked = locked
        self._folder = folder
        self.stages = stages
        self.stage = stages()
        self.contract = contract
        self._failed: Any = None

    @property
    def demo(self) -> Demo:
        """The simulated systems."""
        return self.stage.demo

    @property
    def locked(self) -> Program:
        """The program with a key; started when it is first needed."""
        return self._open_locked()

    @contextmanager
    def begin(self) -> Iterator[FaultyProgram]:
        """A program of the entry's own; each begins with the data of the one before."""
        with FaultyProgram(self._folder, self.demo.settings()) as running:
            running.wait_until_ready()
            yield running

    # Failing tasks

    def fails(self, body: Any, *, times: int = 2) -> dict[str, Any]:
        """The sync fails with this code and writes nothing; sending it again does no harm."""
        with self.stage.nothing_written():
            for _ in range(times):
                status = self.failed(self.program.sync(body), body)
        return status

    def failed(self, status: dict[str, Any], body: Any) -> dict[str, Any]:
        """This is how the task of that request failed."""
        self.contract.check_status(status)
        assert (status["status"], status["error_code"]) == ("failed", self.code)
        assert status["safe_to_retry"] is task_error(self.code).safe_to_retry
        self._failed = body
        return status

    def succeeds(self, body: Any, *, program: Program | None = None) -> dict[str, Any]:
        """After the advice was followed; where it says *send it again* that is the same request."""
        if task_error(self.code).safe_to_retry:
            assert body == self._failed, "it was told to be safe to send again as it is"
        status = (program or self.program).sync(body)
        self.contract.check_status(status)
        assert status["status"] == "completed", status
        assert len(self.stage.examinations()) >= 1
        return status

    # Refused requests

    def refused(self, answer: requests.Response) -> dict[str, Any]:
        """The answer is a refusal with this code, as documented; returns the document."""
        document = problem(answer, http_error(self.code).status, self.code)
        self.contract.check("Problem", document)
        return document

    def is_accepted(self, body: Any) -> dict[str, Any]:
        """A request as it should have been starts a task; returns the status of its end."""
        status = self.program.sync(body)
        self.contract.check_status(status)
        return status
