"""Somebody who follows a page: writes the files it shows, runs its commands, looks at the answers.

What stands on the page is read and carried out in its order. A code block is a file when a line
with the file's name in bold stands before it, commands when its language is ``sh``, and what the
commands before it answer when it is ``json``.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.end_to_end.program import ROOT, Lines, clean_environment

ADDRESS = "http://127.0.0.1:5555"
STARTS = "sync_gui_qt --demo"
_SECONDS = 60
_BLOCK = re.compile(
    r"(?:^\*\*(?P<adds>add to )?`(?P<file>[^`]+)`\*\*\n\n)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)

# In an environment of its own, and yet with all that is installed here.
_LINK = "import site; site.addsitedir({packages!r})\n"
_COMMAND = """#!{python}
import sys
from runpy import run_module, run_path
{run}
"""


@dataclass(frozen=True)
class Block:
    """A code block: its language, its text, the file that it is and whether it adds to it."""

    language: str
    text: str
    file: str | None
    adds: bool


def blocks(page: str) -> Iterator[Block]:
    """The page's code blocks, in order."""
    for found in _BLOCK.finditer(page):
        yield Block(found["language"], found["text"], found["file"], found["adds"] is not None)


def make_environment(folder: Path) -> None:
    """A virtual environment like one that the program and its tools were just installed into."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "here.pth").write_text(_LINK.format(packages=sysconfig.get_path("purelib")))
    modules = ("pip", "pytest", "ruff", "mypy")
    runs = {name: f"run_module({name!r}, run_name='__main__', alter_sys=True)" for name in modules}
    runs["sync_gui_qt"] = "from sync_gui_qt import main\nsys.exit(main())"
    for name, run in runs.items():
        file = folder / "bin" / name
        file.write_text(_COMMAND.format(python=folder / "bin" / "python", run=run))
        file.chmod(0o755)


class Author:
    """Works in ``folder``; a context manager that ends the program if it runs.

    ``environment`` is the virtual environment whose commands are used. Attributes: ``url`` of the
    program that was started last.
    """

    def __init__(self, folder: Path, environment: Path) -> None:
        self.folder = folder
        self.url = ""
        self._answer = ""
        self._process: subprocess.Popen[str] | None = None
        self._lines: Lines | None = None
        self._environment = {
            **clean_environment(folder, API__PORT="0", DATA_DIR=str(folder / "data-of-demo")),
            "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say: without isolation
            "PIP_NO_INDEX": "1",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def follow(self, block: Block) -> None:
        """Do what a block says; fails when that does not come out as the page says."""
        if block.file is not None:
            self.write(block)
        elif block.language == "json":
            told = json.loads(self._answer)
            expected = json.loads(block.text)
            assert {name: told.get(name) for name in expected} == expected, told
        elif block.language == "sh":
            self.run(block.text)
        else:
            raise AssertionError(f"nobody knows what to do with {block}")

    def write(self, block: Block) -> None:
        """Write a file, or add to it."""
        assert block.file is not None
        file = self.folder / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text() + "\n\n" if block.adds else ""
        file.write_text(before + block.text)

    def run(self, commands: str) -> str:
        """Run commands, which must end well; one that starts the program goes on running."""
        *first, last = re.sub(r"\\\n\s*", " ", commands).strip().splitlines()
        starts = STARTS in last
        self._answer = self._shell("\n".join(first if starts else [*first, last]))
        if starts:
            self._start(last)
        return self._answer

    def end_program(self) -> None:
        """End the program as Ctrl-C does."""
        if self._process is None or self._lines is None:
            return
        os.killpg(self._process.pid, signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)
        self._lines.end()
        self._process = None

    def __enter__(self) -> Author:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_program()

    def _shell(self, commands: str) -> str:
        if self.url:
            commands = commands.replace(ADDRESS, self.url)
        done = subprocess.run(
            ["bash", "-e", "-c", commands.replace("curl ", "curl -sS --fail-with-body ")],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _start(self, command: str) -> None:
        self.end_program()
        self._process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines = Lines(self._process)
        line = self._lines.next(_SECONDS)
        while line is not None and not line.startswith("API ready on "):
            line = self._lines.next(_SECONDS)
        assert line is not None, self._lines.seen
        self.url = line.removeprefix("API ready on ")


def page(name: str) -> str:
    """A page of the plugins' documentation."""
    return (ROOT / "docs" / "plugins" / name).read_text(encoding="utf-8")
